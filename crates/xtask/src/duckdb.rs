//! DuckDB as a module of Python, to measure beside and to read exported tables with: the pinned one in target/tools/, or
//! the one in the directory that `DUCKDB_PYTHONPATH` names.

use std::{env, fs, path::PathBuf};

use anyhow::{Context, Result};

use crate::{
    command::{root, target_directory},
    python,
};

/// Version and hashes, in the form that pip reads; beside `Cargo.toml`.
const REQUIREMENTS: &str = "crates/xtask/duckdb.txt";

/// The directory that Python finds it in, for those who are started with it.
pub const DIRECTORY: &str = "DUCKDB_PYTHONPATH";

/// The directory that Python finds it in; fetched when there is none. Another version, or another Python, is another
/// directory.
pub fn get() -> Result<PathBuf> {
    if let Some(directory) = env::var_os(DIRECTORY) {
        // Tests start in the directory of their crate.
        return Ok(fs::canonicalize(&directory).unwrap_or_else(|_| directory.into()));
    }
    let python = python::version().context("DuckDB is a module of Python 3")?;
    let requirements = fs::read_to_string(root().join(REQUIREMENTS)).context(REQUIREMENTS)?;
    let (_, rest) = requirements.split_once("\nduckdb==").with_context(|| format!("{REQUIREMENTS} pins none"))?;
    let pinned = rest.split_whitespace().next().unwrap_or_default();
    let tools = target_directory()?.join("tools");
    let directory = tools.join(format!("duckdb-{pinned}-python{python}"));
    if directory.is_dir() {
        return Ok(directory);
    }
    eprintln!("fetching DuckDB {pinned} into {}", directory.display());
    python::install(REQUIREMENTS, &directory).context(
        "pip has not fetched DuckDB; install it yourself and set DUCKDB_PYTHONPATH to the directory of the module",
    )?;
    Ok(directory)
}
