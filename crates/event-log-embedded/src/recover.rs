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
    files::{Active, Files, Sealed},
    packed::PackedSegment,
    segment::{self, Ends},
};

/// Finds the log in `dir`: its files, and where it ends.
pub(crate) fn find(dir: &Path, tenant: &Tenant, acknowledged: u64) -> Result<(Files, Head), OpenError> {
    let mut segments = list(dir)?;
    let last_loose = segments.pop_if(|last| !last.is_packed);
    let (mut sealed, mut head) = (Vec::with_capacity(segments.len()), Head::default());
    for Listed { first_position, is_packed } in segments {
        let path = if is_packed { segment::packed_path } else { segment::path }(dir, first_position);
        let ends = guarded(|| {
            if is_packed { PackedSegment::open(&path)?.ends() } else { segment::ends(&segment::open_sealed(&path)?) }
        });
        head = followed(&path, head, tenant, ends)?;
        sealed.push(Sealed { first_position, head, is_packed });
    }
    let Some(Listed { first_position, .. }) = last_loose else {
        complete(dir, head, acknowledged)?;
        return Ok((Files { dir: dir.to_owned(), sealed, active: None }, head));
    };
    let path = segment::path(dir, first_position);
    // If the last segment was closed in order, it is held to the rest before it is opened for writing.
    if let Ok(ends) = guarded(|| segment::ends(&segment::open_sealed(&path)?)) {
        complete(dir, followed(&path, head, tenant, Ok(ends))?, acknowledged)?;
    }
    let (mut db, mut ends) = open_last(&path, head, acknowledged)?;
    if ends.head.sequence > acknowledged {
        (db, ends) = made_durable(&path, db, head, acknowledged)?;
    }
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

/// A segment, by the name of its file.
struct Listed {
    first_position: Position,
    is_packed: bool,
}

/// The segments in order. Deletes what a crash left unfinished, which was never acknowledged, and of a segment that is
/// there twice the one that is not needed.
fn list(dir: &Path) -> Result<Vec<Listed>, OpenError> {
    let unavailable = |error: io::Error| OpenError::unavailable(dir, &error);
    let (mut loose, mut packed) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(dir).map_err(unavailable)? {
        let path = entry.map_err(unavailable)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if [".redb.new", ".redb.repair", ".packed.new"].iter().any(|kind| name.ends_with(kind)) {
            remove(&path)?;
        } else if let Some((digits, kind)) = name.split_once('.')
            && let Ok(first_position) = digits.parse()
        {
            match kind {
                "redb" => loose.push(first_position),
                "packed" => packed.push(first_position),
                _ => {}
            }
        }
    }
    let mut segments = Vec::with_capacity(loose.len() + packed.len());
    for first_position in packed {
        if let Some(at) = loose.iter().position(|twice| *twice == first_position) {
            if !is_whole(&segment::packed_path(dir, first_position))? {
                remove(&segment::packed_path(dir, first_position))?;
                continue;
            }
            remove(&segment::path(dir, first_position))?;
            loose.swap_remove(at);
        }
        segments.push(Listed { first_position, is_packed: true });
    }
    segments.extend(loose.into_iter().map(|first_position| Listed { first_position, is_packed: false }));
    segments.sort_unstable_by_key(|listed| listed.first_position);
    Ok(segments)
}

/// Whether a packed segment holds everything that it should.
fn is_whole(path: &Path) -> Result<bool, OpenError> {
    match PackedSegment::open(path).and_then(|packed| packed.verify()) {
        Ok(()) => Ok(true),
        Err(Fault::Damaged(_)) => Ok(false),
        Err(Fault::Unavailable(detail)) => Err(OpenError::unavailable(path, &detail)),
    }
}

fn remove(path: &Path) -> Result<(), OpenError> {
    fs::remove_file(path).map_err(|error| OpenError::unavailable(path, &error))
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

/// Puts a copy of a segment in its place: what was written and perhaps never reached the disk does now. An fsync that failed may have
/// left pages that are read as if they had been written, and that no later fsync writes.
fn made_durable(path: &Path, db: Database, before: Head, acknowledged: u64) -> Result<(Database, Ends), OpenError> {
    db.close().map_err(|error| refused(path, before, Fault::from_redb(error)))?;
    let copy = path.with_extension("redb.repair");
    let copied = fs::copy(path, &copy).and_then(|_| put_in_place(&copy, path));
    copied.map_err(|error| OpenError::unavailable(&copy, &error))?;
    open_last(path, before, acknowledged)
}

fn put_in_place(copy: &Path, path: &Path) -> io::Result<()> {
    fs::File::open(copy)?.sync_all()?;
    fs::rename(copy, path)?;
    segment::sync_dir(path.parent().unwrap_or(Path::new(".")))
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
            return put_in_place(&copy, path).map_err(unavailable);
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
    if path.extension().is_some_and(|kind| kind == "packed") {
        return sound.position;
    }
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
