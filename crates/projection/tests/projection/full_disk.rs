//! A disk that takes no more while rows are rebuilt.

#![cfg(unix)]

use std::{env, process::Command};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use storefold_projection::RebuildState;

use crate::rebuilds::{World, digest_of};

/// Set for the process whose files may stop growing.
const INNER: &str = "STOREFOLD_FULL_DISK";
const EVENTS: u64 = 100_000;
/// Enough for an empty store, not for the rows.
const FILE_BYTES_MAX: u64 = 2 * 1_024 * 1_024;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_the_old_rows_are_served() {
    if env::var_os(INNER).is_some() {
        return rebuild_without_and_with_room().await;
    }
    // The signal for a file that is too large is ignored, so that the write fails instead.
    let output = Command::new("sh")
        .args(["-c", r#"trap "" XFSZ; exec "$0" "$@""#])
        .arg(env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "full_disk::a_full_disk_is_said_and_the_old_rows_are_served"])
        .env(INNER, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

async fn rebuild_without_and_with_room() {
    let world = World::of_scans(EVENTS).await;
    let unlimited = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current: Some(FILE_BYTES_MAX), ..unlimited }).unwrap();
    let status = world.rebuilt(&["scans"]).await;
    assert_eq!(status.state, RebuildState::Failed);
    let detail = status.detail.unwrap();
    assert!(detail.starts_with("the new rows cannot be written: "), "{detail}");
    assert!(detail.ends_with("the rows that are served stay as they are"), "{detail}");
    assert_eq!(world.digest("scans"), digest_of(EVENTS));

    setrlimit(Resource::Fsize, unlimited).unwrap();
    assert_eq!(world.rebuilt(&["scans"]).await.state, RebuildState::Done);
    assert_eq!(world.digest("scans"), digest_of(EVENTS));
}
