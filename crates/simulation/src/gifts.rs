//! Tiers, what points buy, and who takes it: customers with points from before the history claim gifts, and some bring them back.

use chrono::{Days, NaiveDate};
use storefold_events::{
    Text,
    loyalty::{
        DowngradeStep, DowngradeWhen, Expiry, ExpiryPolicy, GiftClaimed, GiftProductAssigned, GiftReturned,
        LoyaltyLevelDefined, LoyaltyTiersConfigured, Terms, TierBasis, TierStep, TierWindow,
    },
};

use crate::{
    Programme, Settings,
    expectation::{Customer, Effect},
    people,
    world::{BACK_OFFICE, World},
};

/// A level with its gift; the dearest last.
struct Level {
    name: &'static str,
    points: i64,
    sku: &'static str,
    gift: &'static str,
}

const LEVELS: [Level; 3] = [
    Level { name: "Small", points: 25, sku: "GIFT-SOCKS", gift: "Socks" },
    Level { name: "Medium", points: 60, sku: "GIFT-CARE", gift: "Shoe care set" },
    Level { name: "Large", points: 120, sku: "GIFT-BAG", gift: "Backpack" },
];

/// Tiers and what has to be earned by sales for each; they change no points.
const TIERS: [(&str, i64); 2] = [("Silver", 50), ("Gold", 150)];

/// Of the customers with points from before the history, one in so many claims a gift …
const CLAIMS_EVERY: u32 = 2 * 7;
/// … and one in so many of all customers would bring it back some days later.
const BROUGHT_BACK_EVERY: u32 = 5;
const BROUGHT_BACK_AFTER_DAYS: u64 = 3;

const HOUR_MS: i64 = 3_600_000;

impl Programme {
    /// Points live to the end of a year that comes after the history, so that its balances are plain sums.
    pub(crate) fn terms(&self, settings: &Settings) -> Option<Box<Terms<'static>>> {
        let expiry = Expiry { policy: ExpiryPolicy::EndOfYear, count: settings.days / 365 + 2 };
        let terms = Terms { zone: Some(Text::from(self.zone)), expiry: Some(expiry), ..Terms::default() };
        settings.gifts.then(|| Box::new(terms))
    }
}

impl World {
    /// Defines the tiers of a programme, its levels and their gifts.
    pub(crate) fn define_levels(&mut self, at_ms: i64, programme: &Programme) {
        if !self.settings.gifts {
            return;
        }
        let step = |(tier, from)| TierStep { tier: Text::from(tier), from: Some(from), earn_percent: 100 };
        let tiers = LoyaltyTiersConfigured {
            programme: Text::from(programme.name),
            basis: TierBasis::Earned,
            window: TierWindow::Rolling,
            window_days: 365,
            tiers: TIERS.map(step).into(),
            downgrade: DowngradeStep::OneStep,
            downgrade_when: DowngradeWhen::TierAnniversary,
            fixed_month: 0,
            fixed_day: 0,
            warn_days: 30,
        };
        self.add(BACK_OFFICE, None, at_ms, Effect::None, tiers.into());
        for level in &LEVELS {
            let name = Text::from(programme.name);
            let defined =
                LoyaltyLevelDefined { programme: name.clone(), level: Text::from(level.name), points: level.points };
            self.add(BACK_OFFICE, None, at_ms, Effect::None, defined.into());
            let assigned = GiftProductAssigned {
                programme: name,
                level: Text::from(level.name),
                sku: Text::from(level.sku),
                name: Some(Text::from(level.gift)),
                picture: None,
                colour: None,
                size: None,
                uses_max: None,
            };
            self.add(BACK_OFFICE, None, at_ms, Effect::None, assigned.into());
        }
    }

    /// Plans that a customer claims the best gift that so many points pay, on some day of the history on which the store
    /// is open. The points are there whatever is bought and returned until then.
    pub(crate) fn plan_claim(&mut self, store: usize, customer: Customer, points: i64) {
        let Customer { country, number } = customer;
        let level = LEVELS.iter().rev().find(|level| level.points <= points);
        let Some(level) = level.filter(|_| self.settings.gifts && number.is_multiple_of(CLAIMS_EVERY)) else { return };
        let claimed_on = self.shops[store].first_day + Days::new(u64::from(number * 13 % self.settings.days));
        let profile = &self.profiles[store];
        let sale = format!("{}-G-{number:06}", profile.code);
        let programme = Programme::of(country);
        let claimed = GiftClaimed {
            programme: Text::from(programme.name),
            customer: people::customer_id(country, number).into(),
            sale: sale.clone().into(),
            product: Text::from(level.sku),
            points: Some(level.points),
        };
        let returned = GiftReturned { sale: sale.into(), product: Text::from(level.sku) };
        let source = self.shops[store].tills[0].source;
        let an_hour_in =
            |day: NaiveDate| self.profiles[store].opening(day).map(|opening| (day, opening.opens_ms + HOUR_MS));
        let Some((day, at_ms)) = an_hour_in(claimed_on) else { return };
        let back = an_hour_in(claimed_on + Days::new(BROUGHT_BACK_AFTER_DAYS));
        self.add(source, Some((store, day)), at_ms, Effect::Points(customer, -level.points), claimed.into());
        if let Some((day, at_ms)) = back.filter(|_| number.is_multiple_of(BROUGHT_BACK_EVERY)) {
            self.add(source, Some((store, day)), at_ms, Effect::Points(customer, level.points), returned.into());
        }
    }
}
