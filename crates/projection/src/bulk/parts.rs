//! One model in parts, and the parts put together.

use std::sync::Arc;

use hashbrown::HashMap;

use storefold_events::Recorded;

use super::threads::side_by_side;
use crate::{EncodedRows, Fold, FoldError, Poisoned, ReadModel, RowStore, StoreError};

/// How many changed rows a part holds decoded before it encodes them: rows that are done with, as those of past days,
/// take a fifth of the memory then.
const HELD_ROWS_MAX: usize = 65_536;
/// How many rows are put down at a time.
const ROWS_AT_A_TIME: usize = 65_536;

/// A model while it is folded.
pub(super) struct Parts {
    pub(super) model: Arc<dyn ReadModel>,
    pub(super) hands: Vec<Hand>,
    /// The first event that cannot be folded.
    pub(super) poisoned: Option<Poisoned>,
}

/// What one thread has folded of a model.
pub(super) struct Hand {
    fold: Box<dyn Fold>,
    rows: Encoded,
}

/// Rows that are done with for now, encoded, by their keys.
type Encoded = HashMap<Box<[u8]>, Box<[u8]>>;

/// Encoded rows in the order of their keys.
type Sorted = Vec<(Box<[u8]>, Box<[u8]>)>;

/// The rows of a model in parts, encoded.
pub(crate) struct FoldedRows {
    model: Arc<dyn ReadModel>,
    parts: Vec<Sorted>,
}

impl Parts {
    pub(super) fn new(model: Arc<dyn ReadModel>, parts: usize) -> Self {
        let hands = (0..parts).map(|_| Hand { fold: model.fold(), rows: Encoded::new() }).collect();
        Self { model, hands, poisoned: None }
    }

    /// Of several parts that stop, the first event in the log counts.
    pub(super) fn poison(&mut self, poisoned: Poisoned) {
        if self.poisoned.as_ref().is_none_or(|first| poisoned.position < first.position) {
            self.poisoned = Some(poisoned);
        }
    }

    pub(super) fn finish(self, threads: usize) -> Result<Result<FoldedRows, Poisoned>, StoreError> {
        if let Some(poisoned) = self.poisoned {
            return Ok(Err(poisoned));
        }
        let parts = side_by_side(threads, self.hands, Hand::into_rows);
        let parts = parts.into_iter().collect::<Result<_, _>>()?;
        Ok(Ok(FoldedRows { model: self.model, parts }))
    }
}

impl Hand {
    /// Folds its events of a slab; answers the one that it cannot fold.
    pub(super) fn fold(&mut self, events: &[Recorded<'_>], places: &[u32]) -> Result<Option<Poisoned>, StoreError> {
        let below = |key: &[u8]| Ok(self.rows.get(key).map(|row| row.to_vec()));
        match self.fold.apply_dealt(&below, events, places) {
            Err(FoldError::Poisoned(poisoned)) => return Ok(Some(poisoned)),
            Err(FoldError::Rows(error)) => return Err(error),
            Ok(()) => {}
        }
        if self.fold.changed() >= HELD_ROWS_MAX {
            self.encode()?;
        }
        Ok(None)
    }

    fn encode(&mut self) -> Result<(), StoreError> {
        let rows = &mut self.rows;
        self.fold.drain(&mut |key, row| {
            match row {
                Some(row) => rows.insert(key, row.into()),
                None => rows.remove(&key),
            };
        })
    }

    fn into_rows(mut self) -> Result<Sorted, StoreError> {
        self.encode()?;
        let mut rows: Sorted = self.rows.into_iter().collect();
        rows.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        Ok(rows)
    }
}

impl FoldedRows {
    /// Puts all rows down in the order of their keys. `go_on` is asked between; when it answers false, the rest is left.
    pub(crate) fn put_down(self, store: &dyn RowStore, go_on: &dyn Fn() -> bool) -> Result<(), StoreError> {
        let mut parts: Vec<_> = self.parts.into_iter().map(|part| part.into_iter().peekable()).collect();
        let mut rows = EncodedRows::new();
        loop {
            let heads = parts.iter_mut().enumerate().filter_map(|(at, part)| Some((&part.peek()?.0, at)));
            let Some((_, at)) = heads.min() else { break };
            let Some((key, row)) = parts[at].next() else { break };
            let mut row = row.into_vec();
            for other in &mut parts[at + 1..] {
                if let Some((_, other)) = other.next_if(|(other, _)| *other == key) {
                    row = self.model.merge(&row, &other)?;
                }
            }
            rows.push((key.into_vec(), Some(row)));
            if rows.len() == ROWS_AT_A_TIME {
                if !go_on() {
                    return Ok(());
                }
                store.fill(std::mem::take(&mut rows))?;
            }
        }
        store.fill(rows)
    }
}
