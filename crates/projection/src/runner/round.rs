//! One round: a slice of the log is decoded once, folded into every model, and each model writes one batch.

use storefold_event_log::Record;
use storefold_events::Position;
use thiserror::Error;

use super::{member::Member, pace::Limits};

/// So many events are folded into one model before the next model's turn: few enough to stay in the processor's cache.
const CHUNK_EVENTS: usize = 256;

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
) -> Result<(), Undecodable> {
    let folded = slice.iter().try_for_each(|record| fold_record(members, record, after, limits));
    for member in members {
        member.write(caught_up_at);
    }
    match folded {
        Err(Full::Undecodable(undecodable)) => Err(undecodable),
        Err(Full::Limits) | Ok(()) => Ok(()),
    }
}

/// Why a round takes in no more.
enum Full {
    Limits,
    Undecodable(Undecodable),
}

fn fold_record(members: &mut [Member], record: &Record, after: Position, limits: Limits) -> Result<(), Full> {
    let mut events = Vec::with_capacity(record.event_count());
    let mut undecodable = None;
    for (event, position) in record.events().zip(record.header().first_position..) {
        match event {
            Ok(event) if position > after => events.push(event),
            Ok(_) => {}
            Err(error) => undecodable = Some(Undecodable { position, detail: error.to_string() }),
        }
    }
    for chunk in events.chunks(CHUNK_EVENTS) {
        for member in &mut *members {
            member.apply(chunk);
        }
        let rows = members.iter().map(Member::rows_waiting).max().unwrap_or(0);
        let taken = chunk.last().map_or(0, |event| event.position - after);
        if rows >= limits.rows_max || taken >= limits.events_max {
            return Err(Full::Limits);
        }
    }
    undecodable.map_or(Ok(()), |undecodable| Err(Full::Undecodable(undecodable)))
}
