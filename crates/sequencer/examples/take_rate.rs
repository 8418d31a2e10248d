//! How fast the sequencer takes facts on the embedded log, without HTTP and read models.
//!
//! `cargo run --release -p storefold-sequencer --example take_rate`

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;
use storefold_event_log::Tenant;
use storefold_event_log_embedded::EmbeddedLog;
use storefold_events::Event;
use storefold_sequencer::{Sequencer, SequencerHandle, Settings, Submission, Turn, limits::SNAPSHOT_EVERY_EVENTS};
use storefold_simulation::load::{SaleSource, ScanSource, configure, store_code};

const SENDERS: u32 = 8;
const EVENTS_PER_SENDER: usize = 250_000;
const START_MS: i64 = 1_790_000_000_000;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "its figures are what it is for")]
async fn main() -> Result<()> {
    for (name, per_submission) in [("scans", 1_000), ("sales of customers", 1_000)] {
        let directory = tempfile::tempdir()?;
        let tenant = Tenant::new("demo")?;
        let log = Arc::new(EmbeddedLog::open(directory.path(), &tenant)?);
        let settings = Settings {
            directory: directory.path().join("sequencer"),
            tenant,
            clock: Arc::new(|| START_MS),
            snapshot_every_events: SNAPSHOT_EVERY_EVENTS,
            answer_within: Duration::from_secs(30),
            turn: Turn::Always,
            journal: None,
        };
        let handle = Sequencer::start(log, settings).await?;
        let mut configured = Submission::default();
        for event in configure(SENDERS, START_MS) {
            configured.push(&event);
        }
        handle.submit(configured).await?;
        let submissions: Vec<Vec<Submission>> =
            (0..SENDERS).map(|sender| submissions(sender, name == "scans", per_submission)).collect();
        let began = Instant::now();
        let mut senders = tokio::task::JoinSet::new();
        for submissions in submissions {
            senders.spawn(send(handle.clone(), submissions));
        }
        while let Some(sent) = senders.join_next().await {
            sent??;
        }
        let took = began.elapsed();
        let events = SENDERS as usize * EVENTS_PER_SENDER;
        println!(
            "{events} {name}, {per_submission} a submission, {SENDERS} senders: {:.0} facts/s",
            events as f64 / took.as_secs_f64()
        );
        handle.stop().await;
    }
    Ok(())
}

async fn send(handle: SequencerHandle, submissions: Vec<Submission>) -> Result<()> {
    for submission in submissions {
        handle.submit(submission).await?;
    }
    Ok(())
}

fn submissions(sender: u32, scans: bool, per_submission: usize) -> Vec<Submission> {
    let store = store_code(sender);
    let source = format!("source-{sender}");
    let mut events: Box<dyn Iterator<Item = Event<'static>>> = if scans {
        Box::new(ScanSource::new(&source, &store, sender.to_string(), START_MS))
    } else {
        Box::new(SaleSource::new(&source, &store, sender.to_string(), START_MS).with_customers(10_000))
    };
    (0..EVENTS_PER_SENDER / per_submission)
        .map(|_| {
            let mut submission = Submission::default();
            for event in events.by_ref().take(per_submission) {
                submission.push(&event);
            }
            submission
        })
        .collect()
}
