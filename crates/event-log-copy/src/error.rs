//! Why a copy cannot be used.

use std::{
    fmt::Display,
    path::{Path, PathBuf},
};

use storefold_event_log::ReadError;
use storefold_events::Position;
use thiserror::Error;

/// Why a copy cannot be opened, filled or used. What was in it is still in it.
#[derive(Debug, Error)]
pub enum CopyError {
    /// A copy has one process at a time.
    #[error("the copy {file} is open in another process; stop it, or choose another directory")]
    AlreadyOpen {
        /// File of the copy.
        file: PathBuf,
    },
    /// There is no copy to read.
    #[error("there is no copy at {file}; check the path and the tenant")]
    Missing {
        /// Where it was looked for.
        file: PathBuf,
    },
    /// It holds the events of somebody else.
    #[error("the copy {file} belongs to the tenant {found}; choose another directory")]
    AnotherTenant {
        /// File of the copy.
        file: PathBuf,
        /// Whose it is.
        found: String,
    },
    /// A newer release wrote it.
    #[error("the copy {file} has format {found}, which this release does not know; delete it to copy the log anew")]
    UnknownFormat {
        /// File of the copy.
        file: PathBuf,
        /// The format it says it has.
        found: u16,
    },
    /// It was made from another log.
    #[error(
        "the copy {file} is not of this log: {detail}; check which log is configured; if it is the right one, delete the \
         copy, and the log is copied anew"
    )]
    AnotherLog {
        /// File of the copy.
        file: PathBuf,
        /// How it is known.
        detail: String,
    },
    /// What was to be taken in does not follow what the copy holds. Nothing of it was taken in.
    #[error("what comes after position {after} does not follow the copy {file}: {detail}")]
    DoesNotFollow {
        /// File of the copy.
        file: PathBuf,
        /// Last position of the copy.
        after: Position,
        /// What is wrong.
        detail: String,
    },
    /// The file does not hold what was written to it.
    #[error("the copy {file} is damaged: {detail}; delete it to copy the log anew")]
    Damaged {
        /// File of the copy.
        file: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// What it is made from cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The operating system refused. A retry may help.
    #[error("the copy {file} cannot be read or written: {detail}")]
    Unavailable {
        /// File of the copy.
        file: PathBuf,
        /// What it said.
        detail: String,
    },
}

impl CopyError {
    pub(crate) fn unavailable(file: &Path, detail: &dyn Display) -> Self {
        Self::Unavailable { file: file.to_owned(), detail: detail.to_string() }
    }

    pub(crate) fn damaged(file: &Path, detail: &dyn Display) -> Self {
        Self::Damaged { file: file.to_owned(), detail: detail.to_string() }
    }

    /// What redb's error means for the file.
    pub(crate) fn from_redb(file: &Path, error: impl Into<redb::Error>) -> Self {
        use redb::Error as E;
        use std::io::ErrorKind::{InvalidData, NotFound, UnexpectedEof};
        let error = error.into();
        match &error {
            E::DatabaseAlreadyOpen => Self::AlreadyOpen { file: file.to_owned() },
            E::Io(io) if io.kind() == NotFound => Self::Missing { file: file.to_owned() },
            E::Io(io) if matches!(io.kind(), InvalidData | UnexpectedEof) => Self::damaged(file, &error),
            E::Corrupted(_)
            | E::RepairAborted
            | E::TableDoesNotExist(_)
            | E::TableTypeMismatch { .. }
            | E::TypeDefinitionChanged { .. }
            | E::TableIsMultimap(_)
            | E::UpgradeRequired(_) => Self::damaged(file, &error),
            _ => Self::unavailable(file, &error),
        }
    }

    /// Whether trying again can help without anybody doing anything.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Read(ReadError::Unavailable(_)))
    }

    /// As a reader of the log is told who has come to `after`.
    pub(crate) fn while_reading(self, after: Position) -> ReadError {
        match self {
            Self::Read(error) => error,
            error if error.may_pass() => ReadError::Unavailable(error.to_string()),
            error => ReadError::Damaged { after, detail: error.to_string() },
        }
    }
}
