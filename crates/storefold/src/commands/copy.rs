//! `storefold copy`: a copy of a log, from the log, from a server, or from another copy.

pub mod from_server;

use std::{convert::Infallible, fs, path::PathBuf, process::ExitCode, str::FromStr, sync::Arc};

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;
use storefold_event_log::Tenant;
use storefold_event_log_copy::{CopyError, LogCopy};
use storefold_events::Position;

use crate::{
    log_address::{LogAddress, OpenLog},
    output::{self, Printed, grouped},
    progress::Progress,
    server_address::{Trust, is_server},
    signals::Stop,
};

/// Copy a log to this machine, from the log itself, a running server, or another copy
///
/// A server whose log is on NATS keeps a copy of it in DATA/copy, so that read models are rebuilt without the network. This
/// command makes such a copy beforehand: for a new node, from an old one instead of from NATS; for a look at a log
/// elsewhere; or as a second copy on another disk. Every record is held to the chain of hashes on the way, and what a
/// network has changed is asked for again.
///
/// A copy that is there already is continued, also one that was interrupted; if it is of another log, it is left alone and
/// that is said. A copy and an embedded log are open in one process: stop their server first, or copy from it over HTTP.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  storefold copy --from http://old-node:8080 --to storefold-data/copy --tenant acme\n  \
        storefold copy --from nats://127.0.0.1:4222 --to storefold-data/copy --tenant acme\n  \
        storefold copy --from /mnt/old-node/copy --to storefold-data/copy --tenant acme\n  \
        storefold copy --from embedded:storefold-data/log --to /backup/copy --json\n\n\
        Exit status: 0 when the copy holds everything, 1 when it was interrupted; run it again to go on."
)]
pub struct Copy {
    /// A log (embedded:DIR or nats://HOST:PORT), a server (`http://HOST:PORT` or `https://HOST`), or another copy (its file or directory)
    #[arg(long, value_name = "SOURCE", value_parser = Source::from_str)]
    from: Source,

    /// Directory of the copy; each tenant's is a file in it
    #[arg(long, value_name = "DIR")]
    to: PathBuf,

    /// Whose log
    #[arg(long, default_value = "demo", value_parser = Tenant::new)]
    tenant: Tenant,

    #[command(flatten)]
    trust: Trust,

    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone)]
enum Source {
    Log(LogAddress),
    Server(String),
    Copy(PathBuf),
}

impl FromStr for Source {
    type Err = Infallible;

    /// What is no address is a path.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        if is_server(text) {
            return Ok(Self::Server(text.to_owned()));
        }
        Ok(text.parse().map_or_else(|_| Self::Copy(text.into()), Self::Log))
    }
}

/// What the copy has come to.
#[derive(Serialize)]
struct Copied {
    file: PathBuf,
    /// Every event up to it (inclusive) is in the copy.
    position: Position,
    /// How many of them were new.
    added: u64,
    /// Hash of its last record, which stands for all of it.
    hash: String,
    /// Size of the file.
    bytes: u64,
    /// Whether it holds everything that its source does.
    is_complete: bool,
}

impl Copy {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let mut stop = Stop::catch()?;
        let (to, tenant) = (self.to.clone(), self.tenant.clone());
        let copy = Arc::new(tokio::task::spawn_blocking(move || LogCopy::open(&to, &tenant)).await??);
        let before = copy.position();
        let progress = Arc::new(Progress::start("Copying", "events"));
        let is_complete = tokio::select! {
            filled = self.fill(&copy, showing(&progress, before)) => {
                filled?;
                true
            }
            () = stop.wait() => false,
        };
        progress.finish();
        // Waits for a commit that is under way.
        copy.close();
        let file = copy.file().to_owned();
        let bytes = fs::metadata(&file).with_context(|| format!("{} cannot be read", file.display()))?.len();
        let (position, hash) = (copy.position(), copy.last_hash().to_string());
        self.print(&Copied { file, position, added: position - before, hash, bytes, is_complete })?;
        Ok(if is_complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    async fn fill(&self, copy: &Arc<LogCopy>, shown: impl FnMut(Position, Position) + Send + 'static) -> Result<()> {
        match &self.from {
            Source::Log(address) => {
                let opened = OpenLog::open_existing(address, &self.tenant).await?;
                let taken = copy.take_from(&*opened.log, shown).await;
                opened.close().await?;
                taken?;
            }
            Source::Server(url) => from_server::fill((url, &self.trust), copy, shown).await?,
            Source::Copy(from) => {
                let (copy, from) = (copy.clone(), from.clone());
                let import = move || copy.import(&from, shown);
                tokio::task::spawn_blocking(import).await?.map_err(name_the_choice)?;
            }
        }
        Ok(())
    }

    fn print(&self, copied: &Copied) -> Result<()> {
        if self.json {
            return output::json(copied);
        }
        let mut table = Printed::new(&["copy", ">events", ">new", ">bytes an event", "hash of the last record"]);
        let bytes_an_event = format!("{:.1}", copied.bytes as f64 / copied.position.max(1) as f64);
        table.row([
            copied.file.display().to_string(),
            grouped(copied.position),
            grouped(copied.added),
            bytes_an_event,
            copied.hash.clone(),
        ]);
        table.print(if copied.is_complete { "The copy holds everything" } else { "Interrupted; run it again to go on" })
    }
}

/// A path that is none may be an address that was mistyped.
fn name_the_choice(error: CopyError) -> anyhow::Error {
    let is_missing = matches!(error, CopyError::Missing { .. });
    let error = anyhow::Error::from(error);
    if is_missing {
        error.context("write --from as embedded:DIR, nats://HOST:PORT, http://HOST:PORT, or the path of a copy")
    } else {
        error
    }
}

/// Shows how far a copy has come that began at a position.
pub fn showing(progress: &Arc<Progress>, begun: Position) -> impl FnMut(Position, Position) + Send + 'static {
    let (progress, mut shown) = (Arc::clone(progress), begun);
    move |position, total| {
        progress.advance_of(position - shown, total - begun);
        shown = position;
    }
}
