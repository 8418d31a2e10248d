//! A disk that takes no more.

#![cfg(unix)]

use std::{env, io::Write, path::Path, process::Command, sync::Arc};

use storefold_event_log::{Hash, Header, Record, Tenant, conformance::Script};
use storefold_event_log_copy::LogCopy;
use uuid::Uuid;

use crate::world::records_of;

/// Set for the process whose files may not grow: the directory of the copy.
const DIR: &str = "STOREFOLD_FULL_COPY_DIR";

/// Records in one commit.
const COMMIT: usize = 40;

fn tenant() -> Tenant {
    Tenant::new("full").unwrap()
}

/// Chained records, the same in every process: 400,000 events.
fn records() -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    for number in 0..800 {
        let last = records.last();
        let header = Header {
            record_id: Uuid::from_u64_pair(3, number),
            tenant: tenant(),
            first_position: last.map_or(1, |last| last.last_position() + 1),
            recorded_at_ms: number as i64,
            previous_hash: last.map_or(Hash::default(), Record::hash),
        };
        records.push(Script::sealed(header, 500));
    }
    records
}

#[tokio::test]
async fn a_full_disk_is_said_and_the_copy_goes_on_when_there_is_room() {
    if let Some(dir) = env::var_os(DIR) {
        return fill_until_refused(dir.as_ref()).await;
    }
    let dir = tempfile::TempDir::new().unwrap();
    let output = Command::new("sh")
        // The signal for it is ignored, so that the write fails instead; the unit is 512 bytes.
        .args(["-c", r#"trap "" XFSZ; ulimit -f 4096; exec "$0" "$@""#])
        .arg(env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "full_disk::a_full_disk_is_said_and_the_copy_goes_on_when_there_is_room"])
        .env(DIR, dir.path())
        .env("TMPDIR", dir.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let held: u64 = said.lines().find_map(|line| line.strip_prefix("held ")).unwrap().parse().unwrap();

    let copy = Arc::new(LogCopy::open(dir.path(), &tenant()).unwrap());
    assert_eq!(copy.position(), held);
    let records = records();
    copy.take_in(&records).unwrap();
    assert_eq!(records_of(copy).await.unwrap(), records);
}

async fn fill_until_refused(dir: &Path) {
    let copy = Arc::new(LogCopy::open(dir, &tenant()).unwrap());
    let records = records();
    let refused = records.chunks(COMMIT).find_map(|some| copy.take_in(some).err()).unwrap();
    assert!(refused.may_pass(), "{refused}");
    assert!(refused.to_string().contains("full.redb cannot be read or written"), "{refused}");
    let held = records_of(copy.clone()).await.unwrap();
    assert!(!held.is_empty() && held == records[..held.len()], "{} records are held", held.len());
    let again = copy.take_in(&records[held.len()..]).unwrap_err();
    assert!(again.may_pass(), "{again}");
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "\nheld {}", copy.position()).unwrap();
}
