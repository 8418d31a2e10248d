//! What an edge is told.

use std::path::PathBuf;

use storefold_outbox::Settings as OutboxSettings;

/// What an edge is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Address of the centre, as `https://storefold.acme.example`.
    pub central: String,
    /// A file with the authorities that the certificate of the centre is of; those that this machine trusts where it is nothing.
    pub authorities: Option<PathBuf>,
    /// What the centre knows the edge by, where access is required.
    pub token: Option<String>,
    /// The stores it stands in, one at least.
    pub stores: Vec<String>,
    /// The source of what it says itself.
    pub name: String,
    /// What tills may do while the line is down.
    pub policy: Policy,
    /// Where the outbox is.
    pub directory: PathBuf,
    /// How much it keeps.
    pub outbox: OutboxSettings,
}

/// What spends money or points while the line is down (FEATURES B43).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Nothing does.
    Refuse,
    /// Up to a limit for each card and each account, over everything that still waits to be sent on.
    Floor {
        /// For a card, in minor units of the sale's currency (inclusive).
        floor_minor: i64,
        /// For an account, in points (inclusive).
        floor_points: i64,
    },
}
