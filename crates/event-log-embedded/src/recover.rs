//! Opening: what a process finds of a log, after a clean end or a crash.
//!
//! Every segment must follow the one before, and together they must hold every record that was acknowledged. The last
//! segment is read whole and its checksums are verified; of the closed ones the ends are read. What is dropped is a torn
//! tail that was never acknowledged, and the unfinished files of a crash.

use std::{
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use redb::{Database, DatabaseError};
use storefold_event_log::{Head, Tenant};
use storefold_events::Position;

use crate::{
    OpenError,
    fault::Fault,
    files::{Active, Files},
    segment::{self, Ends},
};

/// Finds the log in `dir`: its files, and where it ends.
pub(crate) fn find(dir: &Path, tenant: &Tenant, acknowledged: u64) -> Result<(Files, Head), OpenError> {
    let mut sealed = list(dir)?;
    let mut head = Head::default();
    let last = sealed.pop();
    for first_position in &sealed {
        let path = segment::path(dir, *first_position);
        let ends = guarded(|| segment::ends(&segment::open_sealed(&path)?));
        head = followed(&path, head, tenant, ends)?;
    }
    let Some(first_position) = last else {
        complete(dir, head, acknowledged)?;
        return Ok((Files { dir: dir.to_owned(), sealed, active: None }, head));
    };
    let path = segment::path(dir, first_position);
    // If the last segment was closed in order, it is held to the rest before it is opened for writing.
    if let Ok(ends) = guarded(|| segment::ends(&segment::open_sealed(&path)?)) {
        complete(dir, followed(&path, head, tenant, Ok(ends))?, acknowledged)?;
    }
    let (db, ends) = open_last(&path, head, acknowledged)?;
    let head = followed(&path, head, tenant, Ok(ends))?;
    complete(dir, head, acknowledged)?;
    Ok((Files { dir: dir.to_owned(), sealed, active: Some(Active { first_position, db }) }, head))
}

/// Holds the log to what was acknowledged.
fn complete(dir: &Path, head: Head, acknowledged: u64) -> Result<(), OpenError> {
    if head.sequence < acknowledged {
        return Err(OpenError::AcknowledgedMissing { dir: dir.to_owned(), found: head.sequence, acknowledged });
    }
    Ok(())
}

/// First positions of the segments in order. Deletes what a crash left unfinished: it was never acknowledged.
fn list(dir: &Path) -> Result<Vec<Position>, OpenError> {
    let unavailable = |error: io::Error| OpenError::unavailable(dir, &error);
    let mut first_positions = Vec::new();
    for entry in fs::read_dir(dir).map_err(unavailable)? {
        let path = entry.map_err(unavailable)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.ends_with(".redb.new") || name.ends_with(".redb.repair") {
            fs::remove_file(&path).map_err(|error| OpenError::unavailable(&path, &error))?;
        } else if let Some(digits) = name.strip_suffix(".redb")
            && let Ok(first_position) = digits.parse()
        {
            first_positions.push(first_position);
        }
    }
    first_positions.sort_unstable();
    Ok(first_positions)
}

/// Holds a segment to the one before, and answers where the log ends with it.
fn followed(path: &Path, before: Head, tenant: &Tenant, ends: Result<Ends, Fault>) -> Result<Head, OpenError> {
    let ends = ends.map_err(|fault| refused(path, before, fault))?;
    if ends.format != segment::FORMAT {
        return Err(OpenError::UnknownFormat { file: path.to_owned(), found: ends.format });
    }
    if ends.tenant != tenant.as_str() {
        return Err(OpenError::AnotherTenant { file: path.to_owned(), found: ends.tenant });
    }
    if ends.before != before {
        let Head { position, sequence, hash } = ends.before;
        let detail = format!(
            "it follows record {sequence} at position {position} with hash {hash}, but the files before it end at record \
             {} at position {} with hash {}; a file is missing or was exchanged",
            before.sequence, before.position, before.hash
        );
        return Err(OpenError::Damaged { file: path.to_owned(), after: before.position, detail });
    }
    Ok(ends.head)
}

/// Opens the segment that is appended to, without its torn tail if a crash left one.
fn open_last(path: &Path, before: Head, acknowledged: u64) -> Result<(Database, Ends), OpenError> {
    let opened = guarded(|| match open_verified(path) {
        // The commit that the file names last is not whole.
        Err(DatabaseError::RepairAborted) => Ok(None),
        db => Ok(Some(db.map_err(Fault::from_redb)?)),
    });
    let db = if let Some(db) = opened.map_err(|fault| refused(path, before, fault))? {
        db
    } else {
        drop_torn_tail(path, before, acknowledged)?;
        open_verified(path).map_err(|error| refused(path, before, Fault::from_redb(error)))?
    };
    let ends = guarded(|| segment::ends(&db)).map_err(|fault| refused(path, before, fault))?;
    Ok((db, ends))
}

/// Opens a segment and verifies every checksum in it; stops before redb would fall back to the commit before the last.
fn open_verified(path: &Path) -> Result<Database, DatabaseError> {
    let mut builder = segment::builder();
    builder.set_check_integrity_on_open(true).set_repair_callback(|repair| {
        // redb reports 0.3 only when the last commit does not verify, before it changes anything, and 0.6 next.
        if (0.1..0.6).contains(&repair.progress()) {
            repair.abort();
        }
    });
    builder.open(path)
}

/// Goes back to the commit before the last, on a copy that takes the file's place only if every acknowledged record is
/// in it.
fn drop_torn_tail(path: &Path, before: Head, acknowledged: u64) -> Result<(), OpenError> {
    let copy = path.with_extension("redb.repair");
    let unavailable = |error: io::Error| OpenError::unavailable(&copy, &error);
    fs::copy(path, &copy).map_err(unavailable)?;
    let repaired = guarded(|| {
        let db = segment::builder().open(&copy).map_err(Fault::from_redb)?;
        let ends = segment::ends(&db)?;
        db.close().map_err(Fault::from_redb)?;
        Ok(ends.head)
    });
    let refusal = match repaired {
        Ok(head) if head.sequence >= acknowledged => {
            let dir = path.parent().unwrap_or(Path::new("."));
            let put_in_place = fs::rename(&copy, path).and_then(|()| segment::sync_dir(dir));
            return put_in_place.map_err(unavailable);
        }
        Ok(head) => {
            let detail = format!("record {} was acknowledged and cannot be read", head.sequence + 1);
            OpenError::Damaged { file: path.to_owned(), after: head.position, detail }
        }
        Err(fault) => refused(path, before, fault),
    };
    fs::remove_file(&copy).map_err(unavailable)?;
    Err(refusal)
}

/// A fault in a file as the refusal to open it.
fn refused(path: &Path, before: Head, fault: Fault) -> OpenError {
    match fault {
        Fault::Unavailable(detail) => OpenError::unavailable(path, &detail),
        Fault::Damaged(detail) => {
            OpenError::Damaged { file: path.to_owned(), after: sound_until(path, before), detail }
        }
    }
}

/// How far the records of a damaged segment follow each other, as far as it can be read at all.
fn sound_until(path: &Path, before: Head) -> Position {
    let mut sound = before;
    let walked = guarded(|| {
        let db = segment::open_sealed(path)?;
        loop {
            for record in segment::slice(&db, sound.position)? {
                let header = record.header();
                if header.first_position != sound.position + 1 || header.previous_hash != sound.hash {
                    return Ok(());
                }
                sound = Head { position: record.last_position(), hash: record.hash(), ..sound };
            }
        }
    });
    // How the walk ended says no more than the fault that is already known.
    drop(walked);
    sound.position
}

/// redb trusts the pages it reads and may panic on a damaged one; that is damage like any other.
fn guarded<T>(read: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(Fault::Damaged("its pages do not hold together".to_owned())))
}
