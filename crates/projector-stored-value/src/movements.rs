//! What happens to an instrument, as its row keeps it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::Position;

/// One entry of an instrument's life.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Movement {
    pub position: Position,
    pub occurred_at_ms: i64,
    pub kind: InstrumentMovementKind,
    /// What is on it more; below 0 less. What was lost with it is beside it.
    pub amount_minor: i64,
    pub forfeited_minor: i64,
    /// What is held of it more; below 0 less.
    pub held_minor: i64,
    pub balance_after_minor: i64,
    pub held_after_minor: i64,
    pub paid_minor: Option<i64>,
    pub source: String,
    pub store: Option<String>,
    pub sale: Option<String>,
    pub line: Option<u32>,
    pub return_id: Option<String>,
    pub hold: Option<String>,
    pub reason: Option<String>,
    pub author: Option<String>,
}

/// What happened to an instrument.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InstrumentMovementKind {
    /// It came to be.
    #[default]
    Issued,
    /// Its balance grew.
    Loaded,
    /// It paid for a sale.
    Redeemed,
    /// What it had paid came back.
    Refunded,
    /// Its last day was over.
    Expired,
    /// What was on it, or a part, was taken back.
    Cancelled,
    /// A part was set aside for a sale.
    Held,
    /// A checkout was given up.
    Released,
    /// Nobody came back to a checkout.
    Lapsed,
    /// It pays no more, for ever.
    Disabled,
    /// It pays no more until it is reactivated.
    Deactivated,
    /// It pays again.
    Reactivated,
}

impl InstrumentMovementKind {
    /// The type of its event.
    pub fn event_type(self) -> &'static str {
        match self {
            Self::Issued => "InstrumentIssued",
            Self::Loaded => "InstrumentLoaded",
            Self::Redeemed => "InstrumentRedeemed",
            Self::Refunded => "InstrumentRefunded",
            Self::Expired => "InstrumentExpired",
            Self::Cancelled => "InstrumentCancelled",
            Self::Held => "InstrumentHeld",
            Self::Released => "HoldReleased",
            Self::Lapsed => "HoldLapsed",
            Self::Disabled => "InstrumentDisabled",
            Self::Deactivated => "InstrumentDeactivated",
            Self::Reactivated => "InstrumentReactivated",
        }
    }
}
