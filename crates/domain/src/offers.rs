//! Rates and promotions beside a programme's own rate, and which of them a sale is valued by (row B12).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use storefold_events::{
    Event, Position, Text,
    loyalty::{EarningRuleConfigured, LoyaltyPromotionConfigured},
    sale::SaleValidated,
};

use crate::Rule;

/// Which sales an offer is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Scope {
    from: NaiveDate,
    until: Option<NaiveDate>,
    channels: Vec<String>,
    stores: Vec<String>,
}

/// What stands beside the programme's own rate under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Offer<T> {
    programme: String,
    pub(crate) name: String,
    /// Where it stands in the log.
    pub(crate) position: Position,
    /// Replaces what had its name from this time on (inclusive), in ms since 1970 UTC.
    from_ms: i64,
    scope: Scope,
    pub(crate) gives: T,
}

/// A further rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rate {
    pub(crate) minor_per_point: i64,
    /// Only these families earn by it; all when empty.
    pub(crate) families: Vec<String>,
}

/// What a promotion multiplies points by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Percent(pub(crate) u32);

/// Offers of all programmes: by programme, name and time; the later recorded of the same time stands last and holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Offers<T>(Vec<Offer<T>>);

impl<T> Default for Offers<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

fn all(texts: &[Text<'_>]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

impl Scope {
    /// Whether a sale of a day, channel and store is meant. Days, the last included, are the programme's.
    fn covers(&self, day: NaiveDate, channel: &str, store: Option<&str>) -> bool {
        let one_of = |names: &[String], name: Option<&str>| {
            names.is_empty() || name.is_some_and(|name| names.iter().any(|other| other == name))
        };
        self.from <= day
            && self.until.is_none_or(|until| day <= until)
            && one_of(&self.channels, Some(channel))
            && one_of(&self.stores, store)
    }
}

impl<T> Offers<T> {
    fn take(&mut self, offer: Offer<T>) {
        let at = self.0.partition_point(|other| {
            (&other.programme, &other.name, other.from_ms) <= (&offer.programme, &offer.name, offer.from_ms)
        });
        self.0.insert(at, offer);
    }

    /// What stands under each name of a programme at a time.
    fn in_force<'p>(&'p self, programme: &'p str, at_ms: i64) -> impl Iterator<Item = &'p Offer<T>> {
        self.0
            .chunk_by(|a, b| (&a.programme, &a.name) == (&b.programme, &b.name))
            .filter(move |versions| versions[0].programme == programme)
            .filter_map(move |versions| versions.iter().rev().find(|offer| offer.from_ms <= at_ms))
    }

    /// What of it a sale may be valued by.
    pub(crate) fn of_sale<'p>(
        &'p self,
        rule: &'p Rule,
        event: &'p Event<'_>,
        sale: &'p SaleValidated<'_>,
    ) -> impl Iterator<Item = &'p Offer<T>> {
        let mut day = None;
        self.in_force(&rule.programme, event.occurred_at_ms).filter(move |offer| {
            let day = *day.get_or_insert_with(|| rule.calendar().day(event.occurred_at_ms));
            offer.scope.covers(day, &sale.channel, event.store.as_deref())
        })
    }

    /// What stood under a name at a time.
    pub(crate) fn named<'p>(&'p self, programme: &'p str, name: &str, at_ms: i64) -> Option<&'p Offer<T>> {
        self.in_force(programme, at_ms).find(|offer| offer.name == name)
    }
}

impl Offers<Rate> {
    /// Takes a configured rate in.
    pub(crate) fn configured(&mut self, position: Position, from_ms: i64, event: &EarningRuleConfigured<'_>) {
        let (channels, stores) = (all(&event.channels), all(&event.stores));
        self.take(Offer {
            programme: event.programme.to_string(),
            name: event.rule.to_string(),
            position,
            from_ms,
            scope: Scope { from: event.from, until: event.until, channels, stores },
            gives: Rate { minor_per_point: event.minor_per_point, families: all(&event.families) },
        });
    }
}

impl Offers<Percent> {
    /// Takes a configured promotion in.
    pub(crate) fn configured(&mut self, position: Position, from_ms: i64, event: &LoyaltyPromotionConfigured<'_>) {
        let (channels, stores) = (all(&event.channels), all(&event.stores));
        self.take(Offer {
            programme: event.programme.to_string(),
            name: event.promotion.to_string(),
            position,
            from_ms,
            scope: Scope { from: event.from, until: Some(event.until), channels, stores },
            gives: Percent(event.percent),
        });
    }
}
