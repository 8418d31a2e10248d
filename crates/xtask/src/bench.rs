//! `cargo xtask bench`.

use std::{ffi::OsString, fs};

use anyhow::{Context, Result};

use crate::{
    command::{cargo, command, run, target_directory},
    duckdb, nats_server,
};

/// Builds the server and its benchmark as they are released, and starts the benchmark with what it needs.
pub fn bench(arguments: &[OsString]) -> Result<()> {
    let nats_server = nats_server::get()?;
    eprintln!("building the server and its benchmark");
    let packages =
        ["build", "--release", "--locked", "--quiet", "--package", "storefold", "--package", "storefold-bench"];
    run(cargo(packages))?;
    let target = target_directory()?;
    // Logs stand on the disk of the repository: in /tmp it may be memory, where an fsync costs nothing.
    let directory = target.join("bench");
    fs::create_dir_all(&directory).with_context(|| format!("{}", directory.display()))?;
    let mut bench = command(target.join("release/storefold-bench"), []);
    bench.args(arguments).env("NATS_SERVER", nats_server).env("TMPDIR", directory);
    let says = |word: &str| arguments.iter().any(|argument| argument == word);
    if says("rebuild") && !says("--without-peers") && !says("--help") {
        match duckdb::get() {
            Ok(directory) => drop(bench.env(duckdb::DIRECTORY, directory)),
            // It is measured without this peer, and says so.
            Err(error) => eprintln!("DuckDB is left out: {error:#}"),
        }
    }
    run(bench)
}
