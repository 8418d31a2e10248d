//! The rows of the table, a file for each kind.

mod ndjson;
mod query;
mod single;

use anyhow::Result;
use serde::Serialize;
use storefold_nats_testbed::NatsServer;

use crate::{
    Plan, Role,
    feed::Mix,
    measure::Runs,
    peers::{PlainJetStream, postgres},
    server::Log,
};

/// What a row must reach.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Mark {
    /// Events, requests or queries a second, at least.
    pub per_second: f64,
    /// How long 99 of 100 requests may take.
    pub p99_ms: Option<f64>,
}

const fn mark(per_second: f64, p99_ms: Option<f64>) -> Mark {
    Mark { per_second, p99_ms }
}

/// A row before it is measured.
pub struct Row {
    name: &'static str,
    what: &'static str,
    at_least: Mark,
    stretch: Mark,
}

/// A row, or one of its cases, measured.
#[derive(Debug, Serialize)]
pub struct Figure {
    /// Name of the row.
    pub row: &'static str,
    /// What is measured.
    pub what: String,
    /// What is counted.
    pub unit: &'static str,
    /// The runs.
    pub runs: Runs,
    /// What it must reach.
    pub at_least: Mark,
    /// What it should.
    pub stretch: Mark,
    /// Who does the same.
    pub peer: Option<Peer>,
    /// What else is to be known.
    pub notes: Vec<String>,
}

/// Another program at the same work.
#[derive(Clone, Debug, Serialize)]
pub struct Peer {
    /// Its name and how it is used.
    pub name: String,
    /// Its runs; absent when it is not on this machine, as the name says.
    pub runs: Option<Runs>,
}

impl Figure {
    /// Ours to theirs.
    pub fn ratio(&self) -> Option<f64> {
        let theirs = self.peer.as_ref()?.runs.as_ref()?;
        Some(self.runs.per_second.median / theirs.per_second.median)
    }

    /// Whether a mark is reached by the medians.
    pub fn reaches(&self, mark: Mark) -> bool {
        let in_time = |limit| self.runs.p99_ms.is_some_and(|p99| p99.median <= limit);
        self.runs.per_second.median >= mark.per_second && mark.p99_ms.is_none_or(in_time)
    }
}

const NDJSON: (Mark, Mark) = (mark(300_000.0, None), mark(600_000.0, None));
const SINGLE: (Mark, Mark) = (mark(25_000.0, Some(5.0)), mark(45_000.0, Some(3.0)));

const ROWS: [Row; 6] = [
    Row {
        name: "ndjson-jetstream",
        what: "1,000 events a request, 8 connections, log on JetStream",
        at_least: NDJSON.0,
        stretch: NDJSON.1,
    },
    Row {
        name: "ndjson-embedded",
        what: "1,000 events a request, 8 connections, embedded log",
        at_least: NDJSON.0,
        stretch: NDJSON.1,
    },
    Row {
        name: "single-jetstream",
        what: "1 event a request, 64 connections, log on JetStream",
        at_least: SINGLE.0,
        stretch: SINGLE.1,
    },
    Row {
        name: "single-embedded",
        what: "1 event a request, 64 connections, embedded log",
        at_least: SINGLE.0,
        stretch: SINGLE.1,
    },
    Row {
        name: "sales",
        what: "1 sale a request, 64 connections, embedded log",
        at_least: mark(15_000.0, Some(8.0)),
        stretch: mark(30_000.0, Some(8.0)),
    },
    Row {
        name: "query",
        what: "a store over 90 days, 16 connections, embedded log",
        at_least: mark(30_000.0, Some(3.0)),
        stretch: mark(70_000.0, Some(3.0)),
    },
];

/// All names, as `--only` takes them.
pub fn names() -> [&'static str; ROWS.len()] {
    ROWS.each_ref().map(|row| row.name)
}

/// Measures the rows that are asked for, one after the other. A peer that several rows have is measured once.
pub async fn measure(plan: &Plan) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    let mut jetstream = PlainJetStream::default();
    for row in ROWS.iter().filter(|row| plan.only.is_empty() || plan.only.iter().any(|name| name == row.name)) {
        eprintln!("measuring {}: {}", row.name, row.what);
        match row.name {
            "ndjson-jetstream" | "ndjson-embedded" => {
                for mix in [Mix::Scans, Mix::QuarterSales] {
                    figures.push(ndjson::measure(plan, row, mix, jetstream.saturated(plan).await?).await?);
                }
            }
            "single-jetstream" | "single-embedded" => {
                figures.push(single::measure(plan, row, Mix::Scans, Some(jetstream.with_64_waiting(plan).await?)).await?);
            }
            "sales" => figures.push(single::measure(plan, row, Mix::Sales, None).await?),
            _ => {
                let peer = postgres::measure(plan).await?;
                figures.extend(query::measure(plan, row, &peer).await?);
            }
        }
    }
    Ok(figures)
}

impl Row {
    fn figure(&self, detail: &str, unit: &'static str, runs: Runs, peer: Option<Peer>, notes: Vec<String>) -> Figure {
        let Self { name, what, at_least, stretch } = *self;
        Figure { row: name, what: format!("{what}: {detail}"), unit, runs, at_least, stretch, peer, notes }
    }

    async fn log(&self) -> Result<Log> {
        match self.name.ends_with("-jetstream") {
            true => Ok(Log::JetStream(NatsServer::start().await?)),
            false => Ok(Log::Embedded),
        }
    }
}

/// What a role adds to the description of a figure.
fn with_role(mix: Mix, role: Role) -> String {
    match role {
        Role::All => mix.describe().to_owned(),
        Role::Write => format!("{}, folded elsewhere (--role write)", mix.describe()),
    }
}
