//! Which events a read model is the fold of: all of them, or those up to some point on one of three scales.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::{Payload, Position, Recorded};

/// The events that are folded (all bounds inclusive).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AsOf {
    /// Those up to a position of the log.
    Position(Position),
    /// Those that the log had taken in by then: what was known at the time.
    RecordedAt(DateTime<Utc>),
    /// Those that had happened by then, also those that came to be known later. The settings of stores hold from where
    /// they stand in the log, as always.
    OccurredAt(DateTime<Utc>),
}

impl AsOf {
    pub(crate) fn includes(self, event: &Recorded<'_>) -> bool {
        match self {
            Self::Position(position) => event.position <= position,
            Self::RecordedAt(time) => event.recorded_at_ms <= time.timestamp_millis(),
            Self::OccurredAt(time) => {
                let settings = matches!(event.event.payload, Payload::StoreConfigured(_));
                settings || event.event.occurred_at_ms <= time.timestamp_millis()
            }
        }
    }

    /// The time that questions are asked at, in ms since 1970 UTC; none where the scale is no time.
    pub(crate) fn time_ms(self) -> Option<i64> {
        match self {
            Self::Position(_) => None,
            Self::RecordedAt(time) | Self::OccurredAt(time) => Some(time.timestamp_millis()),
        }
    }
}
