//! Which message holds a position.

use std::{
    collections::BTreeMap,
    ops::RangeInclusive,
    sync::{Mutex, PoisonError},
};

use storefold_event_log::{Head, ReadError};
use storefold_events::Position;

use crate::stream::LogStream;

/// How many places are remembered.
const LANDMARKS_MAX: usize = 1_024;

/// Records whose place is known: first position to sequence. They never move, so they are never wrong.
#[derive(Default)]
pub(crate) struct Landmarks(Mutex<BTreeMap<Position, u64>>);

impl Landmarks {
    pub(crate) fn remember(&self, first_position: Position, sequence: u64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= LANDMARKS_MAX {
            let mut is_kept = false;
            known.retain(|_, _| {
                is_kept = !is_kept;
                is_kept
            });
        }
        known.insert(first_position, sequence);
    }

    /// The sequences among which the record that holds `position` is to be found.
    fn bounds(&self, position: Position, head: &Head) -> RangeInclusive<u64> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let low = known.range(..=position).next_back().map_or(1, |(_, sequence)| *sequence);
        let high = known.range(position + 1..).next().map_or(head.sequence, |(_, sequence)| sequence - 1);
        low..=high
    }
}

impl LogStream {
    /// The sequence of the record that holds `position`, or that will hold it when it comes right after `head`.
    pub(crate) async fn sequence_of(&self, position: Position, head: &Head) -> Result<u64, ReadError> {
        if position > head.position {
            return Ok(head.sequence + 1);
        }
        let (mut low, mut high) = self.landmarks.bounds(position, head).into_inner();
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            let record = self.record_at(&self.reads, middle).await?.ok_or_else(|| ReadError::Damaged {
                after: 0,
                detail: format!("message {middle} of {} is missing", head.sequence),
            })?;
            let first = record.header().first_position;
            self.landmarks.remember(first, middle);
            if first > position { high = middle - 1 } else { low = middle }
        }
        Ok(low)
    }
}
