//! How fast events are folded, and how reads fare beside a writer, over sled and over redb.
//!
//! `cargo run --release -p storefold-projection --example fold_rate`
#![expect(clippy::print_stdout, reason = "the figures are what it is run for")]

use std::{
    error::Error,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use storefold_events::{
    Event, Key, Payload, Recorded, Text,
    scan::{ScanCaptured, ScanOutcome},
};
use storefold_projection::{
    Batch, Pace, Poison, Projector, Question, RedbOptions, RedbStore, RowKey, RowStore, Rows, Runner, SledOptions,
    SledStore, StoreKind, model,
};
use tempfile::TempDir;

#[expect(clippy::unwrap_used, dead_code, reason = "it belongs to the tests, which also break this log")]
#[path = "../tests/projection/memory_log.rs"]
mod memory_log;
use memory_log::MemoryLog;

const STORES: u64 = 200;
const DAYS: u64 = 90;
const EVENTS: u64 = 1_000_000;
const EVENTS_PER_RECORD: u64 = 1_000;
const ROWS_PER_BATCH: u64 = 1_000;
const READ_FOR: Duration = Duration::from_secs(2);

/// Scans per store and day: about as little as a projector can do.
struct ScansPerDay;

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
struct Row {
    scans: u64,
    failed: u64,
    last_position: u64,
    turnover_minor: i64,
}

fn key(store: u64, day: u64) -> RowKey {
    RowKey::of(b'd').text(&format!("ST-{store:04}")).number(day)
}

impl Projector for ScansPerDay {
    const NAME: &'static str = "scans-per-day";
    const VERSION: u32 = 1;
    type Row = Row;

    fn apply(event: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
        let Payload::ScanCaptured(_) = event.event.payload else { return Ok(()) };
        let day = event.event.occurred_at_ms as u64 / 86_400_000;
        let row = rows.row(&RowKey::of(b'd').text(event.event.store.as_deref().unwrap_or("")).number(day))?;
        row.scans += 1;
        row.last_position = event.position;
        Ok(())
    }

    fn questions() -> Vec<Question> {
        Vec::new()
    }
}

/// The events of the network in the order of time: every store is busy on every day.
fn append(log: &MemoryLog) {
    for first in (0..EVENTS).step_by(EVENTS_PER_RECORD as usize) {
        log.append_events((first..first + EVENTS_PER_RECORD).map(event));
    }
}

fn event(at: u64) -> Event<'static> {
    Event {
        source: Text::from(format!("scanner-{:04}", at * 7 % 1_000)),
        key: Key::Seq(at + 1),
        store: Some(Text::from(format!("ST-{:04}", at * 13 % STORES))),
        occurred_at_ms: (at * DAYS / EVENTS * 86_400_000) as i64,
        cause: None,
        payload: Payload::from(ScanCaptured {
            scan: Text::from(format!("scan-{at}")),
            scanner: Text::from(format!("{:04}", at * 7 % 1_000)),
            outcome: ScanOutcome::Succeeded,
            error_code: None,
            gender: None,
            size_mondo_mm: Some(245),
            email: None,
        }),
    }
}

/// Reads and decodes every event, and does nothing with it.
fn decoding_rate() -> Result<f64, Box<dyn Error>> {
    let log = MemoryLog::new();
    append(&log);
    let records = log.records.lock().expect("nobody panics").clone();
    let started = Instant::now();
    let mut events = 0;
    for record in &records {
        events += record.events().collect::<Result<Vec<_>, _>>()?.len();
    }
    Ok(events as f64 / started.elapsed().as_secs_f64())
}

/// Folds the whole log, which is there from the start (`filled`) or appended while the runner runs, and answers the rate.
async fn fold_rate(store: StoreKind, pace: Pace, filled: bool) -> Result<f64, Box<dyn Error>> {
    let dir = TempDir::new()?;
    let full = Arc::new(MemoryLog::new());
    append(&full);
    let log = if filled { full.clone() } else { Arc::new(MemoryLog::new()) };
    let started = Instant::now();
    let handle =
        Runner { store, pace, proving: None }.start(log.clone(), dir.path(), vec![model::<ScansPerDay>()]).await?;
    if !filled {
        let records = full.records.lock().expect("nobody panics").clone();
        for record in records {
            log.append_record(record);
        }
    }
    handle.wait_for(ScansPerDay::NAME, EVENTS, Duration::from_mins(10)).await?;
    let rate = EVENTS as f64 / started.elapsed().as_secs_f64();
    handle.stop().await;
    Ok(rate)
}

/// Prints how long it takes from an append until a reader sees it, while so many events arrive every `every`.
async fn visible_after(store: StoreKind, name: &str, every: Duration, events: u64) -> Result<(), Box<dyn Error>> {
    let dir = TempDir::new()?;
    let log = Arc::new(MemoryLog::new());
    let runner = Runner { store, ..Runner::default() };
    let handle = runner.start(log.clone(), dir.path(), vec![model::<ScansPerDay>()]).await?;
    let started = Instant::now();
    let mut waits = Vec::new();
    let mut appended = 0;
    for turn in 1.. {
        let (handle, position) = (handle.clone(), log.append_events((appended..appended + events).map(event)));
        let at = Instant::now();
        appended = position;
        waits.push(tokio::spawn(async move {
            handle.wait_for(ScansPerDay::NAME, position, Duration::from_mins(1)).await.map(|_| at.elapsed())
        }));
        if started.elapsed() > READ_FOR {
            break;
        }
        tokio::time::sleep((every * turn).saturating_sub(started.elapsed())).await;
    }
    let mut took_ms = Vec::new();
    for wait in waits {
        took_ms.push(wait.await??.as_secs_f64() * 1_000.0);
    }
    took_ms.sort_by(f64::total_cmp);
    let percentile = |per_cent: usize| took_ms[(took_ms.len() - 1) * per_cent / 100];
    println!(
        "{name:5} {:>9.0} events/s  visible after   p50 {:>5.1} ms   p99 {:>5.1} ms",
        appended as f64 / started.elapsed().as_secs_f64(),
        percentile(50),
        percentile(99)
    );
    handle.stop().await;
    Ok(())
}

/// Rows of all stores and days that changed at `position`, `count` of them from the `first` on.
fn batch(first: u64, count: u64, position: u64) -> Result<Batch, Box<dyn Error>> {
    let mut rows = Vec::new();
    for at in first..first + count {
        let row = Row { scans: position, failed: 3, last_position: position, turnover_minor: 12_345_678 };
        let (store, day) = (at / DAYS % STORES, at % DAYS);
        rows.push((key(store, day).as_bytes().to_vec(), Some(rmp_serde::to_vec(&row)?)));
    }
    rows.sort();
    Ok(Batch { rows, position })
}

/// Reads the 90 rows of one store and adds up what is in them.
fn read_store(store: &dyn RowStore, of: u64) -> Result<u64, Box<dyn Error>> {
    let (from, to) = (key(of, 0), key(of, DAYS));
    let mut scans = Ok(0);
    store.view(&mut |view| {
        let mut sum = 0;
        let scanned = view.scan(from.as_bytes(), Some(to.as_bytes()), &mut |_, row| {
            sum += rmp_serde::from_slice::<Row>(row).map_or(0, |row| row.scans);
            true
        });
        scans = scanned.map(|()| sum);
    })?;
    Ok(scans?)
}

/// Prints how long one reader waits for 90 rows while batches are written so often (0: never).
async fn reads_beside_writer(store: Arc<dyn RowStore>, name: &str, batches_per_s: u32) -> Result<(), Box<dyn Error>> {
    let stop = Arc::new(AtomicBool::new(false));
    store.write(batch(0, STORES * DAYS, 1)?)?;
    let reader = tokio::task::spawn_blocking({
        let (store, stop) = (store.clone(), stop.clone());
        move || {
            let mut took_ns = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let started = Instant::now();
                read_store(&*store, took_ns.len() as u64 * 31 % STORES).expect("rows can be read");
                took_ns.push(started.elapsed().as_nanos() as u64);
            }
            took_ns
        }
    });
    let started = Instant::now();
    let mut position = 1;
    let mut writing = Duration::ZERO;
    while started.elapsed() < READ_FOR {
        if batches_per_s == 0 {
            tokio::time::sleep(READ_FOR).await;
            continue;
        }
        position += 1;
        let batch = batch(position * ROWS_PER_BATCH * 7, ROWS_PER_BATCH, position)?;
        let write = Instant::now();
        store.write(batch)?;
        writing += write.elapsed();
        let next = Duration::from_secs(1) * (position as u32 - 1) / batches_per_s;
        tokio::time::sleep(next.saturating_sub(started.elapsed())).await;
    }
    stop.store(true, Ordering::Relaxed);
    let elapsed = started.elapsed();
    let mut took_ns = reader.await?;
    took_ns.sort_unstable();
    let percentile = |per_mille: usize| took_ns[(took_ns.len() - 1) * per_mille / 1_000] as f64 / 1_000.0;
    println!(
        "{name:5} {:>9} batches/s  {:>9.0} reads/s of {DAYS} rows   p50 {:>7.1} µs   p99 {:>7.1} µs   p99.9 {:>8.1} µs   {:>6.2} ms a batch",
        (position - 1) * 1_000 / elapsed.as_millis() as u64,
        took_ns.len() as f64 / elapsed.as_secs_f64(),
        percentile(500),
        percentile(990),
        percentile(999),
        writing.as_secs_f64() * 1_000.0 / (position - 1).max(1) as f64,
    );
    Ok(())
}

fn open(name: &str, dir: &Path) -> Result<Arc<dyn RowStore>, Box<dyn Error>> {
    Ok(match name {
        "sled" => Arc::new(SledStore::open(dir, SledOptions::default())?),
        _ => Arc::new(RedbStore::open(dir, RedbOptions::default())?),
    })
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    println!(
        "{EVENTS} events in records of {EVENTS_PER_RECORD} in memory, {} rows, one model, {} cores",
        STORES * DAYS,
        std::thread::available_parallelism()?
    );
    println!("decoding alone                       {:>10.0} events/s", decoding_rate()?);
    let live = Pace { catch_up_events: u64::MAX, rounds_per_second_max: 1_000_000, ..Pace::default() };
    for (name, kind) in
        [("sled", StoreKind::Sled(SledOptions::default())), ("redb", StoreKind::Redb(RedbOptions::default()))]
    {
        println!(
            "{name:5} filled from nothing            {:>10.0} events/s",
            fold_rate(kind, Pace::default(), true).await?
        );
        println!(
            "{name:5} batches while catching up      {:>10.0} events/s",
            fold_rate(kind, Pace::default(), false).await?
        );
        println!("{name:5} live rounds without pause      {:>10.0} events/s", fold_rate(kind, live, false).await?);
    }
    let sled = StoreKind::Sled(SledOptions::default());
    visible_after(sled, "sled", Duration::from_millis(100), 1).await?;
    visible_after(sled, "sled", Duration::from_millis(2), 100).await?;
    for name in ["sled", "redb"] {
        for batches_per_s in [0, 20, 50, 1_000_000] {
            let dir = TempDir::new()?;
            reads_beside_writer(open(name, dir.path())?, name, batches_per_s).await?;
        }
    }
    Ok(())
}
