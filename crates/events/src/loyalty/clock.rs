//! The passing of time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{EventType, Malformed, Scope, Text};

/// The books' time has reached the event's `occurred_at`, and something is due by then: points expire or become active,
/// tiers are reviewed. The sequencer appends it, so that a replay sees the same time; everything it brings about stands
/// in its record. When more is due than fits, another follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockTicked<'a> {
    /// Whose clock: sequencer, or simulation.
    #[serde(borrow)]
    pub clock: Text<'a>,
    /// How many accounts it reviews.
    pub accounts: u32,
}

impl<'a> EventType<'a> for ClockTicked<'a> {
    const NAME: &'static str = "ClockTicked";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;
    const OF_ITSELF: bool = true;

    fn check(&self) -> Result<(), Malformed> {
        Ok(())
    }
}
