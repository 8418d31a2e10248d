//! Rows of an earlier time, kept under a name beside those that are served: `<data>/snapshots/<name>/<model>/`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::Position;
use tracing::{info, warn};

use super::rebuilds::RebuildRefused;
use crate::{AsOf, ReadModel, RowStore, StoreKind, directory::ModelDirectory};

/// How many there may be.
pub(super) const SNAPSHOTS_MAX: usize = 8;
/// How old they become, in ms: 7 days.
const AGE_MS_MAX: i64 = 7 * 24 * 60 * 60 * 1_000;
const ABOUT: &str = "snapshot.json";

/// A snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotStatus {
    /// Its name.
    pub snapshot: String,
    /// The events that it is the fold of; null when all were taken.
    pub as_of: Option<AsOf>,
    /// Where the log ended, or was ended, when it was made.
    pub position: Position,
    /// The read models in it.
    pub models: Vec<String>,
    /// When it was ordered, in ms since 1970 UTC; it is deleted 7 days later.
    pub created_at_ms: i64,
}

pub(super) struct Snapshot {
    pub(super) status: SnapshotStatus,
    stores: BTreeMap<&'static str, Arc<dyn RowStore>>,
}

impl Snapshot {
    pub(super) fn store(&self, model: &str) -> Option<&Arc<dyn RowStore>> {
        self.stores.get(model)
    }
}

/// All of them.
pub(super) struct Snapshots {
    dir: PathBuf,
    held: Arc<Mutex<Held>>,
}

#[derive(Default)]
struct Held {
    kept: BTreeMap<String, Arc<Snapshot>>,
    reserved: BTreeSet<String>,
}

/// A name that a snapshot is being made under; given back when it comes to nothing.
pub(super) struct Reserved {
    name: String,
    dir: PathBuf,
    created_at_ms: i64,
    held: Arc<Mutex<Held>>,
    kept: bool,
}

impl Snapshots {
    /// Those that lie in `dir`. What cannot be used any more is deleted.
    pub(super) fn open(dir: PathBuf, models: &[Arc<dyn ReadModel>], kind: StoreKind) -> Self {
        let entries = fs::read_dir(&dir).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut held = Held::default();
        for path in entries {
            match open(&path, models, kind) {
                Ok(snapshot) => drop(held.kept.insert(snapshot.status.snapshot.clone(), Arc::new(snapshot))),
                Err(reason) => {
                    warn!(snapshot = %path.display(), reason, "a snapshot is deleted; take it anew");
                    remove(&path);
                }
            }
        }
        Self { dir, held: Arc::new(Mutex::new(held)) }
    }

    /// Takes a name for a snapshot that is ordered at `now_ms`.
    pub(super) fn reserve(&self, name: &str, now_ms: i64) -> Result<Reserved, RebuildRefused> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !(1..=64).contains(&name.len()) || !name.bytes().all(fits) {
            return Err(RebuildRefused::SnapshotName(name.to_owned()));
        }
        self.sweep(now_ms);
        let mut held = lock(&self.held);
        if held.kept.contains_key(name) || held.reserved.contains(name) {
            return Err(RebuildRefused::SnapshotExists(name.to_owned()));
        }
        if held.kept.len() + held.reserved.len() >= SNAPSHOTS_MAX {
            return Err(RebuildRefused::TooManySnapshots(SNAPSHOTS_MAX));
        }
        held.reserved.insert(name.to_owned());
        let (dir, held) = (self.dir.join(name), self.held.clone());
        Ok(Reserved { name: name.to_owned(), dir, created_at_ms: now_ms, held, kept: false })
    }

    pub(super) fn find(&self, name: &str) -> Option<Arc<Snapshot>> {
        lock(&self.held).kept.get(name).cloned()
    }

    /// The names of those that a model is in, in order.
    pub(super) fn names_with(&self, model: &str) -> Vec<String> {
        let held = lock(&self.held);
        let with = held.kept.iter().filter(|(_, snapshot)| snapshot.store(model).is_some());
        with.map(|(name, _)| name.clone()).collect()
    }

    /// In the order of their names; those that are too old are deleted.
    pub(super) fn list(&self, now_ms: i64) -> Vec<SnapshotStatus> {
        self.sweep(now_ms);
        lock(&self.held).kept.values().map(|snapshot| snapshot.status.clone()).collect()
    }

    /// Deletes one; answers whether there was one.
    pub(super) fn delete(&self, name: &str) -> bool {
        let found = lock(&self.held).kept.remove(name).is_some();
        if found {
            remove(&self.dir.join(name));
        }
        found
    }

    fn sweep(&self, now_ms: i64) {
        let old: Vec<_> = lock(&self.held)
            .kept
            .values()
            .filter(|snapshot| now_ms - snapshot.status.created_at_ms > AGE_MS_MAX)
            .map(|snapshot| snapshot.status.snapshot.clone())
            .collect();
        for name in old {
            info!(snapshot = name, "a snapshot is deleted, since it is too old");
            self.delete(&name);
        }
    }
}

impl Reserved {
    /// Where its rows are to be.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The rows are whole: from now on it can be asked.
    pub(super) fn keep(
        mut self,
        as_of: Option<AsOf>,
        position: Position,
        stores: Vec<(&'static str, Arc<dyn RowStore>)>,
    ) -> io::Result<()> {
        let status = SnapshotStatus {
            snapshot: self.name.clone(),
            as_of,
            position,
            models: stores.iter().map(|(name, _)| (*name).to_owned()).collect(),
            created_at_ms: self.created_at_ms,
        };
        fs::write(self.dir.join(ABOUT), serde_json::to_vec_pretty(&status)?)?;
        self.kept = true;
        let snapshot = Arc::new(Snapshot { status, stores: stores.into_iter().collect() });
        lock(&self.held).kept.insert(self.name.clone(), snapshot);
        Ok(())
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if !self.kept {
            remove(&self.dir);
        }
        lock(&self.held).reserved.remove(&self.name);
    }
}

fn open(path: &Path, models: &[Arc<dyn ReadModel>], kind: StoreKind) -> Result<Snapshot, String> {
    let about = fs::read(path.join(ABOUT)).map_err(|error| format!("{ABOUT}: {error}"))?;
    let status: SnapshotStatus = serde_json::from_slice(&about).map_err(|error| format!("{ABOUT}: {error}"))?;
    let mut stores = BTreeMap::new();
    for name in &status.models {
        let model = models.iter().find(|model| model.name() == name);
        let model = model.ok_or_else(|| format!("there is no read model {name} any more"))?;
        let opened = ModelDirectory::of(path, &**model, kind).open_existing(Position::MAX)?;
        stores.insert(model.name(), opened.store);
    }
    Ok(Snapshot { status, stores })
}

fn remove(dir: &Path) {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            warn!(snapshot = %dir.display(), %error, "a snapshot cannot be deleted");
        }
        _ => {}
    }
}

fn lock(held: &Mutex<Held>) -> MutexGuard<'_, Held> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}
