//! The network at work: who is there, what is under way, and what has been counted.

use std::{cmp::Reverse, collections::BinaryHeap, sync::Arc};

use storefold_events::{Event, Key, Text};

use crate::{
    Country, Expectation, Network, Programme, Settings, StoreProfile,
    agenda::{Agenda, Planned, Source},
    shop::Shop,
};

/// The producer of all settings.
pub(crate) const BACK_OFFICE: Source = Source(0);
/// The producer of orders, and of addresses that customers give on the website.
pub(crate) const WEBSHOP: Source = Source(1);
/// The producer of what customers answer.
pub(crate) const SURVEYS: Source = Source(2);

/// What changes over time. Who comes on a store day is drawn when the day begins; what they do is made up when they come,
/// so that little is in memory and nobody knows what has not happened yet.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) profiles: Arc<[StoreProfile]>,
    pub(crate) programmes: Vec<Programme>,
    pub(crate) shops: Vec<Shop>,
    /// How many customers each country has; they are numbered from 1.
    pub(crate) customers: [u32; Country::ALL.len()],
    pub(crate) orders: u32,
    pub(crate) agenda: Agenda,
    pub(crate) to_plan: BinaryHeap<Reverse<(i64, Chapter)>>,
    sources: Vec<Producer>,
    expectation: Expectation,
}

/// A part of the past that is planned at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Chapter {
    Store(usize),
    Programmes,
    Scanners(usize),
    Customers(usize),
    Day {
        store: usize,
        number: u32,
    },
    /// The next visit of a planned day.
    Visit(usize),
    /// What is undertaken for better figures.
    Undertaken,
}

#[derive(Debug)]
struct Producer {
    name: String,
    seq: u64,
}

impl World {
    pub(crate) fn new(settings: Settings, profiles: Arc<[StoreProfile]>, network: &Network) -> Self {
        let mut sources = Vec::from(["back-office", "webshop", "surveys"].map(|name| producer(name.to_owned())));
        let mut enter = |name| {
            sources.push(producer(name));
            Source(sources.len() - 1)
        };
        let peers = Country::ALL.map(|country| {
            let of_currency = |index: &usize| profiles[*index].currency() == country.currency();
            (0..profiles.len()).filter(of_currency).collect::<Arc<[usize]>>()
        });
        let shop = |(index, profile): (usize, &StoreProfile)| {
            let peers = Arc::clone(&peers[profile.country as usize]);
            Shop::new(index, profile, peers, network, &mut enter)
        };
        let shops: Vec<Shop> = profiles.iter().enumerate().map(shop).collect();
        let expectation = Expectation::new(profiles.iter().zip(shops.iter().map(|shop| shop.first_day)));
        let mut world = Self {
            settings,
            profiles,
            programmes: network.programmes(),
            shops,
            customers: [0; Country::ALL.len()],
            orders: 0,
            agenda: Agenda::default(),
            to_plan: BinaryHeap::new(),
            sources,
            expectation,
        };
        world.schedule();
        world
    }

    pub(crate) fn expectation(&self) -> &Expectation {
        &self.expectation
    }

    /// The next event that has arrived at `at_ms`.
    pub(crate) fn next_by(&mut self, at_ms: i64) -> Option<Event<'static>> {
        loop {
            let arrives_at_ms = self.agenda.next_at_ms();
            match self.to_plan.peek() {
                // What is not planned yet happens at its instant at the earliest.
                Some(Reverse((plan_at_ms, _)))
                    if arrives_at_ms.is_none_or(|arrives_at_ms| arrives_at_ms >= *plan_at_ms) =>
                {
                    let Reverse((plan_at_ms, chapter)) = self.to_plan.pop()?;
                    self.plan(plan_at_ms, chapter);
                }
                _ if arrives_at_ms? <= at_ms => return self.agenda.take().map(|planned| self.arrive(planned)),
                _ => return None,
            }
        }
    }

    fn arrive(&mut self, planned: Planned) -> Event<'static> {
        let Planned { source, at, occurred_at_ms, effect, payload } = planned;
        self.expectation.count(at, effect);
        let producer = &mut self.sources[source.0];
        producer.seq += 1;
        Event {
            source: Text::from(producer.name.clone()),
            key: Key::Seq(producer.seq),
            store: at.map(|(store, _)| Text::from(self.profiles[store].code.clone())),
            occurred_at_ms,
            cause: None,
            payload,
        }
    }
}

fn producer(name: String) -> Producer {
    Producer { name, seq: 0 }
}
