//! What a backup says about itself.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use storefold_events::Position;
use tempfile::NamedTempFile;

use crate::clock;

/// Its name in the directory of a backup.
const MANIFEST: &str = "backup.json";

const FORMAT: u32 = 1;

/// What a backup is. Fields are added, never taken away; a change of their meaning is another format.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Manifest {
    /// 1.
    format: u32,
    /// Version of the program that made it.
    version: String,
    /// Whose log it is.
    pub tenant: String,
    /// When it was made, RFC 3339 in UTC.
    pub made_at: String,
    /// Every event up to it (inclusive) is in the backup.
    pub position: Position,
    /// Hash of the record that ends there, which stands for the log up to it.
    pub hash: String,
    /// What was refused; none when only the log was taken.
    pub quarantine: Option<KeptQuarantine>,
    /// Files of the server's directory, by their path in it.
    pub files: Vec<Digested>,
}

/// The quarantine in a backup.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct KeptQuarantine {
    /// How many entries it has.
    pub entries: u64,
    /// Where it is, in the directory of the backup.
    pub file: Digested,
}

/// A file that must not change.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Digested {
    /// Where it is, with `/` between folders.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Its BLAKE3, in hexadecimal digits.
    pub blake3: String,
}

/// As RFC 3339 says it, to the second.
fn made_at(now_ms: i64) -> String {
    let now = chrono::DateTime::from_timestamp_millis(now_ms).unwrap_or_default();
    now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

impl Manifest {
    /// A manifest of what is there up to a position.
    pub fn new(tenant: &str, (position, hash): (Position, String)) -> Self {
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            tenant: tenant.to_owned(),
            made_at: made_at(clock::now_ms()),
            position,
            hash,
            quarantine: None,
            files: Vec::new(),
        }
    }

    /// The manifest of the backup in a directory.
    ///
    /// # Errors
    /// When there is none, or of a format that this program does not know.
    pub fn read(directory: &Path) -> Result<Self> {
        let path = directory.join(MANIFEST);
        let text = fs::read(&path).with_context(|| {
            format!("there is no whole backup in {}: {MANIFEST} cannot be read", directory.display())
        })?;
        let manifest: Self = serde_json::from_slice(&text).with_context(|| format!("{} is damaged", path.display()))?;
        ensure!(
            manifest.format == FORMAT,
            "{} is of format {}, which a newer storefold reads",
            path.display(),
            manifest.format
        );
        Ok(manifest)
    }

    /// Puts it into a directory, in the place of the one that is there.
    pub fn write(&self, directory: &Path) -> Result<()> {
        let written = (|| {
            let mut new = NamedTempFile::new_in(directory)?;
            serde_json::to_writer_pretty(&mut new, self)?;
            writeln!(new)?;
            new.as_file().sync_all()?;
            new.persist(directory.join(MANIFEST))?;
            fs::File::open(directory)?.sync_all()?;
            Ok::<_, anyhow::Error>(())
        })();
        written.with_context(|| format!("{MANIFEST} cannot be written to {}", directory.display()))
    }
}

impl Digested {
    /// A file as it is now.
    pub fn of(directory: &Path, path: &str) -> Result<Self> {
        let (bytes, blake3) = digest(&directory.join(path))?;
        Ok(Self { path: path.to_owned(), bytes, blake3 })
    }

    /// The file, if it is as it was.
    ///
    /// # Errors
    /// Names it when it is gone or changed.
    pub fn sound(&self, directory: &Path) -> Result<PathBuf> {
        let is_below = !self.path.starts_with('/') && self.path.split('/').all(|part| part != "..");
        ensure!(is_below, "the backup names {}, which is none of its files", self.path);
        let path = directory.join(&self.path);
        let (bytes, blake3) = digest(&path)?;
        ensure!(
            (bytes, &blake3) == (self.bytes, &self.blake3),
            "the backup is damaged: {} is not what was written ({bytes} bytes with BLAKE3 {blake3}, not {} with {})",
            path.display(),
            self.bytes,
            self.blake3
        );
        Ok(path)
    }
}

/// Size and BLAKE3 of a file.
pub fn digest(path: &Path) -> Result<(u64, String)> {
    let read = (|| {
        let mut hasher = blake3::Hasher::new();
        let bytes = io::copy(&mut fs::File::open(path)?, &mut hasher)?;
        Ok::<_, io::Error>((bytes, hasher.finalize().to_hex().to_string()))
    })();
    read.with_context(|| format!("{} cannot be read", path.display()))
}
