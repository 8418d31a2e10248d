//! The network goes on after its history, at a pace that can be watched.

use std::sync::Arc;

use chrono::NaiveDate;
use storefold_events::Event;

use crate::{Expectation, dice::Dice, profile::Opening, shop::Visit, world::World};

/// The most events that one call of [`Live::next`] gives; what is left comes with the calls after it.
pub const LIVE_EVENTS_PER_CALL_MAX: usize = 10_000;

/// What happens from now on: new visitors in the stores that are open, at a given rate, and what follows from the
/// history, as returns of earlier sales and the backlog of scanners that come back online. The sources go on counting
/// where the history left off. While every store is closed, only the webshop has customers.
///
/// Which events come, and when, does not depend on how often it is asked.
#[derive(Debug)]
pub struct Live {
    world: World,
    dice: Dice,
    interval_ms: i64,
    next_visit_ms: i64,
    hours: Vec<DayHours>,
}

/// A store day with its hours.
#[derive(Clone, Copy, Debug)]
struct DayHours {
    day: NaiveDate,
    opening: Option<Opening>,
    ends_ms: i64,
}

/// How often people come to have a scan, to buy, to order on the website and for a gift card.
const VISITS: [u32; 4] = [52, 40, 5, 3];

/// The stream of chance that chooses who visits whom.
const LIVE_STREAM: u64 = u64::MAX - 1;

impl Live {
    pub(crate) fn new(world: World, from_ms: i64, events_per_minute: u32) -> Self {
        let never = DayHours { day: NaiveDate::MIN, opening: None, ends_ms: i64::MIN };
        let hours = vec![never; world.profiles.len()];
        let dice = Dice::new(world.settings.seed, LIVE_STREAM);
        let interval_ms = (60_000 / i64::from(events_per_minute.max(1))).max(1);
        let next_visit_ms = from_ms.max(world.settings.until_ms) + interval_ms;
        Self { world, dice, interval_ms, next_visit_ms, hours }
    }

    /// What has arrived since the last call and until `now_ms`, inclusive, in order of arrival.
    pub fn next(&mut self, now_ms: i64) -> Vec<Event<'static>> {
        let mut arrived = Vec::new();
        while arrived.len() < LIVE_EVENTS_PER_CALL_MAX {
            if let Some(event) = self.world.next_by(now_ms.min(self.next_visit_ms)) {
                arrived.push(event);
            } else if self.next_visit_ms <= now_ms {
                self.visit(self.next_visit_ms);
                // From a fifth of the pace to nearly double, so that it does not tick like a clock.
                self.next_visit_ms += (self.interval_ms * self.dice.between(20, 180) / 100).max(1);
            } else {
                break;
            }
        }
        arrived
    }

    /// What the read models must come to after the history and every event taken since.
    pub fn expectation(&self) -> &Expectation {
        self.world.expectation()
    }

    /// Somebody comes into an open store, a busy one rather than a quiet one.
    fn visit(&mut self, at_ms: i64) {
        let profiles = Arc::clone(&self.world.profiles);
        for (hours, profile) in self.hours.iter_mut().zip(&*profiles).filter(|(hours, _)| hours.ends_ms <= at_ms) {
            let span = profile.calendar.day_at(at_ms);
            *hours = DayHours { day: span.day, opening: profile.opening(span.day), ends_ms: span.end_ms };
        }
        let open = |hours: &DayHours| hours.opening.filter(|open| (open.opens_ms..open.closes_ms).contains(&at_ms));
        let weights = self.hours.iter().zip(&*profiles);
        let weights = weights.map(|(hours, profile)| open(hours).map_or(0, |_| profile.visitors_per_day));
        let store = if weights.clone().all(|weight| weight == 0) {
            self.dice.below(profiles.len() as u32) as usize
        } else {
            self.dice.weighted(weights)
        };
        let visit = [Visit::Scan, Visit::Sale, Visit::Order, Visit::GiftCard][self.dice.weighted(VISITS.into_iter())];
        let hours = self.hours[store];
        self.world.visit(store, visit, hours.day, open(&hours).as_ref(), at_ms);
    }
}
