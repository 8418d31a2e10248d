//! What the files in `deploy/` are checked with, and clients of MQTT and NATS that nobody here wrote.

use std::{env, fs, path::PathBuf, process};

use anyhow::{Context, Result};

use crate::{
    command::{command, output, root, target_directory},
    python, tools,
};

/// Versions and hashes, in the form that pip reads.
const REQUIREMENTS: &str = "crates/xtask/deploy.txt";

/// The directory of the modules of Python, for those who start it.
pub const MODULES: &str = "DEPLOY_PYTHONPATH";

/// The program that checks rules of Prometheus, for those who start it.
pub const PROMTOOL: &str = "PROMTOOL";

/// The directory of the modules, and promtool; makes sure of `mosquitto_pub` and `systemd-analyze` too, which stand where
/// Debian puts them.
pub fn get() -> Result<(PathBuf, PathBuf)> {
    tools::of_debian(&["mosquitto_pub"], "mosquitto-clients", "it plays a device on MQTT")?;
    tools::of_debian(&["systemd-analyze"], "systemd", "it checks the units in deploy/systemd")?;
    Ok((modules()?, promtool()?))
}

fn modules() -> Result<PathBuf> {
    if let Some(directory) = env::var_os(MODULES) {
        return Ok(directory.into());
    }
    let requirements = fs::read(root().join(REQUIREMENTS)).context(REQUIREMENTS)?;
    let name = format!("deploy-{}-python{}", tools::name_of(&requirements), python::version()?);
    let directory = target_directory()?.join("tools").join(name);
    if !directory.is_dir() {
        eprintln!("fetching what deploy/ is checked with into {}", directory.display());
        python::install(REQUIREMENTS, &directory).context("pip has not fetched what deploy/ is checked with")?;
    }
    Ok(directory)
}

/// The one that is installed, or else taken out of Debian's package: installed, that would start a server.
fn promtool() -> Result<PathBuf> {
    if let Some(named) = env::var_os(PROMTOOL) {
        return Ok(named.into());
    }
    let tools = target_directory()?.join("tools");
    let kept = tools.join("promtool");
    if let Some(found) = tools::in_path(&["promtool"]).or_else(|| kept.is_file().then(|| kept.clone())) {
        return Ok(found);
    }
    eprintln!("fetching promtool into {}", kept.display());
    let work = tools.join(format!("promtool.{}.part", process::id()));
    fs::create_dir_all(&work)?;
    let unpacked = (|| {
        output(command("apt-get", ["update", "--quiet"]))?;
        let mut download = command("apt-get", ["download", "--quiet", "prometheus"]);
        output({
            download.current_dir(&work);
            download
        })?;
        let package = fs::read_dir(&work)?.next().context("apt-get has fetched no file")??.path();
        let mut unpack = command("dpkg-deb", ["--extract"]);
        unpack.arg(package).arg(&work);
        output(unpack)?;
        fs::rename(work.join("usr/bin/promtool"), &kept).context("the package holds no promtool")
    })();
    fs::remove_dir_all(&work)?;
    unpacked.context("install promtool, which comes with Prometheus, or name one in PROMTOOL")?;
    Ok(kept)
}
