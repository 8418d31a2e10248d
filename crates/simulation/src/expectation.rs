//! What the read models must come to, counted while the events are made, by plain addition.
//!
//! It knows the plan behind the events (which day a scan belongs to, what a sale was worth), so it needs neither a
//! calendar nor a memory of sales: another way to the same figures than the read models'.

use std::ops::AddAssign;

use chrono::{Days, NaiveDate};

use crate::{Country, people, profile::StoreProfile, programme::Programme};

/// The figures of one store on one store day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExpectedDay {
    /// Scans made, with or without result.
    pub scans_attempted: u64,
    /// Scans that gave a result.
    pub scans_succeeded: u64,
    /// Scans that gave none.
    pub scans_failed: u64,
    /// Successful scans with an address, given with the scan or at any time later; each counts once.
    pub scans_identified: u64,
    /// Sales made and not voided.
    pub sales: u64,
    /// Returns taken in, wherever and whenever the goods had been sold.
    pub returns: u64,
    /// Units in those sales.
    pub units_sold: i64,
    /// Units in those returns.
    pub units_returned: i64,
    /// Those sales less those returns, tax included, in minor units of the store's currency.
    pub turnover_minor: i64,
    /// The tax in `turnover_minor`.
    pub tax_minor: i64,
    /// Answers to surveys, on the day of the answer.
    pub answers: u64,
    /// Of these, those of 80 % of the best score and more.
    pub satisfied_answers: u64,
}

impl AddAssign for ExpectedDay {
    fn add_assign(&mut self, other: Self) {
        self.scans_attempted += other.scans_attempted;
        self.scans_succeeded += other.scans_succeeded;
        self.scans_failed += other.scans_failed;
        self.scans_identified += other.scans_identified;
        self.sales += other.sales;
        self.returns += other.returns;
        self.units_sold += other.units_sold;
        self.units_returned += other.units_returned;
        self.turnover_minor += other.turnover_minor;
        self.tax_minor += other.tax_minor;
        self.answers += other.answers;
        self.satisfied_answers += other.satisfied_answers;
    }
}

/// A customer's points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedBalance {
    /// The programme that they belong to.
    pub programme: &'static str,
    /// The customer.
    pub customer: String,
    /// Brought from before and earned by sales, less corrections and what voids and returns took back. A sale keeps the
    /// points of what was not returned of it.
    pub points: i64,
}

/// What the read models must come to after the events that were taken so far.
#[derive(Clone, Debug)]
pub struct Expectation {
    events: u64,
    stores: Vec<ExpectedStore>,
    /// Points of each country's customers, by number less 1.
    points: [Vec<i64>; Country::ALL.len()],
}

#[derive(Clone, Debug)]
struct ExpectedStore {
    code: String,
    first_day: NaiveDate,
    days: Vec<ExpectedDay>,
}

/// A customer by country and number, from 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Customer {
    pub(crate) country: Country,
    pub(crate) number: u32,
}

/// A sale's worth, or the part of it that goes back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Worth {
    pub(crate) units: i64,
    pub(crate) net_minor: i64,
    pub(crate) tax_minor: i64,
    pub(crate) customer: Option<Customer>,
    pub(crate) points: i64,
}

/// What one event changes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Effect {
    None,
    Scan {
        succeeded: bool,
        identified: bool,
    },
    ScanIdentified,
    Sale(Worth),
    Return(Worth),
    Void(Worth),
    /// Points that are of no sale, given or taken back.
    Points(Customer, i64),
    Answer {
        satisfied: bool,
    },
}

impl Expectation {
    pub(crate) fn new<'a>(stores: impl Iterator<Item = (&'a StoreProfile, NaiveDate)>) -> Self {
        let expected = |(profile, first_day): (&StoreProfile, _)| ExpectedStore {
            code: profile.code.clone(),
            first_day,
            days: Vec::new(),
        };
        Self { events: 0, stores: stores.map(expected).collect(), points: Default::default() }
    }

    /// Counts an event of a store by the store day that it belongs to.
    pub(crate) fn count(&mut self, at: Option<(usize, NaiveDate)>, effect: Effect) {
        self.events += 1;
        let Some((store, day)) = at else { return };
        match effect {
            Effect::None => {}
            Effect::Scan { succeeded, identified } => {
                let day = self.stores[store].day(day);
                day.scans_attempted += 1;
                day.scans_succeeded += u64::from(succeeded);
                day.scans_failed += u64::from(!succeeded);
                day.scans_identified += u64::from(identified);
            }
            Effect::ScanIdentified => self.stores[store].day(day).scans_identified += 1,
            Effect::Sale(worth) => {
                let day = self.stores[store].day(day);
                day.sales += 1;
                day.units_sold += worth.units;
                day.turnover_minor += worth.net_minor;
                day.tax_minor += worth.tax_minor;
                self.give(worth.customer, worth.points);
            }
            Effect::Return(worth) => {
                let day = self.stores[store].day(day);
                day.returns += 1;
                day.units_returned += worth.units;
                day.turnover_minor -= worth.net_minor;
                day.tax_minor -= worth.tax_minor;
                self.give(worth.customer, -worth.points);
            }
            Effect::Void(worth) => {
                let day = self.stores[store].day(day);
                day.sales -= 1;
                day.units_sold -= worth.units;
                day.turnover_minor -= worth.net_minor;
                day.tax_minor -= worth.tax_minor;
                self.give(worth.customer, -worth.points);
            }
            Effect::Points(customer, points) => self.give(Some(customer), points),
            Effect::Answer { satisfied } => {
                let day = self.stores[store].day(day);
                day.answers += 1;
                day.satisfied_answers += u64::from(satisfied);
            }
        }
    }

    fn give(&mut self, customer: Option<Customer>, points: i64) {
        let Some(Customer { country, number }) = customer else { return };
        let held = &mut self.points[country as usize];
        if held.len() < number as usize {
            held.resize(number as usize, 0);
        }
        held[number as usize - 1] += points;
    }

    /// How many events were taken.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// The days of a store in order, from the first of the history to the last on which something was counted; days of
    /// rest are among them, all zero. Empty for a store that is not of the network.
    pub fn days(&self, store: &str) -> impl Iterator<Item = (NaiveDate, &ExpectedDay)> {
        let expected = self.stores.iter().find(|expected| expected.code == store);
        expected.into_iter().flat_map(|expected| {
            let day = |(number, figures)| (expected.first_day + Days::new(number), figures);
            (0..).zip(&expected.days).map(day)
        })
    }

    /// The figures of a store over all its days.
    pub fn total(&self, store: &str) -> ExpectedDay {
        let mut total = ExpectedDay::default();
        self.days(store).for_each(|(_, day)| total += *day);
        total
    }

    /// The balances of customers, 0 for who never earned or gave all back; who is not among them has none.
    pub fn balances(&self) -> impl Iterator<Item = ExpectedBalance> {
        Country::ALL.into_iter().flat_map(|country| {
            let balance = move |(number, points): (u32, &i64)| ExpectedBalance {
                programme: Programme::of(country).name,
                customer: people::customer_id(country, number),
                points: *points,
            };
            (1..).zip(&self.points[country as usize]).map(balance)
        })
    }
}

impl ExpectedStore {
    fn day(&mut self, day: NaiveDate) -> &mut ExpectedDay {
        let number = (day - self.first_day).num_days() as usize;
        if self.days.len() <= number {
            self.days.resize(number + 1, ExpectedDay::default());
        }
        &mut self.days[number]
    }
}
