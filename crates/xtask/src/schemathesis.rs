//! Schemathesis, which drives the HTTP API from its OpenAPI document, as modules of Python in target/tools/.

use std::{env, fs, path::PathBuf};

use anyhow::{Context, Result};

use crate::{
    command::{root, target_directory},
    python, tools,
};

/// Versions and hashes, in the form that pip reads.
const REQUIREMENTS: &str = "crates/xtask/api.txt";

/// The directory of the modules, for those who start it.
pub const MODULES: &str = "SCHEMATHESIS_PYTHONPATH";

/// The directory of the modules; fetched when there is none.
pub fn get() -> Result<PathBuf> {
    if let Some(directory) = env::var_os(MODULES) {
        // Tests start in the directory of their crate.
        return Ok(fs::canonicalize(&directory).unwrap_or_else(|_| directory.into()));
    }
    let requirements = fs::read(root().join(REQUIREMENTS)).context(REQUIREMENTS)?;
    let name = format!("schemathesis-{}-python{}", tools::name_of(&requirements), python::version()?);
    let directory = target_directory()?.join("tools").join(name);
    if !directory.is_dir() {
        eprintln!("fetching Schemathesis into {}", directory.display());
        python::install(REQUIREMENTS, &directory).with_context(|| {
            format!("pip has not fetched Schemathesis; install it yourself and name its directory in {MODULES}")
        })?;
    }
    Ok(directory)
}
