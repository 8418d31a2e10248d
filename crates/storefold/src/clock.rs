//! The real time: the only place that asks the machine for it.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use storefold_sequencer::Clock;

/// The machine's clock, in ms since 1970 UTC. A machine that believes to be before 1970 is taken to be in 1970.
pub fn system() -> Clock {
    Arc::new(now_ms)
}

/// Now, in ms since 1970 UTC.
#[expect(clippy::disallowed_methods, reason = "the binary alone owns the clock, and this is where")]
pub fn now_ms() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
}
