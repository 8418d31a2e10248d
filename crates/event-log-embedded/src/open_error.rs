//! Why a log cannot be opened.

use std::{fmt::Display, path::PathBuf};

use storefold_events::Position;
use thiserror::Error;

/// Why a log cannot be opened. None of these has dropped a record.
#[derive(Debug, Error)]
pub enum OpenError {
    /// A log has one process at a time.
    #[error("the log in {dir} is already open by another process; stop it or choose another directory")]
    AlreadyOpen {
        /// Directory of the log.
        dir: PathBuf,
    },
    /// A file does not hold what was written to it, or does not belong to its neighbours.
    #[error(
        "{file} is damaged after position {after}: {detail}; nothing was dropped, restore the directory from a copy"
    )]
    Damaged {
        /// The file.
        file: PathBuf,
        /// The last position that is known to be sound; what is damaged comes later.
        after: Position,
        /// What is wrong.
        detail: String,
    },
    /// Records that were acknowledged are not there.
    #[error(
        "the log in {dir} ends at record {found}, but {acknowledged} were acknowledged; nothing was dropped, restore the \
         directory from a copy, or delete the file `acknowledged` in it to accept the loss"
    )]
    AcknowledgedMissing {
        /// Directory of the log.
        dir: PathBuf,
        /// How many records there are.
        found: u64,
        /// How many records there were.
        acknowledged: u64,
    },
    /// The directory holds the log of somebody else.
    #[error("{file} belongs to the tenant {found}; choose another directory")]
    AnotherTenant {
        /// The file.
        file: PathBuf,
        /// Whose it is.
        found: String,
    },
    /// A newer release wrote the file.
    #[error("{file} has format {found}, which this release does not know; use the release that wrote it")]
    UnknownFormat {
        /// The file.
        file: PathBuf,
        /// The format it says it has.
        found: u16,
    },
    /// The operating system refused; the files may be sound, and a retry may help.
    #[error("{path} cannot be opened: {detail}")]
    Unavailable {
        /// File or directory.
        path: PathBuf,
        /// What the operating system said.
        detail: String,
    },
}

impl OpenError {
    /// The operating system refused something about `path`.
    pub(crate) fn unavailable(path: impl Into<PathBuf>, detail: &dyn Display) -> Self {
        Self::Unavailable { path: path.into(), detail: detail.to_string() }
    }
}
