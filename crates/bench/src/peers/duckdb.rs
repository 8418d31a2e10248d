//! DuckDB: the three reports by GROUP BY over the same events in one Parquet file.

use std::{
    env,
    ffi::{OsStr, OsString},
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::json;

use super::reports::{REPORTS, TOTALS};
use crate::{
    Plan,
    measure::Runs,
    rebuild::{COLUMNS, CUSTOMERS_SUMMED, Totals},
    rows::Peer,
};

/// Names the directory that Python finds it in.
const DIRECTORY: &str = "DUCKDB_PYTHONPATH";

const SCRIPT: &str = include_str!("duckdb.py");

/// As many as the machine of the tests has.
const THREADS: u32 = 2;

/// What it said.
pub struct Answer {
    /// Its rates.
    pub peer: Peer,
    /// Bytes of the Parquet file.
    pub parquet_bytes: u64,
    /// Its sums over all events.
    pub totals: Totals,
    /// And over the first of them.
    pub totals_of_first: Totals,
}

#[derive(Deserialize)]
struct Said {
    version: String,
    parquet_bytes: u64,
    runs: Vec<Vec<f64>>,
    totals: Totals,
    totals_of_first: Totals,
}

/// Why it is not measured, where it is not.
pub const MISSING: &str = "DuckDB is not on this machine: `cargo xtask bench rebuild` fetches it with pip";

/// The directory that Python finds it in.
pub fn find() -> Option<OsString> {
    env::var_os(DIRECTORY)
}

/// Makes the reports of `events` events in a CSV file.
pub fn measure(plan: &Plan, directory: &OsStr, csv: &Path, events: u64, first: u64) -> Result<Answer> {
    eprintln!("measuring DuckDB");
    let asked = json!({
        "csv": csv,
        "parquet": csv.with_extension("parquet"),
        "columns": COLUMNS,
        "reports": REPORTS,
        "totals": TOTALS.replace("CUSTOMERS", CUSTOMERS_SUMMED),
        "runs": plan.runs,
        "threads": THREADS,
        "first": first,
    });
    let mut python = Command::new("python3");
    python.args(["-c", SCRIPT]).env("PYTHONPATH", directory);
    let mut python = python.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    python.stdin.take().context("its standard input is a pipe")?.write_all(asked.to_string().as_bytes())?;
    let output = python.wait_with_output()?;
    ensure!(output.status.success(), "DuckDB failed: {}", String::from_utf8_lossy(&output.stderr));
    let said: Said = serde_json::from_slice(&output.stdout)?;
    let rates = said.runs.iter().map(|seconds| events as f64 / seconds.iter().sum::<f64>());
    let name = format!("DuckDB {}, 3 GROUP BYs over Parquet (zstd), {THREADS} threads, nothing else", said.version);
    Ok(Answer {
        peer: Peer { name, runs: Some(Runs::of_rates(rates.collect())) },
        parquet_bytes: said.parquet_bytes,
        totals: said.totals,
        totals_of_first: said.totals_of_first,
    })
}
