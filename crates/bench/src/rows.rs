//! The rows of the table, and how each is measured.

mod figure;
mod query;
mod regular;
mod writing;

pub use self::figure::{Figure, Mark, Peer};

use anyhow::Result;

use self::writing::Writing;
use crate::{
    Plan,
    feed::{Mix, event_ns},
    measure::Runs,
    peers::{PlainJetStream, postgres},
};

/// A row before it is measured.
struct Row {
    name: &'static str,
    what: &'static str,
    at_least: Mark,
    stretch: Mark,
    work: Work,
}

enum Work {
    Write(Writing),
    Query,
}

const NDJSON_AT_LEAST: Mark = Mark { per_second: 300_000.0, p99_ms: None };
const NDJSON_STRETCH: Mark = Mark { per_second: 600_000.0, p99_ms: None };
const NDJSON: Writing = Writing {
    is_on_jetstream: false,
    connections: 8,
    events_per_request: 1_000,
    unit: "events/s",
    mixes: &[Mix::Scans, Mix::QuarterSales],
    peer_waiting: 4_096,
};

const SINGLE_AT_LEAST: Mark = Mark { per_second: 25_000.0, p99_ms: Some(5.0) };
const SINGLE_STRETCH: Mark = Mark { per_second: 45_000.0, p99_ms: Some(3.0) };
const SINGLE: Writing = Writing {
    connections: 64,
    events_per_request: 1,
    unit: "requests/s",
    mixes: &[Mix::Scans],
    peer_waiting: 64,
    ..NDJSON
};

const ROWS: [Row; 6] = [
    Row {
        name: "ndjson-jetstream",
        what: "1,000 events a request, 8 connections, log on JetStream",
        at_least: NDJSON_AT_LEAST,
        stretch: NDJSON_STRETCH,
        work: Work::Write(Writing { is_on_jetstream: true, ..NDJSON }),
    },
    Row {
        name: "ndjson-embedded",
        what: "1,000 events a request, 8 connections, embedded log",
        at_least: NDJSON_AT_LEAST,
        stretch: NDJSON_STRETCH,
        work: Work::Write(NDJSON),
    },
    Row {
        name: "single-jetstream",
        what: "1 event a request, 64 connections, log on JetStream",
        at_least: SINGLE_AT_LEAST,
        stretch: SINGLE_STRETCH,
        work: Work::Write(Writing { is_on_jetstream: true, ..SINGLE }),
    },
    Row {
        name: "single-embedded",
        what: "1 event a request, 64 connections, embedded log",
        at_least: SINGLE_AT_LEAST,
        stretch: SINGLE_STRETCH,
        work: Work::Write(SINGLE),
    },
    Row {
        name: "sales",
        what: "1 event a request, 64 connections, embedded log",
        at_least: Mark { per_second: 15_000.0, p99_ms: Some(8.0) },
        stretch: Mark { per_second: 30_000.0, p99_ms: Some(8.0) },
        work: Work::Write(Writing { mixes: &[Mix::Sales], ..SINGLE }),
    },
    Row {
        name: "query",
        what: "one store over 90 days, 16 connections, embedded log",
        at_least: Mark { per_second: 30_000.0, p99_ms: Some(3.0) },
        stretch: Mark { per_second: 70_000.0, p99_ms: Some(3.0) },
        work: Work::Query,
    },
];

/// All names, as `--only` takes them.
pub fn names() -> [&'static str; ROWS.len()] {
    ROWS.each_ref().map(|row| row.name)
}

/// How the rows are measured.
pub fn conditions(plan: &Plan) -> Vec<(&'static str, String)> {
    vec![
        ("runs", format!("{} of {} s after 1 s of warm-up; median (min–max)", plan.runs, plan.run.as_secs())),
        (
            "load",
            format!(
                "closed-loop, from one thread on the same machine over loopback; {} ns to make an event",
                event_ns()
            ),
        ),
        ("durability", "answered after fsync; JetStream with sync_interval: always, one replica".to_owned()),
        (
            "events",
            "12 sources a connection by turns, a store a connection, all on one day, `seq` without gaps".to_owned(),
        ),
    ]
}

/// Measures the rows that are asked for, one after the other. A peer that several rows have is measured once.
pub async fn measure(plan: &Plan, figures: &mut Vec<Figure>) -> Result<()> {
    let mut jetstream = PlainJetStream::default();
    for row in ROWS.iter().filter(|row| plan.only.is_empty() || plan.only.iter().any(|name| name == row.name)) {
        eprintln!("measuring {}: {}", row.name, row.what);
        match &row.work {
            Work::Write(writing) => {
                let peer = if plan.with_peers {
                    jetstream.with_acks_waiting(plan, writing.peer_waiting).await?
                } else {
                    Peer::left_out()
                };
                for &mix in writing.mixes {
                    figures.push(writing.measure(plan, row, mix, peer.clone()).await?);
                }
                if row.name == "sales" {
                    figures.extend(regular::measure(plan, row).await?);
                }
            }
            Work::Query => {
                let peer = if plan.with_peers { postgres::measure(plan).await? } else { Peer::left_out() };
                figures.extend(query::measure(plan, row, &peer).await?);
            }
        }
    }
    Ok(())
}

impl Row {
    fn figure(&self, detail: &str, unit: &'static str, runs: Runs, peer: Peer, notes: Vec<String>) -> Figure {
        let &Self { name, what, at_least, stretch, .. } = self;
        Figure { row: name, what: format!("{what}: {detail}"), unit, runs, at_least, stretch, peer, notes }
    }
}
