//! What goods cost: final prices, and rules that take something off (rows 2.48 to 2.51).

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Currency, EventType, Malformed, Scope, Text,
    event_type::{LINES_MAX, amount_within, known_currency, not_empty},
};

/// Something is taken off prices by a rule. Defined again under its name, it is replaced from `occurred_at` on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceRuleDefined<'a> {
    /// Its name, unique in the network.
    #[serde(borrow)]
    pub rule: Text<'a>,
    /// What is taken off in hundredths of a percent: 3,000 is 30 %; 1 to 10,000.
    pub rate_e4: u32,
    /// Of so many units the cheapest is reduced: 2 is the second, 3 the third (row 2.49); every unit when absent.
    #[serde(default)]
    pub nth: Option<u32>,
    /// First day of the store on which it holds.
    pub from: NaiveDate,
    /// Last day (inclusive); without end when absent.
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// Stores in which it holds; all when empty.
    #[serde(borrow, default)]
    pub stores: Vec<Text<'a>>,
    /// Goods of these families only; all when empty.
    #[serde(borrow, default)]
    pub families: Vec<Text<'a>>,
}

impl<'a> EventType<'a> for PriceRuleDefined<'a> {
    const NAME: &'static str = "PriceRuleDefined";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.rule", &self.rule)?;
        if !(1..=10_000).contains(&self.rate_e4) {
            return invalid("data.rate_e4", "is not 1 to 10000, where 3000 is 30 %");
        }
        if self.nth.is_some_and(|nth| !(2..=100).contains(&nth)) {
            return invalid("data.nth", "is not 2 to 100; leave it out to reduce every unit");
        }
        if self.until.is_some_and(|until| until < self.from) {
            return invalid("data.until", "is before `from`; send a later day");
        }
        Ok(())
    }
}

/// Prices were set; each holds until another is set for its article, or its last day is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceSet<'a> {
    /// Currency of all prices.
    pub currency: Currency,
    /// First day of the store on which they hold.
    pub from: NaiveDate,
    /// Last day (inclusive); without end when absent.
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// Stores in which they hold; all when empty.
    #[serde(borrow, default)]
    pub stores: Vec<Text<'a>>,
    /// Articles and their prices, 1 to 1,000.
    #[serde(borrow)]
    pub prices: Vec<ArticlePrice<'a>>,
}

/// What one article costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArticlePrice<'a> {
    /// Article.
    #[serde(borrow)]
    pub sku: Text<'a>,
    /// Selling price of a unit, tax included, in minor units.
    pub price_minor: i64,
    /// Purchase price of a unit, in minor units.
    #[serde(default)]
    pub purchase_minor: Option<i64>,
}

impl<'a> EventType<'a> for PriceSet<'a> {
    const NAME: &'static str = "PriceSet";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        known_currency("data.currency", self.currency)?;
        if !(1..=LINES_MAX).contains(&self.prices.len()) {
            return invalid("data.prices", "has no article, or more than 1000; send 1 to 1000 in an event");
        }
        for (index, price) in self.prices.iter().enumerate() {
            not_empty(&format!("data.prices[{index}].sku"), &price.sku)?;
            for (name, amount) in
                [("price_minor", price.price_minor), ("purchase_minor", price.purchase_minor.unwrap_or(0))]
            {
                amount_within(amount, i64::MAX, || format!("data.prices[{index}].{name}"))?;
            }
        }
        if self.until.is_some_and(|until| until < self.from) {
            return invalid("data.until", "is before `from`; send a later day");
        }
        Ok(())
    }
}

fn invalid(field: &str, detail: &str) -> Result<(), Malformed> {
    Err(Malformed::InvalidValue { field: field.to_owned(), detail: detail.to_owned() })
}
