//! Prices and rules, each as it was set at the time that a basket counts at.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use storefold_events::{
    Currency,
    price::{PriceRuleDefined, PriceSet},
};

use crate::{Aggregate, Knowledge};

/// When and where something holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Scope {
    since_ms: i64,
    from: NaiveDate,
    until: Option<NaiveDate>,
    stores: Vec<String>,
}

impl Scope {
    /// Whether it was set by an instant.
    pub(super) fn is_set(&self, at_ms: i64) -> bool {
        self.since_ms <= at_ms
    }

    pub(super) fn holds(&self, day: NaiveDate, store: &str) -> bool {
        let in_store = self.stores.is_empty() || self.stores.iter().any(|other| other == store);
        in_store && self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

/// All rules, in all their versions, by name and time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PriceRules(pub(super) Vec<PriceRule>);

impl Aggregate for PriceRules {
    const KIND: u8 = b'D';
}

/// The books have one list of rules.
const RULES: &str = "";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PriceRule {
    pub(super) name: String,
    pub(super) scope: Scope,
    pub(super) rate_e4: u32,
    pub(super) nth: Option<u32>,
    pub(super) families: Vec<String>,
}

impl PriceRules {
    pub(super) fn of<K: Knowledge>(known: &mut K) -> Result<Self, K::Error> {
        Ok(known.get(RULES)?.unwrap_or_default())
    }

    /// The rules that hold on a day in a store, each in the version of an instant.
    pub(super) fn holding(&self, at_ms: i64, day: NaiveDate, store: &str) -> Vec<&PriceRule> {
        let set = |rule: &&PriceRule| rule.scope.is_set(at_ms);
        let replaced = |rule: &PriceRule| {
            let later = |other: &&PriceRule| other.name == rule.name && other.scope.since_ms > rule.scope.since_ms;
            self.0.iter().filter(set).any(|other| later(&other))
        };
        self.0.iter().filter(set).filter(|rule| !replaced(rule) && rule.scope.holds(day, store)).collect()
    }
}

/// All prices that an article ever had, by the time they were set at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Prices(Vec<Price>);

impl Aggregate for Prices {
    const KIND: u8 = b'E';
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Price {
    scope: Scope,
    currency: Currency,
    unit_minor: i64,
}

impl Prices {
    /// The price that was set last of those that hold.
    pub(super) fn unit_minor(&self, currency: Currency, at_ms: i64, day: NaiveDate, store: &str) -> Option<i64> {
        let holds =
            |price: &&Price| price.currency == currency && price.scope.is_set(at_ms) && price.scope.holds(day, store);
        self.0.iter().rev().find(holds).map(|price| price.unit_minor)
    }
}

pub(crate) fn evolve_rule<K: Knowledge>(
    since_ms: i64,
    defined: &PriceRuleDefined<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    let mut rules = PriceRules::of(known)?;
    let stores = defined.stores.iter().map(ToString::to_string).collect();
    let rule = PriceRule {
        name: defined.rule.to_string(),
        scope: Scope { since_ms, from: defined.from, until: defined.until, stores },
        rate_e4: defined.rate_e4,
        nth: defined.nth,
        families: defined.families.iter().map(ToString::to_string).collect(),
    };
    let place = |of: &PriceRule| (of.name.clone(), of.scope.since_ms);
    match rules.0.binary_search_by(|other| place(other).cmp(&place(&rule))) {
        Ok(at) => rules.0[at] = rule,
        Err(at) => rules.0.insert(at, rule),
    }
    known.put(RULES, &rules)
}

pub(crate) fn evolve_set<K: Knowledge>(since_ms: i64, set: &PriceSet<'_>, known: &mut K) -> Result<(), K::Error> {
    let stores: Vec<_> = set.stores.iter().map(ToString::to_string).collect();
    for article in &set.prices {
        let mut prices: Prices = known.get(&article.sku)?.unwrap_or_default();
        let scope = Scope { since_ms, from: set.from, until: set.until, stores: stores.clone() };
        let at = prices.0.partition_point(|other| other.scope.since_ms <= since_ms);
        prices.0.insert(at, Price { scope, currency: set.currency, unit_minor: article.price_minor });
        known.put(&article.sku, &prices)?;
    }
    Ok(())
}
