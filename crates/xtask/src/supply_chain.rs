//! `cargo xtask supply-chain`: what `.deny.toml` says, held by cargo-deny. The tests hold what needs no further program.

use std::env;

use anyhow::{Context, Result};

use crate::command::{cargo, output, run, target_directory};

/// The version that is installed where there is none. Any version that is there already will do.
const DENY: &str = "cargo-deny@0.20.2";

/// Checks licences, sources, bans and, where the database can be had, advisories.
pub fn supply_chain() -> Result<()> {
    let tools = target_directory()?.join("tools");
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([tools.join("bin")].into_iter().chain(env::split_paths(&path)))?;
    let deny = |what: &[&str]| {
        let mut deny = cargo(["deny", "--locked", "--all-features", "check"]);
        deny.args(what).env("PATH", &path);
        deny
    };
    let mut there = cargo(["deny", "--version"]);
    there.env("PATH", &path);
    if output(there).is_err() {
        eprintln!("cargo-deny is missing; building it into {}, once, which takes minutes", tools.display());
        let mut install = cargo(["install", "--locked", DENY]);
        install.arg("--root").arg(&tools);
        run(install).context("install it with `cargo install --locked cargo-deny`")?;
    }
    run(deny(&["licenses", "bans", "sources"]))?;
    let mut fetch = cargo(["deny", "fetch", "db"]);
    fetch.env("PATH", &path);
    if let Err(error) = output(fetch) {
        eprintln!("Advisories were NOT checked: their database cannot be had from here.\n{error}");
        return Ok(());
    }
    run(deny(&["advisories"]))
}
