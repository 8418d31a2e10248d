//! The rules by which vouchers are given, each as it was defined at the time that a sale counts at.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use storefold_events::{
    Event,
    sale::{SaleLine, SaleValidated},
    stored_value::{VoucherOccasion, VoucherRuleDefined},
};

use super::gift::Gift;
use crate::{Aggregate, Denied, Knowledge, Store, calendar::Calendar};

/// All rules, in all their versions, by name and time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Rules(Vec<Rule>);

impl Aggregate for Rules {
    const KIND: u8 = b'R';
}

/// The books have one list of rules.
const RULES: &str = "";

/// A rule from a time on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Rule {
    pub(super) name: String,
    since_ms: i64,
    pub(super) occasion: VoucherOccasion,
    from: NaiveDate,
    until: Option<NaiveDate>,
    stores: Vec<String>,
    families: Vec<String>,
    pub(super) visits_min: u32,
    pub(super) gift: Gift,
}

impl Rules {
    pub(super) fn of<K: Knowledge>(known: &mut K) -> Result<Self, K::Error> {
        Ok(known.get(RULES)?.unwrap_or_default())
    }

    /// The rules that hold for an event, whatever they count.
    pub(super) fn holding<'r>(&'r self, event: &Event<'_>, store: Option<&Store>) -> Vec<&'r Rule> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let day = store.map_or(Calendar::of(None), Store::calendar).day(event.occurred_at_ms);
        let defined = |rule: &&Rule| rule.since_ms <= event.occurred_at_ms;
        let replaced = |rule: &Rule| {
            self.0.iter().filter(defined).any(|later| later.name == rule.name && later.since_ms > rule.since_ms)
        };
        let holds = |rule: &&Rule| {
            let in_store = rule.stores.is_empty() || event.store.as_deref().is_some_and(|id| rule.is_in(id));
            in_store && rule.from <= day && rule.until.is_none_or(|until| day <= until)
        };
        self.0.iter().filter(defined).filter(|rule| !replaced(rule)).filter(holds).collect()
    }
}

impl Rule {
    fn is_in(&self, store: &str) -> bool {
        self.stores.iter().any(|other| other == store)
    }

    /// The lines of a sale that count; instruments that are sold are no turnover.
    pub(super) fn lines<'s>(&self, sale: &'s SaleValidated<'_>) -> impl Iterator<Item = &'s SaleLine<'s>> {
        let counts =
            |line: &&SaleLine<'_>| line.sells.is_none() && crate::points::is_of(&self.families, line.family.as_deref());
        sale.lines.iter().filter(counts)
    }

    /// What of a sale counts, in minor units.
    pub(super) fn base_minor(&self, sale: &SaleValidated<'_>) -> i64 {
        self.lines(sale).map(SaleLine::net_minor).sum()
    }
}

pub(in super::super) fn decide_defined<K: Knowledge>(
    defined: &VoucherRuleDefined<'_>,
    known: &mut K,
) -> Result<(), Denied<K::Error>> {
    gift_of(defined).stands(known)
}

fn gift_of(defined: &VoucherRuleDefined<'_>) -> Gift {
    Gift {
        currency: defined.currency,
        tiers: defined.tiers.clone(),
        instrument_type: defined.instrument_type.as_ref().map(ToString::to_string),
        validity: defined.validity,
        uses: defined.uses.unwrap_or(1),
        told_by: defined.told_by.clone(),
    }
}

pub(in super::super) fn evolve_defined<K: Knowledge>(
    since_ms: i64,
    defined: &VoucherRuleDefined<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    let mut rules = Rules::of(known)?;
    let rule = Rule {
        name: defined.rule.to_string(),
        since_ms,
        occasion: defined.occasion,
        from: defined.from,
        until: defined.until,
        stores: defined.stores.iter().map(ToString::to_string).collect(),
        families: defined.families.iter().map(ToString::to_string).collect(),
        visits_min: defined.visits_min.unwrap_or(0),
        gift: gift_of(defined),
    };
    let at = rules.0.binary_search_by(|other| (&*other.name, other.since_ms).cmp(&(&*rule.name, rule.since_ms)));
    match at {
        Ok(at) => rules.0[at] = rule,
        Err(at) => rules.0.insert(at, rule),
    }
    known.put(RULES, &rules)
}
