//! DuckDB as a module of Python, to measure beside and to read exported tables with: the pinned one in target/tools/, or
//! the one in the directory that `DUCKDB_PYTHONPATH` names.

use std::{env, fs, path::PathBuf, process};

use anyhow::{Context, Result};

use crate::command::{command, output, root, target_directory};

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
    let python = output(command("python3", ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"])).context(
        "DuckDB is a module of Python 3, and there is no python3: install Python 3 with pip (on Debian: apt-get install \
         python3-pip)",
    )?;
    let requirements = fs::read_to_string(root().join(REQUIREMENTS)).context(REQUIREMENTS)?;
    let (_, rest) = requirements.split_once("\nduckdb==").with_context(|| format!("{REQUIREMENTS} pins none"))?;
    let pinned = rest.split_whitespace().next().unwrap_or_default();
    let tools = target_directory()?.join("tools");
    let directory = tools.join(format!("duckdb-{pinned}-python{}", python.trim()));
    if directory.is_dir() {
        return Ok(directory);
    }
    eprintln!("fetching DuckDB {pinned} into {}", directory.display());
    // Moved to its place last: what stands there is whole.
    let work = tools.join(format!("duckdb.{}.part", process::id()));
    let mut install =
        command("python3", ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]);
    install.args(["--no-deps", "--only-binary=:all:", "--require-hashes", "--root-user-action=ignore"]);
    install.args(["--requirement", REQUIREMENTS, "--target"]).arg(&work);
    let installed = output(install).context(
        "pip has not fetched DuckDB; install it yourself and set DUCKDB_PYTHONPATH to the directory of the module",
    );
    if let Err(error) = installed.and_then(|_| fs::rename(&work, &directory).map_err(Into::into)) {
        // Nothing may have been made.
        let _ = fs::remove_dir_all(&work);
        return Err(error);
    }
    Ok(directory)
}
