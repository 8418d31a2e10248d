//! What an edge is told (`--role edge`).

use std::{fs, path::Path};

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use serde::Deserialize;
use storefold_edge::{Policy, Settings as EdgeSettings};
use storefold_outbox::Settings as OutboxSettings;

use super::{Given, Role};

/// Where the flags of an edge stand in the help.
pub(super) const EDGE: &str = "In a store (--role edge)";

/// What spends cards and points while the line is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum OfflinePolicy {
    /// Nothing does
    Refuse,
    /// Up to --floor-minor and --floor-points; what a card does not hold then is a shortfall of the store
    Floor,
}

impl Given {
    /// What an edge is told; `None` for other roles.
    pub(super) fn edge(&self, role: Role, data: &Path) -> Result<Option<EdgeSettings>> {
        if role != Role::Edge {
            let told = self.central.is_some() || self.stores.is_some() || self.offline.is_some();
            ensure!(!told, "--central, --stores and --offline are for --role edge; add it, or leave them out");
            return Ok(None);
        }
        ensure!(self.log.is_none(), "an edge keeps no log; leave --log out, and name the centre with --central");
        let central = self.central.clone();
        let central = central.context("an edge sends on to a centre; name it with --central https://HOST")?;
        let stores = self.stores.clone().filter(|stores| !stores.is_empty());
        let stores = stores.context("an edge stands in a store; name it with --stores, as --stores FR-PAR-01")?;
        let policy = match (self.offline.unwrap_or(OfflinePolicy::Refuse), self.floor_minor, self.floor_points) {
            (OfflinePolicy::Refuse, None, None) => Policy::Refuse,
            (OfflinePolicy::Refuse, ..) => {
                bail!("--floor-minor and --floor-points are for --offline floor; add it, or leave them out")
            }
            (OfflinePolicy::Floor, None, None) => {
                bail!("--offline floor needs a limit; give --floor-minor, --floor-points, or both")
            }
            (OfflinePolicy::Floor, minor, points) => {
                Policy::Floor { floor_minor: minor.unwrap_or(0).into(), floor_points: points.unwrap_or(0).into() }
            }
        };
        let token = match &self.token_file {
            None => std::env::var("STOREFOLD_TOKEN").ok(),
            Some(file) => {
                let token = fs::read_to_string(file);
                let token = token.with_context(|| format!("the token in {} cannot be read", file.display()))?;
                Some(token.trim().to_owned())
            }
        };
        Ok(Some(EdgeSettings {
            central,
            authorities: self.ca.clone(),
            token,
            name: self.edge_name.clone().unwrap_or_else(|| format!("edge-{}", stores[0])),
            stores,
            policy,
            directory: data.join("outbox"),
            outbox: OutboxSettings {
                bytes_max: self.outbox_max_bytes.unwrap_or(OUTBOX_BYTES_MAX),
                free_bytes_min: FREE_BYTES_MIN,
            },
        }))
    }
}

/// What an outbox holds unless it is told otherwise: some 25 million scans.
const OUTBOX_BYTES_MAX: u64 = 4 << 30;

/// What an edge leaves free on its disk, so that it can still take out of the outbox what was sent on.
const FREE_BYTES_MIN: u64 = 64 << 20;
