//! Where an export is written to.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// Where records go to.
pub(super) enum Target {
    Stdout,
    /// A file under another name until it is whole.
    File {
        file: File,
        part: PathBuf,
        path: PathBuf,
    },
}

impl Target {
    pub(super) fn open(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else { return Ok(Self::Stdout) };
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = File::create(&part).with_context(|| format!("{} cannot be written", part.display()))?;
        Ok(Self::File { file, part, path: path.to_owned() })
    }

    pub(super) fn write(&mut self, piece: &[u8]) -> Result<()> {
        match self {
            Self::Stdout => Ok(io::stdout().lock().write_all(piece)?),
            Self::File { file, part, .. } => {
                file.write_all(piece).with_context(|| format!("{} cannot be written", part.display()))
            }
        }
    }

    /// Gives a file its name when everything has come, and removes it otherwise.
    pub(super) fn close<T>(self, taken: Result<T>) -> Result<T> {
        let Self::File { file, part, path } = self else { return taken };
        let kept = taken.and_then(|taken| {
            file.sync_all().with_context(|| format!("{} cannot be written", part.display()))?;
            fs::rename(&part, &path).with_context(|| format!("{} cannot be written", path.display()))?;
            Ok(taken)
        });
        kept.inspect_err(|_| drop(fs::remove_file(&part)))
    }
}
