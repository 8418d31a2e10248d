//! What comes in while pages are read: scanners and tills of stores of the network that were not there before.

use std::time::Duration;

use anyhow::{Result, ensure};
use futures::future::try_join_all;
use storefold_simulation::{
    Network,
    load::{SaleSource, ScanSource},
};
use tokio::time::{Instant, sleep_until};

use crate::{
    feed::{CUSTOMERS, Feed, Lap},
    senders::{Sender, total},
    server::Server,
};

pub const EVENTS_PER_REQUEST: u64 = 100;

/// Each sends for a store of its own.
const CONNECTIONS: usize = 10;

/// Scanners and tills of a store.
const SCANNERS: u32 = 9;
const TILLS: u32 = 3;

/// How long before now what they send has happened.
const AGO_MS: i64 = 10 * 60 * 1_000;

/// Senders at a fixed rate.
pub struct Traffic {
    senders: Vec<Sender>,
    every: Duration,
}

impl Traffic {
    /// Connects; `run` tells its devices from those of another run.
    pub async fn begin(server: &Server, network: &Network, events_a_second: u64, run: u64) -> Result<Self> {
        let at_ms = super::now_ms() - AGO_MS;
        // The tills of load sell in euros.
        let stores = network.stores().iter().filter(|store| store.currency().as_str() == "EUR").take(CONNECTIONS);
        let feeds = stores.map(|store| feed(&store.code, run, at_ms));
        let connected = feeds.map(|feed| Sender::connect(server.address(), feed, EVENTS_PER_REQUEST));
        let senders = try_join_all(connected).await?;
        ensure!(!senders.is_empty(), "no store of the network sells in euros");
        let every = senders.len() as f64 * EVENTS_PER_REQUEST as f64 / events_a_second as f64;
        Ok(Self { senders, every: Duration::from_secs_f64(every) })
    }

    /// Sends until a moment has come; how many events were taken in.
    pub async fn go_on(&mut self, end: Instant) -> Result<u64> {
        let (begun, every, count) = (Instant::now(), self.every, self.senders.len() as u32);
        try_join_all(self.senders.iter_mut().zip(0..).map(|(sender, index): (_, u32)| async move {
            let mut due = begun + every * index / count;
            while due < end {
                sleep_until(due).await;
                sender.send().await?;
                due += every;
            }
            Ok::<_, anyhow::Error>(())
        }))
        .await?;
        Ok(total(&self.senders).events)
    }
}

fn feed(store: &str, run: u64, at_ms: i64) -> Feed {
    let till = |number| {
        let source =
            SaleSource::new(format!("new-till-{store}-{run}-{number}"), store, format!("new-{run}-{number}"), at_ms);
        Lap::of(source.with_customers(CUSTOMERS))
    };
    let scanner = |number| {
        let scanner = format!("new-{store}-{run}-{number}");
        Lap::of(ScanSource::new(format!("scanner-{scanner}"), store, scanner, at_ms))
    };
    Feed::by_turns(&(0..TILLS).map(till).chain((0..SCANNERS).map(scanner)).collect::<Vec<_>>())
}
