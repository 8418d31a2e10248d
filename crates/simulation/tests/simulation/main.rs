#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

//! What a simulated network promises, read off the events it gives.

mod expectation;
mod gifts;
mod history;
mod improving;
mod live;
mod load;
mod sales;
mod stores;

use std::collections::BTreeMap;

use storefold_events::{Event, Key};
use storefold_simulation::{Network, Settings};

/// Noon of 23 November 2026 in London.
const NOW_MS: i64 = 1_795_435_200_000;

fn settings() -> Settings {
    Settings::until(NOW_MS)
}

fn network(settings: Settings) -> Network {
    Network::new(settings).unwrap()
}

fn events(settings: Settings) -> Vec<Event<'static>> {
    network(settings).history().collect()
}

/// A shorter history for the claims that need no quarter of a year.
fn month() -> Vec<Event<'static>> {
    events(Settings { days: 30, ..settings() })
}

/// How far each source has counted; stops at a gap or a repeat.
fn count_sources<'a>(counted: &mut BTreeMap<String, u64>, events: impl IntoIterator<Item = &'a Event<'static>>) {
    for event in events {
        let seq = counted.entry(event.source.to_string()).or_default();
        *seq += 1;
        assert_eq!(event.key, Key::Seq(*seq), "{}", event.source);
    }
}
