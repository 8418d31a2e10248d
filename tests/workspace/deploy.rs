//! The configuration of NATS servers is understood by one; the end-to-end tests run with it, and check the rest of
//! `deploy/`.

use std::{fs, path::Path, process::Command};

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

#[test]
fn the_servers_of_a_cluster_take_theirs_with_certificates_made_as_the_readme_says() {
    let kept = tempfile::tempdir().unwrap();
    let nats = root().join("deploy/nats");
    for file in ["cluster.conf", "users.conf"] {
        fs::copy(nats.join(file), kept.path().join(file)).unwrap();
    }
    let mut certificates = Command::new("sh");
    certificates.arg(nats.join("certificates.sh")).arg(kept.path()).args(["nats-1", "nats-2", "nats-3"]);
    let made = certificates.output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut server = Command::new(storefold_nats_testbed::binary().unwrap_or_else(|error| panic!("{error}")));
    server.arg("-t").arg("-c").arg(kept.path().join("cluster.conf"));
    for line in fs::read_to_string(nats.join("nats-1.env")).unwrap().lines().filter(|line| !line.starts_with('#')) {
        let Some((name, value)) = line.split_once('=') else { continue };
        let value = value.strip_prefix("/etc/nats/").map_or(value.to_owned(), |name| inside(kept.path(), name));
        server.env(name, value);
    }
    let output = server.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = fs::read_to_string(nats.join("cluster.conf")).unwrap();
    assert!(text.lines().any(|line| line.trim() == "sync_interval: always"));
}

fn inside(directory: &Path, name: &str) -> String {
    directory.join(name).display().to_string()
}
