//! Orders of the webshop and gift cards of the tills: facts that none of the counts in [`crate::Expectation`] takes in.

use chrono::{Months, NaiveDate};
use storefold_events::{
    Text,
    order::{Delivery, DeliveryMode, OrderPlaced},
    stored_value::GiftCardIssued,
};

use crate::{
    Country,
    basket::{self, Prices},
    expectation::{Customer, Effect},
    people,
    world::{WEBSHOP, World},
};

impl World {
    /// A customer of the store's country orders on the website, to be collected in the store or sent home.
    pub(crate) fn place_order(&mut self, store: usize, day: NaiveDate, at_ms: i64) {
        let Customer { country, number } = self.known_customer(store);
        let profile = &self.profiles[store];
        let dice = &mut self.shops[store].dice;
        let pickup = dice.chance(400);
        self.orders += 1;
        let placed = OrderPlaced {
            order: format!("W-{:06}", self.orders).into(),
            customer: Some(people::customer_id(country, number).into()),
            channel: Text::from("web"),
            currency: profile.currency(),
            lines: basket::draw(Prices::of(profile, country.in_sales(day)), dice),
            delivery: Delivery {
                mode: if pickup { DeliveryMode::Pickup } else { DeliveryMode::Shipment },
                store: pickup.then(|| profile.code.clone().into()),
            },
        };
        self.add(WEBSHOP, None, at_ms, Effect::None, placed.into());
    }

    /// A till issues a gift card; two in three to the bearer.
    pub(crate) fn issue_gift_card(&mut self, store: usize, day: NaiveDate, at_ms: i64) {
        let till = self.any_till(store);
        let customer = self.known_customer(store);
        let profile = &self.profiles[store];
        let shop = &mut self.shops[store];
        shop.gift_cards += 1;
        let units = shop.dice.pick(&[25, 30, 50, 50, 50, 75, 100, 150]);
        let issued = GiftCardIssued {
            card: format!("GC-{}-{:05}", profile.code, shop.gift_cards).into(),
            // Whole euros, pounds or dollars; hundreds of yen.
            amount_minor: units * 100,
            currency: profile.currency(),
            customer: shop.dice.chance(333).then(|| people::customer_id(profile.country, customer.number).into()),
            sale: None,
            expires_on: if profile.country == Country::UnitedStates {
                None
            } else {
                day.checked_add_months(Months::new(12))
            },
            instrument_type: None,
        };
        let source = shop.tills[till].source;
        self.add(source, Some((store, day)), at_ms, Effect::None, issued.into());
    }
}
