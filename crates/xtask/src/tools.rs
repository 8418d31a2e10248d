//! What the tests need beside cargo: installed when it is missing.

use std::{env, ffi::OsString};

use anyhow::{Context, Result};

use crate::command::{cargo, command, output, run, target_directory};

/// The version that is installed where there is none. Any version that is there already will do.
const NEXTEST: &str = "cargo-nextest@0.9.143";

/// Makes sure of rustfmt and clippy.
pub fn rustfmt_and_clippy() -> Result<()> {
    let missing = || ["fmt", "clippy"].into_iter().find(|tool| output(cargo([tool, "--version"])).is_err());
    if let Some(tool) = missing() {
        eprintln!("cargo {tool} is missing; asking rustup for it");
        run(command("rustup", ["component", "add", "rustfmt", "clippy"]))
            .context("install rustfmt and clippy for this Rust toolchain; they are parts of it")?;
    }
    Ok(())
}

/// Makes sure of nextest and answers the PATH on which cargo finds it.
pub fn nextest() -> Result<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    if output(cargo(["nextest", "--version"])).is_ok() {
        return Ok(path);
    }
    let tools = target_directory()?.join("tools");
    let path = env::join_paths([tools.join("bin")].into_iter().chain(env::split_paths(&path)))?;
    let mut there = cargo(["nextest", "--version"]);
    there.env("PATH", &path);
    if output(there).is_err() {
        eprintln!("cargo-nextest is missing; building it into {}, once", tools.display());
        let mut install = cargo(["install", "--locked", NEXTEST]);
        install.arg("--root").arg(&tools);
        run(install).context("install it with `cargo install --locked cargo-nextest`")?;
    }
    Ok(path)
}
