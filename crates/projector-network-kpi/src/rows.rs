//! What is kept: settings, what was measured on days, what came late, and the events behind it.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use storefold_events::{Currency, Position, store::Area};
use storefold_projection::{DayRange, Poison, RowKey, StoreDays};

use crate::{
    buyers::Buyers,
    customer::CustomerRow,
    decided::{KpiRow, PlanRow, TargetRow},
    evidence::Evidence,
    measures::{Effect, Measures},
    place::OpenDay,
};

/// A row; its key begins with the byte of its kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Row {
    /// Nothing is kept.
    #[default]
    #[serde(rename = "-")]
    None,
    /// Under [`Row::store_key`].
    #[serde(rename = "s")]
    Store(Box<StoreRow>),
    /// Under [`Row::known_key`]: from the first to the last day on which anything was measured.
    #[serde(rename = "k")]
    Known(DayRange),
    /// Under the keys of days and months.
    #[serde(rename = "d")]
    Measured(Box<Measures>),
    /// Under the keys of buyers.
    #[serde(rename = "b")]
    Buyers(Box<Buyers>),
    /// Under [`Row::late_key`] and [`Row::adjusted_key`].
    #[serde(rename = "l")]
    Late(Box<LateRow>),
    /// Under [`Row::evidence_key`].
    #[serde(rename = "e")]
    Evidence(Evidence),
    /// Under [`Row::sources_key`]: how often what customers are not satisfied with was named.
    #[serde(rename = "u")]
    Sources(BTreeMap<String, i64>),
    /// Under [`Row::customer_key`].
    #[serde(rename = "c")]
    Customer(Box<CustomerRow>),
    /// Under [`Row::closings_key`].
    #[serde(rename = "m")]
    Closings(Vec<Closing>),
    /// Under [`Row::kpi_key`].
    #[serde(rename = "f")]
    Kpi(Box<KpiRow>),
    /// Under [`Row::targets_key`].
    #[serde(rename = "t")]
    Target(Box<TargetRow>),
    /// Under [`Row::plan_key`].
    #[serde(rename = "p")]
    Plan(Box<PlanRow>),
}

/// A store as it was last configured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoreRow {
    pub name: String,
    pub days: StoreDays,
    /// The days that events are recorded on; a memo apart, since they are near today while events may be of any day.
    pub recorded: StoreDays,
    pub organisation: Option<String>,
    pub currency: Currency,
    /// By their first days.
    pub areas: Vec<Area>,
    /// The day last measured on.
    #[serde(skip)]
    pub open: Option<Box<OpenDay>>,
    /// Another before it: what comes late and what is of today take turns.
    #[serde(skip)]
    pub beside: Option<Box<OpenDay>>,
}

/// What came after it could have been read: on a later day than the one it counts on, or after the month was closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LateRow {
    pub measures: Measures,
    pub events: u64,
    /// The first of the events, at most [`SHOWN_MAX`].
    pub first: Vec<Position>,
}

/// As many late events are named one by one.
pub const SHOWN_MAX: usize = 100;

/// A month that is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// First day of the month.
    pub month: NaiveDate,
    /// For the stores of this organisation; for all when absent.
    pub organisation: Option<String>,
    /// Figures stay as they are at this position.
    pub position: Position,
}

impl Row {
    pub fn store_key(store: &str) -> RowKey {
        Self::stores_key().text(store)
    }

    pub fn stores_key() -> RowKey {
        RowKey::of(b's')
    }

    pub fn known_key(store: &str) -> RowKey {
        RowKey::of(b'k').text(store)
    }

    /// What the keys of a store's days begin with.
    pub fn days_key(store: &str) -> RowKey {
        RowKey::of(b'd').text(store)
    }

    pub fn months_key(store: &str) -> RowKey {
        RowKey::of(b'm').text(store)
    }

    /// What the keys of a group's days begin with: the stores of an organisation (the whole network when empty) that sell
    /// in a currency.
    pub fn group_days_key(organisation: &str, currency: Option<Currency>) -> RowKey {
        RowKey::of(b'g').text(organisation).text(currency.map_or(String::new(), |of| of.to_string()).as_str())
    }

    pub fn store_buyers_key(store: &str) -> RowKey {
        RowKey::of(b'b').text(store)
    }

    pub fn group_buyers_key(organisation: &str, currency: Option<Currency>) -> RowKey {
        RowKey::of(b'h').text(organisation).text(currency.map_or(String::new(), |of| of.to_string()).as_str())
    }

    pub fn group_month_buyers_key(organisation: &str, currency: Option<Currency>) -> RowKey {
        RowKey::of(b'i').text(organisation).text(currency.map_or(String::new(), |of| of.to_string()).as_str())
    }

    /// What the keys of a store's late events begin with; the day they were recorded on follows, then the day they are of.
    pub fn late_key(store: &str) -> RowKey {
        RowKey::of(b'l').text(store)
    }

    pub fn adjusted_key(store: &str, month: NaiveDate) -> RowKey {
        RowKey::of(b'a').text(store).day(month)
    }

    pub fn evidence_key(store: &str, day: NaiveDate) -> RowKey {
        RowKey::of(b'e').text(store).day(day)
    }

    pub fn sources_key(store: &str) -> RowKey {
        RowKey::of(b'u').text(store)
    }

    pub fn customer_key(customer: &str) -> RowKey {
        RowKey::of(b'c').text(customer)
    }

    pub fn closings_key() -> RowKey {
        RowKey::of(b'z')
    }

    pub fn kpi_key(kpi: &str) -> RowKey {
        Self::kpis_key().text(kpi)
    }

    pub fn kpis_key() -> RowKey {
        RowKey::of(b'f')
    }

    /// What the keys of all targets begin with; the KPI, the place and the days follow.
    pub fn targets_key() -> RowKey {
        RowKey::of(b't')
    }

    pub fn plan_key(plan: &str) -> RowKey {
        Self::plans_key().text(plan)
    }

    pub fn plans_key() -> RowKey {
        RowKey::of(b'p')
    }

    /// What was measured, begun when there is nothing.
    pub fn measured(&mut self) -> Result<&mut Measures, Poison> {
        if matches!(self, Self::None) {
            *self = Self::Measured(Box::default());
        }
        match self {
            Self::Measured(measures) => Ok(measures),
            _ => Err(other_kind()),
        }
    }

    /// The buyers, begun when there are none.
    pub fn buyers(&mut self) -> Result<&mut Buyers, Poison> {
        if matches!(self, Self::None) {
            *self = Self::Buyers(Box::default());
        }
        match self {
            Self::Buyers(buyers) => Ok(buyers),
            _ => Err(other_kind()),
        }
    }

    /// The events behind a day, begun when there are none.
    pub fn evidence(&mut self) -> Result<&mut Evidence, Poison> {
        if matches!(self, Self::None) {
            *self = Self::Evidence(Evidence::default());
        }
        match self {
            Self::Evidence(evidence) => Ok(evidence),
            _ => Err(other_kind()),
        }
    }

    /// What came late, begun when nothing did.
    pub fn late(&mut self) -> Result<&mut LateRow, Poison> {
        if matches!(self, Self::None) {
            *self = Self::Late(Box::default());
        }
        match self {
            Self::Late(late) => Ok(late),
            _ => Err(other_kind()),
        }
    }

    /// Makes one row of two that parts have.
    pub fn merge(&mut self, other: Self) -> Result<(), Poison> {
        match (&mut *self, other) {
            // A store is what every part has of its own, from the same events.
            (_, Self::None) | (Self::Store(_), Self::Store(_)) => {}
            (Self::None, other) => *self = other,
            (Self::Measured(ours), Self::Measured(theirs)) => ours.add(&theirs),
            (Self::Buyers(ours), Self::Buyers(theirs)) => ours.merge(&theirs),
            (Self::Known(ours), Self::Known(theirs)) => {
                *ours = DayRange { first: ours.first.min(theirs.first), last: ours.last.max(theirs.last) };
            }
            (Self::Late(ours), Self::Late(theirs)) => ours.merge(&theirs),
            (Self::Evidence(ours), Self::Evidence(theirs)) => ours.merge(&theirs),
            (Self::Sources(ours), Self::Sources(theirs)) => {
                for (source, times) in theirs {
                    *ours.entry(source).or_default() += times;
                }
            }
            (ours, theirs) if *ours == theirs => {}
            _ => return Err(Poison("two parts hold the same row".to_owned())),
        }
        Ok(())
    }
}

fn other_kind() -> Poison {
    Poison("a row stands under the key of another kind".to_owned())
}

impl LateRow {
    pub fn add(&mut self, position: Position, effect: &Effect) {
        self.measures.count_all(effect);
        self.events += 1;
        if self.first.len() < SHOWN_MAX || self.first.last().is_some_and(|last| position < *last) {
            let later = self.first.iter().rev().take_while(|known| **known > position).count();
            self.first.insert(self.first.len() - later, position);
            self.first.truncate(SHOWN_MAX);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.measures.add(&other.measures);
        self.events += other.events;
        self.first.extend_from_slice(&other.first);
        self.first.sort_unstable();
        self.first.truncate(SHOWN_MAX);
    }
}

impl StoreRow {
    /// The selling area on a day, when it is known.
    pub fn area_m2(&self, day: NaiveDate) -> Option<u32> {
        self.areas.iter().take_while(|area| area.from <= day).last().map(|area| area.m2)
    }

    /// The organisations it belongs to, from the network (empty) down to its own.
    pub fn organisations(&self) -> impl Iterator<Item = &str> {
        let own = self.organisation.as_deref().unwrap_or_default();
        let above = own.match_indices('/').map(|(end, _)| &own[..end]);
        std::iter::once("").chain(above).chain((!own.is_empty()).then_some(own))
    }
}

/// The first day of the month of a day.
pub fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use storefold_events::kpi::Measure;

    use super::{LateRow, SHOWN_MAX};
    use crate::measures::Effect;

    #[test]
    fn the_first_of_late_events_are_named_however_they_come() {
        let effect = Effect::of([(Measure::Units, 1)]);
        let (mut in_order, mut mixed) = (LateRow::default(), LateRow::default());
        (0..331).for_each(|at| in_order.add(at, &effect));
        (0..331).for_each(|at| mixed.add(at * 17 % 331, &effect));
        assert_eq!(in_order, mixed);
        assert!(mixed.first.iter().copied().eq(0..SHOWN_MAX as u64));
        assert_eq!((mixed.events, mixed.measures.get(Measure::Units)), (331, 331));
    }
}
