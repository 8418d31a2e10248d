//! The books' clock: what is due is decided before anything that comes later (invariant 6).

use std::time::Duration;

use storefold_domain::{Caused, Knowledge, tick};
use storefold_events::{Event, Position, codec};

use super::Writer;

/// In whose name the clock ticks.
const SOURCE: &str = "storefold";

/// The longest time that is waited before the clock is read again: a clock may be set.
const LOOK_AGAIN: Duration = Duration::from_mins(1);

/// What is waited after a tick that left more to do, so that submissions come between.
const NEXT_TICK: Duration = Duration::from_millis(1);

impl Writer {
    /// How long nothing is due; `None` while nothing is to come.
    pub(super) fn until_due(&mut self) -> Result<Option<Duration>, String> {
        let due_ms = self.memory.due_ms().map_err(|error| error.to_string())?;
        let now_ms = (self.settings.clock)();
        let wait = |due: i64| Duration::from_millis(u64::try_from(due.saturating_sub(now_ms)).unwrap_or(0));
        Ok(due_ms.map(|due| wait(due).clamp(NEXT_TICK, LOOK_AGAIN)))
    }

    /// Lets the clock tick if something is due: it and its effects are one record.
    pub(super) fn tick(&mut self) -> Result<(), String> {
        let now_ms = (self.settings.clock)();
        if self.memory.due_ms().map_err(|error| error.to_string())?.is_none_or(|due| due > now_ms) {
            return Ok(());
        }
        let position = self.memory.position() + 1;
        let events = ticked(now_ms, position, &mut self.memory).map_err(|error| error.to_string())?;
        if events.is_empty() {
            return Ok(());
        }
        let mut bytes = Vec::new();
        for event in &events {
            codec::encode(event, &mut bytes);
        }
        if !self.make_room(bytes.len(), events.len()) {
            return Err(format!("a tick takes {} bytes with its effects, more than a record holds", bytes.len()));
        }
        self.open.push(&bytes, events.len());
        for (event, place) in events.iter().zip(position..) {
            self.memory.record(place, event, 0).map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

/// A tick at a position and what it brings about, in the order of the log; nothing when nothing is due.
pub(super) fn ticked<K: Knowledge>(
    now_ms: i64,
    position: Position,
    known: &mut K,
) -> Result<Vec<Event<'static>>, K::Error> {
    let Some(ticked) = tick(now_ms, "sequencer", known)? else { return Ok(Vec::new()) };
    let tick = Caused { store: None, occurred_at_ms: now_ms, payload: ticked.ticked.into() };
    let tick = Event { cause: None, ..tick.event(SOURCE, position) };
    let effects = ticked.effects.into_iter().map(|effect| effect.event(SOURCE, position));
    Ok([tick].into_iter().chain(effects).collect())
}

/// Waits; for ever when there is nothing to wait for.
pub(super) async fn passed(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}
