//! What it costs a rebuild that persons are sealed: all read models over one history, as it stands and in the clear.
//!
//! `cargo run --release -p storefold-read-models --example sealed_rebuild_rate -- LOG`, where LOG is a copy of the
//! directory that a server keeps its log in. Both forms are written anew, packed alike, and folded in turns; their median
//! rates are compared. Folds open nothing, so what differs is how many bytes are unpacked, compared and put down.
#![expect(clippy::print_stdout, reason = "the figures are what it is run for")]

use std::{
    env,
    error::Error,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use mimalloc::MiMalloc;
use storefold_event_log::{EventLog, Head, Header, Record, Tenant};
use storefold_event_log_copy::{LogCopy, WithCopy};
use storefold_event_log_embedded::{EmbeddedLog, Settings};
use storefold_events::{
    Payload, codec,
    personal::{PersonalField, SealedText},
};
use storefold_projection::Runner;
use tempfile::TempDir;

/// As the server has.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const TURNS: usize = 5;

type Failure = Box<dyn Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let dir = env::args().nth(1).ok_or("name the directory of a log")?;
    let log = EmbeddedLog::open(Path::new(&dir), &Tenant::new("demo")?)?;
    let mut sealed_values = 0_u64;
    let (sealed_dir, clear_dir) = (TempDir::new()?, TempDir::new()?);
    let sealed = written_anew(&log, sealed_dir.path(), |payload| each_sealed(payload, |_| sealed_values += 1)).await?;
    let clear = written_anew(&log, clear_dir.path(), |payload| each_sealed(payload, open)).await?;
    let events = log.head().await?.position;
    println!("{events} events with {sealed_values} sealed values");
    let mut rates = [Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        for (form, rates) in [&sealed, &clear].into_iter().zip(&mut rates) {
            rates.push(events as f64 / seconds_to_fold(form).await? / 1e6);
        }
    }
    let [sealed_rate, clear_rate] = rates.map(median);
    println!("sealed:       {sealed_rate:.2} M events/s");
    println!("in the clear: {clear_rate:.2} M events/s");
    println!("sealed over clear: {:.2}", sealed_rate / clear_rate);
    sealed.close().await;
    clear.close().await;
    Ok(())
}

/// The same history with payloads changed, in packed blocks.
async fn written_anew(
    log: &EmbeddedLog,
    dir: &Path,
    mut change: impl FnMut(&mut Payload<'_>),
) -> Result<Arc<WithCopy>, Failure> {
    let tenant = Tenant::new("demo")?;
    let written =
        EmbeddedLog::open_with(&dir.join("log"), &tenant, Settings { is_packed: false, ..Settings::default() })?;
    let copy = LogCopy::open(&dir.join("copy"), &tenant)?;
    let (mut head, mut tail) = (Head::default(), log.tail(0).await?);
    let until = log.head().await?.position;
    while head.position < until {
        for record in tail.next().await? {
            let mut encoded = Vec::new();
            for recorded in record.events() {
                let mut event = recorded?.event;
                change(&mut event.payload);
                codec::encode(&event, &mut encoded);
            }
            let header = Header { previous_hash: head.hash, ..record.header().clone() };
            let record = Record::seal(header, record.event_count(), &encoded)?;
            head = written.append(&head, &record).await?;
            copy.take_in(&[record])?;
        }
    }
    Ok(Arc::new(WithCopy::open(Arc::new(written), Arc::new(copy)).await?))
}

fn each_sealed(payload: &mut Payload<'_>, mut each: impl FnMut((PersonalField, u64, &mut storefold_events::Text<'_>))) {
    let shown = payload.each_personal(|field, _, value| {
        if let Some(subject) = SealedText::read(value).map(|sealed| sealed.subject) {
            each((field, subject, value));
        }
        Ok::<_, std::convert::Infallible>(())
    });
    let Ok(()) = shown;
}

/// As long as such a value is, and for one address always the same.
fn open((field, subject, value): (PersonalField, u64, &mut storefold_events::Text<'_>)) {
    let number = subject & u64::from(u32::MAX);
    *value = match field {
        PersonalField::Email => format!("person.{number:07}@example.com"),
        PersonalField::Mobile => format!("+4915{number:08}"),
        PersonalField::Name | PersonalField::FirstName => format!("Person {number}"),
        PersonalField::PostalAddress => format!("{number} Example Street, 75001 Paris"),
    }
    .into();
}

async fn seconds_to_fold(log: &Arc<WithCopy>) -> Result<f64, Failure> {
    let rows = TempDir::new()?;
    let begun = Instant::now();
    let handle = Runner::default().start(log.clone(), rows.path(), storefold_read_models::all()).await?;
    while !handle.caught_up() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let seconds = begun.elapsed().as_secs_f64();
    handle.stop().await;
    Ok(seconds)
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}
