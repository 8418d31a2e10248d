//! Sales at the till and what may become of them: voided minutes later, or returned within a month.

use std::sync::Arc;

use chrono::{Days, NaiveDate};
use storefold_events::{
    Text,
    sale::{ReturnLine, SaleReturned, SaleValidated, SaleVoided, Tender},
};

use crate::{
    Country, Programme,
    basket::{self, Prices},
    dice::Dice,
    expectation::{Customer, Effect, Worth},
    people,
    profile::{Opening, StoreProfile},
    world::World,
};

const MINUTE_MS: i64 = 60_000;

/// Sales of identified customers in which the file is opened.
const NEW_CUSTOMER_PER_MILLE: i64 = 300;
const VOIDED_PER_MILLE: i64 = 6;
const RETURNED_PER_MILLE: i64 = 70;
/// Sales of which something more comes back after a first return.
const RETURNED_AGAIN_PER_MILLE: i64 = 120;
/// Returns taken in by the store that sold.
const SAME_STORE_PER_MILLE: i64 = 880;

impl World {
    /// A sale during the hours of a store day, and what becomes of it.
    pub(crate) fn validate_sale(&mut self, store: usize, day: NaiveDate, opening: &Opening, at_ms: i64) {
        let place = self.any_till(store);
        let identified_per_mille = self.profiles[store].identified_sales_per_mille.into();
        let customer =
            self.shops[store].dice.chance(identified_per_mille).then(|| self.buyer(store, day, place, at_ms));

        let profile = &self.profiles[store];
        let shop = &mut self.shops[store];
        let till = &mut shop.tills[place];
        till.sales += 1;
        let lines = basket::draw(Prices::of(profile, profile.country.in_sales(day)), &mut shop.dice);
        let sale = SaleValidated {
            sale: format!("{}-T{}-{:06}", profile.code, place + 1, till.sales).into(),
            till: (place + 1).to_string().into(),
            channel: Text::from("store"),
            customer: customer.map(|Customer { country, number }| people::customer_id(country, number).into()),
            currency: profile.currency(),
            tenders: basket::tenders(basket::net_minor(&lines), profile.country, &mut shop.dice),
            lines,
        };

        let source = till.source;
        let bought = Bought::new(profile.country, customer, &sale);
        let worth = bought.worth_of_all();
        let is_voided = shop.dice.chance(VOIDED_PER_MILLE);
        if is_voided {
            let latest_ms = (at_ms + 12 * MINUTE_MS).min(opening.closes_ms - 1);
            if latest_ms > at_ms + MINUTE_MS {
                let voided_at_ms = shop.dice.between(at_ms + MINUTE_MS, latest_ms);
                let reasons = ["wrong article", "rung up twice", "wrong customer", "card refused"];
                let voided = SaleVoided { sale: sale.sale.clone(), reason: Text::from(shop.dice.pick(&reasons)) };
                self.add(source, Some((store, day)), voided_at_ms, Effect::Void(worth), voided.into());
            }
        } else if shop.dice.chance(RETURNED_PER_MILLE) {
            self.plan_returns(store, day, at_ms, bought, &sale);
        }
        if let Some(customer) = customer.filter(|_| !is_voided) {
            self.plan_answer(store, at_ms, customer, &sale.sale);
        }
        self.add(source, Some((store, day)), at_ms, Effect::Sale(worth), sale.into());
    }

    pub(crate) fn any_till(&mut self, store: usize) -> usize {
        let shop = &mut self.shops[store];
        shop.dice.below(shop.tills.len() as u32) as usize
    }

    /// An identified customer at a till, new or known.
    fn buyer(&mut self, store: usize, day: NaiveDate, till: usize, at_ms: i64) -> Customer {
        let shop = &mut self.shops[store];
        if shop.dice.chance(NEW_CUSTOMER_PER_MILLE) {
            let source = shop.tills[till].source;
            return self.open_file(source, store, day, at_ms);
        }
        self.known_customer(store)
    }

    /// A customer of the store's country whose file is open; the earlier it was opened, the more often they come.
    pub(crate) fn known_customer(&mut self, store: usize) -> Customer {
        let country = self.profiles[store].country;
        let known = self.customers[country as usize];
        let dice = &mut self.shops[store].dice;
        Customer { country, number: 1 + dice.below(known).min(dice.below(known)) }
    }

    fn plan_returns(
        &mut self,
        store: usize,
        day: NaiveDate,
        at_ms: i64,
        mut bought: Bought<'_>,
        sale: &SaleValidated<'_>,
    ) {
        let (mut from_day, mut from_ms) = (day, at_ms);
        for part in 1..=2 {
            let peers = Arc::clone(&self.shops[store].peers);
            let dice = &mut self.shops[store].dice;
            let at = if dice.chance(SAME_STORE_PER_MILLE) { store } else { dice.pick(&peers) };
            let Some((return_day, opening)) = next_open(&self.profiles[at], from_day, dice) else { return };
            let returned_at_ms = dice.between(opening.opens_ms, opening.closes_ms - 1);
            if returned_at_ms <= from_ms {
                return;
            }
            let (lines, worth) = bought.give_back(dice);
            let kind = sale.tenders.last().map_or_else(Text::default, |tender| tender.kind.clone().into_owned());
            let returned = SaleReturned {
                return_id: format!("{}-R{part}", sale.sale).into(),
                sale: sale.sale.clone().into_owned(),
                currency: sale.currency,
                tenders: vec![Tender { kind, amount_minor: worth.net_minor, instrument: None }],
                lines,
            };
            let again = bought.any_kept() && dice.chance(RETURNED_AGAIN_PER_MILLE);
            let till = self.any_till(at);
            let source = self.shops[at].tills[till].source;
            self.add(source, Some((at, return_day)), returned_at_ms, Effect::Return(worth), returned.into());
            if !again {
                return;
            }
            (from_day, from_ms) = (return_day, returned_at_ms);
        }
    }
}

/// A day one to thirty days after `day`, sooner rather than later, or the next one after it on which the store is open.
fn next_open(profile: &StoreProfile, day: NaiveDate, dice: &mut Dice) -> Option<(NaiveDate, Opening)> {
    let after = 1 + dice.below(30).min(dice.below(30));
    let days = (0..7).map(|later| day + Days::new(u64::from(after + later)));
    days.into_iter().find_map(|day| Some((day, profile.opening(day)?)))
}

/// What a customer bought and still keeps of it.
struct Bought<'a> {
    sale: &'a SaleValidated<'static>,
    programme: Programme,
    customer: Option<Customer>,
    /// Units kept of each line.
    kept: Vec<i64>,
}

impl<'a> Bought<'a> {
    fn new(country: Country, customer: Option<Customer>, sale: &'a SaleValidated<'static>) -> Self {
        let kept = sale.lines.iter().map(|line| line.quantity).collect();
        Self { sale, programme: Programme::of(country), customer, kept }
    }

    fn worth_of_all(&self) -> Worth {
        let lines = &self.sale.lines;
        Worth {
            units: basket::units(lines),
            net_minor: basket::net_minor(lines),
            tax_minor: basket::tax_minor(lines),
            customer: self.customer,
            points: self.points(),
        }
    }

    fn any_kept(&self) -> bool {
        self.kept.iter().any(|kept| *kept > 0)
    }

    /// Points of what is kept; none without a customer to hold them.
    fn points(&self) -> i64 {
        let eligible_minor = basket::eligible_minor(&self.sale.lines, &self.kept, &self.programme);
        self.customer.map_or(0, |_| self.programme.points(eligible_minor))
    }

    /// Tax in the units given back so far: pro rata, halves up, on each line's running total.
    fn tax_given_back_minor(&self) -> i64 {
        let lines = self.sale.lines.iter().zip(&self.kept);
        lines.map(|(line, kept)| basket::half_up(line.tax_minor * (line.quantity - kept), line.quantity)).sum()
    }

    /// Gives back everything that is kept, or some units of one line.
    fn give_back(&mut self, dice: &mut Dice) -> (Vec<ReturnLine>, Worth) {
        let (points, tax_minor) = (self.points(), self.tax_given_back_minor());
        let kept: Vec<usize> = (0..self.kept.len()).filter(|index| self.kept[*index] > 0).collect();
        let given = if dice.chance(400) {
            kept.into_iter().map(|index| (index, self.kept[index])).collect()
        } else {
            let index = dice.pick(&kept);
            vec![(index, dice.between(1, self.kept[index]))]
        };
        let mut lines = Vec::with_capacity(given.len());
        for (index, quantity) in given {
            self.kept[index] -= quantity;
            let line = &self.sale.lines[index];
            let refund_minor = line.net_minor() / line.quantity * quantity;
            lines.push(ReturnLine { line: line.line, quantity, refund_minor });
        }
        let worth = Worth {
            units: lines.iter().map(|line| line.quantity).sum(),
            net_minor: lines.iter().map(|line| line.refund_minor).sum(),
            tax_minor: self.tax_given_back_minor() - tax_minor,
            customer: self.customer,
            points: points - self.points(),
        };
        (lines, worth)
    }
}
