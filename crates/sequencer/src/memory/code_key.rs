//! The key that codes of instruments are made with: 32 bytes of chance in a file of their own, beside the memory.
//!
//! It is made at the first start and kept when the memory is folded anew: codes that a repeat would make stay the same. A
//! node without it makes other codes, which are as good: those that were given out stand in the log.

use std::{fs, io::Write, path::Path};

use super::MemoryError;

const FILE: &str = "code.key";

#[derive(Clone)]
pub(super) struct CodeKey([u8; 32]);

impl CodeKey {
    /// The key in a directory; a new one when there is none yet.
    pub(super) fn open(directory: &Path) -> Result<Self, MemoryError> {
        let file = directory.join(FILE);
        match fs::read(&file) {
            Ok(bytes) => bytes.try_into().map(Self).map_err(|_| {
                MemoryError(format!(
                    "{} is not 32 bytes long; put it back, or delete it to have one made",
                    file.display()
                ))
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::create(&file),
            Err(error) => Err(failed(&file, &error)),
        }
    }

    fn create(file: &Path) -> Result<Self, MemoryError> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|error| failed(file, &error))?;
        // Written beside and renamed, so that a crash leaves no half of it.
        let beside = file.with_extension("new");
        let written = (|| {
            let mut options = fs::OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut new = options.open(&beside)?;
            new.write_all(&key)?;
            new.sync_all()?;
            fs::rename(&beside, file)
        })();
        written.map_err(|error: std::io::Error| failed(file, &error))?;
        Ok(Self(key))
    }

    /// Bytes that nobody can guess without the key: keyed BLAKE3.
    pub(super) fn secret(&self, of: &str) -> [u8; 16] {
        let hash = blake3::keyed_hash(&self.0, of.as_bytes());
        let mut secret = [0; 16];
        secret.copy_from_slice(&hash.as_bytes()[..16]);
        secret
    }
}

fn failed(file: &Path, error: &impl std::fmt::Display) -> MemoryError {
    MemoryError(format!("{}: {error}", file.display()))
}
