//! Rules and promotions beside a programme's own rate (row B12).

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    EventType, Malformed, Scope, Text,
    event_type::{not_empty, rate_positive},
};

/// A further rate of a programme. Of the rates that apply to a sale, the one that gives most points holds. Configured
/// again under its name, it is replaced from `occurred_at` on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EarningRuleConfigured<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Name of the rule, unique in the programme.
    #[serde(borrow)]
    pub rule: Text<'a>,
    /// What has to be spent for a point, 1 minor unit or more.
    pub minor_per_point: i64,
    /// First day of the programme's calendar on which it holds.
    pub from: NaiveDate,
    /// Last day (inclusive); without end when absent.
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// Only lines of these families earn by it; all lines when empty.
    #[serde(borrow, default)]
    pub families: Vec<Text<'a>>,
    /// Only sales of these channels; all when empty (row 3.11).
    #[serde(borrow, default)]
    pub channels: Vec<Text<'a>>,
    /// Only sales of these stores; all when empty.
    #[serde(borrow, default)]
    pub stores: Vec<Text<'a>>,
}

impl<'a> EventType<'a> for EarningRuleConfigured<'a> {
    const NAME: &'static str = "EarningRuleConfigured";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.programme", &self.programme)?;
        not_empty("data.rule", &self.rule)?;
        rate_positive("data.minor_per_point", self.minor_per_point)?;
        days_in_order(self.from, self.until)
    }
}

/// Multiplies what sales earn. Of several that apply, the one that was configured last holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoyaltyPromotionConfigured<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Name of the promotion, unique in the programme.
    #[serde(borrow)]
    pub promotion: Text<'a>,
    /// 200 doubles the points; 1 or more, at most 10,000.
    pub percent: u32,
    /// First day of the programme's calendar on which it holds.
    pub from: NaiveDate,
    /// Last day (inclusive).
    pub until: NaiveDate,
    /// Only sales of these channels; all when empty.
    #[serde(borrow, default)]
    pub channels: Vec<Text<'a>>,
    /// Only sales of these stores; all when empty.
    #[serde(borrow, default)]
    pub stores: Vec<Text<'a>>,
}

impl<'a> EventType<'a> for LoyaltyPromotionConfigured<'a> {
    const NAME: &'static str = "LoyaltyPromotionConfigured";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.programme", &self.programme)?;
        not_empty("data.promotion", &self.promotion)?;
        percent_within("data.percent", self.percent)?;
        days_in_order(self.from, Some(self.until))
    }
}

/// Refuses a factor outside 1 % to 10,000 %.
pub(super) fn percent_within(field: &str, percent: u32) -> Result<(), Malformed> {
    if (1..=10_000).contains(&percent) {
        return Ok(());
    }
    let detail = format!("is {percent}; send 1 to 10000, where 200 doubles the points");
    Err(Malformed::InvalidValue { field: field.to_owned(), detail })
}

fn days_in_order(from: NaiveDate, until: Option<NaiveDate>) -> Result<(), Malformed> {
    match until {
        Some(until) if until < from => Err(Malformed::InvalidValue {
            field: "data.until".to_owned(),
            detail: format!("is {until}, before it begins on {from}; send a later day"),
        }),
        _ => Ok(()),
    }
}
