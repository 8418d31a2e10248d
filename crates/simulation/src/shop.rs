//! A store at work: what it has counted so far, and who is still to come today.

use std::sync::Arc;

use chrono::{Days, NaiveDate};

use crate::{
    Network, StoreProfile,
    agenda::Source,
    dice::{Dice, Level},
    link::Link,
    profile::Opening,
    staff::Staff,
    undertaken::Easing,
};

/// What somebody comes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Visit {
    Scan,
    Sale,
    GiftCard,
    /// On the website; it belongs to the nearest store.
    Order,
}

/// The store day that was planned last.
#[derive(Debug)]
pub(crate) struct Today {
    pub(crate) day: NaiveDate,
    pub(crate) opening: Option<Opening>,
    /// Who is still to come and when, the next one at the end.
    pub(crate) visits: Vec<(i64, Visit)>,
}

/// A store at work.
#[derive(Debug)]
pub(crate) struct Shop {
    pub(crate) dice: Dice,
    pub(crate) first_day: NaiveDate,
    pub(crate) success: Level,
    pub(crate) capture: Level,
    pub(crate) scanners: Vec<Scanner>,
    pub(crate) tills: Vec<Till>,
    pub(crate) gift_cards: u32,
    pub(crate) today: Today,
    /// Stores where its goods can be returned: those of its currency, itself among them.
    pub(crate) peers: Arc<[usize]>,
    /// Where it is told who serves, and how well.
    pub(crate) staff: Option<Staff>,
}

#[derive(Debug)]
pub(crate) struct Scanner {
    pub(crate) source: Source,
    pub(crate) scans: u32,
    pub(crate) link: Link,
}

#[derive(Debug)]
pub(crate) struct Till {
    pub(crate) source: Source,
    pub(crate) sales: u32,
}

impl Shop {
    /// The store at its first instant; `enter` gives a producer its place in the network.
    pub(crate) fn new(
        index: usize,
        profile: &StoreProfile,
        peers: Arc<[usize]>,
        network: &Network,
        enter: &mut impl FnMut(String) -> Source,
    ) -> Self {
        let settings = network.settings();
        let mut dice = Dice::new(settings.seed, index as u64);
        let (first_day, _) = network.days(profile);
        let first_ms = profile.calendar.span_of(first_day).start_ms;
        let last_scanner = profile.scanners.len() - 1;
        let scanner = |(place, number): (usize, &String)| {
            let offline_days = 3.min(settings.days - 1);
            // One scanner of the first store comes back just after the history: its backlog can be watched arriving.
            let link = if index == 0 && place == last_scanner && offline_days > 0 {
                Link::cut_off(offline_days, settings.until_ms)
            } else if index % 5 == 2 || dice.chance(250) {
                Link::shaky(first_ms, settings.until_ms, &mut dice)
            } else {
                Link::steady()
            };
            Scanner { source: enter(format!("scanner-{number}")), scans: 0, link }
        };
        let scanners = profile.scanners.iter().enumerate().map(scanner).collect();
        let till = |number| Till { source: enter(format!("till-{}-{number}", profile.code)), sales: 0 };
        let tills = (1..=profile.tills).map(till).collect();
        let staff = settings
            .improving
            .then(|| Staff::new(settings.seed, index, profile, Easing::of(profile, first_day, settings)));
        Self {
            success: Level::new(profile.success_per_mille),
            capture: Level::new(profile.capture_per_mille),
            dice,
            first_day,
            scanners,
            tills,
            gift_cards: 0,
            today: Today { day: first_day, opening: None, visits: Vec::new() },
            peers,
            staff,
        }
    }

    /// The store day `number` days after the first of the history.
    pub(crate) fn day(&self, number: u32) -> NaiveDate {
        self.first_day + Days::new(number.into())
    }
}
