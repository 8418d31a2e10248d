//! `storefold restore`: a backup, put where nothing is.

use std::{
    fs,
    io::BufReader,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde::Serialize;
use storefold_event_log::{AppendError, EventLog, Head, Record, Tenant};
use storefold_event_log_jetstream::Settings;
use storefold_sequencer::Quarantine;
use tokio::sync::mpsc;

use crate::{
    backup::{Manifest, QUARANTINE, Sound},
    config::sign_in_of_environment,
    log_address::{LogAddress, OpenLog},
    output::{self, Printed, grouped},
    progress::Progress,
};

/// Records that were read ahead of the log.
const RECORDS_AHEAD: usize = 64;

/// How often one record is tried when the log does not answer.
const TRIES_MAX: u32 = 10;

/// Restore a backup into an empty log and an empty directory
///
/// Reads the backup from end to end first, and names what is damaged; then puts quarantine and key into the server's
/// directory and appends every record to the log, as it was, so that the log ends with the same hash. The engine may be
/// another than the one that the backup was taken from. What is there already is never written over. The read models are
/// folded when a server starts there.
#[derive(Args)]
#[command(after_help = "Examples:\n  storefold restore --from /backup/storefold --check\n  \
        storefold restore --from /backup/storefold --log embedded:/var/lib/storefold/log --data /var/lib/storefold\n  \
        storefold restore --from /backup/storefold --log nats://127.0.0.1:4222 --nats-replicas 3 --data /var/lib/storefold")]
pub struct Restore {
    /// Directory of the backup
    #[arg(long, value_name = "DIR")]
    from: PathBuf,

    /// Only read the backup from end to end, and say whether it is whole
    #[arg(long)]
    check: bool,

    /// Where the log shall be: embedded:DIR or nats://HOST:PORT; there must be none of the tenant yet
    #[arg(long, value_name = "ADDRESS", required_unless_present = "check")]
    log: Option<LogAddress>,

    /// The server's directory, which must have nothing of a server in it
    #[arg(long, value_name = "DIR", required_unless_present = "check")]
    data: Option<PathBuf>,

    /// Go on with a restore that was interrupted: the log may hold the beginning of the backup, and nothing else
    #[arg(long)]
    go_on: bool,

    /// How many NATS servers shall keep the log: 1, 3 or 5
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    nats_replicas: usize,

    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// What was found, or restored.
#[derive(Serialize)]
struct Restored {
    #[serde(flatten)]
    manifest: Manifest,
    records: u64,
    /// Whether it was written to a log.
    #[serde(rename = "restored")]
    was_written: bool,
}

impl Restore {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let (from, progress) = (self.from.clone(), Progress::start("Checking", "events"));
        let sound = tokio::task::spawn_blocking(move || {
            let sound = Sound::read(&from, |more, total| progress.advance_of(more, total))?;
            progress.finish();
            Ok::<_, anyhow::Error>(Arc::new(sound))
        })
        .await??;
        let records = match (&self.log, &self.data) {
            (Some(log), Some(data)) if !self.check => self.restore(&sound, log, data).await?,
            _ => {
                let mut records = 0;
                sound.walk(
                    |_, _| (),
                    |_| {
                        records += 1;
                        Ok(())
                    },
                )?;
                records
            }
        };
        let manifest = sound.manifest.clone();
        self.print(&Restored { manifest, records, was_written: !self.check })?;
        Ok(ExitCode::SUCCESS)
    }

    async fn restore(&self, sound: &Arc<Sound>, address: &LogAddress, data: &Path) -> Result<u64> {
        let tenant = Tenant::new(&sound.manifest.tenant)?;
        if !self.go_on {
            for part in ["sequencer", "read", "copy"] {
                ensure!(
                    !data.join(part).exists(),
                    "{} is there already, and nothing is written over; restore into an empty directory",
                    data.join(part).display()
                );
            }
        }
        let settings =
            Settings { replicas: self.nats_replicas, sign_in: sign_in_of_environment(), ..Settings::default() };
        let opened = OpenLog::open(address, &tenant, &settings).await?;
        let appended = self.fill(sound, address, data, &opened).await;
        opened.close().await?;
        appended
    }

    async fn fill(&self, sound: &Arc<Sound>, address: &LogAddress, data: &Path, opened: &OpenLog) -> Result<u64> {
        let head = opened.log.head().await?;
        if head.position > 0 && !self.go_on {
            bail!(
                "there is a log of {} in {address} already, up to position {}, and nothing is written over; restore to where \
                 there is none, or go on with a restore that was interrupted by --go-on",
                sound.manifest.tenant,
                head.position
            );
        }
        ensure!(
            sound.begins_with(head.position, head.hash)?,
            "the log in {address} is not the beginning of this backup: it has another record at position {}",
            head.position
        );
        put_beside(sound, data)?;
        append(sound, &opened.log, head).await?;
        let head = opened.log.head().await?;
        ensure!(
            head.hash.to_string() == sound.manifest.hash,
            "the log ends with {}, and the backup with {}: somebody else has written to it",
            head.hash,
            sound.manifest.hash
        );
        Ok(head.sequence)
    }

    fn print(&self, restored: &Restored) -> Result<()> {
        if self.json {
            return output::json(restored);
        }
        let Restored { manifest, records, .. } = restored;
        let mut table = Printed::new(&[">events", ">records", ">in quarantine", "made at", "hash of the last record"]);
        table.row([
            grouped(manifest.position),
            grouped(records),
            manifest.quarantine.as_ref().map_or_else(|| "–".to_owned(), |kept| grouped(kept.entries)),
            manifest.made_at.clone(),
            manifest.hash.clone(),
        ]);
        table.print(if self.check { "The backup is whole" } else { "Restored; start the server there" })
    }
}

/// Quarantine and files, before there is a log that a server could start with. What is there is left.
fn put_beside(sound: &Sound, data: &Path) -> Result<()> {
    for (path, from) in &sound.files {
        let target = data.join(path);
        fs::create_dir_all(target.parent().unwrap_or(data))?;
        if !target.exists() {
            let copied = fs::copy(from, &target).and_then(|_| fs::File::open(&target)?.sync_all());
            copied.with_context(|| format!("{} cannot be written", target.display()))?;
        }
    }
    let target = data.join(QUARANTINE);
    if let Some(from) = sound.quarantine.as_ref().filter(|_| !target.exists()) {
        fs::create_dir_all(target.parent().unwrap_or(data))?;
        Quarantine::restore(&target, BufReader::new(fs::File::open(from)?))
            .with_context(|| format!("the quarantine cannot be restored from {}", from.display()))?;
    }
    Ok(())
}

/// Appends what comes after the head. Records are read on a thread of their own.
async fn append(sound: &Arc<Sound>, log: &Arc<dyn EventLog>, mut head: Head) -> Result<()> {
    let (to, mut records) = mpsc::channel::<Record>(RECORDS_AHEAD);
    let (reading, known) = (Arc::clone(sound), head.position);
    let read = tokio::task::spawn_blocking(move || {
        reading.walk(
            |_, _| (),
            |record| {
                if record.last_position() > known {
                    // When the other end has failed, it says why.
                    drop(to.blocking_send(record));
                }
                Ok(())
            },
        )
    });
    let progress = Progress::start("Restoring", "events");
    while let Some(record) = records.recv().await {
        head = append_one(&**log, &head, &record).await?;
        progress.advance_of(record.event_count() as u64, sound.manifest.position - known);
    }
    progress.finish();
    read.await?
}

async fn append_one(log: &dyn EventLog, head: &Head, record: &Record) -> Result<Head> {
    let mut tries = 0;
    loop {
        match log.append(head, record).await {
            Ok(head) => return Ok(head),
            Err(error @ (AppendError::Unknown(_) | AppendError::Unavailable(_))) if tries < TRIES_MAX => {
                tries += 1;
                tracing::warn!(%error, "trying again");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Err(error) => {
                return Err(error).with_context(|| {
                    format!("restored up to position {}; when that is mended, run it again with --go-on", head.position)
                });
            }
        }
    }
}
