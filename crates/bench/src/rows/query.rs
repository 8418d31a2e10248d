//! Answers out: one store, day by day, with and without events being folded meanwhile.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::future::try_join;
use serde_json::Value;
use storefold_simulation::load::{SaleSource, ScanSource, store_code};
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::{Figure, Peer, Row};
use crate::{
    Plan, Role,
    audit::nothing_was_lost,
    feed::{AT_MS, Feed, Lap, json},
    http::{Connection, get, post},
    measure::{self, Spread},
    readers::{Reader, ask_for, questions},
    senders::Sender,
    server::{Log, STORES, Server},
};

const CONNECTIONS: u64 = 16;

/// The window, as store days in Europe/Paris; the clocks change within it.
const WINDOW: &str = "from=2025-08-15&to=2025-11-12";
const DAYS: u64 = 90;

/// Midnight at its begin in Paris.
const WINDOW_AT_MS: i64 = 1_755_208_800_000;
const DAY_MS: i64 = 86_400_000;

/// What stands in each day of each store.
const SCANS_PER_DAY: u64 = 20;
const SALES_PER_DAY: u64 = 4;

/// The load beside the questions: so many events, so many times a second.
const FOLDED_PER_REQUEST: u64 = 1_000;
const FOLDED_REQUESTS_PER_SECOND: u32 = 50;

pub(super) async fn measure(plan: &Plan, row: &Row, peer: &Peer) -> Result<[Figure; 2]> {
    let server = Server::start(plan, Role::All, Log::Embedded).await?;
    let history = write_history(&server).await?;
    nothing_was_lost(&server, Role::All, history, &[]).await?;
    let answer_bytes = check_answer(&server).await?;
    let notes = vec![format!(
        "answers of {answer_bytes} bytes: {DAYS} days with {SCANS_PER_DAY} scans and {SALES_PER_DAY} sales each"
    )];

    let questions = questions((0..STORES).map(path));
    let mut readers = Reader::connect_all(server.address(), &questions, CONNECTIONS).await?;
    let alone = measure::runs(plan, server.pid(), async |time| ask_for(&mut readers, time).await).await?;

    let mut beside = [Sender::connect(server.address(), one_scanner_a_store(), FOLDED_PER_REQUEST).await?];
    let mut folded = Vec::new();
    let loaded = measure::runs(plan, server.pid(), async |time| {
        let (count, rate) = try_join(ask_for(&mut readers, time), fold_for(&server, &mut beside[0], time)).await?;
        folded.push(rate);
        Ok(count)
    })
    .await?;
    let folded_after = nothing_was_lost(&server, Role::All, history, &beside).await?;
    // Without that of the warm-up.
    let folded = Spread::of(folded.split_off(1));
    let mut notes_loaded = notes.clone();
    notes_loaded.push(format!("{:.0} events/s were folded ({:.0}–{:.0})", folded.median, folded.min, folded.max));
    notes_loaded.push(format!("the last was folded {:.1} s after its answer", folded_after.as_secs_f64()));
    let target = FOLDED_PER_REQUEST * u64::from(FOLDED_REQUESTS_PER_SECOND);
    Ok([
        row.figure(&format!("{target} events/s folded meanwhile"), "queries/s", loaded, peer.clone(), notes_loaded),
        row.figure("nothing else", "queries/s", alone, peer.clone(), notes),
    ])
}

fn path(store: u32) -> String {
    format!("/v1/stores/{}/performance?{WINDOW}", store_code(store))
}

/// Fills every day of every store. Answers the last position.
async fn write_history(server: &Server) -> Result<u64> {
    let mut connection = Connection::open(server.address()).await?;
    let (mut request, mut position) = (Vec::new(), 0);
    for store in 0..STORES {
        let code = store_code(store);
        let scans = ScanSource::new(format!("history-scanner-{store}"), &code, format!("h{store}"), WINDOW_AT_MS);
        let sales = SaleSource::new(format!("history-till-{store}"), &code, "1", WINDOW_AT_MS);
        let scans = scans.every_ms(DAY_MS / SCANS_PER_DAY as i64).take((DAYS * SCANS_PER_DAY) as usize);
        let sales = sales.every_ms(DAY_MS / SALES_PER_DAY as i64).take((DAYS * SALES_PER_DAY) as usize);
        let events: Vec<String> = scans.chain(sales).map(|event| json(&event)).collect();
        post(&mut request, "/v1/events", "application/x-ndjson", events.join("\n").as_bytes());
        let answer = connection.ask(&request).await?.ok()?;
        ensure!(answer.leading_number("accepted")? == events.len() as u64, "not all of the history was accepted");
        position = answer.leading_number("position")?;
    }
    Ok(position)
}

/// Checks one answer against what was sent. Answers how long it is.
async fn check_answer(server: &Server) -> Result<usize> {
    let mut connection = Connection::open(server.address()).await?;
    let answer = connection.ask(&get(&path(STORES / 2))).await?.ok()?;
    let shown: Value = serde_json::from_slice(answer.body)?;
    let days = shown["days"].as_array().context("an answer without days")?;
    ensure!(days.len() as u64 == DAYS, "an answer with {} days", days.len());
    let totals = &shown["totals"];
    let whole = totals["scans"]["attempted"] == DAYS * SCANS_PER_DAY && totals["sales"] == DAYS * SALES_PER_DAY;
    ensure!(whole, "the answer does not hold what was sent: {totals}");
    Ok(answer.body.len())
}

/// A scan in each store in turn, all on the last day of the window.
fn one_scanner_a_store() -> Feed {
    let scanner =
        |store| Lap::of(ScanSource::new(format!("scanner-{store}"), store_code(store), format!("{store}"), AT_MS));
    Feed::by_turns(&(0..STORES).map(scanner).collect::<Vec<_>>())
}

/// Sends at the rate asked for. Answers the rate at which a read model came on meanwhile, in events a second.
async fn fold_for(server: &Server, sender: &mut Sender, time: Duration) -> Result<f64> {
    let mut connection = Connection::open(server.address()).await?;
    let asked = get("/v1/email-capture");
    let begun = Instant::now();
    let before = connection.ask(&asked).await?.position()?;
    let mut ticks = interval(Duration::from_secs(1) / FOLDED_REQUESTS_PER_SECOND);
    // A late one is made up for, so that the rate holds.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    while begun.elapsed() < time {
        ticks.tick().await;
        sender.send().await?;
    }
    let after = connection.ask(&asked).await?.position()?;
    Ok((after - before) as f64 / begun.elapsed().as_secs_f64())
}
