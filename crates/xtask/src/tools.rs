//! What the tests need beside cargo: installed when it is missing.

use std::{env, ffi::OsString, path::PathBuf};

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

/// A program that is in the PATH under one of these names.
pub fn in_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let places: Vec<_> = env::split_paths(&path).collect();
    names.iter().find_map(|name| places.iter().map(|place| place.join(name)).find(|file| file.is_file()))
}

/// A program under one of these names; where there is none, Debian's package is installed. `what_for` tells whoever has
/// to install it otherwise.
pub fn of_debian(names: &[&str], package: &str, what_for: &str) -> Result<PathBuf> {
    if let Some(program) = in_path(names) {
        return Ok(program);
    }
    let name = names[0];
    eprintln!("{name} is missing; asking Debian for it");
    let installed = run(command("apt-get", ["update", "--quiet"])).and_then(|()| {
        let mut install = command("apt-get", ["install", "--quiet", "--yes", "--no-install-recommends"]);
        install.arg(package);
        run(install)
    });
    let how = || format!("install {name} ({what_for}); on Debian: apt-get install {package}");
    installed.with_context(how)?;
    in_path(names).with_context(how)
}

/// A name for what is made from a file, so that another file makes something else.
pub fn name_of(file: &[u8]) -> String {
    // FNV-1a: nobody forges the file of a clone, and nothing else needs a hash here.
    let hash = file
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}
