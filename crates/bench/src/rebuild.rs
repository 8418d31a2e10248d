//! `rebuild`: a history of years is folded anew into every read model, alone, beside queries, and beside new events.
//!
//! The same events, taken from the log that the server has written, are then put before the peers, who make the same
//! three reports. The sums of all of them must be equal to each other and to the simulation's own count: figures
//! of a wrong result are worth nothing.

mod client;
mod disk;
mod export;
mod figures;
pub mod history;
mod measured;
mod peers;
mod serving;
mod totals;

pub use self::{
    export::COLUMNS,
    totals::{CUSTOMERS_SUMMED, Totals},
};

use anyhow::Result;
use clap::Args;

use self::peers::Peers;
use crate::{Plan, rows::Figure};

/// What is rebuilt.
#[derive(Args)]
pub struct RebuildPlan {
    /// Events in the log, give or take a few in a hundred
    #[arg(long, default_value_t = 10_000_000, value_parser = clap::value_parser!(u64).range(50_000..=100_000_000))]
    events: u64,

    /// Events that PostgreSQL and JetStream are given: their rates do not depend on how many
    #[arg(long, value_name = "EVENTS", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    peer_events: u64,
}

/// How it is measured.
pub fn conditions(plan: &Plan, rebuild: &RebuildPlan) -> Vec<(&'static str, String)> {
    vec![
        ("runs", format!("{} rebuilds of each kind; median (min–max)", plan.runs)),
        (
            "events",
            format!(
                "about {}: {} stores over three years (less for less than a million events), every type that can be \
                 sent and what they bring about, scans of scanners that were offline among them",
                rebuild.events,
                history::STORES
            ),
        ),
        (
            "queries",
            format!(
                "one store over {} days, {} connections, closed-loop, {} s before and after each rebuild, from one \
                 thread on the same machine over loopback",
                serving::DAYS,
                serving::CONNECTIONS,
                plan.run.as_secs()
            ),
        ),
        (
            "peers",
            "have the store day, units and amounts of each event beside it in a column or field; Storefold takes them \
             from the event while it folds, and keeps more: scanners, errors, every movement of points"
                .to_owned(),
        ),
    ]
}

/// Measures all of it.
pub async fn measure(plan: &Plan, rebuild: &RebuildPlan, figures: &mut Vec<Figure>) -> Result<()> {
    let network = history::network(rebuild.events)?;
    let (measured, data) = measured::measure(plan, &network).await?;
    let mut peers = Peers::left_out();
    let ended = if plan.with_peers { peers.measure(plan, &measured, data, rebuild.peer_events).await } else { Ok(()) };
    // What was measured before one of them failed is worth being seen.
    figures.extend(figures::all(&measured, &peers));
    ended
}
