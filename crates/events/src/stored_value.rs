//! Money that customers hold with the retailer.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Currency, EventType, Malformed, Scope, Text,
    event_type::{known_currency, not_empty},
};

/// A prepaid card was given out (row 2.64).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GiftCardIssued<'a> {
    /// Code of the card, unique in the network.
    #[serde(borrow)]
    pub card: Text<'a>,
    /// Its value, 1 minor unit or more.
    pub amount_minor: i64,
    /// Its currency, locked.
    pub currency: Currency,
    /// The holder; a bearer card has none.
    #[serde(borrow, default)]
    pub customer: Option<Text<'a>>,
    /// The sale it was bought in.
    #[serde(borrow, default)]
    pub sale: Option<Text<'a>>,
    /// Last store day on which it pays.
    #[serde(default)]
    pub expires_on: Option<NaiveDate>,
}

impl<'a> EventType<'a> for GiftCardIssued<'a> {
    const NAME: &'static str = "GiftCardIssued";
    const SCOPE: Scope = Scope::Store;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.card", &self.card)?;
        known_currency("data.currency", self.currency)?;
        if self.amount_minor > 0 {
            return Ok(());
        }
        Err(Malformed::AmountOutOfRange {
            field: "data.amount_minor".to_owned(),
            amount_minor: self.amount_minor,
            limit_minor: i64::MAX,
        })
    }
}
