//! Measures the log on the disk of a directory: appending, opening after a kill, and reading.
//!
//! `cargo run --release -p storefold-event-log-embedded --example embedded_rate [DIRECTORY [EVENTS]]`
//!
//! EVENTS (10,000,000) is how many the large log gets; the directory (the current one) needs room for twice of it.

#![expect(clippy::print_stdout, reason = "it is a program that prints")]

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use storefold_event_log::{EventLog, Header, Record, Tenant};
use storefold_event_log_embedded::EmbeddedLog;
use storefold_events::{
    Event, Key, codec,
    scan::{Gender, ScanCaptured, ScanOutcome},
};
use uuid::Uuid;

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut arguments = env::args().skip(1);
    let base = PathBuf::from(arguments.next().unwrap_or_else(|| ".".to_owned()));
    let events = arguments.next().map_or(Ok(10_000_000), |events| events.parse())?;
    let dir = tempfile::tempdir_in(&base)?;
    let tenant = Tenant::new("rate")?;
    println!("in {}, one writer, each record fsynced before the next", base.display());

    let log = EmbeddedLog::open(dir.path(), &tenant)?;
    append(&log, &tenant, 1_000, events / 1_000).await?;
    append(&log, &tenant, 64, 5_000).await?;
    append(&log, &tenant, 1, 5_000).await?;
    let size_bytes = size_bytes(&dir.path().join("rate"))?;
    let position = log.head().await?.position;
    println!("on disk: {} MB, {:.1} bytes an event", size_bytes / 1_000_000, size_bytes as f64 / position as f64);

    let killed = tempfile::tempdir_in(&base)?;
    copy(&dir.path().join("rate"), &killed.path().join("rate"))?;
    open("after a kill", killed.path(), &tenant)?;
    open("after a clean end", killed.path(), &tenant)?;

    drain(&log, "reading, every record's hash checked", Record::event_count).await?;
    drain(&log, "the same, and every event decoded", |record| record.events().flatten().count()).await?;
    Ok(())
}

/// Appends this many records after each other and prints the rate.
async fn append(log: &EmbeddedLog, tenant: &Tenant, events: usize, records: u64) -> Result<(), Failure> {
    let mut encoded = Vec::new();
    for seq in 0..events {
        codec::encode(&scan(seq as u64), &mut encoded);
    }
    let mut head = log.head().await?;
    let mut latencies = Vec::new();
    let start = Instant::now();
    for _ in 0..records {
        let header = Header {
            record_id: Uuid::new_v4(),
            tenant: tenant.clone(),
            first_position: head.position + 1,
            recorded_at_ms: 1_795_424_400_000,
            previous_hash: head.hash,
        };
        let record = Record::seal(header, events, &encoded)?;
        let begun = Instant::now();
        head = log.append(&head, &record).await?;
        latencies.push(begun.elapsed());
    }
    let took = start.elapsed();
    latencies.sort_unstable();
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize];
    println!(
        "{records} records of {events} events of {} bytes: {:.0} events/s; an append {:?}, p99 {:?}, longest {:?}",
        encoded.len() / events,
        (records as usize * events) as f64 / took.as_secs_f64(),
        at(0.5),
        at(0.99),
        at(1.0),
    );
    Ok(())
}

fn scan(seq: u64) -> Event<'static> {
    let scan = ScanCaptured {
        scan: format!("0012-{seq}").into(),
        scanner: "0012".into(),
        outcome: ScanOutcome::Succeeded,
        error_code: None,
        gender: Some(Gender::Female),
        size_mondo_mm: Some(245),
        email: Some("someone@example.com".into()),
    };
    Event {
        source: "scanner-0012".into(),
        key: Key::Seq(1_000_000 + seq),
        store: Some("FR-PAR-01".into()),
        occurred_at_ms: 1_795_424_400_000,
        cause: None,
        payload: scan.into(),
    }
}

fn open(after: &str, dir: &Path, tenant: &Tenant) -> Result<(), Failure> {
    let start = Instant::now();
    let log = EmbeddedLog::open(dir, tenant)?;
    println!("opening {after}: {:?}", start.elapsed());
    drop(log);
    Ok(())
}

async fn drain(log: &EmbeddedLog, what: &str, mut each: impl FnMut(&Record) -> usize) -> Result<(), Failure> {
    let head = log.head().await?.position;
    let start = Instant::now();
    let mut tail = log.tail(0).await?;
    let (mut read, mut events, mut longest) = (0, 0, Duration::ZERO);
    while read < head {
        let asked = Instant::now();
        let records = tail.next().await?;
        longest = longest.max(asked.elapsed());
        events += records.iter().map(&mut each).sum::<usize>();
        read = records.last().map_or(read, Record::last_position);
    }
    println!("{what}: {:.0} events/s, longest wait {longest:?}", events as f64 / start.elapsed().as_secs_f64());
    Ok(())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        fs::copy(&path, to.join(path.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

/// What the files take on the disk, holes left out.
#[cfg(unix)]
fn size_bytes(dir: &Path) -> io::Result<u64> {
    use std::os::unix::fs::MetadataExt;
    fs::read_dir(dir)?.map(|entry| Ok(entry?.metadata()?.blocks() * 512)).sum()
}

#[cfg(not(unix))]
fn size_bytes(dir: &Path) -> io::Result<u64> {
    fs::read_dir(dir)?.map(|entry| Ok(entry?.metadata()?.len())).sum()
}
