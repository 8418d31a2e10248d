//! The key that wraps all others. It comes from a file, never from a command line.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::Path,
};

use data_encoding::HEXLOWER_PERMISSIVE;
use zeroize::Zeroizing;

use crate::{VaultError, keys::Key};

/// A master key: 32 random bytes, in its file as 64 hexadecimal digits.
pub struct MasterKey(pub(crate) Key);

impl MasterKey {
    /// Reads the file.
    ///
    /// # Errors
    /// [`VaultError::File`] when it cannot be read, [`VaultError::NotAMasterKey`] when it is not one.
    pub fn read(file: &Path) -> Result<Self, VaultError> {
        let text = Zeroizing::new(fs::read(file).map_err(VaultError::file(file))?);
        let not_one = || VaultError::NotAMasterKey(file.to_owned());
        let bytes = HEXLOWER_PERMISSIVE.decode(text.trim_ascii()).map(Zeroizing::new).map_err(|_| not_one())?;
        Key::from_slice(&bytes).map(Self).ok_or_else(not_one)
    }

    /// Reads the file, or makes it, readable by its owner alone, when it is not there.
    ///
    /// # Errors
    /// As [`read`](Self::read), and [`VaultError::MasterKeyMissing`] when there are keys already that another one wraps.
    pub fn read_or_make(file: &Path, keys: &Path) -> Result<Self, VaultError> {
        match Self::read(file) {
            Err(VaultError::File { error, .. }) if error.kind() == io::ErrorKind::NotFound => {
                if keys.exists() {
                    return Err(VaultError::MasterKeyMissing { keys: keys.to_owned(), master: file.to_owned() });
                }
                Self::make(file)
            }
            read => read,
        }
    }

    /// Makes a new one in a file that must not be there yet.
    pub fn make(file: &Path) -> Result<Self, VaultError> {
        let key = Key::random()?;
        let mut text = Zeroizing::new(HEXLOWER_PERMISSIVE.encode(key.bytes()));
        text.push('\n');
        let written = (|| {
            if let Some(directory) = file.parent() {
                fs::create_dir_all(directory)?;
            }
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut new = options.open(file)?;
            new.write_all(text.as_bytes())?;
            new.sync_all()
        })();
        written.map_err(VaultError::file(file))?;
        Ok(Self(key))
    }
}
