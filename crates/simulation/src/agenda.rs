//! What is going to arrive, earliest first.

use std::{cmp::Ordering, collections::BinaryHeap};

use chrono::NaiveDate;
use storefold_events::Payload;

use crate::expectation::Effect;

/// Index of a producer in the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Source(pub(crate) usize);

/// An event before it has arrived, and so without its `seq`: a producer counts in the order it sends.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) source: Source,
    /// The store it names and the store day it counts on.
    pub(crate) at: Option<(usize, NaiveDate)>,
    pub(crate) occurred_at_ms: i64,
    pub(crate) effect: Effect,
    pub(crate) payload: Payload<'static>,
}

/// Events on their way, by arrival; those that arrive at once in the order they happened, then in the order planned.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    entries: BinaryHeap<Entry>,
    planned: u64,
}

#[derive(Debug)]
struct Entry {
    arrives_at_ms: i64,
    occurred_at_ms: i64,
    order: u64,
    // Boxed, because the heap moves its entries about.
    planned: Box<Planned>,
}

impl Agenda {
    /// Plans an event that arrives as it happens.
    pub(crate) fn add(&mut self, planned: Planned) {
        self.add_late(planned.occurred_at_ms, planned);
    }

    /// Plans an event that arrives later than it happens.
    pub(crate) fn add_late(&mut self, arrives_at_ms: i64, planned: Planned) {
        let (occurred_at_ms, order) = (planned.occurred_at_ms, self.planned);
        self.planned += 1;
        self.entries.push(Entry { arrives_at_ms, occurred_at_ms, order, planned: Box::new(planned) });
    }

    /// When the next event arrives.
    pub(crate) fn next_at_ms(&self) -> Option<i64> {
        self.entries.peek().map(|entry| entry.arrives_at_ms)
    }

    pub(crate) fn take(&mut self) -> Option<Planned> {
        self.entries.pop().map(|entry| *entry.planned)
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |entry: &Self| (entry.arrives_at_ms, entry.occurred_at_ms, entry.order);
        key(other).cmp(&key(self))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Entry {}
