//! A browser for the end-to-end tests: Debian's Chromium, or the one that `CHROMIUM` names, and two modules of Node that
//! drive it and look for faults of accessibility.

use std::{env, fs, path::PathBuf, process};

use anyhow::{Context, Result, bail};

use crate::command::{command, output, root, run, target_directory};

/// Versions and hashes, in the form that npm reads.
const PACKAGES: &str = "crates/xtask/browser";

/// The browser, for those who start it.
pub const BROWSER: &str = "CHROMIUM";

/// The directory that Node finds the modules in.
pub const MODULES: &str = "BROWSER_MODULES";

/// The browser and the directory of the modules; both are fetched when they are missing.
pub fn get() -> Result<(PathBuf, PathBuf)> {
    Ok((chromium()?, modules()?))
}

fn chromium() -> Result<PathBuf> {
    if let Some(named) = env::var_os(BROWSER) {
        return Ok(named.into());
    }
    let found = || {
        let path = env::var_os("PATH").unwrap_or_default();
        let places: Vec<_> = env::split_paths(&path).collect();
        let names = ["chromium", "chromium-browser", "google-chrome"];
        names.iter().find_map(|name| places.iter().map(|place| place.join(name)).find(|file| file.is_file()))
    };
    if let Some(browser) = found() {
        return Ok(browser);
    }
    eprintln!("Chromium is missing; asking Debian for it");
    let installed = run(command("apt-get", ["update", "--quiet"]))
        .and_then(|()| run(command("apt-get", ["install", "--quiet", "--yes", "--no-install-recommends", "chromium"])));
    let how = "install Chromium yourself (on Debian: apt-get install chromium), or name one in CHROMIUM";
    installed.context(how)?;
    match found() {
        Some(browser) => Ok(browser),
        None => bail!(how),
    }
}

fn modules() -> Result<PathBuf> {
    let directory = root().join(PACKAGES);
    let lock =
        fs::read(directory.join("package-lock.json")).with_context(|| format!("{PACKAGES}/package-lock.json"))?;
    let (name, tools) = (format!("browser-{}", lock_name(&lock)), target_directory()?.join("tools"));
    let whole = tools.join(name);
    if whole.is_dir() {
        return Ok(whole.join("node_modules"));
    }
    eprintln!("fetching the modules that drive a browser into {}", whole.display());
    // Moved to its place last: what stands there is whole.
    let work = tools.join(format!("browser.{}.part", process::id()));
    fs::create_dir_all(&work)?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(directory.join(file), work.join(file))?;
    }
    let mut install = command("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]);
    install.arg(&work);
    let installed = output(install).context(
        "npm has not fetched the modules that drive a browser: install Node 20 or newer with npm, and see why",
    );
    if let Err(error) = installed.and_then(|_| fs::rename(&work, &whole).map_err(Into::into)) {
        fs::remove_dir_all(&work)?;
        return Err(error);
    }
    Ok(whole.join("node_modules"))
}

/// Another lock is another directory.
fn lock_name(lock: &[u8]) -> String {
    // FNV-1a: nobody forges the file of a clone, and nothing else needs a hash here.
    let hash = lock
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}
