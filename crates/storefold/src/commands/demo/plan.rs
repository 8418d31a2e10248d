//! What a demo directory is the demo of.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use storefold_simulation::{Network, Settings};

use super::NetworkArgs;

/// The network of a demo and when its past ended; kept beside the log, so that a later start makes the same events.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Plan {
    stores: u32,
    days: u32,
    seed: u64,
    /// End of the past and begin of the live traffic, in ms since 1970 UTC.
    pub until_ms: i64,
    /// Whether points buy gifts; not in a directory of an earlier release.
    #[serde(default)]
    gifts: bool,
    /// Whether something is undertaken for better figures; not in a directory of an earlier release.
    #[serde(default)]
    improving: bool,
    /// Whether there was live traffic: then the log holds a part of it, and the rest has happened since.
    pub went_on: bool,
}

const FILE: &str = "demo.json";

impl Plan {
    /// The plan of a directory: the one it holds, or a new one whose past ends now.
    ///
    /// # Errors
    /// When the directory holds the demo of another network, or something else.
    pub fn of(directory: &Path, asked: NetworkArgs, now_ms: i64) -> Result<Self> {
        let file = directory.join(FILE);
        let shown = directory.display();
        if !file.exists() {
            let occupied = fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some());
            ensure!(!occupied, "{shown} holds something else than a demo; name an empty directory with --data");
            let NetworkArgs { stores, days, seed } = asked;
            let plan = Self { stores, days, seed, until_ms: now_ms, gifts: true, improving: true, went_on: false };
            // What cannot be made is refused before a directory is.
            plan.network()?;
            plan.keep(directory)?;
            return Ok(plan);
        }
        let text = fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        let plan: Self = serde_json::from_slice(&text).with_context(|| format!("{} is damaged", file.display()))?;
        let Self { stores, days, seed, .. } = plan;
        ensure!(
            (stores, days, seed) == (asked.stores, asked.days, asked.seed),
            "{shown} holds the demo of another network; give --stores {stores} --days {days} --seed {seed}, or \
             another directory"
        );
        Ok(plan)
    }

    /// Remembers that live traffic begins.
    pub fn goes_on(&mut self, directory: &Path) -> Result<()> {
        self.went_on = true;
        self.keep(directory)
    }

    fn keep(&self, directory: &Path) -> Result<()> {
        let json = serde_json::to_vec(self)?;
        let written = fs::create_dir_all(directory).and_then(|()| fs::write(directory.join(FILE), json));
        written.with_context(|| format!("{} cannot be used", directory.display()))
    }

    /// The network.
    pub fn network(&self) -> Result<Network> {
        let Self { stores, days, seed, until_ms, gifts, improving, .. } = *self;
        let settings = Settings { gifts, improving, ..Settings::until(until_ms) };
        NetworkArgs { stores, days, seed }.network(settings)
    }
}
