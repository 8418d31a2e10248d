//! A process that is killed, at any moment.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

use storefold_event_log::conformance::{Bench, Script, read_to};
use storefold_event_log_embedded::{EmbeddedLog, OpenError, Settings};

use crate::place::Place;

/// Set for the process that is to be killed: the directory it writes to.
const DIR: &str = "STOREFOLD_KILLED_WRITER_DIR";

/// Segments end after a few records, so that kills also hit what happens between two.
const SETTINGS: Settings = Settings { segment_bytes_max: 300 * 1_024, is_packed: true };

const ROUNDS: usize = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_writer_loses_nothing_that_it_acknowledged() {
    if let Some(dir) = env::var_os(DIR) {
        write_until_killed(dir.as_ref()).await;
    }
    let place = Place::new(SETTINGS);
    let mut acknowledged = 0;
    for round in 0..ROUNDS {
        let mut writer = Command::new(env::current_exe().unwrap())
            .args(["--exact", "--nocapture", "crash::a_killed_writer_loses_nothing_that_it_acknowledged"])
            .env(DIR, place.dir.path())
            // What it leaves behind goes with the place.
            .env("TMPDIR", place.dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(writer.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut lines = 0;
        while lines < 3 + round * 5 {
            let line = output.next().expect("the writer goes on until it is killed");
            let Some(position) = line.strip_prefix("acknowledged ") else { continue };
            acknowledged = position.parse().unwrap();
            lines += 1;
            let second = EmbeddedLog::open_with(place.dir.path(), &place.tenant(), SETTINGS);
            assert!(matches!(second.err(), Some(OpenError::AlreadyOpen { .. })), "another process has it");
        }
        writer.kill().unwrap();
        writer.wait().unwrap();
        // What was printed before the kill and not read yet.
        for line in output {
            acknowledged =
                line.strip_prefix("acknowledged ").and_then(|text| text.parse().ok()).unwrap_or(acknowledged);
        }
        let log = place.open().await;
        let head = log.head().await.unwrap();
        assert!(head.position >= acknowledged, "{acknowledged} was acknowledged, the log ends at {}", head.position);
        let mut tail = log.tail(0).await.unwrap();
        read_to(&mut tail, 0, head.position).await;
        drop(tail);
        place.close().await;
    }
    assert!(place.segments().len() + place.packed().len() > 3, "kills have met more than one segment");
}

async fn write_until_killed(dir: &Path) {
    let place = Place::usual();
    let log = EmbeddedLog::open_with(dir, &place.tenant(), SETTINGS).unwrap();
    let mut script = Script::new(&place, std::sync::Arc::new(log)).await;
    loop {
        let events = 1 + script.draw(400);
        script.append(events).await;
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "acknowledged {}", script.head.position).unwrap();
        stdout.flush().unwrap();
    }
}

#[tokio::test]
async fn a_kill_after_any_record_leaves_all_of_them() {
    let place = Place::new(SETTINGS);
    let mut script = place.script().await;
    for _ in 0..20 {
        let events = 1 + script.draw(400);
        script.append(events).await;
        let killed = place.killed();
        let found = killed.script().await;
        assert_eq!(found.head, script.head);
        let mut tail = found.log.tail(0).await.unwrap();
        read_to(&mut tail, 0, script.head.position).await;
    }
}
