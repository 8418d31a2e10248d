//! A disk that takes no more.

#![cfg(target_os = "linux")]

use std::{
    env,
    io::Write,
    path::Path,
    process::{Command, Output},
    sync::Arc,
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use storefold_event_log::{
    AppendError,
    conformance::{Bench, Script, read_to},
};
use storefold_event_log_embedded::EmbeddedLog;

use crate::place::Place;

/// Set for the process whose files may not grow: the directory it writes to.
const DIR: &str = "STOREFOLD_FULL_DISK_DIR";

#[tokio::test]
async fn a_full_disk_is_said_and_loses_nothing() {
    if let Some(dir) = env::var_os(DIR) {
        return write_until_refused(dir.as_ref()).await;
    }
    let place = Place::usual();
    let output = with_files_of_2_mib(&place);
    let said = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{stderr}");
    let acknowledged: u64 = said.lines().find_map(|line| line.strip_prefix("acknowledged ")).unwrap().parse().unwrap();
    assert!(acknowledged > 1_000, "{acknowledged} events fit");

    let mut found = place.script().await;
    assert!(found.head.position >= acknowledged, "{acknowledged} was acknowledged, {} is there", found.head.position);
    found.append(100).await;
    let acknowledged_since =
        said.lines().find_map(|line| line.strip_prefix("went on to ")).unwrap().parse::<u64>().unwrap();
    assert!(acknowledged_since > acknowledged && found.head.position >= acknowledged_since + 100);
    let mut tail = found.log.tail(0).await.unwrap();
    read_to(&mut tail, 0, found.head.position).await;
}

/// Runs this test again in a process where writing beyond 2 MiB of a file fails.
fn with_files_of_2_mib(place: &Place) -> Output {
    Command::new("sh")
        // The signal for it is ignored, so that the write fails instead; the unit is 512 bytes.
        .args(["-c", r#"trap "" XFSZ; ulimit -S -f 4096; exec "$0" "$@""#])
        .arg(env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "full_disk::a_full_disk_is_said_and_loses_nothing"])
        .env(DIR, place.dir.path())
        // What it leaves behind goes with the place.
        .env("TMPDIR", place.dir.path())
        .output()
        .unwrap()
}

async fn write_until_refused(dir: &Path) {
    let place = Place::usual();
    let log = Arc::new(EmbeddedLog::open(dir, &place.tenant()).unwrap());
    let mut script = Script::new(&place, log.clone()).await;
    let refusal = loop {
        let record = script.record(100);
        match script.log.append(&script.head, &record).await {
            Ok(head) => script.head = head,
            Err(refusal) => break refusal,
        }
    };
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "\nacknowledged {}", script.head.position).unwrap();
    drop(stdout);
    assert!(matches!(refusal, AppendError::Unknown(_) | AppendError::Unavailable(_)), "{refusal}");
    let full = script.record(100);
    let again = script.log.append(&script.head, &full).await;
    let Err(AppendError::Unknown(detail) | AppendError::Unavailable(detail)) = again else { panic!("{again:?}") };
    assert!(detail.contains("File too large"), "the cause is named as long as it lasts: {detail}");
    assert!(script.log.head().await.is_err(), "nobody is told where a log ends that is in doubt");

    // There is room again: the record that was under way is written once, whichever became of it, and readers go on.
    let acknowledged = script.head.position;
    let Rlimit { maximum, .. } = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current: maximum, maximum }).unwrap();
    script.head = script.log.append(&script.head, &full).await.unwrap();
    script.append(100).await;
    assert_eq!(script.head.position, acknowledged + 200);
    let mut tail = script.log.tail(0).await.unwrap();
    read_to(&mut tail, 0, script.head.position).await;
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "\nwent on to {}", script.head.position).unwrap();
}
