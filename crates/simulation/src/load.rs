//! Plain events by the million, for measuring. Nothing here is believable; everything is valid and counted from `seq` 1.
//!
//! Configure first, then let as many sources as wanted run side by side:
//!
//! ```
//! use storefold_simulation::load;
//!
//! let at_ms = 1_763_000_000_000;
//! let mut events = load::configure(2, at_ms);
//! events.extend(load::ScanSource::new("scanner-1", load::store_code(0), "1", at_ms).take(1_000));
//! events.extend(load::SaleSource::new("till-1", load::store_code(1), "1", at_ms).with_customers(50).take(1_000));
//! assert_eq!(events.len(), 2 + 1 + 2_000);
//! ```

mod sales;
mod scans;

pub use self::{sales::SaleSource, scans::ScanSource};
use storefold_events::{
    Currency, Event, Key, Text,
    loyalty::{LoyaltyProgramConfigured, Rounding},
    store::StoreConfigured,
};

/// The source of everything that [`configure`] gives.
pub const CONFIGURATION_SOURCE: &str = "load-back-office";

/// How far apart in time two events of one source are unless told otherwise.
pub const EVERY_MS: i64 = 1_000;

/// The code of the `index`-th store, from 0.
pub fn store_code(index: u32) -> String {
    format!("LOAD-{index:05}")
}

fn euro() -> Currency {
    Currency::new("EUR").expect("three capital letters")
}

/// Configures as many stores in Europe/Paris, in euros, and one programme with a point for 10.00: `stores + 1` events.
pub fn configure(stores: u32, at_ms: i64) -> Vec<Event<'static>> {
    let sent = |(seq, store, payload)| Event {
        source: Text::from(CONFIGURATION_SOURCE),
        key: Key::Seq(seq),
        store,
        occurred_at_ms: at_ms,
        cause: None,
        payload,
    };
    let programme = LoyaltyProgramConfigured {
        programme: Text::from("load"),
        currency: euro(),
        minor_per_point: 1_000,
        rounding: Rounding::FloorPerSale,
        earn_on_discounted: true,
        terms: None,
    };
    let store = |index: u32| {
        let configured = StoreConfigured {
            name: store_code(index).into(),
            zone: Text::from("Europe/Paris"),
            business_day_start: Text::from("00:00"),
            currency: euro(),
            area_m2: Vec::new(),
            organisation: None,
        };
        (u64::from(index) + 2, Some(store_code(index).into()), configured.into())
    };
    std::iter::once((1, None, programme.into())).chain((0..stores).map(store)).map(sent).collect()
}

/// What every source here has: who it is, and the events' way through `seq` and time.
#[derive(Clone, Debug)]
struct Counter {
    source: String,
    store: String,
    seq: u64,
    at_ms: i64,
    every_ms: i64,
}

impl Counter {
    fn new(source: String, store: String, start_ms: i64) -> Self {
        Self { source, store, seq: 0, at_ms: start_ms - EVERY_MS, every_ms: EVERY_MS }
    }

    fn every_ms(&mut self, every_ms: i64) {
        self.at_ms += self.every_ms - every_ms;
        self.every_ms = every_ms;
    }

    fn tick(&mut self) {
        self.seq += 1;
        self.at_ms += self.every_ms;
    }

    fn event(&self, payload: storefold_events::Payload<'static>) -> Event<'static> {
        Event {
            source: self.source.clone().into(),
            key: Key::Seq(self.seq),
            store: Some(self.store.clone().into()),
            occurred_at_ms: self.at_ms,
            cause: None,
            payload,
        }
    }

    /// Bits that look like chance and cost nothing: `SplitMix64` of `seq`.
    fn bits(&self) -> u64 {
        let mut bits = self.seq.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }
}
