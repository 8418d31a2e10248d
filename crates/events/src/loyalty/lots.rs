//! What a movement does to the lots of an account (row B1).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Points that went into a lot or out of it. Lots are told apart by their two times; points in one are alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LotPart {
    /// Above 0 into the lot, below 0 out of it.
    pub points: i64,
    /// The lot's points are gone from this time on (ms since 1970 UTC); absent when they never expire.
    #[serde(default)]
    pub expires_at_ms: Option<i64>,
    /// The lot's points may be spent from this time on (ms since 1970 UTC); absent when they are active.
    #[serde(default)]
    pub active_from_ms: Option<i64>,
}

/// What a movement does to an account, and what the account holds after it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Movement {
    /// By lot.
    pub parts: Vec<LotPart>,
    /// Points that the account owes more than before; below 0 when it owes less (row B9).
    #[serde(default)]
    pub owed: i64,
    /// Points that may be spent after it: active ones less those owed. Below 0 when more is owed.
    #[serde(default)]
    pub balance: i64,
    /// Points that become active later, after it.
    #[serde(default)]
    pub pending: i64,
}

impl Movement {
    /// What it adds to the account, active, pending and owed together.
    pub fn net(&self) -> i64 {
        self.parts.iter().fold(0_i64, |sum, part| sum.saturating_add(part.points)).saturating_sub(self.owed)
    }
}
