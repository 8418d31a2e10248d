//! What is entered in the books: stores, scanners, customers.

use chrono::NaiveDate;
use storefold_events::{
    Text,
    customer::CustomerCreated,
    loyalty::{PointsEarned, PointsReversed},
    scan::{ScannerAssignedToStore, ScannerRegistered},
    store::{Area, StoreConfigured},
};

use crate::{
    Programme,
    agenda::Source,
    expectation::{Customer, Effect},
    people::{self, Person},
    staff::Staff,
    world::{BACK_OFFICE, World},
};

/// Of the customers from before the history, one in so many brings points from the programme of then …
const MIGRATED_EVERY: u32 = 7;
/// … and one in so many of all was given too many, which is put right later.
const CORRECTED_EVERY: u32 = 7 * MIGRATED_EVERY;
const CORRECTED_AFTER_MS: i64 = 3_600_000;

impl World {
    pub(crate) fn configure_store(&mut self, at_ms: i64, store: usize) {
        let profile = &self.profiles[store];
        let day = self.shops[store].first_day;
        let configured = StoreConfigured {
            name: profile.name.clone().into(),
            zone: profile.calendar.zone().name().into(),
            business_day_start: profile.business_day_start.format("%H:%M").to_string().into(),
            currency: profile.currency(),
            area_m2: vec![Area { from: day, m2: profile.area_m2 }],
            organisation: Some(profile.organisation.clone().into()),
        };
        self.add(BACK_OFFICE, Some((store, day)), at_ms, Effect::None, configured.into());
    }

    pub(crate) fn register_scanners(&mut self, at_ms: i64, store: usize) {
        let day = self.shops[store].first_day;
        for scanner in self.profiles[store].scanners.clone() {
            let registered =
                ScannerRegistered { scanner: scanner.clone().into(), model: Some(Text::from("FootScan 3")) };
            self.add(BACK_OFFICE, None, at_ms, Effect::None, registered.into());
            let assigned = ScannerAssignedToStore { scanner: scanner.into() };
            self.add(BACK_OFFICE, Some((store, day)), at_ms, Effect::None, assigned.into());
        }
    }

    /// Opens the file of a new customer of the store's country.
    pub(crate) fn open_file(&mut self, source: Source, store: usize, day: NaiveDate, at_ms: i64) -> Customer {
        let country = self.profiles[store].country;
        let number = &mut self.customers[country as usize];
        *number += 1;
        let customer = Customer { country, number: *number };
        let staff = self.shops[store].staff.as_mut().filter(|_| source != BACK_OFFICE);
        let seller = staff.and_then(Staff::seller);
        let dice = &mut self.shops[store].dice;
        let person = Person::draw(dice, country, None);
        let created = CustomerCreated {
            customer: people::customer_id(country, customer.number).into(),
            name: Some(Text::from(person.name)),
            first_name: Some(Text::from(person.first_name)),
            email: dice.chance(760).then(|| person.email(customer.number).into()),
            mobile: None,
            seller,
            locale: None,
        };
        self.add(source, Some((store, day)), at_ms, Effect::None, created.into());
        customer
    }

    /// Enters the points that a customer brings from before the history, if any. Answers how many there are when all is
    /// put right.
    pub(crate) fn bring_points(&mut self, store: usize, day: NaiveDate, at_ms: i64, customer: Customer) -> i64 {
        let Customer { country, number } = customer;
        if !number.is_multiple_of(MIGRATED_EVERY) {
            return 0;
        }
        let programme = Text::from(Programme::of(country).name);
        let points = 20 + i64::from(number % 200);
        let migrated = PointsEarned {
            programme: programme.clone(),
            customer: people::customer_id(country, number).into(),
            points,
            reason: Text::from("migration"),
            sale: None,
            base_minor: None,
            minor_per_point: None,
            accrual: None,
        };
        let at = Some((store, day));
        self.add(BACK_OFFICE, at, at_ms, Effect::Points(customer, points), migrated.into());
        if number.is_multiple_of(CORRECTED_EVERY) {
            let corrected = PointsReversed {
                programme,
                customer: people::customer_id(country, number).into(),
                points: points / 2,
                reason: Text::from("correction"),
                sale: None,
                return_id: None,
                taken: None,
            };
            let effect = Effect::Points(customer, -(points / 2));
            self.add(BACK_OFFICE, at, at_ms + CORRECTED_AFTER_MS, effect, corrected.into());
            return points - points / 2;
        }
        points
    }
}
