//! A read model as the API shows it.

use schemars::JsonSchema;
use serde::Serialize;
use storefold_projection::{Column, ModelStatus, Proof, RunnerHandle, Table};

/// How a read model is doing.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ReadModelStatus {
    /// Its name.
    model: String,
    /// The version of its rows.
    version: u32,
    /// Every event up to it (inclusive) is in its rows.
    position: u64,
    /// Events of the log that are not in its rows yet.
    lag_events: u64,
    /// The event that it stopped before; null while it goes on.
    stopped: Option<Stopped>,
    /// What its rows can be exported as: GET /v1/read-models/{model}/rows.
    tables: Vec<ShownTable>,
    /// What the last comparison of its rows with a new fold of the log came to; null before the first.
    proof: Option<ShownProof>,
}

/// An event that a read model cannot fold.
#[derive(Serialize, JsonSchema)]
struct Stopped {
    /// Of the event.
    position: u64,
    /// What is wrong with it.
    detail: String,
}

/// A table that rows can be exported as.
#[derive(Serialize, JsonSchema)]
struct ShownTable {
    /// Its name.
    table: String,
    /// What a record of it is.
    summary: String,
    /// What its records hold, in the order in which it is written.
    columns: Vec<Column>,
}

/// A comparison of rows with a new fold of the log.
#[derive(Serialize, JsonSchema)]
struct ShownProof {
    /// Where both stood.
    position: u64,
    /// Whether they were equal.
    equal: bool,
    /// The first row that differed, in words; null when they were equal.
    difference: Option<String>,
    /// How long ago it was made, in s.
    age_seconds: f64,
}

impl ReadModelStatus {
    pub(super) fn of(status: ModelStatus, models: &RunnerHandle) -> Self {
        let tables = models.tables().filter(|(model, _)| *model == status.name);
        Self {
            tables: tables.map(|(_, table)| ShownTable::from(table)).collect(),
            model: status.name.to_owned(),
            version: status.version,
            position: status.position,
            lag_events: status.lag_events,
            stopped: status.poisoned.map(|poisoned| Stopped { position: poisoned.position, detail: poisoned.sentence }),
            proof: status.proof.map(ShownProof::from),
        }
    }
}

impl From<&Table> for ShownTable {
    fn from(table: &Table) -> Self {
        Self { table: table.name.to_owned(), summary: table.summary.to_owned(), columns: table.columns.clone() }
    }
}

impl From<Proof> for ShownProof {
    fn from(proof: Proof) -> Self {
        let Proof { position, difference, age } = proof;
        Self { position, equal: difference.is_none(), difference, age_seconds: age.as_secs_f64() }
    }
}
