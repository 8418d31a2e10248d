//! `storefold verify`: is the log whole, and are the read models its fold?

mod model;

use std::{collections::BTreeMap, path::PathBuf, process::ExitCode};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Serialize;
use storefold_event_log::{Record, Tenant};
use storefold_event_log_copy::LogCopy;
use storefold_events::{Position, Recorded};
use tempfile::TempDir;

use self::model::{Checked, Verdict};
use crate::{
    log_address::{LogAddress, OpenLog},
    output::{self, Printed, grouped},
    progress::Progress,
};

/// Check a log from its first event to its last, and the read models against it
///
/// Walks the chain of hashes, checks that positions follow each other without a gap and that times never go back, and
/// decodes every event. With --data, the server's copy of the log is held against it, and each read model is folded anew, up to where its rows are, and compared row by row.
/// Nothing is changed. An embedded log and read models are open in one process: stop their server first.
#[derive(Args)]
#[command(after_help = "Examples:\n  storefold verify --log embedded:storefold-data/log --data storefold-data\n  \
        storefold verify --log nats://127.0.0.1:4222 --tenant acme --json\n\n\
        Exit status: 0 when all is well, 1 when something is damaged or differs.")]
pub struct Verify {
    /// Where the log is: embedded:DIR or nats://HOST:PORT
    #[arg(long, value_name = "ADDRESS")]
    log: LogAddress,

    /// Whose log
    #[arg(long, default_value = "demo", value_parser = Tenant::new)]
    tenant: Tenant,

    /// Directory of a server, to compare its read models
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// What was found.
#[derive(Serialize)]
struct Found {
    records: u64,
    /// Position of the last event.
    events: Position,
    /// Hash of the last record, which stands for the whole log.
    hash: String,
    events_by_type: BTreeMap<&'static str, u64>,
    /// Up to which position the server's copy of the log is sound; none when it keeps no copy.
    copied: Option<Position>,
    read_models: Vec<Verdict>,
}

impl Verify {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let _lock = self.data.as_deref().map(model::lock).transpose()?;
        let opened = OpenLog::open_existing(&self.log, &self.tenant).await?;
        let found = self.check(&opened).await;
        opened.close().await?;
        let found = found?;
        self.print(&found)?;
        let equal = found.read_models.iter().all(Verdict::is_good);
        Ok(if equal { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    async fn check(&self, opened: &OpenLog) -> Result<Found> {
        let head = opened.log.head().await?;
        let scratch =
            TempDir::with_prefix("storefold-verify-").context("there is no room for a temporary directory")?;
        let mut models = match &self.data {
            Some(data) => model::open_all(data, scratch.path(), head.position)?,
            None => Vec::new(),
        };
        let mut walk = Walk::default();
        if head.position > 0 {
            let progress = Progress::start("Verifying", "events");
            let mut tail = opened.log.tail(0).await?;
            while walk.last < head.position {
                for record in tail.next().await? {
                    walk.take(&record, &mut models)?;
                    progress.advance_of(record.event_count() as u64, head.position);
                }
            }
            progress.finish();
            ensure!(
                walk.records >= head.sequence,
                "the log says it has {} records, and {} can be read",
                head.sequence,
                walk.records
            );
        }
        let copied = self.check_copy(opened).await?;
        let read_models = models.into_iter().map(Checked::verdict).collect::<Result<_>>()?;
        let Walk { records, last, hash, by_type, .. } = walk;
        Ok(Found { records, events: last, hash, events_by_type: by_type, copied, read_models })
    }

    /// Walks through the copy that a server keeps of a log on NATS, and holds its end against the log.
    async fn check_copy(&self, opened: &OpenLog) -> Result<Option<Position>> {
        let Some(dir) = self.data.as_ref().map(|data| data.join("copy")) else { return Ok(None) };
        if !LogCopy::file_in(&dir, &self.tenant).is_file() {
            return Ok(None);
        }
        let copy = LogCopy::open(&dir, &self.tenant)?;
        copy.hold_against(&*opened.log).await?;
        Ok(Some(tokio::task::spawn_blocking(move || copy.verify()).await??))
    }

    fn print(&self, found: &Found) -> Result<()> {
        if self.json {
            return output::json(found);
        }
        let mut table = Printed::new(&[">events", ">records", "hash of the last record"]);
        table.row([grouped(found.events), grouped(found.records), found.hash.clone()]);
        table.print("The log is whole")?;
        let mut table = Printed::new(&["type", ">events"]);
        for (name, count) in &found.events_by_type {
            table.row([(*name).to_owned(), grouped(count)]);
        }
        table.print("Events by type")?;
        if let Some(copied) = found.copied {
            output::line(format_args!("\nThe copy of the log is sound up to position {}", grouped(copied)))?;
        }
        if found.read_models.is_empty() {
            return Ok(());
        }
        let mut table = Printed::new(&["read model", ">version", ">at", "its rows", "the log's fold", "result"]);
        for verdict in &found.read_models {
            table.row(verdict.cells());
        }
        table.print("Read models")
    }
}

/// How far the walk through the log has come.
#[derive(Default)]
struct Walk {
    records: u64,
    last: Position,
    recorded_at_ms: i64,
    hash: String,
    by_type: BTreeMap<&'static str, u64>,
}

impl Walk {
    /// Takes the next record, whose place in the chain the tail has checked.
    fn take(&mut self, record: &Record, models: &mut [Checked]) -> Result<()> {
        let mut events = Vec::with_capacity(record.event_count());
        for event in record.events() {
            let event = event.with_context(|| format!("the event after position {} cannot be read", self.last))?;
            self.follow(&event)?;
            events.push(event);
        }
        ensure!(
            self.last == record.last_position(),
            "the record that ends with position {} holds events up to {}",
            record.last_position(),
            self.last
        );
        models.iter_mut().try_for_each(|model| model.fold(&events))?;
        self.records += 1;
        self.hash = record.hash().to_string();
        Ok(())
    }

    fn follow(&mut self, recorded: &Recorded<'_>) -> Result<()> {
        let Recorded { position, recorded_at_ms, event } = recorded;
        ensure!(*position == self.last + 1, "position {position} follows {}", self.last);
        ensure!(
            *recorded_at_ms >= self.recorded_at_ms || self.last == 0,
            "position {position} was recorded before the position before it"
        );
        ensure!(
            event.cause.is_none_or(|cause| cause < *position),
            "position {position} says that something after it brought it about"
        );
        (self.last, self.recorded_at_ms) = (*position, *recorded_at_ms);
        *self.by_type.entry(event.payload.info().name).or_default() += 1;
        Ok(())
    }
}
