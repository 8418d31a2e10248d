//! Why the vault does not do what it is asked.

use std::{io, path::PathBuf};

use thiserror::Error;

/// Why nothing can be sealed, opened or erased.
#[derive(Debug, Error)]
pub enum VaultError {
    /// The file fails.
    #[error("the keys in {} cannot be used: {error}", .path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Another process has it open.
    #[error("the keys in {} are in use by another process; stop it first", .0.display())]
    InUse(PathBuf),
    /// It is no such file.
    #[error("{} is not a file of keys of this release; put back the one that was there", .0.display())]
    NotAVault(PathBuf),
    /// Wrapped by another master key, or of another tenant.
    #[error("the master key does not open the keys in {}; give the one that they were wrapped with, for the same tenant", .0.display())]
    WrongMasterKey(PathBuf),
    /// The file of the master key is not one.
    #[error("{} is not a master key: 64 hexadecimal digits; put it back from where you keep it", .0.display())]
    NotAMasterKey(PathBuf),
    /// There are keys, and no master key for them.
    #[error(
        "the keys in {} are there, but {} with their master key is not; put it back, or name it with --master-key-file",
        .keys.display(), .master.display()
    )]
    MasterKeyMissing {
        /// The keys.
        keys: PathBuf,
        /// Where their master key was looked for.
        master: PathBuf,
    },
    /// Keys could not be made durable; the process has to start anew.
    #[error("keys could not be made durable ({0}); free space or repair the disk, then restart")]
    NotDurable(String),
    /// No randomness, or no more numbers.
    #[error("no key can be made: {0}")]
    NoKey(String),
}

impl VaultError {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |error| Self::File { path, error }
    }
}
