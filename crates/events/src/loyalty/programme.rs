//! The rule by which a programme values sales.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Terms;
use crate::{
    Currency, EventType, Malformed, Scope, Text,
    event_type::{known_currency, not_empty, rate_positive},
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
    /// What has to be spent for a point (row 2.25), 1 minor unit or more.
    pub minor_per_point: i64,
    /// What happens to the rest.
    pub rounding: Rounding,
    /// Whether lines with a discount earn (row 2.26).
    pub earn_on_discounted: bool,
    /// Everything beyond the rate. Absent: points never expire, are active at once, and every store takes part.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Box<Terms<'a>>>,
}

impl<'a> EventType<'a> for LoyaltyProgramConfigured<'a> {
    const NAME: &'static str = "LoyaltyProgramConfigured";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.programme", &self.programme)?;
        known_currency("data.currency", self.currency)?;
        rate_positive("data.minor_per_point", self.minor_per_point)?;
        self.terms.as_ref().map_or(Ok(()), |terms| terms.check())
    }
}
