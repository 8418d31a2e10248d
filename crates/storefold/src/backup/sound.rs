//! A backup that was looked at from end to end.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use storefold_event_log::{Hash, History, Record, Tenant};
use storefold_event_log_copy::LogCopy;
use storefold_events::Position;

use super::Manifest;

/// A backup in which everything is what was written.
pub struct Sound {
    /// What it says about itself.
    pub manifest: Manifest,
    log: LogCopy,
    /// The quarantine, if there is one.
    pub quarantine: Option<PathBuf>,
    /// Files by their path in a server's directory.
    pub files: Vec<(String, PathBuf)>,
}

impl Sound {
    /// Reads all of a backup. `told` hears how many more events were found sound, and how many there are. Blocks.
    ///
    /// # Errors
    /// Names what is damaged, and where.
    pub fn read(directory: &Path, told: impl FnMut(u64, Position)) -> Result<Self> {
        let manifest = Manifest::read(directory)?;
        let mut files = Vec::new();
        for file in &manifest.files {
            files.push((file.path.clone(), file.sound(&directory.join("files"))?));
        }
        let quarantine = manifest.quarantine.as_ref().map(|kept| kept.file.sound(directory)).transpose()?;
        let tenant = Tenant::new(&manifest.tenant)?;
        let log_dir = directory.join("log");
        let file = LogCopy::file_in(&log_dir, &tenant);
        ensure!(file.is_file(), "the backup is damaged: {} is gone", file.display());
        let log = LogCopy::open(&log_dir, &tenant).context("the backup is damaged")?;
        let sound = Self { manifest, log, quarantine, files };
        sound.walk(told, |_| Ok(()))?;
        Ok(sound)
    }

    /// Hands over every record up to where the backup goes, and holds each to the one before it.
    pub fn walk(&self, mut told: impl FnMut(u64, Position), mut take: impl FnMut(Record) -> Result<()>) -> Result<()> {
        let Manifest { position: until, hash, .. } = &self.manifest;
        let (mut last, mut previous) = (0, Hash::default());
        while last < *until {
            let slab = self.log.slab(last).context("the backup is damaged")?;
            let slab = slab.with_context(|| {
                format!("the backup is damaged: its log ends at position {last}, and it says {until}")
            })?;
            for record in slab.unpack()? {
                if last == *until {
                    break;
                }
                let header = record.header();
                ensure!(
                    (header.first_position, header.previous_hash) == (last + 1, previous),
                    "the backup is damaged: the record after position {last} does not follow it"
                );
                ensure!(
                    header.tenant == *self.log.tenant(),
                    "the backup is damaged: it says that it is of the tenant {}, and the record after position {last} is of {}",
                    self.log.tenant(),
                    header.tenant
                );
                (last, previous) = (record.last_position(), record.hash());
                told(record.event_count() as u64, *until);
                take(record)?;
            }
        }
        ensure!(
            (last, &previous.to_string()) == (*until, hash),
            "the backup is damaged: at position {last} its log has {previous}, and it says {hash}"
        );
        Ok(())
    }

    /// Whether a log that ends so is the beginning of this one.
    pub fn begins_with(&self, position: Position, hash: Hash) -> Result<bool> {
        Ok(position <= self.manifest.position && self.log.holds(position, hash)?)
    }
}
