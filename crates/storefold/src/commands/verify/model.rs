//! The read models of a server: their rows, each beside a fold of the log that knows nothing of them.

use std::{fs::File, path::Path, sync::Arc};

use anyhow::{Context, Result, anyhow};
use serde::Serialize;
use storefold_events::{Position, Recorded};
use storefold_projection::{
    Batch, Fold, FoldError, ReadModel, RedbOptions, RedbStore, RowStore, Runner, compare, digest, rows_at_rest,
};

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
    rows: Arc<dyn RowStore>,
    /// Up to where the rows are complete, and so how far is folded.
    position: Position,
    fold: Box<dyn Fold>,
    scratch: RedbStore,
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
        let damaged = |reason| {
            let name = model.name();
            anyhow!(
                "the rows of {name} in {} cannot be read: {reason}; check --data, or let the next start of the server fold them anew",
                data.display()
            )
        };
        let (rows, position) = rows_at_rest(data, &*model, Runner::default().store, head).map_err(damaged)?;
        let scratch = RedbStore::open(&scratch.join(model.name()), RedbOptions::default())?;
        Ok(Checked { fold: model.fold(), model, rows, position, scratch, stuck: None })
    };
    storefold_read_models::all().into_iter().map(open).collect()
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
            Ok(()) if self.fold.changed() >= ROWS_HELD_MAX => self.scratch.fill_encoded(&self.fold.take(0)?)?,
            Ok(()) => {}
        }
        Ok(())
    }

    /// Compares, once everything is folded.
    pub fn verdict(mut self) -> Result<Verdict> {
        if self.position > 0 && self.stuck.is_none() {
            self.scratch.fill_encoded(&self.fold.take(0)?)?;
            self.scratch.write(Batch { rows: Vec::new(), position: self.position })?;
        }
        let (rows, fold, difference) = if let Some(stuck) = self.stuck {
            (digest(&*self.rows)?, digest(&self.scratch)?, Some(stuck))
        } else {
            let compared = compare(&*self.rows, &self.scratch)?.context("the rows have moved while they were read")?;
            (compared.rows, compared.fold, compared.difference)
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
