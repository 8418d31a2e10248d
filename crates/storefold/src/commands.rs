//! The commands, a file each.

mod administrator;
mod audit;
mod backup;
mod cards;
mod copy;
mod demo;
mod devices;
mod export;
mod import;
mod keys;
mod quarantine;
mod rebuild;
mod restore;
mod serve;
mod simulate;
mod simulate_time;
mod tail;
mod token;
mod verify;
mod vouchers;
mod what_if;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    Demo(demo::Demo),
    Serve(Box<serve::Serve>),
    Administrator(administrator::Administrator),
    Devices(devices::Devices),
    Token(token::Token),
    Audit(audit::Audit),
    Import(import::Import),
    Cards(cards::Cards),
    Vouchers(vouchers::Vouchers),
    Simulate(simulate::Simulate),
    SimulateTime(simulate_time::SimulateTime),
    WhatIf(what_if::WhatIf),
    Tail(tail::Tail),
    Copy(copy::Copy),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Verify(verify::Verify),
    Rebuild(rebuild::Rebuild),
    Export(export::Export),
    Quarantine(quarantine::Quarantine),
    Keys(keys::Keys),
}

impl Command {
    /// What is logged unless `RUST_LOG` says otherwise: a server tells what it does, the others only what is wrong.
    pub fn default_log_filter(&self) -> &'static str {
        match self {
            Self::Serve(_) => "info,async_nats=warn",
            _ => "warn",
        }
    }

    /// Runs the command.
    ///
    /// # Errors
    /// One sentence that says what failed, the cause, and what to do.
    pub async fn run(self) -> Result<ExitCode> {
        match self {
            Self::Demo(demo) => demo.run().await,
            Self::Serve(serve) => serve.run().await,
            Self::Administrator(administrator) => administrator.run().await,
            Self::Devices(devices) => devices.run().await,
            Self::Token(token) => token.run().await,
            Self::Audit(audit) => audit.run().await,
            Self::Import(import) => import.run().await,
            Self::Cards(cards) => cards.run().await,
            Self::Vouchers(vouchers) => vouchers.run().await,
            Self::Simulate(simulate) => simulate.run().await,
            Self::SimulateTime(simulate) => simulate.run().await,
            Self::WhatIf(what_if) => what_if.run().await,
            Self::Tail(tail) => tail.run().await,
            Self::Copy(copy) => copy.run().await,
            Self::Backup(backup) => backup.run().await,
            Self::Restore(restore) => restore.run().await,
            Self::Verify(verify) => verify.run().await,
            Self::Rebuild(rebuild) => rebuild.run().await,
            Self::Export(export) => export.run().await,
            Self::Quarantine(quarantine) => quarantine.run().await,
            Self::Keys(keys) => keys.run(),
        }
    }
}
