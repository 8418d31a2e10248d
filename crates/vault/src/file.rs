//! The file of keys: a head, then slots numbered from 1.
//!
//! The head says what it is and holds the key that names are hashed with, wrapped by the master key, and, apart, how far
//! the log has been followed for erasures.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    VaultError,
    keys::{KEY_BYTES, Key, NONCE_BYTES, TAG_BYTES},
    slot::{SLOT_BYTES, Slot},
};

const MAGIC: &[u8; 16] = b"storefold-vault1";
const HASH_KEY_AT: usize = 16;
const HASH_KEY_BYTES: usize = NONCE_BYTES + KEY_BYTES + TAG_BYTES;
/// Where the position stands that erasures are done up to, twice: a half-written one does not equal its copy.
const FOLLOWED_AT: u64 = 2_048;
/// Where the first slot begins.
const HEAD_BYTES: usize = 4_096;

/// Slots that are read at a time when the file is opened.
const SLOTS_A_READ: usize = 8_192;

pub(crate) struct KeyFile {
    file: File,
    pub(crate) path: PathBuf,
    pub(crate) hash_key: Key,
    /// Held while a slot is written.
    unsynced: Mutex<Unsynced>,
    /// Held through a sync: of those who sync at once, only one is told that it failed.
    syncing: Mutex<fn(&File) -> io::Result<()>>,
}

/// What was written since the last sync that went well.
#[derive(Default)]
struct Unsynced {
    numbers: Vec<u32>,
    /// A sync has failed: what it was to write is read as if it stood on the disk, and no later sync writes it.
    is_in_doubt: bool,
}

impl KeyFile {
    /// Opens the file, or makes it, and keeps other processes out of it.
    pub(crate) fn open(path: &Path, tenant: &str, master: &Key) -> Result<Self, VaultError> {
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory).map_err(VaultError::file(directory))?;
        }
        remove_if_there(&beside(path))?;
        if !path.exists() {
            Self::create(&beside(path), tenant, master, &Key::random()?)?.take_the_place_of(path)?;
        }
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).open(path).map_err(VaultError::file(path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(VaultError::InUse(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(VaultError::file(path)(error)),
        }
        let mut head = [0; HASH_KEY_AT + HASH_KEY_BYTES];
        file.read_exact_at(&mut head, 0).map_err(|_| VaultError::NotAVault(path.to_owned()))?;
        if !head.starts_with(MAGIC) {
            return Err(VaultError::NotAVault(path.to_owned()));
        }
        let opened = master.open(&bound(tenant), &head[HASH_KEY_AT..]).map(zeroize::Zeroizing::new);
        let hash_key = opened.and_then(|key| Key::from_slice(&key));
        let hash_key = hash_key.ok_or_else(|| VaultError::WrongMasterKey(path.to_owned()))?;
        Ok(Self::of(file, path, hash_key))
    }

    /// Makes a file without slots.
    pub(crate) fn create(path: &Path, tenant: &str, master: &Key, hash_key: &Key) -> Result<Self, VaultError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(VaultError::file(path))?;
        let mut head = vec![0; HEAD_BYTES];
        head[..HASH_KEY_AT].copy_from_slice(MAGIC);
        let wrapped = master.seal(&bound(tenant), hash_key.bytes());
        head[HASH_KEY_AT..HASH_KEY_AT + HASH_KEY_BYTES].copy_from_slice(&wrapped);
        file.write_all_at(&head, 0).map_err(VaultError::file(path))?;
        Ok(Self::of(file, path, hash_key.clone()))
    }

    fn of(file: File, path: &Path, hash_key: Key) -> Self {
        let (unsynced, syncing) = (Mutex::default(), Mutex::new(File::sync_data as fn(&File) -> io::Result<()>));
        Self { file, path: path.to_owned(), hash_key, unsynced, syncing }
    }

    /// Puts this file where another is, at once and durably.
    pub(crate) fn take_the_place_of(self, path: &Path) -> Result<(), VaultError> {
        self.sync()?;
        fs::rename(&self.path, path).map_err(VaultError::file(path))?;
        let Some(directory) = path.parent() else { return Ok(()) };
        File::open(directory).and_then(|directory| directory.sync_all()).map_err(VaultError::file(directory))
    }

    /// The number of the last slot.
    pub(crate) fn last(&self) -> Result<u32, VaultError> {
        let bytes = self.file.metadata().map_err(VaultError::file(&self.path))?.len();
        let slots = bytes.saturating_sub(HEAD_BYTES as u64).div_ceil(SLOT_BYTES as u64);
        u32::try_from(slots).map_err(|_| VaultError::NotAVault(self.path.clone()))
    }

    /// Shows every slot with its number, in order; none where it is damaged.
    pub(crate) fn each(&self, mut each: impl FnMut(u32, Option<Slot>)) -> Result<(), VaultError> {
        let last = self.last()?;
        let mut read = vec![0; SLOTS_A_READ * SLOT_BYTES];
        let mut number = 1;
        while number <= last {
            let count = (last - number + 1).min(SLOTS_A_READ as u32);
            let piece = &mut read[..count as usize * SLOT_BYTES];
            piece.fill(0);
            let wanted = piece.len();
            let mut at = 0;
            while at < wanted {
                let got = self.file.read_at(&mut piece[at..], offset(number) + at as u64);
                match got.map_err(VaultError::file(&self.path))? {
                    0 => break,
                    got => at += got,
                }
            }
            for bytes in piece.as_chunks::<SLOT_BYTES>().0 {
                each(number, Slot::from_bytes(bytes, &self.hash_key, number));
                number += 1;
            }
        }
        Ok(())
    }

    pub(crate) fn read(&self, number: u32) -> Result<Option<Slot>, VaultError> {
        let mut bytes = [0; SLOT_BYTES];
        match self.file.read_exact_at(&mut bytes, offset(number)) {
            Ok(()) => Ok(Slot::from_bytes(&bytes, &self.hash_key, number)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(VaultError::file(&self.path)(error)),
        }
    }

    /// Writes a slot over what is there. Durable after [`sync`](Self::sync).
    pub(crate) fn write(&self, number: u32, slot: &Slot) -> Result<(), VaultError> {
        let bytes = slot.to_bytes(&self.hash_key, number);
        let mut unsynced = self.unsynced();
        unsynced.numbers.push(number);
        self.file.write_all_at(&bytes, offset(number)).map_err(VaultError::file(&self.path))
    }

    /// Makes every slot durable that was written before. After it has failed, the next one writes them once more.
    pub(crate) fn sync(&self) -> Result<(), VaultError> {
        let sync_data = self.syncing.lock().unwrap_or_else(PoisonError::into_inner);
        let numbers = {
            let mut unsynced = self.unsynced();
            if unsynced.is_in_doubt {
                self.write_again(&unsynced.numbers).map_err(VaultError::file(&self.path))?;
            }
            std::mem::take(&mut unsynced.numbers)
        };
        let synced = sync_data(&self.file);
        let mut unsynced = self.unsynced();
        unsynced.is_in_doubt = synced.is_err();
        if synced.is_err() {
            unsynced.numbers.extend(numbers);
        }
        synced.map_err(VaultError::file(&self.path))
    }

    /// Nobody writes meanwhile: a key that is destroyed must not come back.
    fn write_again(&self, numbers: &[u32]) -> io::Result<()> {
        for number in numbers {
            let mut bytes = [0; SLOT_BYTES];
            match self.file.read_exact_at(&mut bytes, offset(*number)) {
                Ok(()) => self.file.write_all_at(&bytes, offset(*number))?,
                // It could not be written at all, and whoever wrote it was told.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn unsynced(&self) -> MutexGuard<'_, Unsynced> {
        self.unsynced.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Syncs in another way, for tests.
    #[cfg(test)]
    pub(crate) fn syncs_by(&self, way: fn(&File) -> io::Result<()>) {
        *self.syncing.lock().unwrap_or_else(PoisonError::into_inner) = way;
    }

    /// Every erasure of the log up to this position (inclusive) is done.
    pub(crate) fn followed(&self) -> Result<u64, VaultError> {
        let mut twice = [0; 16];
        self.file.read_exact_at(&mut twice, FOLLOWED_AT).map_err(VaultError::file(&self.path))?;
        let (one, other) = twice.split_at(8);
        Ok(if one == other { u64::from_le_bytes(one.try_into().unwrap_or_default()) } else { 0 })
    }

    pub(crate) fn set_followed(&self, position: u64) -> Result<(), VaultError> {
        let twice = [position.to_le_bytes(), position.to_le_bytes()].concat();
        self.file.write_all_at(&twice, FOLLOWED_AT).map_err(VaultError::file(&self.path))
    }
}

/// Where a new file is made before it takes the place of the old.
pub(crate) fn beside(path: &Path) -> PathBuf {
    path.with_extension("vault.new")
}

fn remove_if_there(path: &Path) -> Result<(), VaultError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(VaultError::file(path)(error)),
        _ => Ok(()),
    }
}

fn offset(number: u32) -> u64 {
    HEAD_BYTES as u64 + u64::from(number - 1) * SLOT_BYTES as u64
}

fn bound(tenant: &str) -> String {
    format!("storefold vault 1: hashes of {tenant}")
}
