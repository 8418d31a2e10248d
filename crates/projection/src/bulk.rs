//! Folding history with all processors, into memory.
//!
//! A batch of slabs is unpacked and decoded side by side, each event once for all models, and dealt to parts (see
//! [`Part`](crate::Part)). Then the parts of all models are folded side by side, each in the order of the log. The fold is
//! the same that runs live. At the end the parts of a model are put down as one, sorted.
//!
//! Memory is bounded by the rows, encoded, and one batch of events; not by the length of the log.

mod parts;
mod shelf;
mod workers;
pub(crate) use self::{parts::FoldedRows, workers::Workers};

use std::{iter, mem, sync::Arc};

use storefold_event_log::{Hash, ReadError, Record, Slab};
use storefold_events::{Position, Recorded};
use thiserror::Error;

use self::parts::{HELD_ROWS_MAX, Hand, Parts, make_room};
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
    workers: Workers,
    as_of: Option<AsOf>,
    position: Position,
    /// Where the last slab ended, perhaps beyond what was folded of it, and the hash of its last record.
    last: (Position, Hash),
    /// Room for the events of slabs, kept from those before: the system would have to clear new room each time.
    room: Vec<Vec<Recorded<'static>>>,
    held_rows_max: usize,
}

/// The events of one slab, dealt: for each model, for each part, the places of its events.
struct Dealt<'r> {
    events: Vec<Recorded<'r>>,
    hands: Vec<Vec<Vec<u32>>>,
}

impl Bulk {
    /// Nothing is folded yet.
    pub(crate) fn new(models: &[Arc<dyn ReadModel>], workers: Workers, as_of: Option<AsOf>) -> Self {
        let parts = |model: &Arc<dyn ReadModel>| Parts::new(model.clone(), workers.threads());
        let models = models.iter().map(parts).collect();
        Self {
            models,
            workers,
            as_of,
            position: 0,
            last: (0, Hash::default()),
            room: Vec::new(),
            held_rows_max: HELD_ROWS_MAX,
        }
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
        let unpacked = self.workers.side_by_side(slabs, Slab::unpack);
        let records = unpacked.into_iter().collect::<Result<Vec<_>, _>>()?;
        let (as_of, span) = (self.as_of, self.position + 1..=until);
        let wanted =
            |event: &Recorded<'_>| span.contains(&event.position) && as_of.is_none_or(|as_of| as_of.includes(event));
        let models = self.models();
        let room = mem::take(&mut self.room).into_iter().chain(iter::repeat_with(Vec::new));
        let slabs: Vec<(&[Record], _)> = records.iter().map(Vec::as_slice).zip(room).collect();
        let dealt = self.workers.side_by_side(slabs, |(records, room)| {
            Ok::<_, BulkError>(self.deal(&models, decode(records, room, &wanted)?))
        });
        let dealt = dealt.into_iter().collect::<Result<Vec<_>, _>>()?;
        self.fold_dealt(&dealt)?;
        self.room = dealt.into_iter().map(|slab| emptied(slab.events)).collect();
        self.position = end.min(until);
        Ok(())
    }

    /// Folds events that follow those before, in slabs as they follow each other.
    pub(crate) fn fold_events(&mut self, slabs: Vec<Vec<Recorded<'_>>>) -> Result<(), StoreError> {
        let models = self.models();
        let dealt = self.workers.side_by_side(slabs, |events| self.deal(&models, events));
        self.fold_dealt(&dealt)
    }

    fn models(&self) -> Vec<Arc<dyn ReadModel>> {
        self.models.iter().map(|parts| parts.model.clone()).collect()
    }

    fn deal<'r>(&self, models: &[Arc<dyn ReadModel>], events: Vec<Recorded<'r>>) -> Dealt<'r> {
        let threads = self.workers.threads();
        let deal = |model: &Arc<dyn ReadModel>| {
            let mut hands = vec![Vec::with_capacity(events.len() / threads + 1); threads];
            model.deal(&events, &mut hands);
            hands
        };
        Dealt { hands: models.iter().map(deal).collect(), events }
    }

    fn fold_dealt(&mut self, dealt: &[Dealt<'_>]) -> Result<(), StoreError> {
        let folding = |(model, part, hand): (usize, usize, &mut Hand)| {
            let stopped = fold_part(hand, dealt.iter().map(|slab| (&*slab.events, &*slab.hands[model][part])))?;
            Ok::<_, StoreError>(stopped.map(|stopped| (model, stopped)))
        };
        let whole = self.models.iter_mut().enumerate().filter(|(_, parts)| parts.poisoned.is_none());
        let work = whole
            .flat_map(|(model, parts)| parts.hands.iter_mut().enumerate().map(move |(part, hand)| (model, part, hand)));
        let outcomes = self.workers.side_by_side(work.collect(), folding);
        for (model, poisoned) in outcomes.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
            self.models[model].poison(poisoned);
        }
        let whole = self.models.iter_mut().filter(|parts| parts.poisoned.is_none());
        make_room(whole.flat_map(|parts| &mut parts.hands), self.held_rows_max);
        Ok(())
    }

    /// The rows of every model, or the first event that it cannot fold, in the order of the models.
    ///
    /// # Errors
    /// When rows cannot be encoded.
    pub(crate) fn finish(self) -> Result<Vec<Result<FoldedRows, Poisoned>>, StoreError> {
        let Self { models, workers, .. } = self;
        models.into_iter().map(|parts| parts.finish(&workers)).collect()
    }
}

/// The events of records that are wanted, put where there is room for them.
fn decode<'r>(
    records: &'r [Record],
    mut events: Vec<Recorded<'r>>,
    wanted: &impl Fn(&Recorded<'_>) -> bool,
) -> Result<Vec<Recorded<'r>>, BulkError> {
    events.reserve(records.iter().map(Record::event_count).sum());
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

/// The room that events took, for events of other records: a vector that is collected from itself stays where it is.
fn emptied(mut events: Vec<Recorded<'_>>) -> Vec<Recorded<'static>> {
    events.clear();
    events.into_iter().map_while(|_| None).collect()
}

/// Folds one part of a model. Answers the event that it stopped before.
fn fold_part<'d, 'r: 'd>(
    hand: &mut Hand,
    slabs: impl Iterator<Item = (&'d [Recorded<'r>], &'d [u32])>,
) -> Result<Option<Poisoned>, StoreError> {
    for (events, places) in slabs {
        if let Some(stopped) = hand.fold(events, places)? {
            return Ok(Some(stopped));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
