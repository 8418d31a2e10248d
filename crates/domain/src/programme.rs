//! Loyalty programmes and the rule in force at a time (rows 2.25, 2.26, 2.33).

use serde::{Deserialize, Serialize};
use storefold_events::{
    Currency, Text,
    loyalty::{LoyaltyProgramConfigured, Rounding},
};

use crate::Aggregate;

/// How a programme values sales from a time on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The programme.
    pub programme: String,
    /// In force from this time on (inclusive), in ms since 1970 UTC.
    pub from_ms: i64,
    /// Sales in this currency earn.
    pub currency: Currency,
    /// What has to be spent for a point, 1 or more.
    pub minor_per_point: i64,
    /// What happens to the rest.
    pub rounding: Rounding,
    /// Whether lines with a discount earn.
    pub earn_on_discounted: bool,
}

/// All rules of all programmes, kept together: there are few, and every sale asks them all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Programmes {
    /// By programme, then by time; of two rules from the same time the later recorded one stands last and holds.
    rules: Vec<Rule>,
}

impl Aggregate for Programmes {
    const KIND: u8 = b'l';
}

/// Programmes are kept under the empty identifier.
pub(crate) const PROGRAMMES: &str = "";

impl Programmes {
    /// Whether the programme has any rule.
    pub fn has(&self, programme: &str) -> bool {
        self.rules.iter().any(|rule| rule.programme == programme)
    }

    /// The rule of each programme that is in force at a time and values sales in a currency.
    pub fn in_force(&self, at_ms: i64, currency: Currency) -> impl Iterator<Item = &Rule> {
        self.rules
            .chunk_by(|a, b| a.programme == b.programme)
            .filter_map(move |rules| rules.iter().rev().find(|rule| rule.from_ms <= at_ms))
            .filter(move |rule| rule.currency == currency)
    }

    /// Takes a configured rule in.
    pub(crate) fn configured(&mut self, from_ms: i64, event: &LoyaltyProgramConfigured<'_>) {
        let rule = Rule {
            programme: Text::as_str(&event.programme).to_owned(),
            from_ms,
            currency: event.currency,
            minor_per_point: event.minor_per_point,
            rounding: event.rounding,
            earn_on_discounted: event.earn_on_discounted,
        };
        let at =
            self.rules.partition_point(|other| (&other.programme, other.from_ms) <= (&rule.programme, rule.from_ms));
        self.rules.insert(at, rule);
    }
}
