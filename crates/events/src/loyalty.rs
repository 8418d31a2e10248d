//! Points and the rules they are earned by (FEATURES A2.3).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Currency, EventType, Malformed, Scope, Text,
    event_type::{known_currency, not_empty},
};

/// What happens to the part of an amount that does not reach a point (decision 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// It is lost: each sale is floored by itself.
    FloorPerSale,
    /// It is kept for the customer's next sale.
    CarryRemainder,
}

/// The rule of a programme from `occurred_at` on. Sales are valued by the rule in force at their own time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoyaltyProgramConfigured<'a> {
    /// Name of the programme; it belongs to the brand, not to a store (row 2.33).
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Sales in this currency earn.
    pub currency: Currency,
    /// What has to be spent for a point (row 2.25).
    pub minor_per_point: i64,
    /// What happens to the rest.
    pub rounding: Rounding,
    /// Whether lines with a discount earn (row 2.26).
    pub earn_on_discounted: bool,
}

impl<'a> EventType<'a> for LoyaltyProgramConfigured<'a> {
    const NAME: &'static str = "LoyaltyProgramConfigured";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.programme", &self.programme)?;
        known_currency("data.currency", self.currency)?;
        if self.minor_per_point > 0 {
            return Ok(());
        }
        Err(Malformed::InvalidValue {
            field: "data.minor_per_point".to_owned(),
            detail: format!("is {}; a point costs 1 minor unit or more", self.minor_per_point),
        })
    }
}

/// A customer earned points. Decided here when it has a sale; otherwise sent, as for points brought from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointsEarned<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Whose points.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// 1 or more.
    pub points: i64,
    /// What they are for, as sale or migration.
    #[serde(borrow)]
    pub reason: Text<'a>,
    /// The sale that earned them.
    #[serde(borrow, default)]
    pub sale: Option<Text<'a>>,
    /// The part of the sale that earns, in minor units.
    #[serde(default)]
    pub base_minor: Option<i64>,
    /// The rule's price of a point.
    #[serde(default)]
    pub minor_per_point: Option<i64>,
}

impl<'a> EventType<'a> for PointsEarned<'a> {
    const NAME: &'static str = "PointsEarned";
    const SCOPE: Scope = Scope::Network;
    const DECIDED: bool = true;

    fn check(&self) -> Result<(), Malformed> {
        movement(&self.programme, &self.customer, &self.reason, self.points)
    }
}

/// Points were taken back. Decided here when it has a sale; otherwise sent, as for a correction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointsReversed<'a> {
    /// The programme.
    #[serde(borrow)]
    pub programme: Text<'a>,
    /// Whose points.
    #[serde(borrow)]
    pub customer: Text<'a>,
    /// 1 or more.
    pub points: i64,
    /// What for, as return, void or correction.
    #[serde(borrow)]
    pub reason: Text<'a>,
    /// The sale that had earned them.
    #[serde(borrow, default)]
    pub sale: Option<Text<'a>>,
    /// The return that took them back.
    #[serde(borrow, default, rename = "return")]
    pub return_id: Option<Text<'a>>,
}

impl<'a> EventType<'a> for PointsReversed<'a> {
    const NAME: &'static str = "PointsReversed";
    const SCOPE: Scope = Scope::Network;
    const DECIDED: bool = true;

    fn check(&self) -> Result<(), Malformed> {
        movement(&self.programme, &self.customer, &self.reason, self.points)
    }
}

fn movement(programme: &str, customer: &str, reason: &str, points: i64) -> Result<(), Malformed> {
    not_empty("data.programme", programme)?;
    not_empty("data.customer", customer)?;
    not_empty("data.reason", reason)?;
    if points > 0 {
        return Ok(());
    }
    Err(Malformed::InvalidValue { field: "data.points".to_owned(), detail: format!("is {points}; send 1 or more") })
}
