//! Modules of Python, fetched with pip into a directory of their own.

use std::{fs, path::Path, process};

use anyhow::{Context, Result};

use crate::command::{command, output};

/// The version of the Python that is here, as `3.11`; its compiled modules are of no use to another.
pub fn version() -> Result<String> {
    let version = output(command("python3", ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]));
    let version =
        version.context("there is no python3: install Python 3 with pip (on Debian: apt-get install python3-pip)")?;
    Ok(version.trim().to_owned())
}

/// Fetches what a requirements file names, by hash, into a directory that is not there yet.
pub fn install(requirements: &str, directory: &Path) -> Result<()> {
    // Moved to its place last: what stands there is whole.
    let work = directory.with_extension(format!("{}.part", process::id()));
    let mut install =
        command("python3", ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]);
    install.args(["--no-deps", "--only-binary=:all:", "--require-hashes", "--root-user-action=ignore"]);
    install.args(["--requirement", requirements, "--target"]).arg(&work);
    let installed = output(install).and_then(|_| fs::rename(&work, directory).map_err(Into::into));
    if installed.is_err() {
        // Nothing may have been made.
        let _ = fs::remove_dir_all(&work);
    }
    installed
}
