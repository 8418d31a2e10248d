//! `cargo xtask faults`.

use std::time::Duration;

use anyhow::Result;

use crate::{
    command::{cargo, run, target_directory},
    nats_server,
};

/// Looks for trouble for longer than the tests do, with the server as it is released.
pub fn faults(minutes: u32, seed: u64) -> Result<()> {
    let nats_server = nats_server::get()?;
    run(cargo(["build", "--release", "--locked", "--quiet", "--package", "storefold"]))?;
    // The same selection as the tests', so that nothing is compiled twice.
    let mut faults = cargo(["test", "--workspace", "--locked", "--test", "faults", "--", "--nocapture"]);
    faults.env("FAULTS_SECONDS", Duration::from_mins(minutes.into()).as_secs().to_string());
    faults.env("FAULTS_SEED", seed.to_string());
    faults.env("NATS_SERVER", nats_server);
    faults.env("STOREFOLD_BIN", target_directory()?.join("release/storefold"));
    run(faults)
}
