//! What the log takes on disk, once nothing is packed any more.

use std::{fs, io, os::unix::fs::MetadataExt, path::Path, time::Duration};

use tokio::time::{Instant, sleep};

const POLL: Duration = Duration::from_millis(250);

/// Without a change for so long, packing has come to its end.
const SETTLED_AFTER: Duration = Duration::from_secs(5);

/// How long packing is waited for.
const SETTLED_MAX: Duration = Duration::from_mins(5);

/// Bytes that the files under a directory take, when they have not changed for a while or the wait is over.
pub async fn settled_bytes(directory: &Path) -> io::Result<u64> {
    let (begun, mut since, mut bytes) = (Instant::now(), Instant::now(), bytes(directory)?);
    while since.elapsed() < SETTLED_AFTER && begun.elapsed() < SETTLED_MAX {
        sleep(POLL).await;
        let now = self::bytes(directory)?;
        if now != bytes {
            (since, bytes) = (Instant::now(), now);
        }
    }
    Ok(bytes)
}

/// What is allocated, as `du` counts it: files may have holes.
fn bytes(directory: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        // A file may have been packed and removed since it was listed.
        match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => bytes += self::bytes(&entry.path())?,
            Ok(metadata) => bytes += metadata.blocks() * 512,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(bytes)
}
