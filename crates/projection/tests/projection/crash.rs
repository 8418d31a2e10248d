//! A process that folds is killed at any moment; opened again, its rows are the fold up to their checkpoint.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use storefold_events::{Payload, Recorded};
use storefold_projection::{
    Batch, Poison, Projector, Question, RedbOptions, RedbStore, RowKey, RowStore, Rows, SledOptions, SledStore,
    StoreError, digest, model, spec::MemoryStore,
};
use tempfile::TempDir;

use crate::scans::scan;

const KILLS: u64 = 20;
/// Starting from nothing, so many events are filled before batches begin.
const FILL_EVENTS: u64 = 1_500;
/// Tells the child which store to open, and where.
const CHILD: &str = "STOREFOLD_CRASH_CHILD";

/// Rows of all sizes that come, grow and go.
struct Churn;

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
struct Row {
    scans: u64,
    last_position: u64,
    padding: String,
}

impl Projector for Churn {
    const NAME: &'static str = "churn";
    const VERSION: u32 = 1;
    type Row = Row;

    fn apply(event: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
        let Payload::ScanCaptured(_) = event.event.payload else { return Ok(()) };
        for key in [event.position % 7, 1_000 + event.position * 31 % 701] {
            let row = rows.row(&RowKey::of(b'c').number(key))?;
            row.scans += 1;
            row.last_position = event.position;
            row.padding = "x".repeat((event.position * 37 % 300) as usize);
            if key >= 1_000 && row.scans % 4 == 3 {
                *row = Row::default();
            }
        }
        Ok(())
    }

    fn questions() -> Vec<Question> {
        Vec::new()
    }
}

fn open(store: &str, dir: &Path) -> Result<Arc<dyn RowStore>, StoreError> {
    Ok(match store {
        "sled" => Arc::new(SledStore::open(dir, SledOptions { flush_every_ms: 5, ..SledOptions::default() })?),
        _ => Arc::new(RedbStore::open(dir, RedbOptions { batches_per_sync: 3, ..RedbOptions::default() })?),
    })
}

/// The events from `from` to `to`, both inclusive.
fn events(from: u64, to: u64) -> Vec<Recorded<'static>> {
    let recorded = |position| Recorded { position, recorded_at_ms: 0, event: scan("S", "a", position) };
    (from..=to).map(recorded).collect()
}

/// Folds from where the rows are up to `until`, in slices of several sizes, and says where it is after each write.
fn fold(store: &dyn RowStore, until: u64, say: &mut dyn FnMut(&str, u64)) {
    let mut fold = model::<Churn>().fold();
    let mut at = store.position().unwrap();
    if at == 0 {
        while at < FILL_EVENTS {
            fold.apply(store, &events(at + 1, at + 100)).unwrap();
            at += 100;
            store.fill_encoded(&fold.take(0).unwrap()).unwrap();
            say("filled", at);
        }
        store.write(Batch { rows: Vec::new(), position: at }).unwrap();
    }
    while at < until {
        let to = until.min(at + 1 + at % 41);
        fold.apply(store, &events(at + 1, to)).unwrap();
        at = to;
        store.write(Batch { rows: fold.take(100).unwrap(), position: at }).unwrap();
        say("wrote", at);
    }
}

/// The digest of the fold up to `position`, in memory.
fn digest_at(position: u64) -> String {
    let store = MemoryStore::default();
    let mut fold = model::<Churn>().fold();
    fold.apply(&store, &events(1, position)).unwrap();
    store.write(Batch { rows: fold.take(0).unwrap(), position }).unwrap();
    digest(&store).unwrap().to_string()
}

/// What the killed process runs. Without the variable it is the same fold, to an end.
#[test]
fn the_process_that_is_killed_folds_as_memory_does() {
    let Ok(told) = env::var(CHILD) else {
        for name in ["sled", "redb"] {
            let dir = TempDir::new().unwrap();
            let store = open(name, dir.path()).unwrap();
            fold(&*store, 6_000, &mut |_, _| {});
            assert_eq!(digest(&*store).unwrap().to_string(), digest_at(6_000));
        }
        return;
    };
    let (name, dir) = told.split_once(':').unwrap();
    let dir = PathBuf::from(dir);
    let store = open(name, &dir).unwrap_or_else(|error| {
        println!("\nrefused {error}");
        fs::remove_dir_all(&dir).unwrap();
        open(name, &dir).unwrap()
    });
    println!("\nopened {} {}", store.position().unwrap(), digest(&*store).unwrap());
    fold(&*store, u64::MAX, &mut |what, position| println!("{what} {position}"));
}

fn start(store: &str, dir: &Path) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "crash::the_process_that_is_killed_folds_as_memory_does", "--nocapture"])
        .env(CHILD, format!("{store}:{}", dir.display()))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Kills the process again and again, each time after so many lines that it wrote, and checks what it finds.
fn survives(store: &str) {
    let mut random = ChaCha8Rng::seed_from_u64(20_261_123);
    let mut dir = TempDir::new().unwrap();
    let (mut kept, mut refused) = (0, 0);
    for kill in 0..KILLS {
        if kill % 6 == 5 {
            dir = TempDir::new().unwrap();
        }
        let mut child = start(store, &dir.path().join("rows"));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let opened = lines
            .by_ref()
            .inspect(|line| refused += u64::from(line.starts_with("refused")))
            .find_map(|line| line.strip_prefix("opened ").map(str::to_owned))
            .expect("the process opens its rows");
        let (position, found) = opened.split_once(' ').unwrap();
        let position = position.parse().unwrap();
        assert_eq!(found, digest_at(position), "{store} at position {position} after {kill} kills");
        kept += u64::from(position > 0);
        let more = random.random_range(0..60);
        lines.by_ref().take(more).for_each(drop);
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(kept >= KILLS / 3, "rows were kept {kept} times and refused {refused} times in {KILLS} kills");
}

#[test]
fn rows_in_sled_survive_being_killed_between_any_two_writes() {
    survives("sled");
}

#[test]
fn rows_in_redb_survive_being_killed_between_any_two_writes() {
    survives("redb");
}
