//! What comes of a row.

use serde::Serialize;

use crate::measure::Runs;

/// What a row is to reach.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Mark {
    /// Events, requests or queries a second, at least; 0 where only the time counts.
    pub per_second: f64,
    /// How long 99 of 100 requests may take.
    pub p99_ms: Option<f64>,
}

/// A case of a row, measured.
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
    pub peer: Peer,
    /// What else is to be known.
    pub notes: Vec<String>,
}

/// Another program at the same work.
#[derive(Clone, Debug, Serialize)]
pub struct Peer {
    /// Its name, and how it is used or why it is not.
    pub name: String,
    /// Its runs; absent when it is not on this machine.
    pub runs: Option<Runs>,
}

impl Peer {
    /// Nobody was asked for.
    pub fn left_out() -> Self {
        Self::missing("left out")
    }

    /// Not measured, and why.
    pub fn missing(why: &str) -> Self {
        Self { name: why.to_owned(), runs: None }
    }
}

impl Figure {
    /// Ours to theirs.
    pub fn ratio(&self) -> Option<f64> {
        Some(self.runs.per_second.median / self.peer.runs.as_ref()?.per_second.median)
    }

    /// Whether the medians reach a mark.
    pub fn reaches(&self, mark: Mark) -> bool {
        let in_time = |limit_ms| self.runs.p99_ms.is_some_and(|p99| p99.median <= limit_ms);
        self.runs.per_second.median >= mark.per_second && mark.p99_ms.is_none_or(in_time)
    }
}
