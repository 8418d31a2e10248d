//! How an event is told from every other.

use uuid::Uuid;

/// A place in a tenant's log: 1, 2, 3, … without gaps. 0 is the place before the first event.
pub type Position = u64;

/// What makes an event of one source unique, for ever (invariant 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// The producer's own counter, from 1.
    Seq(u64),
    /// Given by a producer that cannot count.
    Id(Uuid),
    /// Decided here, in the same record as its cause; no producer can repeat it.
    Caused,
}
