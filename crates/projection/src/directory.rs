//! Where rows lie, and when they are deleted (invariant 8).
//!
//! `<root>/<model>/v<version>/` holds a directory `rows-<number>` and a file that names it. A rebuild fills the next
//! number beside it; exchanging the file, by a rename, makes the new rows the ones that count. Rows that no file names
//! are left over from a rebuild that did not come to its end, and are deleted at the next start.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use storefold_events::Position;
use tracing::{info, warn};

use crate::{ReadModel, RedbOptions, RedbStore, RowStore, SledOptions, SledStore, StoreError};

/// Names what lies in the directory and which rows count; without it the directory is not ours or was never finished.
const IDENTITY: &str = "identity";

/// The highest number that this process has given: none is given again while the rows before may still be deleted.
static LAST_NUMBER: AtomicU64 = AtomicU64::new(0);

/// The store under the rows.
#[derive(Clone, Copy, Debug)]
pub enum StoreKind {
    /// redb: snapshots, so that a long reading holds nobody up.
    Redb(RedbOptions),
    /// sled, in its place.
    Sled(SledOptions),
}

impl StoreKind {
    fn name(&self) -> &'static str {
        match self {
            Self::Redb(_) => "redb",
            Self::Sled(_) => "sled",
        }
    }

    fn open(&self, dir: &Path) -> Result<Arc<dyn RowStore>, StoreError> {
        Ok(match *self {
            Self::Redb(options) => Arc::new(RedbStore::open(dir, options)?),
            Self::Sled(options) => Arc::new(SledStore::open(dir, options)?),
        })
    }
}

/// The directory of one model, with a directory for each version of its rows.
#[derive(Clone)]
pub(crate) struct ModelDirectory {
    path: PathBuf,
    version: u32,
    identity: String,
    kind: StoreKind,
}

/// Opened rows.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn RowStore>,
    pub(crate) position: Position,
    /// Tells them from the rows before and after.
    pub(crate) number: u64,
}

impl ModelDirectory {
    pub(crate) fn of(root: &Path, model: &dyn ReadModel, kind: StoreKind) -> Self {
        let (name, version) = (model.name(), model.version());
        let identity = format!("rows of {name}, version {version}, in {}, format 2", kind.name());
        Self { path: root.join(name), version, identity, kind }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the rows of this version. Rows that cannot be used, or are ahead of a log that ends at `head`, are deleted,
    /// and an empty store is opened in their place.
    ///
    /// # Errors
    /// When the directory can be neither used nor made anew.
    pub(crate) fn open(&self, head: Position) -> io::Result<Opened> {
        let version = self.version_dir();
        if version.exists() {
            match self.open_existing(head) {
                Ok(opened) => {
                    self.remove_all_but(opened.number);
                    return Ok(opened);
                }
                Err(reason) => {
                    warn!(rows = %version.display(), reason, "rows are deleted and folded again from the log");
                }
            }
            fs::remove_dir_all(&version)?;
        }
        fs::create_dir_all(&version)?;
        let number = 1;
        self.make_current(number)?;
        let store = self.kind.open(&self.rows_dir(number)).map_err(io::Error::other)?;
        Ok(Opened { store, position: 0, number })
    }

    /// Opens the rows that count, which must be there and usable; nothing is deleted.
    ///
    /// # Errors
    /// A sentence that says what is wrong with them.
    pub(crate) fn open_existing(&self, head: Position) -> Result<Opened, String> {
        let Some((found, number)) = self.current() else {
            return Err(format!("{IDENTITY} does not say what they are"));
        };
        if found != self.identity {
            return Err(format!("they say they are {found:?} instead of {:?}", self.identity));
        }
        let rows = self.rows_dir(number);
        if !rows.exists() {
            return Err(format!("{} is not there", rows.display()));
        }
        let store = self.kind.open(&rows).map_err(|error| error.to_string())?;
        match store.position() {
            Ok(position) if position <= head => Ok(Opened { store, position, number }),
            Ok(position) => Err(format!("they are at position {position}, but the log ends at {head}")),
            Err(error) => Err(error.to_string()),
        }
    }

    /// An empty store beside the rows that count.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn begin_next(&self) -> io::Result<Opened> {
        let current = self.current().map_or(0, |(_, current)| current);
        LAST_NUMBER.fetch_max(current, Ordering::Relaxed);
        let number = LAST_NUMBER.fetch_add(1, Ordering::Relaxed) + 1;
        self.remove(number);
        let store = self.kind.open(&self.rows_dir(number)).map_err(io::Error::other)?;
        Ok(Opened { store, position: 0, number })
    }

    /// From now on these rows count, also after a crash.
    pub(crate) fn make_current(&self, number: u64) -> io::Result<()> {
        let path = self.version_dir().join(IDENTITY);
        let new = path.with_extension("new");
        fs::write(&new, format!("{} rows-{number}\n", self.identity))?;
        fs::rename(new, path)
    }

    /// Deletes rows that do not count. Those who still read them are not disturbed.
    pub(crate) fn remove(&self, number: u64) {
        remove(&self.rows_dir(number));
    }

    /// Deletes rows unless they have come to count.
    pub(crate) fn remove_unless_current(&self, number: u64) {
        if self.current().is_none_or(|(_, current)| current != number) {
            self.remove(number);
        }
    }

    /// Deletes the rows of older versions. Those of newer ones stay, so that an upgrade that was taken back can be made
    /// again.
    pub(crate) fn remove_older(&self) {
        for path in entries(&self.path).filter(|path| number_after(path, "v").is_some_and(|v| v < self.version.into()))
        {
            info!(rows = %path.display(), "rows of an older version are deleted");
            remove(&path);
        }
    }

    fn remove_all_but(&self, number: u64) {
        for path in entries(&self.version_dir()).filter(|path| number_after(path, "rows-").is_some_and(|n| n != number))
        {
            info!(rows = %path.display(), "rows of a rebuild that did not come to its end are deleted");
            remove(&path);
        }
    }

    /// What the rows that count say they are, and their number.
    fn current(&self) -> Option<(String, u64)> {
        let identity = fs::read_to_string(self.version_dir().join(IDENTITY)).ok()?;
        let (found, number) = identity.trim_end().rsplit_once(" rows-")?;
        Some((found.to_owned(), number.parse().ok()?))
    }

    fn version_dir(&self) -> PathBuf {
        self.path.join(format!("v{}", self.version))
    }

    fn rows_dir(&self, number: u64) -> PathBuf {
        self.version_dir().join(format!("rows-{number}"))
    }
}

fn entries(dir: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path())
}

fn number_after(path: &Path, prefix: &str) -> Option<u64> {
    path.file_name()?.to_str()?.strip_prefix(prefix)?.parse().ok()
}

fn remove(path: &Path) {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            warn!(rows = %path.display(), %error, "rows that are of no use cannot be deleted");
        }
        _ => {}
    }
}
