//! One model in parts, and the parts put together.

use std::{cmp::Reverse, sync::Arc};

use storefold_events::Recorded;

use super::{
    shelf::{Shelf, Sorted},
    workers::Workers,
};
use crate::{Fold, FoldError, Poisoned, ReadModel, RowStore, StoreError};

/// How many changed rows all parts of all models hold decoded together, before those that hold the most encode them: rows
/// that are done with, as those of past days, take a fifth of the memory then.
pub(super) const HELD_ROWS_MAX: usize = 524_288;
/// How many bytes of rows are put down at a time.
const BYTES_AT_A_TIME: usize = 8 << 20;

/// A model while it is folded.
pub(super) struct Parts {
    pub(super) model: Arc<dyn ReadModel>,
    pub(super) hands: Vec<Hand>,
    /// The first event that cannot be folded.
    pub(super) poisoned: Option<Poisoned>,
}

/// What has been folded of one part of a model.
pub(super) struct Hand {
    fold: Box<dyn Fold>,
    rows: Shelf,
    /// Whether what it holds is to be encoded before it folds on.
    is_full: bool,
}

/// The rows of a model in parts, encoded.
pub(crate) struct FoldedRows {
    model: Arc<dyn ReadModel>,
    parts: Vec<Sorted>,
}

impl Parts {
    /// A model in so many parts.
    pub(super) fn new(model: Arc<dyn ReadModel>, parts: usize) -> Self {
        let hand = || Hand { fold: model.fold(), rows: Shelf::default(), is_full: false };
        let hands = (0..parts).map(|_| hand()).collect();
        Self { model, hands, poisoned: None }
    }

    /// Of several parts that stop, the first event in the log counts.
    pub(super) fn poison(&mut self, poisoned: Poisoned) {
        if self.poisoned.as_ref().is_none_or(|first| poisoned.position < first.position) {
            self.poisoned = Some(poisoned);
        }
    }

    pub(super) fn finish(self, workers: &Workers) -> Result<Result<FoldedRows, Poisoned>, StoreError> {
        if let Some(poisoned) = self.poisoned {
            return Ok(Err(poisoned));
        }
        let parts = workers.side_by_side(self.hands, Hand::into_rows);
        let parts = parts.into_iter().collect::<Result<_, _>>()?;
        Ok(Ok(FoldedRows { model: self.model, parts }))
    }
}

/// Chooses who has to encode what it holds, so that all together hold at most so many changed rows: those with the most, as
/// of customers, so that models of few rows keep theirs at hand.
pub(super) fn make_room<'h>(hands: impl Iterator<Item = &'h mut Hand>, held_rows_max: usize) {
    let mut hands: Vec<_> = hands.map(|hand| (hand.changed(), hand)).collect();
    hands.sort_unstable_by_key(|(held, _)| Reverse(*held));
    let mut all: usize = hands.iter().map(|(held, _)| held).sum();
    for (held, hand) in hands {
        if all <= held_rows_max {
            break;
        }
        hand.is_full = true;
        all -= held;
    }
}

impl Hand {
    /// How many changed rows it holds decoded.
    pub(super) fn changed(&self) -> usize {
        self.fold.changed()
    }

    /// Folds its events of a slab; answers the one that it cannot fold.
    pub(super) fn fold(&mut self, events: &[Recorded<'_>], places: &[u32]) -> Result<Option<Poisoned>, StoreError> {
        if self.is_full {
            self.encode()?;
        }
        let rows = &self.rows;
        let below = |key: &[u8], show: &mut dyn FnMut(&[u8])| {
            if let Some(row) = rows.get(key) {
                show(row);
            }
            Ok(())
        };
        match self.fold.apply_dealt(&below, events, places) {
            Err(FoldError::Poisoned(poisoned)) => Ok(Some(poisoned)),
            Err(FoldError::Rows(error)) => Err(error),
            Ok(()) => Ok(None),
        }
    }

    fn encode(&mut self) -> Result<(), StoreError> {
        let (rows, mut put) = (&mut self.rows, Ok(()));
        self.is_full = false;
        self.fold.drain_appended(&mut |key, row| rows.append(key, row));
        self.fold.drain(&mut |key, row| {
            if put.is_ok() {
                put = rows.put(key, row.unwrap_or_default());
            }
        })?;
        put
    }

    fn into_rows(mut self) -> Result<Sorted, StoreError> {
        self.encode()?;
        Ok(self.rows.into_sorted())
    }
}

/// Rows in the order of their keys, to be put down at once.
#[derive(Default)]
struct Piece {
    bytes: Vec<u8>,
    /// Bytes of each key and row.
    lengths: Vec<(u32, u32)>,
}

impl Piece {
    fn push(&mut self, key: &[u8], row: &[u8]) {
        self.bytes.extend_from_slice(key);
        self.bytes.extend_from_slice(row);
        self.lengths.push((key.len() as u32, row.len() as u32));
    }

    fn put_down(&mut self, store: &dyn RowStore) -> Result<(), StoreError> {
        let mut rest = &self.bytes[..];
        store.fill(&mut self.lengths.iter().map(|(key, row)| {
            let (key, behind) = rest.split_at(*key as usize);
            let (row, behind) = behind.split_at(*row as usize);
            rest = behind;
            (key, Some(row))
        }))?;
        self.bytes.clear();
        self.lengths.clear();
        Ok(())
    }
}

impl FoldedRows {
    /// Puts all rows down in the order of their keys. `go_on` is asked between; when it answers false, the rest is left.
    pub(crate) fn put_down(mut self, store: &dyn RowStore, go_on: &dyn Fn() -> bool) -> Result<(), StoreError> {
        let mut piece = Piece::default();
        loop {
            let heads = self.parts.iter().enumerate().filter_map(|(at, part)| Some((part.peek()?.0, at)));
            let Some((key, first)) = heads.min() else { break };
            let sharing = |part: &Sorted| part.peek().is_some_and(|(other, _)| other == key);
            let others: Vec<_> = (first + 1..self.parts.len()).filter(|at| sharing(&self.parts[*at])).collect();
            let row = self.parts[first].peek().map_or(&[][..], |(_, row)| row);
            if others.is_empty() {
                piece.push(key, row);
            } else {
                let mut merged = row.to_vec();
                for (_, other) in others.iter().filter_map(|at| self.parts[*at].peek()) {
                    merged = self.model.merge(&merged, other)?;
                }
                piece.push(key, &merged);
            }
            for at in others {
                self.parts[at].advance();
            }
            self.parts[first].advance();
            if piece.bytes.len() >= BYTES_AT_A_TIME {
                if !go_on() {
                    return Ok(());
                }
                piece.put_down(store)?;
            }
        }
        piece.put_down(store)
    }
}
