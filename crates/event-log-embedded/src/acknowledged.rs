//! The file `acknowledged`: the lock on a log, and how many of its records were acknowledged.
//!
//! An append is durable by the fsync of its segment; the count is written after it without one. Killing the process
//! loses none of it, and a machine that fails may lose the last seconds of it: then it is lower than the truth, never
//! higher. So a log that ends below the count has lost a record that somebody was told is safe.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use crate::OpenError;

/// The lock of the process that has the log open; dropping it lets go.
pub(crate) struct Acknowledged {
    file: File,
    count: u64,
}

impl Acknowledged {
    /// Locks the log in `dir` for this process, and reads the count.
    pub(crate) fn lock(dir: &Path) -> Result<(Self, u64), OpenError> {
        let path = dir.join("acknowledged");
        let unavailable = |error: io::Error| OpenError::unavailable(&path, &error);
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = opened.map_err(unavailable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::AlreadyOpen { dir: dir.to_owned() }),
            Err(TryLockError::Error(error)) => return Err(unavailable(error)),
        }
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(unavailable)?;
        let count = count_in(&text).ok_or_else(|| unreadable(path.clone()))?;
        Ok((Self { file, count }, count))
    }

    /// How many records are durable.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Notes that this many records are durable. When it fails they are all the same.
    pub(crate) fn set(&mut self, count: u64) -> io::Result<()> {
        self.count = count;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(format!("{count:020}\n").as_bytes())
    }
}

/// An empty file is that of a log that never acknowledged a record.
fn count_in(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return Some(0);
    }
    std::str::from_utf8(text).ok().filter(|text| text.len() == 21)?.strip_suffix('\n')?.parse().ok()
}

fn unreadable(file: PathBuf) -> OpenError {
    let detail = "it does not hold a count of 20 digits; delete it if the log was checked by other means".to_owned();
    OpenError::Damaged { file, after: 0, detail }
}
