//! What was measured, as rows of the table.

use super::{
    client::Rebuilt,
    measured::Measured,
    peers::Peers,
    serving::{CONNECTIONS, DAYS, LIVE_PER_SECOND, Serving},
};
use crate::{
    measure::{Runs, Spread},
    rows::{Figure, Mark, Peer},
};

/// To be reached by all read models together.
const AT_LEAST_PER_SECOND: f64 = 5_000_000.0;

/// What DuckDB gives on such a machine; taken where it is not measured.
const DUCKDB_PER_SECOND: f64 = 15_000_000.0;

/// How much slower 99 of 100 queries may become while read models are rebuilt.
const SLOWER_MAX: f64 = 3.0;

/// What an event may take on disk, in bytes.
const BYTES_PER_EVENT_MAX: f64 = 45.0;

pub(super) fn all(measured: &Measured, peers: &Peers) -> Vec<Figure> {
    let whole = whole(&measured.alone, measured.position);
    let notes = notes(measured, peers);
    let to_done = "all read models, until the new ones answer";
    let mut figures: Vec<_> = [&peers.duckdb, &peers.postgres, &peers.jetstream]
        .into_iter()
        .map(|peer| rebuild(measured, to_done, whole.clone(), peer.clone(), peers))
        .collect();
    figures[0].notes = notes;
    figures[0].runs.cores = measured.cores_alone;
    figures.extend(folding(&measured.alone).map(|runs| {
        let what = "all read models, folding alone, as the server counts it";
        rebuild(measured, what, runs, peers.duckdb.clone(), peers)
    }));
    figures.push(queries(&measured.asked, "rebuilding", measured.position));
    let (fed, per_second) = &measured.asked_and_fed;
    let what = format!("rebuilding, and {LIVE_PER_SECOND} new events/s ({per_second:.0} came in)");
    figures.push(queries(fed, &what, measured.position));
    figures
}

fn rebuild(measured: &Measured, what: &str, runs: Runs, peer: Peer, peers: &Peers) -> Figure {
    let duckdb = peers.duckdb.runs.as_ref().map_or(DUCKDB_PER_SECOND, |runs| runs.per_second.median);
    Figure {
        row: "rebuild",
        what: format!("{what}: {} events of {} stores over {} days", measured.position, measured.stores, measured.days),
        unit: "events/s",
        runs,
        at_least: Mark { per_second: AT_LEAST_PER_SECOND, p99_ms: None },
        stretch: Mark { per_second: duckdb, p99_ms: None },
        peer,
        notes: Vec::new(),
    }
}

/// By the clock of who asked, from asking to being told that it is done.
fn whole(rebuilt: &[Rebuilt], position: u64) -> Runs {
    Runs::of_rates(rebuilt.iter().map(|one| position as f64 / one.took.as_secs_f64()).collect())
}

/// By the server's own count, while it was folding; nothing when it was too short to be seen in any run.
fn folding(rebuilt: &[Rebuilt]) -> Option<Runs> {
    let seen = rebuilt.iter().filter_map(|one| one.folding).filter(|(_, seconds)| *seconds > 0.0);
    let rates: Vec<_> = seen.map(|(position, seconds)| position as f64 / seconds).collect();
    (!rates.is_empty()).then(|| Runs::of_rates(rates))
}

fn notes(measured: &Measured, peers: &Peers) -> Vec<String> {
    let events = measured.position as f64;
    let took = Spread::of(measured.alone.iter().map(|one| one.took.as_secs_f64()).collect());
    let per_event = measured.log_bytes as f64 / events;
    let reached = if per_event <= BYTES_PER_EVENT_MAX { "reached" } else { "MISSED" };
    let mut notes = vec![
        format!("{:.2} s from asking to the answers of the new models ({:.2}–{:.2})", took.median, took.min, took.max),
        format!(
            "{} facts sent, {:.0} a second, one connection, durable; with what they brought about {} events",
            measured.sent,
            measured.sent as f64 / measured.wrote_in.as_secs_f64(),
            measured.position
        ),
        "the sums of the read models are those that the simulation has counted".to_owned(),
        format!("the log takes {per_event:.1} bytes an event on disk (at most {BYTES_PER_EVENT_MAX}: {reached})"),
    ];
    if let Some(bytes) = peers.parquet_bytes {
        notes.push("the sums of DuckDB are the same".to_owned());
        notes.push(format!("the Parquet file takes {:.1} bytes an event", bytes as f64 / events));
    }
    let memory = [("writing and folding live", measured.memory_writing), ("rebuilding", measured.memory_rebuilding)];
    notes.extend(
        memory
            .into_iter()
            .filter_map(|(when, bytes)| Some(format!("the server held {} MiB at most while {when}", bytes? >> 20))),
    );
    notes
}

/// The queries before are the peer of those during.
fn queries(serving: &Serving, meanwhile: &str, position: u64) -> Figure {
    let p99 = |runs: &Runs| runs.p99_ms.map_or(0.0, |p99| p99.median);
    let p50 = |runs: &Runs| runs.p50_ms.map_or(0.0, |p50| p50.median);
    let (before, during, after) = (&serving.before, &serving.during, &serving.after);
    let took = Spread::of(serving.rebuilt.iter().map(|one| one.took.as_secs_f64()).collect());
    let mark = |slower: f64| Mark { per_second: 0.0, p99_ms: Some((p99(before) * slower * 100.0).round() / 100.0) };
    Figure {
        row: "queries-during-rebuild",
        what: format!("one store over {DAYS} days, {CONNECTIONS} connections: {meanwhile}"),
        unit: "queries/s",
        runs: during.clone(),
        at_least: mark(SLOWER_MAX),
        stretch: mark(1.0),
        peer: Peer { name: "the same before the rebuild".to_owned(), runs: Some(before.clone()) },
        notes: vec![
            format!("p99 is {:.2} times that before (at most {SLOWER_MAX})", p99(during) / p99(before)),
            format!(
                "after the swap: {:.0} queries/s, p50 {:.2} ms, p99 {:.2} ms",
                after.per_second.median,
                p50(after),
                p99(after)
            ),
            format!(
                "a rebuild took {:.2} s ({:.2}–{:.2}) meanwhile: {:.0} events/s",
                took.median,
                took.min,
                took.max,
                position as f64 / took.median
            ),
        ],
    }
}
