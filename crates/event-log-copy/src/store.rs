//! The file of a copy: blocks in pieces, loose records, and one row about itself.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use redb::{Builder, Database, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition};
use storefold_event_log::{Block, Record, Tenant};
use storefold_events::Position;

use crate::{CopyError, pieces::pieces};

/// First position of a block and number of a piece, to the piece.
const BLOCKS: TableDefinition<(Position, u32), &[u8]> = TableDefinition::new("blocks");

/// First position of a record that is in no block yet, to the record.
const LOOSE: TableDefinition<Position, &[u8]> = TableDefinition::new("loose");

/// One row: format of the file, and tenant.
const ABOUT: TableDefinition<(), (u16, &str)> = TableDefinition::new("about");

const FORMAT: u16 = 1;

/// What redb may keep in memory: the upper pages of its trees.
const CACHE_BYTES: usize = 8 * 1_024 * 1_024;

pub(crate) struct Store {
    pub(crate) file: PathBuf,
    /// None once it is closed, or after a failure from which it could not be opened again.
    db: RwLock<Option<Database>>,
    is_closed: AtomicBool,
}

impl Store {
    /// Opens the file, and makes it when it is not there.
    pub(crate) fn open(file: &Path, tenant: &Tenant) -> Result<Self, CopyError> {
        let db = guarded(file, || builder().create(file).map_err(|error| CopyError::from_redb(file, error)))?;
        let store = Self { file: file.to_owned(), db: RwLock::new(Some(db)), is_closed: AtomicBool::new(false) };
        let found = guarded(file, || store.begin(tenant))?;
        if found.0 != FORMAT {
            return Err(CopyError::UnknownFormat { file: file.to_owned(), found: found.0 });
        }
        if found.1 != tenant.as_str() {
            return Err(CopyError::AnotherTenant { file: file.to_owned(), found: found.1 });
        }
        Ok(store)
    }

    /// What the file says about itself; a new one is told first.
    fn begin(&self, tenant: &Tenant) -> Result<(u16, String), CopyError> {
        self.write(|begun| {
            begun.open_table(BLOCKS)?;
            begun.open_table(LOOSE)?;
            let mut about = begun.open_table(ABOUT)?;
            if about.get(())?.is_none() {
                about.insert((), (FORMAT, tenant.as_str()))?;
            }
            let row = about.get(())?;
            Ok(row.map_or_else(|| (FORMAT, tenant.to_string()), |row| (row.value().0, row.value().1.to_owned())))
        })
    }

    /// Writes blocks, and exchanges what is loose for `loose`, of which the first `kept` are there already if nothing
    /// was packed. All or nothing, durably.
    pub(crate) fn put(&self, blocks: &[Block], loose: &[Record], kept: usize) -> Result<(), CopyError> {
        self.write(|begun| {
            if !blocks.is_empty() {
                let mut table = begun.open_table(BLOCKS)?;
                for block in blocks {
                    for (number, piece) in (0..).zip(pieces(block.bytes())) {
                        table.insert((block.first_position(), number), piece)?;
                    }
                }
            }
            let mut table = begun.open_table(LOOSE)?;
            let new = if blocks.is_empty() {
                &loose[kept..]
            } else {
                table.retain(|_, _| false)?;
                loose
            };
            for record in new {
                table.insert(record.header().first_position, record.bytes().as_ref())?;
            }
            Ok(())
        })
    }

    /// Puts a block in the place of the one that begins at the same position.
    pub(crate) fn replace(&self, block: &Block) -> Result<(), CopyError> {
        let first_position = block.first_position();
        self.write(|begun| {
            let mut table = begun.open_table(BLOCKS)?;
            table.retain_in((first_position, 0)..=(first_position, u32::MAX), |_, _| false)?;
            for (number, piece) in (0..).zip(pieces(block.bytes())) {
                table.insert((first_position, number), piece)?;
            }
            Ok(())
        })
    }

    /// Where the block that holds a position begins, and its bytes. Nothing is checked yet.
    pub(crate) fn block_bytes(&self, position: Position) -> Result<Option<(Position, Bytes)>, CopyError> {
        self.read(|read| {
            let blocks = read.open_table(BLOCKS)?;
            let mut until: redb::Range<'_, (Position, u32), &[u8]> = blocks.range(..=(position, u32::MAX))?;
            let Some(last) = until.next_back().transpose()? else { return Ok(None) };
            let (first_position, last_piece) = last.0.value();
            let mut bytes = Vec::with_capacity(last.1.value().len() * if last_piece == 0 { 1 } else { 4 });
            for piece in blocks.range((first_position, 0)..=(first_position, last_piece))? {
                bytes.extend_from_slice(piece?.1.value());
            }
            Ok(Some((first_position, bytes.into())))
        })
    }

    /// Where the block after a position begins; none when there is no other.
    pub(crate) fn next_block(&self, after: Position) -> Result<Option<Position>, CopyError> {
        self.read(|read| {
            let blocks = read.open_table(BLOCKS)?;
            let mut rest: redb::Range<'_, (Position, u32), &[u8]> = blocks.range((after + 1, 0)..)?;
            Ok(rest.next().transpose()?.map(|entry| entry.0.value().0))
        })
    }

    /// The bytes of the loose records in order.
    pub(crate) fn loose(&self) -> Result<Vec<Bytes>, CopyError> {
        self.read(|read| {
            let loose = read.open_table(LOOSE)?;
            loose.iter()?.map(|entry| Ok(Bytes::copy_from_slice(entry?.1.value()))).collect()
        })
    }

    /// Forgets the loose records.
    pub(crate) fn drop_loose(&self) -> Result<(), CopyError> {
        self.write(|begun| Ok(begun.open_table(LOOSE)?.retain(|_, _| false)?))
    }

    /// Lets go of the file; what is asked later is refused.
    pub(crate) fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
        drop(self.db.write().unwrap_or_else(PoisonError::into_inner).take());
    }

    fn read<T>(&self, read: impl FnOnce(&ReadTransaction) -> Result<T, redb::Error>) -> Result<T, CopyError> {
        let db = self.opened();
        let db = db.as_ref().ok_or_else(|| self.gone())?;
        guarded(&self.file, || {
            let begun = db.begin_read().map_err(|error| CopyError::from_redb(&self.file, error))?;
            read(&begun).map_err(|error| CopyError::from_redb(&self.file, error))
        })
    }

    fn write<T>(&self, write: impl FnOnce(&redb::WriteTransaction) -> Result<T, redb::Error>) -> Result<T, CopyError> {
        let written = {
            let db = self.opened();
            match db.as_ref() {
                None => Err(self.gone()),
                Some(db) => guarded(&self.file, || {
                    let written = db.begin_write().map_err(redb::Error::from).and_then(|mut begun| {
                        // Opening after a crash would read the whole file otherwise; commits are few enough for it.
                        begun.set_quick_repair(true);
                        let written = write(&begun)?;
                        begun.commit()?;
                        Ok(written)
                    });
                    written.map_err(|error| CopyError::from_redb(&self.file, error))
                }),
            }
        };
        if written.is_err() && !self.is_closed.load(Ordering::Relaxed) {
            self.open_again();
        }
        written
    }

    /// redb does not go on after an error of the disk until the file is opened again; so a disk that was full can be used
    /// when there is room.
    fn open_again(&self) {
        let mut db = self.db.write().unwrap_or_else(PoisonError::into_inner);
        drop(db.take());
        *db =
            guarded(&self.file, || builder().open(&self.file).map_err(|error| CopyError::from_redb(&self.file, error)))
                .ok();
    }

    fn opened(&self) -> RwLockReadGuard<'_, Option<Database>> {
        let opened = self.db.read().unwrap_or_else(PoisonError::into_inner);
        if opened.is_some() || self.is_closed.load(Ordering::Relaxed) {
            return opened;
        }
        drop(opened);
        self.open_again();
        self.db.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn gone(&self) -> CopyError {
        let closed = self.is_closed.load(Ordering::Relaxed);
        let why = if closed { "it is closed" } else { "it could not be opened again after a failure" };
        CopyError::unavailable(&self.file, &why)
    }
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

/// redb trusts the pages it reads and may panic on a damaged one; that is damage like any other.
fn guarded<T>(file: &Path, work: impl FnOnce() -> Result<T, CopyError>) -> Result<T, CopyError> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(CopyError::damaged(file, &"its pages do not hold together")))
}
