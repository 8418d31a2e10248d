//! The network's past, chapter by chapter: first the books are set up, then come the store days.

use std::cmp::Reverse;

use chrono::NaiveDate;
use storefold_events::Payload;

use crate::{
    Settings,
    agenda::{Planned, Source},
    day_plan,
    expectation::Effect,
    profile::Opening,
    shop::{Shop, Today, Visit},
    world::{BACK_OFFICE, Chapter, World},
};

const SECOND_MS: i64 = 1_000;
const HOUR_MS: i64 = 3_600_000;

/// Customers whom a store had already before the history begins.
const CUSTOMERS_BEFORE: i64 = 150;

/// Web orders that a store's surroundings place on a day, per thousand of its ordinary visitors.
const ORDERS_PER_MILLE: i64 = 25;

/// Gift cards issued on a day the store is open, per thousand of its visitors.
const GIFT_CARDS_PER_MILLE: i64 = 6;

impl World {
    /// Enters every chapter but the store days after the first, which follow each other. The books are set up on the day
    /// before the first, at least three hours each for stores, scanners and customers: a second for each store.
    pub(crate) fn schedule(&mut self) {
        let first_day_ms = |store: usize| self.profiles[store].calendar.span_of(self.shops[store].first_day).start_ms;
        let stores = 0..self.shops.len();
        let Some(first_ms) = stores.clone().map(first_day_ms).min() else { return };
        let books_ms = first_ms - 24 * HOUR_MS;
        let mut chapters = vec![(books_ms + 3 * HOUR_MS, Chapter::Programmes)];
        for store in stores {
            let second_ms = store as i64 * SECOND_MS;
            chapters.push((books_ms + second_ms, Chapter::Store(store)));
            chapters.push((books_ms + 4 * HOUR_MS + second_ms, Chapter::Scanners(store)));
            chapters.push((books_ms + 8 * HOUR_MS + second_ms, Chapter::Customers(store)));
            chapters.push((first_day_ms(store), Chapter::Day { store, number: 0 }));
        }
        if self.settings.improving {
            chapters.push((books_ms + 12 * HOUR_MS, Chapter::Undertaken));
        }
        self.to_plan = chapters.into_iter().map(Reverse).collect();
    }

    /// Plans what begins at `at_ms`.
    pub(crate) fn plan(&mut self, at_ms: i64, chapter: Chapter) {
        match chapter {
            Chapter::Store(store) => self.configure_store(at_ms, store),
            Chapter::Programmes => {
                for programme in self.programmes.clone() {
                    let configured = programme.configured(&self.settings);
                    self.add(BACK_OFFICE, None, at_ms, Effect::None, configured.into());
                    self.define_levels(at_ms, &programme);
                }
            }
            Chapter::Scanners(store) => self.register_scanners(at_ms, store),
            Chapter::Customers(store) => {
                for _ in 0..CUSTOMERS_BEFORE {
                    let day = self.shops[store].first_day;
                    let customer = self.open_file(BACK_OFFICE, store, day, at_ms);
                    let points = self.bring_points(store, day, at_ms, customer);
                    self.plan_claim(store, customer, points);
                }
            }
            Chapter::Undertaken => self.undertake(),
            Chapter::Visit(store) => {
                let Some((at_ms, visit)) = self.shops[store].today.visits.pop() else { return };
                let Today { day, opening, .. } = self.shops[store].today;
                self.visit(store, visit, day, opening.as_ref(), at_ms);
                self.await_visit(store);
            }
            Chapter::Day { store, number } => {
                let day = self.shops[store].day(number);
                self.plan_day(store, day);
                if number + 1 < self.settings.days {
                    let next_ms = self.profiles[store].calendar.span_of(day).end_ms;
                    self.to_plan.push(Reverse((next_ms, Chapter::Day { store, number: number + 1 })));
                }
            }
        }
    }

    /// Plans an event that arrives as it happens.
    pub(crate) fn add(
        &mut self,
        source: Source,
        at: Option<(usize, NaiveDate)>,
        occurred_at_ms: i64,
        effect: Effect,
        payload: Payload<'static>,
    ) {
        self.agenda.add(Planned { source, at, occurred_at_ms, effect, payload });
    }

    /// Draws who comes on a store day, and when.
    fn plan_day(&mut self, store: usize, day: NaiveDate) {
        let (profile, Shop { dice, today, .. }) = (&self.profiles[store], &mut self.shops[store]);
        let Settings { until_ms, traffic_percent, .. } = self.settings;
        let opening = profile.opening(day);
        let mut visits = Vec::new();

        let span = profile.calendar.span_of(day);
        let ordinary = i64::from(profile.visitors_per_day) * i64::from(traffic_percent) / 100;
        for _ in 0..dice.about(ordinary * ORDERS_PER_MILLE) {
            // The later of two draws: people order in the evening.
            let mut any_ms = || dice.between(span.start_ms, span.end_ms - 1);
            visits.push((any_ms().max(any_ms()), Visit::Order));
        }
        if let Some(opening) = &opening {
            let visitors = i64::from(day_plan::visitors(profile, day, traffic_percent, dice));
            for (per_mille, visit) in [
                (profile.scans_per_mille.into(), Visit::Scan),
                (profile.conversion_per_mille.into(), Visit::Sale),
                (GIFT_CARDS_PER_MILLE, Visit::GiftCard),
            ] {
                let count = dice.about(visitors * per_mille);
                visits.extend(day_plan::moments(opening, day, count, dice).map(|at_ms| (at_ms, visit)));
            }
        }

        visits.retain(|(at_ms, _)| *at_ms <= until_ms);
        visits.sort_unstable();
        visits.reverse();
        *today = Today { day, opening, visits };
        self.await_visit(store);
    }

    fn await_visit(&mut self, store: usize) {
        if let Some((at_ms, _)) = self.shops[store].today.visits.last() {
            self.to_plan.push(Reverse((*at_ms, Chapter::Visit(store))));
        }
    }

    /// Somebody does at `at_ms` what they came for; while a store is closed, that can only be an order on the website.
    pub(crate) fn visit(&mut self, store: usize, visit: Visit, day: NaiveDate, opening: Option<&Opening>, at_ms: i64) {
        match (visit, opening) {
            (Visit::Scan, Some(opening)) => self.capture_scan(store, day, opening, at_ms),
            (Visit::Sale, Some(opening)) => self.validate_sale(store, day, opening, at_ms),
            (Visit::GiftCard, Some(_)) => self.issue_gift_card(store, day, at_ms),
            (Visit::Order, _) | (_, None) => self.place_order(store, day, at_ms),
        }
    }
}
