//! What a voucher was given for (rows 2.52 to 2.58).

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::{Currency, Money, stored_value::VoucherGift};

use crate::standing::instant;

/// As it is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GivenRow {
    pub rule: Option<String>,
    pub run: Option<String>,
    pub base_minor: i64,
    pub use_minor: i64,
    pub valid_from_ms: Option<i64>,
}

/// What a voucher was given for, and how it pays.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VoucherGiven {
    /// The rule that gave it; null where a run did.
    pub rule: Option<String>,
    /// The run that gave it; null where a rule did.
    pub run: Option<String>,
    /// Turnover it was given for.
    pub turnover: Money,
    /// The most that it pays at once.
    pub at_once: Money,
    /// It pays nothing before this time, in UTC; null when it pays from the start.
    pub valid_from: Option<DateTime<Utc>>,
}

impl GivenRow {
    pub fn of(gift: &VoucherGift<'_>) -> Self {
        Self {
            rule: gift.rule.as_ref().map(ToString::to_string),
            run: gift.run.as_ref().map(ToString::to_string),
            base_minor: gift.base_minor,
            use_minor: gift.use_minor,
            valid_from_ms: gift.valid_from_ms,
        }
    }

    pub fn shown(&self, currency: Currency) -> VoucherGiven {
        let money = |amount| Money { amount, currency };
        VoucherGiven {
            rule: self.rule.clone(),
            run: self.run.clone(),
            turnover: money(self.base_minor),
            at_once: money(self.use_minor),
            valid_from: self.valid_from_ms.map(instant),
        }
    }
}
