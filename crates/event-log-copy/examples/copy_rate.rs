//! Measures what believable events take, loose, packed and copied, and how fast they are packed and unpacked.
//!
//! `cargo run --release -p storefold-event-log-copy --example copy_rate [DIRECTORY [EVENTS [EVENTS_PER_RECORD]]]`
//!
//! EVENTS (1,000,000) are the first of a simulated network of 200 stores; the directory (the current one) needs room for
//! all of them three times.

#![expect(clippy::print_stdout, reason = "it is a program that prints")]

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use storefold_event_log::{EventLog, Header, Packer, Record, Tenant};
use storefold_event_log_copy::LogCopy;
use storefold_event_log_embedded::{EmbeddedLog, Settings};
use storefold_events::codec;
use storefold_simulation::Network;
use uuid::Uuid;

type Failure = Box<dyn std::error::Error>;

const UNTIL_MS: i64 = 1_795_424_400_000;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut arguments = env::args().skip(1);
    let base = PathBuf::from(arguments.next().unwrap_or_else(|| ".".to_owned()));
    let events: usize = arguments.next().map_or(Ok(1_000_000), |events| events.parse())?;
    let events_per_record: usize = arguments.next().map_or(Ok(500), |events| events.parse())?;
    let dir = tempfile::tempdir_in(&base)?;
    let tenant = Tenant::new("rate")?;

    let records = records(&tenant, events, events_per_record)?;
    let bytes: usize = records.iter().map(|record| record.bytes().len()).sum();
    let a_event = |bytes: u64| bytes as f64 / events as f64;
    println!("{events} events, {events_per_record} a record; sealed: {:.1} bytes an event", a_event(bytes as u64));

    blocks(&records, events);

    let logs = dir.path().join("log");
    let loose = Settings { is_packed: false, ..Settings::default() };
    let log = EmbeddedLog::open_with(&logs, &tenant, loose)?;
    append(&log, &records).await?;
    log.close().await?;
    println!("embedded log, loose: {:.1} bytes an event on disk", a_event(size_bytes(&logs.join("rate"))?));
    let log = EmbeddedLog::open(&logs, &tenant)?;
    let started = Instant::now();
    log.packed().await;
    let packed = rate(events, started.elapsed());
    let on_disk = size_bytes(&logs.join("rate"))?;
    println!("embedded log, closed segments packed at {packed}: {:.1} bytes an event on disk", a_event(on_disk));

    let copies = dir.path().join("copy");
    let copy = Arc::new(LogCopy::open(&copies, &tenant)?);
    let started = Instant::now();
    copy.take_from(&log, |_, _| {}).await?;
    let filling = rate(events, started.elapsed());
    copy.close();
    println!("copy, filled at {filling}: {:.1} bytes an event on disk", a_event(size_bytes(&copies)?));
    drain("history of the log", &log)?;
    Ok(())
}

/// The events of a network, sealed.
fn records(tenant: &Tenant, events: usize, events_per_record: usize) -> Result<Vec<Record>, Failure> {
    let settings =
        storefold_simulation::Settings { stores: 200, days: 90, ..storefold_simulation::Settings::until(UNTIL_MS) };
    let (mut records, mut encoded, mut count) = (Vec::<Record>::new(), Vec::new(), 0);
    for event in Network::new(settings)?.history().take(events) {
        codec::encode(&event, &mut encoded);
        count += 1;
        if count == events_per_record {
            let last = records.last();
            let header = Header {
                record_id: Uuid::new_v4(),
                tenant: tenant.clone(),
                first_position: last.map_or(1, |last| last.last_position() + 1),
                recorded_at_ms: UNTIL_MS + records.len() as i64,
                previous_hash: last.map_or_else(Default::default, Record::hash),
            };
            records.push(Record::seal(header, count, &encoded)?);
            encoded.clear();
            count = 0;
        }
    }
    Ok(records)
}

/// Packs and unpacks on this thread.
fn blocks(records: &[Record], events: usize) {
    let (mut packer, started) = (Packer::default(), Instant::now());
    let mut blocks: Vec<_> = records.iter().filter_map(|record| packer.push(record.clone())).collect();
    blocks.extend(packer.finish());
    let packing = rate(events, started.elapsed());
    let bytes: usize = blocks.iter().map(|block| block.bytes().len()).sum();
    let mut unpacking = Duration::MAX;
    for _ in 0..3 {
        let started = Instant::now();
        for block in &blocks {
            std::hint::black_box(block.unpack().expect("it was just packed"));
        }
        unpacking = unpacking.min(started.elapsed());
    }
    println!(
        "{} blocks: {:.1} bytes an event; one thread packs {packing}, unpacks {}",
        blocks.len(),
        bytes as f64 / events as f64,
        rate(events, unpacking)
    );
}

async fn append(log: &EmbeddedLog, records: &[Record]) -> Result<(), Failure> {
    let mut head = log.head().await?;
    for record in records {
        head = log.append(&head, record).await?;
    }
    Ok(())
}

/// Reads a history and unpacks it, on this thread.
fn drain(what: &str, log: &dyn EventLog) -> Result<(), Failure> {
    let Some(history) = log.history() else { return Ok(()) };
    let (mut after, started) = (0, Instant::now());
    while let Some(slab) = history.slab(after)? {
        after = slab.last_position();
        std::hint::black_box(slab.unpack()?);
    }
    println!("{what}, read and unpacked by one thread: {}", rate(after as usize, started.elapsed()));
    Ok(())
}

fn rate(events: usize, took: Duration) -> String {
    format!("{:.2} M events/s", events as f64 / took.as_secs_f64() / 1e6)
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
