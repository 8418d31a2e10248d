//! What a fact brought about, found again in the log.

use storefold_event_log::{EventLog, ReadError, Record};
use storefold_events::{Event, Key, Malformed, Position, wire};

use crate::Effect;

/// The effects of the fact at a position. They stand right after it in its record (invariant 5), so one is read.
pub(crate) async fn read_effects(log: &dyn EventLog, position: Position) -> Result<Vec<Effect>, ReadError> {
    let records = log.tail(position.saturating_sub(1)).await?.next().await?;
    let damaged = |detail| ReadError::Damaged { after: position, detail };
    let owned = |event: &Event<'_>| {
        let read = wire::read_shown(wire::show_sent(event));
        read.map_err(|error: Malformed| damaged(error.to_string()))
    };
    let mut effects = Vec::new();
    for recorded in records.first().into_iter().flat_map(Record::events) {
        let recorded = recorded.map_err(|error| damaged(error.to_string()))?;
        if recorded.position <= position {
            continue;
        }
        if recorded.event.key != Key::Caused || recorded.event.cause != Some(position) {
            break;
        }
        effects.push(Effect { position: recorded.position, event: owned(&recorded.event)? });
    }
    Ok(effects)
}
