//! Exported tables, read by a program that knows nothing of Storefold.

use std::{
    env,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;

const SCRIPT: &str = include_str!("in_duckdb.py");

/// Runs SQL over the files of a directory, and gives what its last statement answers: an object a row.
pub fn in_duckdb(directory: &Path, sql: &str) -> Vec<Value> {
    let mut python = Command::new("python3");
    python.args(["-c", SCRIPT]).arg(directory);
    if let Some(found) = env::var_os("DUCKDB_PYTHONPATH") {
        python.env("PYTHONPATH", found);
    }
    let python = python.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut python = python.unwrap_or_else(|error| panic!("there is no python3, which DuckDB is a module of: {error}"));
    // A program that ends before it reads says why.
    python.stdin.take().unwrap().write_all(sql.as_bytes()).unwrap_or_default();
    let output = python.wait_with_output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        !complaint.contains("No module named 'duckdb'"),
        "DuckDB is not here; run `cargo xtask test`, which gets it, or set DUCKDB_PYTHONPATH to a directory with it"
    );
    assert!(output.status.success(), "{complaint}");
    serde_json::from_slice(&output.stdout).unwrap()
}
