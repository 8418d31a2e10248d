//! Opening the keys of persons.

use anyhow::{Context, Result};
use storefold_events::Position;
use storefold_vault::{FILE, MasterKey, Vault};

use crate::config::Config;

/// The directory of the vault in that of the data.
pub const DIRECTORY: &str = "vault";

/// Opens the vault of a node that takes events in, above a log that ends at `head`. Where no master key is named, one is
/// made beside the data.
pub fn open(config: &Config, head: Position) -> Result<Vault> {
    let directory = config.data.join(DIRECTORY);
    let (key, keys) = (&config.guarded.master_key, directory.join(FILE));
    let is_new = !keys.exists();
    let master = if key.may_be_made { MasterKey::read_or_make(&key.file, &keys) } else { MasterKey::read(&key.file) };
    let master = master.with_context(|| {
        format!(
            "what is known of persons cannot be sealed; `storefold keys new {}` makes a master key, of which a copy is to be \
             kept apart from the data",
            key.file.display()
        )
    })?;
    if is_new && head > 0 {
        tracing::warn!(
            file = %keys.display(),
            "there are no keys of persons beside this log, so new ones are made; what others sealed cannot be read until \
             their file is put back"
        );
    }
    Vault::open(&directory, config.tenant.as_str(), master).context("what is known of persons cannot be sealed")
}
