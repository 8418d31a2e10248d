//! Tiers: what regular customers have reached (FEATURES B20 to B24, 3.12).

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::promotion::percent_within;
use crate::{
    EventType, Malformed, Scope, Text,
    event_type::{not_empty, reason_given},
};

/// What is summed up for a tier. Spending points never lowers it (row B20).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TierBasis {
    /// Points earned by sales, less those that returns took back.
    #[default]
    Earned,
    /// The part of sales that earns, in minor units, less what came back.
    Spent,
}

/// Over which time it is summed up, in days of the programme's calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TierWindow {
    /// The last `window_days` days, today included.
    Rolling,
    /// The calendar year.
    CalendarYear,
    /// All time.
    Lifetime,
}

/// How far a customer falls (row B21).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DowngradeStep {
    /// To the tier below.
    OneStep,
    /// To the tier that the sum reaches.
    ReEvaluate,
}

/// When a customer may fall (row B21).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DowngradeWhen {
    /// As soon as the sum is too low.
    RealTime,
    /// Every year on the day of the account's first points.
    MembershipAnniversary,
    /// Every year on the day the tier was reached.
    TierAnniversary,
    /// Every year on `fixed_month` and `fixed_day`.
    FixedDate,
}

/// A tier and where it begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TierStep<'a> {
    /// Its name, unique in the programme.
    #[serde(borrow)]
    pub tier: Text<'a>,
    /// The sum from which it is reached (inclusive); absent for a tier by invitation only (row B24).
    #[serde(default)]
    pub from: Option<i64>,
    /// Sales earn this much in it: 100 leaves points as they are.
    #[serde(default = "as_they_are")]
    pub earn_percent: u32,
}

fn as_they_are() -> u32 {
    100
}

/// The tiers of a programme from `occurred_at` on. What is earned counts from the first time tiers are configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoyaltyTiersConfigured<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// What is summed up.
    #[serde(default)]
    pub basis: TierBasis,
    /// Over which time.
    pub window: TierWindow,
    /// Days of a rolling window, 1 or more; 0 otherwise.
    #[serde(default)]
    pub window_days: u32,
    /// From the lowest to the highest; those with a sum ascend.
    #[serde(borrow)]
    pub tiers: Vec<TierStep<'a>>,
    /// How far a customer falls.
    pub downgrade: DowngradeStep,
    /// When.
    pub downgrade_when: DowngradeWhen,
    /// Month of the fixed date, 1 to 12; 0 otherwise.
    #[serde(default)]
    pub fixed_month: u32,
    /// Day of the fixed date, 1 to 28; 0 otherwise.
    #[serde(default)]
    pub fixed_day: u32,
    /// A customer who would fall is warned this many days before; not at all when 0 (row B22).
    #[serde(default)]
    pub warn_days: u32,
}

impl<'a> EventType<'a> for LoyaltyTiersConfigured<'a> {
    const NAME: &'static str = "LoyaltyTiersConfigured";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.programme", &self.programme)?;
        for (index, step) in self.tiers.iter().enumerate() {
            not_empty(&format!("data.tiers[{index}].tier"), &step.tier)?;
            percent_within(&format!("data.tiers[{index}].earn_percent"), step.earn_percent)?;
            if self.tiers[..index].iter().any(|other| other.tier == step.tier) {
                return invalid(format!("data.tiers[{index}].tier"), "stands there twice; name tiers apart");
            }
        }
        let sums: Vec<i64> = self.tiers.iter().filter_map(|step| step.from).collect();
        if sums.iter().any(|from| *from < 1) || !sums.is_sorted_by(|a, b| a < b) {
            return Err(Malformed::TiersOverlap { field: "data.tiers" });
        }
        let rolling = self.window == TierWindow::Rolling;
        if rolling != (self.window_days > 0) || self.window_days > 3_660 {
            return invalid("data.window_days".to_owned(), "is 1 to 3660 for a rolling window, and left out otherwise");
        }
        let fixed = self.downgrade_when == DowngradeWhen::FixedDate;
        let date = (1..=12).contains(&self.fixed_month) && (1..=28).contains(&self.fixed_day);
        if fixed != date || (!fixed && (self.fixed_month, self.fixed_day) != (0, 0)) {
            let detail = "is 1 to 12, with a fixed_day of 1 to 28, for a fixed date, and left out otherwise";
            return invalid("data.fixed_month".to_owned(), detail);
        }
        if self.warn_days > 366 {
            return invalid("data.warn_days".to_owned(), "is 366 at most");
        }
        Ok(())
    }
}

fn invalid(field: String, detail: &str) -> Result<(), Malformed> {
    Err(Malformed::InvalidValue { field, detail: detail.to_owned() })
}

/// A tier was given by hand. Until the end of a day the customer does not fall below it, and rises as ever (row B24).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TierAssigned<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Who gets it.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// The tier.
    #[serde(borrow)]
    pub tier: Text<'a>,
    /// Last day of the programme's calendar on which it is kept, however little is earned; without end when absent.
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// Why; must be given.
    #[serde(borrow, default)]
    pub reason: Text<'a>,
    /// Who gave it; must be given.
    #[serde(borrow, default)]
    pub author: Text<'a>,
}

impl<'a> EventType<'a> for TierAssigned<'a> {
    const NAME: &'static str = "TierAssigned";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.programme", &self.programme)?;
        not_empty("data.customer", &self.customer)?;
        not_empty("data.tier", &self.tier)?;
        reason_given(&self.reason, &self.author)
    }
}

/// A customer reached another tier, or fell. Decided here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TierChanged<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Whose account.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// The tier before; absent when there was none.
    #[serde(borrow, default)]
    pub from: Option<Text<'a>>,
    /// The tier now; absent when there is none.
    #[serde(borrow, default)]
    pub to: Option<Text<'a>>,
    /// Why: earned, returned, review, assigned, or shared where another account is used from now on.
    #[serde(borrow)]
    pub reason: Text<'a>,
    /// The sum in the window.
    pub sum: i64,
    /// The tier is kept whatever is earned until this time (exclusive, ms since 1970 UTC); absent when it is not kept.
    #[serde(default)]
    pub kept_until_ms: Option<i64>,
}

impl<'a> EventType<'a> for TierChanged<'a> {
    const NAME: &'static str = "TierChanged";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.programme", &self.programme)?;
        not_empty("data.customer", &self.customer)
    }
}

/// A customer will fall to a lower tier unless more is earned (row B22). Decided here, once for each date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TierDowngradeWarned<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Whose account.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// The tier now.
    #[serde(borrow)]
    pub tier: Text<'a>,
    /// What is missing to keep it, 1 or more: points, or minor units where spending counts.
    pub missing: i64,
    /// When the customer would fall (ms since 1970 UTC).
    pub falls_at_ms: i64,
}

impl<'a> EventType<'a> for TierDowngradeWarned<'a> {
    const NAME: &'static str = "TierDowngradeWarned";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.programme", &self.programme)?;
        not_empty("data.customer", &self.customer)
    }
}
