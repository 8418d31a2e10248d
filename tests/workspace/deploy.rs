//! The files that Storefold is deployed with are understood by the programs they are for.

use std::{fs, process::Command};

use super::root;

#[test]
fn the_nats_server_takes_its_configuration() {
    let configuration = root().join("deploy/nats/nats-server.conf");
    let server = storefold_nats_testbed::binary().unwrap_or_else(|error| panic!("{error}"));
    let output = Command::new(server).arg("-t").arg("-c").arg(&configuration).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // Without it the server acknowledges before the event is on disk (invariant 1).
    assert!(fs::read_to_string(configuration).unwrap().lines().any(|line| line.trim() == "sync_interval: always"));
}
