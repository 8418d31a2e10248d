//! Time, as handlers are given it.

use std::sync::Arc;

/// Tells the time, in ms since 1970 UTC. Made by the binary alone.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;
