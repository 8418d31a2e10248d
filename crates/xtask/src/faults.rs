//! `cargo xtask faults`.

use std::time::Duration;

use anyhow::Result;
use clap::Args;

use crate::{
    command::{cargo, run, target_directory},
    nats_server,
};

/// How long, how dense, and in which order.
#[derive(Args)]
pub struct Pace {
    /// How long
    #[arg(long, default_value_t = 30)]
    minutes: u32,
    /// What decides the order of faults; it is printed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How long a fault lasts at most, in ms, unless nobody is answered for longer; 1000 gives some 20 faults a minute
    #[arg(long, default_value_t = 6_000)]
    lasts_ms_max: u64,
    /// How many events are sent a second at most, so that the disk is large enough
    #[arg(long, default_value_t = 20_000)]
    events_a_second: u64,
}

/// Looks for trouble for longer than the tests do, with the server as it is released.
pub fn faults(pace: &Pace) -> Result<()> {
    let nats_server = nats_server::get()?;
    run(cargo(["build", "--release", "--locked", "--quiet", "--package", "storefold"]))?;
    // The same selection as the tests', so that nothing is compiled twice.
    let mut faults = cargo(["test", "--workspace", "--locked", "--test", "faults", "--", "--nocapture"]);
    faults.env("FAULTS_SECONDS", Duration::from_mins(pace.minutes.into()).as_secs().to_string());
    faults.env("FAULTS_SEED", pace.seed.to_string());
    faults.env("FAULTS_LASTS_MS_MAX", pace.lasts_ms_max.to_string());
    faults.env("FAULTS_EVENTS_A_SECOND", pace.events_a_second.to_string());
    faults.env("NATS_SERVER", nats_server);
    faults.env("STOREFOLD_BIN", target_directory()?.join("release/storefold"));
    run(faults)
}
