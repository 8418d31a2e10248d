//! `storefold backup`: the log, and what cannot be folded from it, in a directory.

use std::{
    fs,
    io::{BufReader, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    str::FromStr,
    sync::Arc,
};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde::Serialize;
use storefold_event_log::Tenant;
use storefold_event_log_copy::LogCopy;
use storefold_events::Position;
use storefold_sequencer::{Quarantine, read_carried};
use tempfile::NamedTempFile;

use super::copy::{from_server, showing};
use crate::{
    backup::{Digested, FILES, KeptQuarantine, Manifest, QUARANTINE},
    client::Client,
    log_address::{LogAddress, OpenLog},
    output::{self, Printed, grouped},
    progress::Progress,
    server_address::{Trust, is_server},
};

/// Back up a server: its log, and what cannot be made of the log again
///
/// Takes the log, the quarantine, and the key that codes are made with, into a directory. From a running server, the log and
/// the quarantine come over HTTP, and nobody has to wait; --data is its directory on this machine, where the key is. From a log
/// (embedded:DIR or nats://…), its server must be stopped, since the quarantine is open in one process.
///
/// The next backup into the same directory takes only what is new. It ends where the log ended when it began; what is taken
/// in meanwhile is in the next. Every record is held to the chain of hashes on the way. Read models are not in it: they
/// are folded from the log. Keep the directory as secret as the server: it has the key.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  storefold backup --from http://127.0.0.1:8080 --data /var/lib/storefold --to /backup/storefold\n  \
        storefold backup --from embedded:storefold-data/log --data storefold-data --to /backup/storefold\n  \
        storefold backup --from nats://127.0.0.1:4222 --log-only --to /backup/log --json\n\n\
        `storefold restore --from DIR --check` reads a backup from end to end."
)]
pub struct Backup {
    /// A running server (`http://HOST:PORT` or `https://HOST`), or a log (embedded:DIR or nats://HOST:PORT)
    #[arg(long, value_name = "SOURCE", value_parser = Source::from_str)]
    from: Source,

    /// The server's directory, for the key and the quarantine of a stopped one
    #[arg(long, value_name = "DIR", required_unless_present = "log_only")]
    data: Option<PathBuf>,

    /// Take the log alone, without quarantine and key
    #[arg(long, conflicts_with = "data")]
    log_only: bool,

    /// Directory of the backup
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
    Server(String),
    Log(LogAddress),
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if is_server(text) {
            return Ok(Self::Server(text.to_owned()));
        }
        let log = text.parse().map(Self::Log);
        log.map_err(|_| {
            format!("`{text}` is neither a server nor a log; write http://HOST:PORT, embedded:DIR or nats://HOST:PORT")
        })
    }
}

/// What the backup has come to.
#[derive(Serialize)]
struct Made {
    #[serde(flatten)]
    manifest: Manifest,
    /// How many of the events are new in it.
    added: u64,
    /// Size of its log.
    log_bytes: u64,
}

impl Backup {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let made_dir = fs::create_dir_all(self.to.join("files"));
        made_dir.with_context(|| format!("the directory {} cannot be made", self.to.display()))?;
        let quarantine = self.quarantine().await?;
        let (log, added) = self.log().await?;
        let files = self.files()?;
        let mut manifest = Manifest::new(self.tenant.as_str(), (log.position(), log.last_hash().to_string()));
        (manifest.quarantine, manifest.files) = (quarantine, files);
        let file = log.file().to_owned();
        let log_bytes = fs::metadata(&file).with_context(|| format!("{} cannot be read", file.display()))?.len();
        manifest.write(&self.to)?;
        self.forget_others(&manifest);
        self.print(&Made { manifest, added, log_bytes })?;
        Ok(ExitCode::SUCCESS)
    }

    /// The log, up to where it ends now, and how many of its events are new in the backup.
    async fn log(&self) -> Result<(Arc<LogCopy>, Position)> {
        let (dir, tenant) = (self.to.join("log"), self.tenant.clone());
        let copy = Arc::new(tokio::task::spawn_blocking(move || LogCopy::open(&dir, &tenant)).await??);
        let before = copy.position();
        let progress = Arc::new(Progress::start("Backing up", "events"));
        let shown = showing(&progress, before);
        match &self.from {
            Source::Server(url) => from_server::fill((url, &self.trust), &copy, shown).await?,
            Source::Log(address) => {
                let opened = OpenLog::open_existing(address, &self.tenant).await?;
                let taken = copy.take_from(&*opened.log, shown).await;
                opened.close().await?;
                taken?;
            }
        }
        progress.finish();
        copy.close();
        Ok((copy.clone(), copy.position() - before))
    }

    /// What was refused, in a file of its own name, so that the one of the backup before stays.
    async fn quarantine(&self) -> Result<Option<KeptQuarantine>> {
        let Some(data) = &self.data else { return Ok(None) };
        let mut new =
            NamedTempFile::new_in(&self.to).with_context(|| format!("{} takes no file", self.to.display()))?;
        match &self.from {
            Source::Server(url) => {
                let client = Client::at(url, &self.trust)?;
                client.reach().await?;
                let answer = client.stream("/v1/quarantine/backup", &[]).await;
                let mut answer = answer.with_context(|| {
                    format!("{url} gives no quarantine; ask a node that writes, or take the log alone with --log-only")
                })?;
                while let Some(piece) = answer.chunk().await.context("the quarantine broke off; start again")? {
                    new.write_all(&piece)?;
                }
            }
            Source::Log(_) => {
                let file = data.join(QUARANTINE);
                ensure!(
                    file.is_file(),
                    "there is no quarantine in {}; give the directory of the server, or --log-only",
                    data.display()
                );
                let opened = Quarantine::open(&file, None)
                    .context("stop the server first, or take the backup from it with --from http://HOST:PORT")?;
                let mut written = Ok(());
                opened.carry(|piece| {
                    written = new.write_all(&piece);
                    written.is_ok()
                })?;
                written?;
            }
        }
        new.as_file().sync_all()?;
        let entries = read_carried(BufReader::new(fs::File::open(new.path())?), |_, _, _| Ok(()));
        let entries = entries.context("the quarantine did not come whole; start again")?;
        let (_, blake3) = crate::backup::digest(new.path())?;
        let name = format!("quarantine-{}", &blake3[..16]);
        new.persist(self.to.join(&name))?;
        Ok(Some(KeptQuarantine { entries, file: Digested::of(&self.to, &name)? }))
    }

    /// What else the server keeps.
    fn files(&self) -> Result<Vec<Digested>> {
        let (mut files, to) = (Vec::new(), self.to.join("files"));
        for path in self.data.iter().flat_map(|_| FILES) {
            let from = self.data.as_deref().unwrap_or(Path::new("")).join(path);
            if !from.is_file() {
                bail!(
                    "{} is not there or cannot be read; give the directory of the server that writes",
                    from.display()
                );
            }
            let target = to.join(path);
            fs::create_dir_all(target.parent().unwrap_or(&to))?;
            // Its permissions come with it.
            let copied = fs::copy(&from, &target);
            copied.with_context(|| format!("{} cannot be copied to {}", from.display(), target.display()))?;
            files.push(Digested::of(&to, path)?);
        }
        Ok(files)
    }

    /// Quarantines of backups before this one.
    fn forget_others(&self, manifest: &Manifest) {
        let kept = manifest.quarantine.as_ref().map(|kept| kept.file.path.as_str());
        let names = fs::read_dir(&self.to).into_iter().flatten().flatten().map(|entry| entry.file_name());
        for name in names.filter_map(|name| name.into_string().ok()) {
            if name.starts_with("quarantine-") && Some(name.as_str()) != kept {
                // It does no harm, and the next backup tries again.
                drop(fs::remove_file(self.to.join(name)));
            }
        }
    }

    fn print(&self, made: &Made) -> Result<()> {
        if self.json {
            return output::json(made);
        }
        let mut table = Printed::new(&[
            "backup",
            ">events",
            ">new",
            ">in quarantine",
            ">files",
            ">bytes",
            "hash of the last record",
        ]);
        let Made { manifest, added, log_bytes } = made;
        table.row([
            self.to.display().to_string(),
            grouped(manifest.position),
            grouped(added),
            manifest.quarantine.as_ref().map_or_else(|| "–".to_owned(), |kept| grouped(kept.entries)),
            grouped(manifest.files.len()),
            grouped(log_bytes),
            manifest.hash.clone(),
        ]);
        table.print("The backup is whole")
    }
}
