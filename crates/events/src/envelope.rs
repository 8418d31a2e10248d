//! The envelope around every payload.

use crate::{Key, Payload, Position, Text};

/// One event: who says so, where, when, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// The producer: a scanner, a till, the webshop, the back office.
    pub source: Text<'a>,
    /// What tells the event from all others of the source.
    pub key: Key,
    /// Where it happened; facts of the whole network have none.
    pub store: Option<Text<'a>>,
    /// When it happened, in ms since 1970 UTC.
    pub occurred_at_ms: i64,
    /// Position of the event that brought this one about; none for a fact that was sent.
    pub cause: Option<Position>,
    /// What happened.
    pub payload: Payload<'a>,
}

/// An event with its place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded<'a> {
    /// Its place.
    pub position: Position,
    /// When the sequencer took it, in ms since 1970 UTC; never earlier than that of the event before.
    pub recorded_at_ms: i64,
    /// The event.
    pub event: Event<'a>,
}
