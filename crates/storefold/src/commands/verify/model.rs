//! The read models of a server: their rows, each beside a fold of the log that knows nothing of them.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serde::Serialize;
use storefold_events::{Position, Recorded};
use storefold_projection::{Batch, Fold, FoldError, ReadModel, RowStore, SledOptions, SledStore, StoreError, digest};

/// Changed rows that the fold holds before they are put down.
const ROWS_HELD_MAX: usize = 131_072;

/// What a check came to.
#[derive(Serialize)]
pub struct Verdict {
    model: &'static str,
    version: u32,
    /// The rows are complete up to here.
    position: Position,
    /// Digest of the rows.
    rows: String,
    /// Digest of the fold.
    fold: String,
    /// The first row that differs; `None` when all are equal.
    difference: Option<String>,
}

impl Verdict {
    /// Whether the rows are the fold.
    pub fn is_good(&self) -> bool {
        self.difference.is_none()
    }

    /// As cells of a table.
    pub fn cells(&self) -> [String; 6] {
        let short = |digest: &str| digest.chars().take(16).collect::<String>();
        let result = self.difference.clone().unwrap_or_else(|| "equal".to_owned());
        let position = crate::output::grouped(self.position);
        let (rows, fold) = (short(&self.rows), short(&self.fold));
        [self.model.to_owned(), self.version.to_string(), position, rows, fold, result]
    }
}

/// A read model that is being checked.
pub struct Checked {
    model: Box<dyn ReadModel>,
    rows: SledStore,
    /// Up to where the rows are complete, and so how far is folded.
    position: Position,
    fold: Box<dyn Fold>,
    scratch: SledStore,
    /// Why the fold went no further.
    stuck: Option<String>,
}

/// Keeps servers from using the read models under `data` for as long as the file is open.
///
/// # Errors
/// When there are none, or a server uses them.
pub fn lock(data: &Path) -> Result<File> {
    let shown = data.display();
    let lock = File::open(data.join("read").join("lock"));
    let lock = lock.with_context(|| format!("there are no read models in {shown}; check --data"))?;
    lock.try_lock().with_context(|| format!("the read models in {shown} are in use; stop their server first"))?;
    Ok(lock)
}

/// Opens the rows of every read model under `data`, which are locked, with a place for the fold of each under `scratch`.
/// The log ends at `head`.
pub fn open_all(data: &Path, scratch: &Path, head: Position) -> Result<Vec<Checked>> {
    let open = |model: Box<dyn ReadModel>| {
        let rows = rows_dir(data, &*model);
        if !rows.is_dir() {
            bail!("there are no rows of {} in {}; check --data", model.name(), data.display());
        }
        let damaged =
            || format!("the rows of {} do not open; the next start of the server folds them anew", model.name());
        let rows = SledStore::open(&rows, SledOptions::default()).with_context(damaged)?;
        let position = rows.position()?;
        if position > head {
            bail!("the rows of {} are at {position}, but the log ends at {head}: it is another log", model.name());
        }
        let scratch = SledStore::open(&scratch.join(model.name()), SledOptions::default())?;
        Ok(Checked { fold: model.fold(), model, rows, position, scratch, stuck: None })
    };
    storefold_read_models::all().into_iter().map(open).collect()
}

fn rows_dir(data: &Path, model: &dyn ReadModel) -> PathBuf {
    data.join("read").join(model.name()).join(format!("v{}", model.version())).join("rows")
}

impl Checked {
    /// Folds the events that the rows should hold. They come in order and without gap.
    pub fn fold(&mut self, events: &[Recorded<'_>]) -> Result<()> {
        let to = events.partition_point(|event| event.position <= self.position);
        if to == 0 || self.stuck.is_some() {
            return Ok(());
        }
        match self.fold.apply(&self.scratch, &events[..to]) {
            Err(FoldError::Poisoned(poisoned)) => self.stuck = Some(poisoned.to_string()),
            Err(FoldError::Rows(error)) => return Err(error.into()),
            Ok(()) if self.fold.changed() >= ROWS_HELD_MAX => self.scratch.fill(self.fold.take(0)?)?,
            Ok(()) => {}
        }
        Ok(())
    }

    /// Compares, once everything is folded.
    pub fn verdict(mut self) -> Result<Verdict> {
        if self.position > 0 && self.stuck.is_none() {
            self.scratch.fill(self.fold.take(0)?)?;
            self.scratch.write(Batch { rows: Vec::new(), position: self.position })?;
        }
        let (rows, fold) = (digest(&self.rows)?, digest(&self.scratch)?);
        let difference = match self.stuck {
            Some(stuck) => Some(stuck),
            None if rows == fold => None,
            None => Some(first_difference(&self.rows, &self.scratch)?),
        };
        Ok(Verdict {
            model: self.model.name(),
            version: self.model.version(),
            position: self.position,
            rows: rows.to_string(),
            fold: fold.to_string(),
            difference,
        })
    }
}

/// The first key, in their order, whose row is not the same in both.
fn first_difference(rows: &SledStore, fold: &SledStore) -> Result<String, StoreError> {
    let of_rows = first_other(rows, fold)?;
    let of_fold = first_other(fold, rows)?;
    let (key, what) = match (of_rows, of_fold) {
        (Some(key), Some(other)) if key == other => (key, "has another row than the fold"),
        (Some(key), other) if other.as_ref().is_none_or(|other| key < *other) => (key, "is not in the fold"),
        (_, Some(key)) => (key, "is missing"),
        _ => return Ok("the digests differ, but no row does".to_owned()),
    };
    Ok(format!("key {} {what}", key.escape_ascii()))
}

/// The first key of `a` whose row is another in `b`, or not there.
fn first_other(a: &SledStore, b: &SledStore) -> Result<Option<Vec<u8>>, StoreError> {
    let mut found = Ok(None);
    a.view(&mut |view| {
        let mut failed = None;
        let mut other = None;
        let scanned = view.scan(&[], None, &mut |key, row| match b.get(key) {
            Ok(Some(theirs)) if theirs == row => true,
            Ok(_) => {
                other = Some(key.to_vec());
                false
            }
            Err(error) => {
                failed = Some(error);
                false
            }
        });
        found = scanned.and_then(|()| failed.map_or(Ok(other), Err));
    })?;
    found
}
