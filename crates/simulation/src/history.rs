//! What has happened, in the order it arrived.

use storefold_events::Event;

use crate::{Expectation, Live, world::World};

/// The events of a network's past, made as they are asked for. It ends with the last event that had arrived at
/// the network's "now".
///
/// Nothing arrives before its cause: a store is configured before its facts, an address comes after its scan, a return or
/// a void after its sale. The events of one source arrive with `seq` 1, 2, 3, …
#[derive(Debug)]
pub struct History {
    world: World,
}

impl History {
    pub(crate) fn new(world: World) -> Self {
        Self { world }
    }

    /// What the read models must come to after the events taken so far.
    pub fn expectation(&self) -> &Expectation {
        self.world.expectation()
    }

    /// Goes on from here at `events_per_minute`, with new visitors after `from_ms`, but not
    /// before the network's "now". 0 a minute stands for 1; above 60,000 there is one each millisecond.
    pub fn into_live(self, from_ms: i64, events_per_minute: u32) -> Live {
        Live::new(self.world, from_ms, events_per_minute)
    }
}

impl Iterator for History {
    type Item = Event<'static>;

    fn next(&mut self) -> Option<Event<'static>> {
        self.world.next_by(self.world.settings.until_ms)
    }
}
