//! What is entered in the books: stores, scanners, customers.

use chrono::NaiveDate;
use storefold_events::{
    Text,
    customer::CustomerCreated,
    scan::{ScannerAssignedToStore, ScannerRegistered},
    store::{Area, StoreConfigured},
};

use crate::{
    agenda::Source,
    expectation::{Customer, Effect},
    people::{self, Person},
    world::{BACK_OFFICE, World},
};

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
        let dice = &mut self.shops[store].dice;
        let number = &mut self.customers[country as usize];
        *number += 1;
        let customer = Customer { country, number: *number };
        let person = Person::draw(dice, country, None);
        let created = CustomerCreated {
            customer: people::customer_id(country, customer.number).into(),
            name: Some(Text::from(person.name)),
            first_name: Some(Text::from(person.first_name)),
            email: dice.chance(760).then(|| person.email(customer.number).into()),
            mobile: None,
            seller: None,
        };
        self.add(source, Some((store, day)), at_ms, Effect::None, created.into());
        customer
    }
}
