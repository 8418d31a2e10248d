//! `storefold keys`: the master key that the keys of persons are wrapped with.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use storefold_vault::{MasterKey, rotate};

use crate::{
    keys::DIRECTORY,
    output::{grouped, remark},
    progress::Progress,
};

/// Make the master key of persons' keys, or change it
///
/// What is known of persons is sealed with a key for each, in DATA/vault/keys.vault. These keys are wrapped with a master
/// key, from a file that is yours to keep: without it nothing of persons can be read again, by anybody. Keep copies of both,
/// apart from each other; a copy of the keys that is older than an erasure still holds what was erased, so throw old copies
/// away, and change the master key afterwards.
#[derive(Args)]
#[command(after_help = "Examples:\n  storefold keys new /etc/storefold/master.key\n  \
        storefold keys rotate --data /var/lib/storefold --master-key-file old.key --new-master-key-file new.key")]
pub struct Keys {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Make a master key in a new file that only its owner can read
    New {
        /// The file, which must not be there yet
        file: PathBuf,
    },
    /// Wrap every key with another master key; the server must not run
    ///
    /// The new file of keys takes the place of the old at once. Interrupted, the old one and its master key still hold: run
    /// it again. Afterwards start the server with the new master key, and destroy the old one.
    Rotate {
        /// Directory of the server's data
        #[arg(long, value_name = "DIR", default_value = "storefold-data")]
        data: PathBuf,
        /// Whose keys
        #[arg(long, default_value = "demo")]
        tenant: String,
        /// The master key that holds now
        #[arg(long, value_name = "FILE", env = "STOREFOLD_MASTER_KEY_FILE")]
        master_key_file: PathBuf,
        /// The one that shall hold; make it with `storefold keys new`
        #[arg(long, value_name = "FILE")]
        new_master_key_file: PathBuf,
    },
}

impl Keys {
    /// Runs the command.
    pub fn run(self) -> Result<ExitCode> {
        match self.what {
            What::New { file } => {
                MasterKey::make(&file).context("no master key was made")?;
                remark(format_args!(
                    "{} holds a new master key. Keep a copy apart from the data: without it nothing of persons can be read.",
                    file.display()
                ));
            }
            What::Rotate { data, tenant, master_key_file, new_master_key_file } => {
                let (old, new) = (MasterKey::read(&master_key_file)?, MasterKey::read(&new_master_key_file)?);
                let progress = Progress::start("Wrapping keys anew", "keys");
                let done = |number: u32, of: u32| progress.advance(1, f64::from(number) / f64::from(of.max(1)));
                let keys = rotate(&data.join(DIRECTORY), &tenant, &old, &new, done);
                progress.finish();
                let keys = keys.context("the master key was not changed, and the one that held still does")?;
                remark(format_args!(
                    "{} keys are wrapped with {}. Start the server with it, then destroy {}.",
                    grouped(u64::from(keys)),
                    new_master_key_file.display(),
                    master_key_file.display()
                ));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
