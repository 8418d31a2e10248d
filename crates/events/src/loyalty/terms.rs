//! What a programme agrees with its customers beyond the rate.

use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Malformed, Text, event_type::not_empty};

/// The longest time that terms speak of: 50 years.
const DAYS_MAX: u32 = 18_263;

/// Terms of a programme. What is absent holds as its description says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Terms<'a> {
    /// What is counted, as points or stamps; points when absent (row B16).
    #[serde(borrow, default)]
    pub unit: Option<Text<'a>>,
    /// IANA zone in which the programme's days, months and years end; UTC when absent (row B23).
    #[serde(borrow, default)]
    pub zone: Option<Text<'a>>,
    /// The brand: only stores whose organisation is this one or below it take part; all stores when absent (row 2.33).
    #[serde(borrow, default)]
    pub brand: Option<Text<'a>>,
    /// When points expire; never when absent (rows 2.32, B3).
    #[serde(default)]
    pub expiry: Option<Expiry>,
    /// Points of a sale become active when this many days of the programme's calendar have ended after its own; at
    /// once when 0 (row B5).
    #[serde(default)]
    pub pending_days: u32,
    /// What happens when points that were spent are taken back (row B9).
    #[serde(default)]
    pub negative: NegativePolicy,
    /// Which expiry points have that are given back (row B8).
    #[serde(default)]
    pub refund_expiry: RefundExpiry,
    /// Points that expired at most this many days ago may be reinstated (row B4).
    #[serde(default)]
    pub reinstate_days: u32,
    /// Which part of a sale earns (row B13).
    #[serde(borrow, default)]
    pub base: EarnBase<'a>,
    /// How much may be earned and shared (rows B14, B15).
    #[serde(default)]
    pub limits: Limits,
    /// Points for opening a customer file; none when 0.
    #[serde(default)]
    pub welcome_points: i64,
    /// Interactions that earn (row 3.13).
    #[serde(borrow, default)]
    pub rewards: Vec<Reward<'a>>,
}

/// When points expire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expiry {
    /// How the time is counted.
    pub policy: ExpiryPolicy,
    /// Days for `days` and `inactivity`; for the others how many whole periods follow the current one.
    #[serde(default)]
    pub count: u32,
}

/// How the life of points is counted, in the programme's calendar. Points live to the end of the last day (row B3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExpiryPolicy {
    /// They do not expire.
    Never,
    /// To the end of the day that is `count` days after they were earned.
    Days,
    /// To the end of the week (Sunday), `count` weeks after the current.
    EndOfWeek,
    /// To the end of the month, `count` months after the current.
    EndOfMonth,
    /// To the end of the year, `count` years after the current.
    EndOfYear,
    /// All points of an account, to the end of the day that is `count` days after it last earned or spent.
    Inactivity,
}

/// What happens when more is taken back than the account holds (row B9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NegativePolicy {
    /// A return takes what is there and forgives the rest; an adjustment is refused.
    Forbid,
    /// Returns and adjustments make the balance negative.
    Allow,
    /// Returns make the balance negative; an adjustment is refused.
    #[default]
    AllowForReturns,
}

/// Which expiry points have that are given back (row B8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefundExpiry {
    /// That of the lot they were spent from, even when it has passed.
    #[default]
    Original,
    /// As points that are earned when they are given back.
    Fresh,
}

/// Which part of a sale earns (row B13).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EarnBase<'a> {
    /// Whether the tax earns.
    #[serde(default)]
    pub tax: TaxBase,
    /// Lines of these families do not earn, as shipping or `gift_card`.
    #[serde(borrow, default)]
    pub families_excluded: Vec<Text<'a>>,
    /// What is paid by these tenders does not earn, as `gift_card` or points.
    #[serde(borrow, default)]
    pub tenders_excluded: Vec<Text<'a>>,
}

/// Whether the tax in an amount earns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaxBase {
    /// Amounts earn with their tax.
    #[default]
    Included,
    /// Amounts earn without their tax.
    Excluded,
}

/// Bounds of earning and sharing; no bound where absent (rows B14, B15).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The most points of one sale (inclusive).
    #[serde(default)]
    pub points_per_sale_max: Option<i64>,
    /// The most points that an account earns by sales on one day of the programme's calendar (inclusive).
    #[serde(default)]
    pub points_per_day_max: Option<i64>,
    /// How many customers may share an account, its holder included; 1 when absent.
    #[serde(default)]
    pub members_per_account_max: Option<u32>,
}

/// An interaction that earns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reward<'a> {
    /// Kind of interaction, as review, survey or profile.
    #[serde(borrow)]
    pub kind: Text<'a>,
    /// Points for each, 1 or more.
    pub points: i64,
    /// How often a customer may earn by it; without bound when absent.
    #[serde(default)]
    pub times_max: Option<u32>,
}

impl Terms<'_> {
    /// Everything that can be wrong with terms taken by themselves.
    pub(super) fn check(&self) -> Result<(), Malformed> {
        if let Some(zone) = &self.zone
            && zone.parse::<Tz>().is_err()
        {
            return Err(Malformed::UnknownZone { zone: zone.to_string() });
        }
        for (field, text) in [("unit", &self.unit), ("brand", &self.brand)] {
            text.as_ref().map_or(Ok(()), |text| not_empty(&format!("data.terms.{field}"), text))?;
        }
        days_within("data.terms.expiry.count", self.expiry.map_or(0, |expiry| expiry.count))?;
        days_within("data.terms.pending_days", self.pending_days)?;
        days_within("data.terms.reinstate_days", self.reinstate_days)?;
        points_within("data.terms.welcome_points", self.welcome_points, 0)?;
        let limits = [("sale", self.limits.points_per_sale_max), ("day", self.limits.points_per_day_max)];
        for (name, limit) in limits {
            points_within(&format!("data.terms.limits.points_per_{name}_max"), limit.unwrap_or(0), 0)?;
        }
        for (index, reward) in self.rewards.iter().enumerate() {
            not_empty(&format!("data.terms.rewards[{index}].kind"), &reward.kind)?;
            points_within(&format!("data.terms.rewards[{index}].points"), reward.points, 1)?;
        }
        Ok(())
    }
}

fn days_within(field: &str, count: u32) -> Result<(), Malformed> {
    if count <= DAYS_MAX {
        return Ok(());
    }
    let detail = format!("is {count}; send at most {DAYS_MAX}");
    Err(Malformed::InvalidValue { field: field.to_owned(), detail })
}

/// Refuses points below a limit.
pub(super) fn points_within(field: &str, points: i64, points_min: i64) -> Result<(), Malformed> {
    if points >= points_min {
        return Ok(());
    }
    let detail = format!("is {points}; send {points_min} or more");
    Err(Malformed::InvalidValue { field: field.to_owned(), detail })
}
