//! What can go wrong with a file, as far as its reader must know.

use std::io::{self, ErrorKind};

use thiserror::Error;

/// Why a segment could not be read or written.
#[derive(Debug, Error)]
pub(crate) enum Fault {
    /// The file does not hold what was written to it.
    #[error("{0}")]
    Damaged(String),
    /// The operating system refused; the file may be sound.
    #[error("{0}")]
    Unavailable(String),
}

impl Fault {
    /// What an error of the operating system means for the file.
    pub(crate) fn from_io(error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::UnexpectedEof => Self::Damaged("it ends too early".to_owned()),
            _ => Self::Unavailable(error.to_string()),
        }
    }

    /// What redb's error means for the file.
    pub(crate) fn from_redb(error: impl Into<redb::Error>) -> Self {
        use redb::Error as E;
        let error = error.into();
        match error {
            E::Corrupted(_)
            | E::RepairAborted
            | E::TableDoesNotExist(_)
            | E::TableTypeMismatch { .. }
            | E::TypeDefinitionChanged { .. }
            | E::TableIsMultimap(_)
            | E::UpgradeRequired(_) => Self::Damaged(error.to_string()),
            // How redb names a file that is none of its own, and one that ends too early.
            E::Io(ref io) if matches!(io.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof) => {
                Self::Damaged(error.to_string())
            }
            _ => Self::Unavailable(error.to_string()),
        }
    }
}
