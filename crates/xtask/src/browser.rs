//! A browser for the end-to-end tests: Debian's Chromium, or the one that `CHROMIUM` names, and two modules of Node that
//! drive it and look for faults of accessibility.

use std::{env, fs, path::PathBuf, process};

use anyhow::{Context, Result};

use crate::{
    command::{command, output, root, target_directory},
    tools,
};

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
    tools::of_debian(
        &["chromium", "chromium-browser", "google-chrome"],
        "chromium",
        "it looks at the pages; another can be named in CHROMIUM",
    )
}

fn modules() -> Result<PathBuf> {
    let directory = root().join(PACKAGES);
    let lock =
        fs::read(directory.join("package-lock.json")).with_context(|| format!("{PACKAGES}/package-lock.json"))?;
    let (name, kept) = (format!("browser-{}", tools::name_of(&lock)), target_directory()?.join("tools"));
    let whole = kept.join(name);
    if whole.is_dir() {
        return Ok(whole.join("node_modules"));
    }
    eprintln!("fetching the modules that drive a browser into {}", whole.display());
    // Moved to its place last: what stands there is whole.
    let work = kept.join(format!("browser.{}.part", process::id()));
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
