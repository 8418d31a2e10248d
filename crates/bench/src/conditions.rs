//! What the figures were measured under: without it they say nothing.

use std::{
    env, fs,
    io::{self, Write},
    path::Path,
    process::Command,
};

use anyhow::Result;
use serde::Serialize;
use tokio::time::Instant;

use crate::{Plan, peers::postgres};

/// Writes of the probe of the disk.
const WRITES: usize = 100;

/// Names and what was found.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Conditions(Vec<(&'static str, String)>);

impl Conditions {
    /// Looks before anything is measured. `measured` says how that is done.
    pub fn find(plan: &Plan, measured: Vec<(&'static str, String)>) -> Result<Self> {
        let directory = env::temp_dir();
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let load = read("/proc/loadavg").split(' ').next().map_or_else(String::new, str::to_owned);
        let nats = storefold_nats_testbed::binary()?;
        let postgres = match postgres::find() {
            Some(programs) => said(&programs.join("postgres")),
            None => "not on this machine".to_owned(),
        };
        let disk = format!(
            "{}, {}; write and fsync of 4 KiB: {}",
            directory.display(),
            file_system(&directory),
            fsync(&directory)?
        );
        let mut found = measured;
        found.extend([
            ("machine", format!("{cores} cores, {}, {}; load {load} at the start", cpu(), memory())),
            ("disk", disk),
            ("storefold", said(&plan.storefold)),
            ("nats-server", said(&nats)),
            ("postgres", postgres),
            ("rustc", said(Path::new("rustc"))),
        ]);
        Ok(Self(found))
    }

    /// Each with its name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, found)| (*name, found.as_str()))
    }
}

/// What a program says to `--version`.
fn said(program: &Path) -> String {
    match Command::new(program).arg("--version").output() {
        Ok(output) => String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned(),
        Err(error) => format!("{}: {error}", program.display()),
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn cpu() -> String {
    let info = read("/proc/cpuinfo");
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    model.map_or_else(|| env::consts::ARCH.to_owned(), |(_, name)| name.to_owned())
}

fn memory() -> String {
    let total = read("/proc/meminfo")
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.trim().trim_end_matches(" kB").parse::<u64>().ok());
    total.map_or_else(String::new, |kib| format!("{} GiB", kib >> 20))
}

/// The one of the longest mount point that the path is under. On tmpfs an fsync is for nothing.
fn file_system(path: &Path) -> String {
    let mounts = read("/proc/mounts");
    let mounts = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let under = mounts.filter(|(point, _)| path.starts_with(point)).max_by_key(|(point, _)| point.len());
    under.map_or_else(|| "unknown".to_owned(), |(_, kind)| kind.to_owned())
}

fn fsync(directory: &Path) -> io::Result<String> {
    let mut file = tempfile::tempfile_in(directory)?;
    let mut took = Vec::with_capacity(WRITES);
    for _ in 0..WRITES {
        let begun = Instant::now();
        file.write_all(&[0; 4_096])?;
        file.sync_data()?;
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    Ok(format!("{:.0?}", took[WRITES / 2]))
}
