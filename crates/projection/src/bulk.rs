//! Folding history with all processors, into memory.
//!
//! A batch of slabs is unpacked and decoded side by side, each event once for all models, and dealt to parts (see
//! [`Part`](crate::Part)). Then every thread folds its part of every model, in the order of the log. The fold is the
//! same that runs live. At the end the parts of a model are put down as one, sorted.
//!
//! Memory is bounded by the rows, encoded, and one batch of events; not by the length of the log.

mod parts;
mod threads;
pub(crate) use self::{parts::FoldedRows, threads::side_by_side};

use std::sync::Arc;

use storefold_event_log::{Hash, ReadError, Record, Slab};
use storefold_events::{Position, Recorded};
use thiserror::Error;

use self::parts::{Hand, Parts};
use crate::{AsOf, Poisoned, ReadModel, StoreError};

/// Why no model can be folded further.
#[derive(Debug, Error)]
pub(crate) enum BulkError {
    #[error(transparent)]
    Log(#[from] ReadError),
    #[error("the event at position {position} cannot be read by this release: {detail}")]
    Undecodable { position: Position, detail: String },
    #[error(transparent)]
    Rows(#[from] StoreError),
}

/// Models that are being folded from the first event on.
pub(crate) struct Bulk {
    models: Vec<Parts>,
    threads: usize,
    as_of: Option<AsOf>,
    position: Position,
    /// Where the last slab ended, perhaps beyond what was folded of it, and the hash of its last record.
    last: (Position, Hash),
}

/// The events of one slab, dealt: for each model, for each part, the places of its events.
struct Dealt<'r> {
    events: Vec<Recorded<'r>>,
    hands: Vec<Vec<Vec<u32>>>,
}

impl Bulk {
    /// Nothing is folded yet.
    pub(crate) fn new(models: &[Arc<dyn ReadModel>], threads: usize, as_of: Option<AsOf>) -> Self {
        let models = models.iter().map(|model| Parts::new(model.clone(), threads)).collect();
        Self { models, threads, as_of, position: 0, last: (0, Hash::default()) }
    }

    /// Every event up to it is folded.
    pub(crate) fn position(&self) -> Position {
        self.position
    }

    /// Folds the events of slabs that follow each other, up to `until` (inclusive). A model that is poisoned is left
    /// behind; the others go on.
    ///
    /// # Errors
    /// [`BulkError`]; nothing more can be folded then.
    pub(crate) fn fold(&mut self, slabs: Vec<Slab>, until: Position) -> Result<(), BulkError> {
        let mut end = self.position;
        for slab in &slabs {
            if slab.first_position() == self.last.0 + 1 && slab.previous_hash() != self.last.1 {
                let detail = "the next record names another record before it".to_owned();
                return Err(ReadError::Damaged { after: end, detail }.into());
            }
            if slab.first_position() > end + 1 || slab.last_position() <= end {
                let found = format!("{}..={}", slab.first_position(), slab.last_position());
                let detail = format!("records of {found} where {} belongs", end + 1);
                return Err(ReadError::Damaged { after: end, detail }.into());
            }
            end = slab.last_position();
            self.last = (end, slab.last_hash());
        }
        let unpacked = side_by_side(self.threads, slabs, Slab::unpack);
        let records = unpacked.into_iter().collect::<Result<Vec<_>, _>>()?;
        let (threads, as_of, span) = (self.threads, self.as_of, self.position + 1..=until);
        let wanted =
            |event: &Recorded<'_>| span.contains(&event.position) && as_of.is_none_or(|as_of| as_of.includes(event));
        let decoded = side_by_side(threads, records.iter().collect(), |records: &Vec<Record>| decode(records, &wanted));
        self.fold_events(decoded.into_iter().collect::<Result<_, _>>()?)?;
        self.position = end.min(until);
        Ok(())
    }

    /// Folds events that follow those before, in slabs as they follow each other.
    pub(crate) fn fold_events(&mut self, slabs: Vec<Vec<Recorded<'_>>>) -> Result<(), StoreError> {
        let threads = self.threads;
        let models: Vec<_> = self.models.iter().map(|parts| parts.model.clone()).collect();
        let dealt = side_by_side(threads, slabs, |events| deal(&models, threads, events));

        // The transpose: every thread gets its hand of every model.
        let mut by_thread: Vec<Vec<(usize, &mut Hand)>> = (0..threads).map(|_| Vec::new()).collect();
        for (model, parts) in self.models.iter_mut().enumerate().filter(|(_, parts)| parts.poisoned.is_none()) {
            for (part, hand) in parts.hands.iter_mut().enumerate() {
                by_thread[part].push((model, hand));
            }
        }
        let by_thread = by_thread.into_iter().enumerate().collect();
        let outcomes = side_by_side(threads, by_thread, |(part, hands)| fold_part(part, hands, &dealt));
        for (model, poisoned) in outcomes.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
            self.models[model].poison(poisoned);
        }
        Ok(())
    }

    /// The rows of every model, or the first event that it cannot fold, in the order of the models.
    ///
    /// # Errors
    /// When rows cannot be encoded.
    pub(crate) fn finish(self) -> Result<Vec<Result<FoldedRows, Poisoned>>, StoreError> {
        let threads = self.threads;
        self.models.into_iter().map(|parts| parts.finish(threads)).collect()
    }
}

fn deal<'r>(models: &[Arc<dyn ReadModel>], threads: usize, events: Vec<Recorded<'r>>) -> Dealt<'r> {
    let deal = |model: &Arc<dyn ReadModel>| {
        let mut hands = vec![Vec::with_capacity(events.len() / threads + 1); threads];
        model.deal(&events, &mut hands);
        hands
    };
    Dealt { hands: models.iter().map(deal).collect(), events }
}

fn decode<'r>(records: &'r [Record], wanted: &impl Fn(&Recorded<'_>) -> bool) -> Result<Vec<Recorded<'r>>, BulkError> {
    let mut events = Vec::with_capacity(records.iter().map(Record::event_count).sum());
    for record in records {
        for (event, position) in record.events().zip(record.header().first_position..) {
            let event = event.map_err(|error| BulkError::Undecodable { position, detail: error.to_string() })?;
            if wanted(&event) {
                events.push(event);
            }
        }
    }
    Ok(events)
}

/// Folds one part of every model. Answers which models stopped before which event.
fn fold_part(
    part: usize,
    hands: Vec<(usize, &mut Hand)>,
    dealt: &[Dealt<'_>],
) -> Result<Vec<(usize, Poisoned)>, StoreError> {
    let mut poisoned = Vec::new();
    for (model, hand) in hands {
        for slab in dealt {
            if let Some(stopped) = hand.fold(&slab.events, &slab.hands[model][part])? {
                poisoned.push((model, stopped));
                break;
            }
        }
    }
    Ok(poisoned)
}

#[cfg(test)]
mod tests;
