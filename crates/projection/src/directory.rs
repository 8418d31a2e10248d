//! Where rows lie: `<data>/read/<model>/v<version>/`, and when they are deleted (invariant 8).

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use storefold_events::Position;
use tracing::{info, warn};

use crate::{ReadModel, RedbOptions, RedbStore, RowStore, SledOptions, SledStore, StoreError};

/// Names whose rows lie in the directory; a directory without it is not ours or was never finished.
const IDENTITY: &str = "identity";

/// The store under the rows.
#[derive(Clone, Copy, Debug)]
pub enum StoreKind {
    /// sled, the one that is used.
    Sled(SledOptions),
    /// redb, in its place.
    Redb(RedbOptions),
}

impl StoreKind {
    fn name(&self) -> &'static str {
        match self {
            Self::Sled(_) => "sled",
            Self::Redb(_) => "redb",
        }
    }

    fn open(&self, dir: &Path) -> Result<Arc<dyn RowStore>, StoreError> {
        Ok(match *self {
            Self::Sled(options) => Arc::new(SledStore::open(dir, options)?),
            Self::Redb(options) => Arc::new(RedbStore::open(dir, options)?),
        })
    }
}

/// The directory of one model, with a directory for each version of its rows.
pub(crate) struct ModelDirectory {
    path: PathBuf,
    version: u32,
    identity: String,
}

impl ModelDirectory {
    pub(crate) fn of(data_dir: &Path, model: &dyn ReadModel, kind: StoreKind) -> Self {
        let (name, version) = (model.name(), model.version());
        let identity = format!("rows of {name}, version {version}, in {}, format 1\n", kind.name());
        Self { path: data_dir.join("read").join(name), version, identity }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the rows of this version, with the position they are at. Rows that cannot be used, or are ahead of a log
    /// that ends at `head`, are deleted, and an empty store is opened in their place.
    ///
    /// # Errors
    /// When the directory can be neither used nor made anew.
    pub(crate) fn open(&self, kind: StoreKind, head: Position) -> io::Result<(Arc<dyn RowStore>, Position)> {
        let rows = self.rows_dir();
        if rows.exists() {
            match self.open_existing(kind, &rows, head) {
                Ok(opened) => return Ok(opened),
                Err(reason) => warn!(rows = %rows.display(), reason, "rows are deleted and folded again from the log"),
            }
            fs::remove_dir_all(&rows)?;
        }
        fs::create_dir_all(&rows)?;
        fs::write(rows.join(IDENTITY), &self.identity)?;
        Ok((kind.open(&rows.join("rows")).map_err(io::Error::other)?, 0))
    }

    fn open_existing(
        &self,
        kind: StoreKind,
        rows: &Path,
        head: Position,
    ) -> Result<(Arc<dyn RowStore>, Position), String> {
        let identity = fs::read_to_string(rows.join(IDENTITY)).map_err(|error| format!("{IDENTITY}: {error}"))?;
        if identity != self.identity {
            return Err(format!(
                "they say they are {:?} instead of {:?}",
                identity.trim_end(),
                self.identity.trim_end()
            ));
        }
        let store = kind.open(&rows.join("rows")).map_err(|error| error.to_string())?;
        match store.position() {
            Ok(position) if position <= head => Ok((store, position)),
            Ok(position) => Err(format!("they are at position {position}, but the log ends at {head}")),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Deletes the rows of older versions. Those of newer ones stay, so that an upgrade that was taken back can be made
    /// again.
    pub(crate) fn remove_older(&self) {
        let versions = fs::read_dir(&self.path).into_iter().flatten().flatten();
        for path in versions.map(|entry| entry.path()).filter(|path| self.is_older(path)) {
            match fs::remove_dir_all(&path) {
                Ok(()) => info!(rows = %path.display(), "rows of an older version are deleted"),
                Err(error) => warn!(rows = %path.display(), %error, "rows of an older version cannot be deleted"),
            }
        }
    }

    fn is_older(&self, path: &Path) -> bool {
        let name = path.file_name().and_then(|name| name.to_str());
        let version = name.and_then(|name| name.strip_prefix('v')).and_then(|version| version.parse::<u32>().ok());
        version.is_some_and(|version| version < self.version)
    }

    fn rows_dir(&self) -> PathBuf {
        self.path.join(format!("v{}", self.version))
    }
}
