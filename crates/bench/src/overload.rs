//! `overload`: what becomes of load that does not fit.
//!
//! First the rate that the server sustains is found, closed-loop: nobody sends before he has his answer. Then so many times as
//! much is offered, open-loop: requests are due at fixed times, whatever becomes of those before, over so many connections that
//! one is free for each. A connection that has no answer when its next request is due sends late; how much was offered in
//! fact is told. In the end one request after the other is sent, until the server takes them as it did before.

mod offering;

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use comfy_table::{ContentArrangement, Table, presets};
use futures::future::try_join_all;
use serde::Serialize;
use storefold_nats_testbed::NatsServer;
use tokio::time::{Instant, sleep};

use self::offering::{Offered, offer};
use crate::{
    Plan,
    conditions::Conditions,
    feed::Mix,
    measure::{WARM_UP, quantile_ms},
    senders::{Sender, total},
    server::{Log, Server},
    usage::{forget_memory_max, memory_bytes_max},
};

/// What is offered.
#[derive(Args)]
pub struct OverloadPlan {
    /// How many times the rate that the server sustains
    #[arg(long, default_value_t = 3.0)]
    times: f64,
}

/// How events come.
struct Shape {
    events_per_request: u64,
    /// Connections that find the sustained rate, and that offer more; together no more than there are stores.
    closed: u32,
    open: u32,
}

const SHAPES: [Shape; 2] =
    [Shape { events_per_request: 1, closed: 64, open: 130 }, Shape { events_per_request: 1_000, closed: 8, open: 100 }];

/// Before who was sent away comes again.
const PAUSE: Duration = Duration::from_millis(10);

/// It has recovered when so many requests in a row were answered within this.
const RECOVERED_AFTER: u32 = 20;
const ANSWERED_WITHIN: Duration = Duration::from_millis(50);

/// One engine under one shape of load.
#[derive(Serialize)]
struct Outcome {
    log: &'static str,
    events_per_request: u64,
    /// Events a second.
    sustained: f64,
    offered: f64,
    accepted: f64,
    /// Of all requests.
    sent_away_share: f64,
    /// How long the accepted took.
    p50_ms: f64,
    p99_ms: f64,
    max_ms: f64,
    /// How long it took to be sent away.
    away_p99_ms: Option<f64>,
    memory_mib_max: u64,
    recovered_after_ms: u128,
}

/// How it is measured.
pub fn conditions(plan: &Plan, overload: &OverloadPlan) -> Vec<(&'static str, String)> {
    let text = format!(
        "scans; {} s closed-loop for the sustained rate, then {} s open-loop at {} times of it, from one thread on the same \
         machine over loopback; accepted events are counted in the log",
        plan.run.as_secs(),
        plan.run.as_secs(),
        overload.times
    );
    vec![("load", text)]
}

/// Measures both engines under each shape.
async fn measure(plan: &Plan, overload: &OverloadPlan) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for shape in &SHAPES {
        outcomes.push(one(plan, overload, shape, ("embedded", Log::Embedded)).await?);
        outcomes.push(one(plan, overload, shape, ("jetstream", Log::JetStream(NatsServer::start().await?))).await?);
    }
    Ok(outcomes)
}

async fn one(plan: &Plan, overload: &OverloadPlan, shape: &Shape, (name, log): (&'static str, Log)) -> Result<Outcome> {
    let &Shape { events_per_request, closed, open } = shape;
    let server = Server::start(plan, plan.role, log).await?;
    let pid = server.pid().context("the server has ended")?;
    let head = server.head().await?;
    let mut senders = Sender::connect_all(server.address(), Mix::Scans, closed, events_per_request).await?;
    sustain(&mut senders, WARM_UP).await?;
    let (before, begun) = (total(&senders).events, Instant::now());
    sustain(&mut senders, plan.run).await?;
    let sustained = (total(&senders).events - before) as f64 / begun.elapsed().as_secs_f64();
    forget_memory_max(pid);
    // Stores of their own, so that a source that was sent away is none of those before.
    let rate = overload.times * sustained / events_per_request as f64;
    let Offered { accepted, mut took, mut away_took, offering_took } =
        offer(server.address(), closed..closed + open, events_per_request, rate, plan.run).await?;
    let memory = memory_bytes_max(pid).unwrap_or_default();
    let recovered_after = recovers(&mut senders[0]).await?;
    let (found, expected) = (server.head().await?, head + total(&senders).events + accepted * events_per_request);
    ensure!(found == expected, "EVENTS LOST OR DOUBLED: the log ends at {found}, and what was accepted at {expected}");
    took.sort_unstable();
    away_took.sort_unstable();
    let (requests, seconds) = ((took.len() + away_took.len()) as f64, offering_took.as_secs_f64());
    let quantile = |share| quantile_ms(&took, share).context("nothing was accepted");
    Ok(Outcome {
        log: name,
        events_per_request,
        sustained,
        offered: requests * events_per_request as f64 / seconds,
        accepted: (accepted * events_per_request) as f64 / seconds,
        sent_away_share: away_took.len() as f64 / requests,
        p50_ms: quantile(0.5)?,
        p99_ms: quantile(0.99)?,
        max_ms: quantile(1.0)?,
        away_p99_ms: quantile_ms(&away_took, 0.99),
        memory_mib_max: memory >> 20,
        recovered_after_ms: recovered_after.as_millis(),
    })
}

/// Sends for a time as fast as it is taken; who is sent away tries again after a moment.
async fn sustain(senders: &mut [Sender], time: Duration) -> Result<()> {
    let end = Instant::now() + time;
    try_join_all(senders.iter_mut().map(|sender| async move {
        while Instant::now() < end {
            if !sender.try_send().await? {
                sleep(PAUSE).await;
            }
        }
        Ok::<_, anyhow::Error>(())
    }))
    .await?;
    Ok(())
}

/// How long it takes until requests are answered as before.
async fn recovers(sender: &mut Sender) -> Result<Duration> {
    let begun = Instant::now();
    let (mut since, mut in_a_row) = (begun.elapsed(), 0);
    while in_a_row < RECOVERED_AFTER {
        let sent = Instant::now();
        if sender.try_send().await? && sent.elapsed() <= ANSWERED_WITHIN {
            in_a_row += 1;
        } else {
            (since, in_a_row) = (begun.elapsed(), 0);
            sleep(PAUSE).await;
        }
    }
    Ok(since)
}

/// Measures and prints.
pub async fn tell(plan: &Plan, overload: &OverloadPlan, conditions: &Conditions, is_json: bool) -> Result<()> {
    let outcomes = measure(plan, overload).await?;
    if is_json {
        println!("{}", serde_json::json!({ "conditions": conditions, "overload": outcomes }));
    } else {
        table(&outcomes, conditions);
    }
    Ok(())
}

/// Prints them for people.
fn table(outcomes: &[Outcome], conditions: &Conditions) {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header([
        "log",
        "events a request",
        "sustained /s",
        "offered /s",
        "accepted /s",
        "sent away",
        "accepted p50 / p99 / max",
        "sent away p99",
        "memory",
        "recovered after",
    ]);
    for o in outcomes {
        table.add_row([
            o.log.to_owned(),
            o.events_per_request.to_string(),
            format!("{:.0}", o.sustained),
            format!("{:.0}", o.offered),
            format!("{:.0}", o.accepted),
            format!("{:.0} %", 100.0 * o.sent_away_share),
            format!("{:.1} / {:.1} / {:.1} ms", o.p50_ms, o.p99_ms, o.max_ms),
            o.away_p99_ms.map_or_else(|| "–".to_owned(), |ms| format!("{ms:.1} ms")),
            format!("{} MiB", o.memory_mib_max),
            format!("{} ms", o.recovered_after_ms),
        ]);
    }
    println!("{table}\n");
    for (name, found) in conditions.iter() {
        println!("{name:<12} {found}");
    }
}
