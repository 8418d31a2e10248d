//! One round: a slice of the log is decoded once, folded into every model, and each model writes one batch.

use storefold_event_log::Record;
use storefold_events::{Position, Recorded};
use thiserror::Error;

use super::{member::Member, pace::Limits};
use crate::bulk::Workers;

/// So many events are folded into one model before the next model's turn: few enough to stay in the processor's cache.
const CHUNK_EVENTS: usize = 256;

/// From so many events on, models are folded side by side: for fewer, waking threads takes longer than folding.
const SIDE_BY_SIDE_EVENTS_MIN: usize = 64;

/// An event in the log that this release cannot read.
#[derive(Debug, Error)]
#[error(
    "the event at position {position} cannot be read by this release: {detail}; if a newer release wrote it, update this node"
)]
pub(super) struct Undecodable {
    position: Position,
    detail: String,
}

/// Folds the events of `slice` that come after `after`, and writes. Models go as far as the events can be decoded and
/// the limits allow.
pub(super) fn fold_slice(
    members: &mut [Member],
    slice: &[Record],
    after: Position,
    limits: Limits,
    caught_up_at: Position,
    workers: &Workers,
) -> Result<(), Undecodable> {
    let mut round = Round { members, after, limits, workers, chunk: Vec::with_capacity(CHUNK_EVENTS), alone: true };
    let folded = round.fold(slice);
    let alone = round.alone;
    let write = |member: &mut Member| member.write(caught_up_at);
    if alone {
        members.iter_mut().for_each(write);
    } else {
        workers.side_by_side(members.iter_mut().collect(), write);
    }
    folded
}

/// A round under way.
struct Round<'m, 'r> {
    members: &'m mut [Member],
    after: Position,
    limits: Limits,
    workers: &'m Workers,
    /// Decoded, and not folded yet.
    chunk: Vec<Recorded<'r>>,
    /// Whether all of it was so little that this thread has done it.
    alone: bool,
}

impl<'r> Round<'_, 'r> {
    fn fold(&mut self, slice: &'r [Record]) -> Result<(), Undecodable> {
        for record in slice {
            for (event, position) in record.events().zip(record.header().first_position..) {
                match event {
                    Ok(event) if position > self.after => self.chunk.push(event),
                    Ok(_) => {}
                    Err(error) => {
                        self.fold_chunk();
                        return Err(Undecodable { position, detail: error.to_string() });
                    }
                }
                if self.chunk.len() == CHUNK_EVENTS && self.fold_chunk() {
                    return Ok(());
                }
            }
        }
        self.fold_chunk();
        Ok(())
    }

    /// Folds the chunk into every model; answers whether the round is full.
    fn fold_chunk(&mut self) -> bool {
        let Some(last) = self.chunk.last().map(|event| event.position) else { return false };
        let chunk = &self.chunk;
        if chunk.len() < SIDE_BY_SIDE_EVENTS_MIN {
            self.members.iter_mut().for_each(|member| member.apply(chunk));
        } else {
            self.workers.side_by_side(self.members.iter_mut().collect(), |member| member.apply(chunk));
            self.alone = false;
        }
        self.chunk.clear();
        let rows = self.members.iter().map(Member::rows_waiting).max().unwrap_or(0);
        rows >= self.limits.rows_max || last - self.after >= self.limits.events_max
    }
}
