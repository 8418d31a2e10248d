//! One segment: a redb file with a table of its records and one row about itself.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use redb::{Builder, Database, ReadOnlyDatabase, ReadOnlyTable, ReadableDatabase, ReadableTable, TableDefinition};
use redb::{ReadableTableMetadata, WriteTransaction};
use storefold_event_log::{Head, Record};
use storefold_events::Position;

use crate::{fault::Fault, slice::Slice};

/// `first_position` of a record to its bytes.
const RECORDS: TableDefinition<Position, &[u8]> = TableDefinition::new("records");

/// One row: format of the segment, tenant, and how many records the segments before hold.
const ABOUT: TableDefinition<(), (u16, &str, u64)> = TableDefinition::new("about");

/// The format that is written today.
pub(crate) const FORMAT: u16 = 1;

/// What redb may keep of a segment in memory: the upper pages of its tree. Records are read and written once, and the
/// page cache of the operating system keeps them anyway.
const CACHE_BYTES: usize = 8 * 1_024 * 1_024;

/// Where the segment that begins at a position is kept.
pub(crate) fn path(dir: &Path, first_position: Position) -> PathBuf {
    dir.join(format!("{first_position:020}.redb"))
}

/// Where the segment that begins at a position is kept once it is packed.
pub(crate) fn packed_path(dir: &Path, first_position: Position) -> PathBuf {
    dir.join(format!("{first_position:020}.packed"))
}

/// Ready to open a segment.
pub(crate) fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

/// Opens a closed segment.
pub(crate) fn open_sealed(path: &Path) -> Result<ReadOnlyDatabase, Fault> {
    builder().open_read_only(path).map_err(Fault::from_redb)
}

/// Writes a new segment with its first record beside the others, where no reader looks yet.
pub(crate) fn prepare(dir: &Path, sequence: u64, record: &Record) -> Result<Database, Fault> {
    let unfinished = unfinished(dir, record.header().first_position);
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Fault::Unavailable(error.to_string())),
        _ => {}
    }
    let db = builder().create(&unfinished).map_err(Fault::from_redb)?;
    let begun = db.begin_write().map_err(Fault::from_redb)?;
    {
        let mut about = begun.open_table(ABOUT).map_err(Fault::from_redb)?;
        about.insert((), (FORMAT, record.header().tenant.as_str(), sequence)).map_err(Fault::from_redb)?;
    }
    insert(&begun, record)?;
    begun.commit().map_err(Fault::from_redb)?;
    Ok(db)
}

/// Makes a prepared segment part of the log, durably.
pub(crate) fn put_in_place(dir: &Path, first_position: Position) -> io::Result<()> {
    fs::rename(unfinished(dir, first_position), path(dir, first_position))?;
    sync_dir(dir)
}

fn unfinished(dir: &Path, first_position: Position) -> PathBuf {
    path(dir, first_position).with_extension("redb.new")
}

/// Makes what was renamed in a directory durable.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    fs::File::open(dir)?.sync_all()
}

/// Adds a record to a transaction; the commit writes it.
pub(crate) fn insert(begun: &WriteTransaction, record: &Record) -> Result<(), Fault> {
    let mut records = begun.open_table(RECORDS).map_err(Fault::from_redb)?;
    records.insert(record.header().first_position, record.bytes().as_ref()).map_err(Fault::from_redb)?;
    Ok(())
}

/// What stands at the two ends of a segment.
pub(crate) struct Ends {
    pub(crate) format: u16,
    pub(crate) tenant: String,
    /// Where the log ended before this segment, as the segment says.
    pub(crate) before: Head,
    /// Where the log ends with it.
    pub(crate) head: Head,
}

/// Reads the two ends of a segment.
pub(crate) fn ends(db: &impl ReadableDatabase) -> Result<Ends, Fault> {
    let read = db.begin_read().map_err(Fault::from_redb)?;
    let about = read.open_table(ABOUT).map_err(Fault::from_redb)?;
    let about = about.get(()).map_err(Fault::from_redb)?.ok_or_else(|| missing("its row about itself"))?;
    let (format, tenant, sequence) = about.value();
    let records = read.open_table(RECORDS).map_err(Fault::from_redb)?;
    let entry = |end: Result<Option<_>, redb::StorageError>| {
        let (key, value): (redb::AccessGuard<'_, Position>, redb::AccessGuard<'_, &[u8]>) =
            end.map_err(Fault::from_redb)?.ok_or_else(|| missing("a record"))?;
        read_record(key.value(), value.value())
    };
    let (first, last) = (entry(records.first())?, entry(records.last())?);
    let count = records.len().map_err(Fault::from_redb)?;
    Ok(Ends {
        format,
        tenant: tenant.to_owned(),
        before: Head { position: first.header().first_position - 1, hash: first.header().previous_hash, sequence },
        head: Head { position: last.last_position(), hash: last.hash(), sequence: sequence + count },
    })
}

/// The records from the one that holds `after + 1` on, at least one, until the slice is full or the segment ends.
/// Sound records before a damaged one are given first.
pub(crate) fn slice(db: &impl ReadableDatabase, after: Position) -> Result<Vec<Record>, Fault> {
    let read = db.begin_read().map_err(Fault::from_redb)?;
    let records = read.open_table(RECORDS).map_err(Fault::from_redb)?;
    let start = holding(&records, after + 1)?;
    let mut slice = Slice::default();
    for entry in records.range(start..).map_err(Fault::from_redb)? {
        let record = entry
            .map_err(Fault::from_redb)
            .and_then(|(first_position, value)| read_record(first_position.value(), value.value()));
        match record {
            Err(_) if !slice.is_empty() => break,
            record => slice.push(record?),
        }
        if slice.is_full() {
            break;
        }
    }
    Ok(slice.into_records())
}

fn holding(records: &ReadOnlyTable<Position, &[u8]>, position: Position) -> Result<Position, Fault> {
    let mut until: redb::Range<'_, Position, &[u8]> = records.range(..=position).map_err(Fault::from_redb)?;
    let entry = until.next_back().ok_or_else(|| missing(&format!("the record that holds position {position}")))?;
    Ok(entry.map_err(Fault::from_redb)?.0.value())
}

fn read_record(first_position: Position, bytes: &[u8]) -> Result<Record, Fault> {
    let record = Record::read(Bytes::copy_from_slice(bytes))
        .map_err(|error| Fault::Damaged(format!("position {first_position}: {error}")))?;
    if record.header().first_position != first_position {
        let found = record.header().first_position;
        return Err(Fault::Damaged(format!("the record of position {found} stands at {first_position}")));
    }
    Ok(record)
}

fn missing(what: &str) -> Fault {
    Fault::Damaged(format!("{what} is missing"))
}
