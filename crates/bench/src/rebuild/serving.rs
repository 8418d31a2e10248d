//! Queries before, during and after a rebuild.

use std::{cell::Cell, time::Duration};

use anyhow::Result;
use futures::future::try_join;
use storefold_simulation::{Network, load::ScanSource};
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::client::{Rebuilds, Rebuilt};
use crate::{
    Plan,
    feed::{AT_MS, Feed, Lap},
    measure::{Runs, Tally, WARM_UP},
    readers::{Reader, ask_for, ask_while},
    senders::Sender,
    server::Server,
    usage::Usage,
};

/// Who asks.
pub const CONNECTIONS: u64 = 16;

/// Days that are asked for.
pub const DAYS: u64 = 90;

/// New events a second, and in how many requests.
pub const LIVE_PER_SECOND: u64 = 20_000;
const LIVE_REQUESTS_PER_SECOND: u32 = 50;

/// How queries fared, over several rebuilds.
pub struct Serving {
    pub before: Runs,
    pub during: Runs,
    pub after: Runs,
    pub rebuilt: Vec<Rebuilt>,
}

/// Questions about the last days of each store.
pub fn paths(network: &Network) -> impl Iterator<Item = String> {
    network.stores().iter().map(|store| {
        let (_, last) = network.days(store);
        let first = last - chrono::Days::new(DAYS - 1);
        format!("/v1/stores/{}/performance?from={first}&to={last}", store.code)
    })
}

/// A scan in each store in turn, all on one day.
pub async fn live(server: &Server, network: &Network) -> Result<Sender> {
    let scanner = |(index, code): (usize, &String)| {
        Lap::of(ScanSource::new(format!("live-scanner-{index}"), code, format!("live-{index}"), AT_MS))
    };
    let stores: Vec<_> = network.stores().iter().map(|store| store.code.clone()).collect();
    let feed = Feed::by_turns(&stores.iter().enumerate().map(scanner).collect::<Vec<_>>());
    Sender::connect(server.address(), feed, LIVE_PER_SECOND / u64::from(LIVE_REQUESTS_PER_SECOND)).await
}

/// Measures as many rebuilds as there are runs, each with a run before and one after it.
pub async fn measure(
    plan: &Plan,
    server: &Server,
    readers: &mut [Reader<'_>],
    rebuilds: &mut Rebuilds,
    head: u64,
) -> Result<Serving> {
    let (mut before, mut during, mut after) = (Tally::default(), Tally::default(), Tally::default());
    let (mut rebuilt, mut cores) = (Vec::new(), None);
    ask_for(readers, WARM_UP).await?;
    for _ in 0..plan.runs {
        run(&mut before, readers, plan.run).await?;

        let (used, begun, rebuilding) = (Usage::now(server.pid()), Instant::now(), Cell::new(true));
        let one = async {
            let one = rebuilds.all(head).await;
            rebuilding.set(false);
            one
        };
        let (count, one) = try_join(ask_while(readers, || rebuilding.get()), one).await?;
        during.add(count, begun.elapsed());
        cores = used.zip(Usage::now(server.pid())).map(|(before, now)| now.since(before, begun.elapsed()));
        rebuilt.push(one);

        run(&mut after, readers, plan.run).await?;
    }
    Ok(Serving { before: before.runs(None), during: during.runs(cores), after: after.runs(None), rebuilt })
}

async fn run(tally: &mut Tally, readers: &mut [Reader<'_>], time: Duration) -> Result<()> {
    let begun = Instant::now();
    let count = ask_for(readers, time).await?;
    tally.add(count, begun.elapsed());
    Ok(())
}

/// The same while new events come in. Answers too how many of them came in a second.
pub async fn measure_beside_traffic(
    plan: &Plan,
    server: &Server,
    readers: &mut [Reader<'_>],
    rebuilds: &mut Rebuilds,
    head: u64,
    sender: &mut Sender,
) -> Result<(Serving, f64)> {
    let goes_on = Cell::new(true);
    let measuring = async {
        let serving = measure(plan, server, readers, rebuilds, head).await;
        goes_on.set(false);
        serving
    };
    try_join(measuring, send_while(sender, &goes_on)).await
}

async fn send_while(sender: &mut Sender, goes_on: &Cell<bool>) -> Result<f64> {
    let (begun, sent) = (Instant::now(), sender.sent().events);
    let mut ticks = interval(Duration::from_secs(1) / LIVE_REQUESTS_PER_SECOND);
    // A late one is made up for, so that the rate holds.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    while goes_on.get() {
        ticks.tick().await;
        sender.send().await?;
    }
    Ok((sender.sent().events - sent) as f64 / begun.elapsed().as_secs_f64())
}
