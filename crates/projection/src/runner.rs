//! Keeps read models up with the log.
//!
//! A lane reads slices of the log, decodes each event once, folds it into every model that has not folded it yet, and
//! writes one batch a model with its checkpoint. Models that start far behind, with no rows at all, are filled in a lane
//! of their own and join the live one when they are done, so that a new model does not hold up the others. Folding runs
//! on the runtime's blocking threads.
//!
//! Limits: what is read ahead is bounded in events and bytes; rows in memory are bounded in number.

mod backlog;
mod handle;
mod lane;
mod log_mark;
mod member;
mod pace;
mod round;
mod watched;
pub use self::{
    handle::{ModelStatus, QuestionId, RunnerHandle, WaitError},
    pace::Pace,
};

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use storefold_event_log::{EventLog, ReadError};
use storefold_events::Position;
use thiserror::Error;
use tokio::{
    sync::{mpsc, watch},
    task::spawn_blocking,
};
use tracing::warn;

use self::{
    lane::{Lane, Role},
    log_mark::LogMark,
    member::Member,
    watched::{Shared, Watched},
};
use crate::{ReadModel, SledOptions, StoreKind, directory::ModelDirectory};

/// From so many events on, rows that start from nothing are filled instead of written in batches.
const FILL_EVENTS_MIN: Position = 65_536;

/// Why a runner did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The log did not say where it ends.
    #[error(transparent)]
    Log(#[from] ReadError),
    /// Another process folds into this directory.
    #[error("{} is in use by another process; stop it or choose another directory", .0.display())]
    InUse(PathBuf),
    /// The directory cannot be used, and deleting what is in it did not help.
    #[error("rows cannot be kept in {}: {error}", .path.display())]
    Directory {
        /// Where.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// Two models would share a directory.
    #[error("two read models are named `{0}`; rename one")]
    SameName(&'static str),
}

/// A runner to be started.
#[derive(Clone, Copy, Debug)]
pub struct Runner {
    /// The store under the rows.
    pub store: StoreKind,
    /// Limits of the rounds.
    pub pace: Pace,
}

impl Default for Runner {
    fn default() -> Self {
        Self { store: StoreKind::Sled(SledOptions::default()), pace: Pace::default() }
    }
}

impl Runner {
    /// Opens the rows of every model under `data_dir` and keeps them up with the log from now on. Answers as soon as the
    /// rows are open; [`RunnerHandle::caught_up`] says when they have come to the log's end.
    ///
    /// # Errors
    /// [`StartError`]; nothing runs then.
    pub async fn start(
        self,
        log: Arc<dyn EventLog>,
        data_dir: &Path,
        models: Vec<Box<dyn ReadModel>>,
    ) -> Result<RunnerHandle, StartError> {
        let names = models.iter().map(|model| model.name());
        if let Some((_, name)) =
            names.clone().enumerate().find(|(at, name)| names.clone().take(*at).any(|n| n == *name))
        {
            return Err(StartError::SameName(name));
        }
        let head = log.head().await?.position;
        let log_mark = LogMark::in_dir(&data_dir.join("read"));
        let rows_end = if log_mark.is_held_by(&*log, head).await? {
            head
        } else {
            warn!("the log is not the one that the rows were folded from");
            0
        };
        let (data_dir, kind) = (data_dir.to_owned(), self.store);
        let opened = spawn_blocking(move || open(&data_dir, models, kind, rows_end)).await;
        let (lock, members) = opened.expect("opening rows does not panic")?;

        let shared = Arc::new(Shared {
            models: members.iter().map(|member| member.watched.clone()).collect(),
            caught_up_at: head,
            log_position: log.watch(),
            log_error: Mutex::new(None),
            log_mark,
            _lock: lock,
        });
        let (stop, stopping) = watch::channel(false);
        let (running, ended) = watch::channel(());
        let (filled, joining) = mpsc::unbounded_channel();
        let far_behind = |member: &Member| member.folded() == 0 && head >= FILL_EVENTS_MIN;
        let (mut empty, live): (Vec<_>, Vec<_>) = members.into_iter().partition(far_behind);
        for member in &mut empty {
            member.fill_until(head);
        }
        let lanes = [(live, Role::Live(joining)), (empty, Role::Filling(filled))];
        for (members, role) in lanes {
            if members.is_empty() && matches!(role, Role::Filling(_)) {
                continue;
            }
            let (log, shared, stop) = (log.clone(), shared.clone(), stopping.clone());
            let lane = Lane { log, shared, members, role, pace: self.pace, stop };
            let running = running.clone();
            tokio::spawn(async move {
                lane.run().await;
                drop(running);
            });
        }
        Ok(RunnerHandle { shared, stop, ended })
    }
}

/// Takes the directory and opens the rows of every model in it; rows beyond `rows_end` are deleted.
fn open(
    data_dir: &Path,
    models: Vec<Box<dyn ReadModel>>,
    kind: StoreKind,
    rows_end: Position,
) -> Result<(File, Vec<Member>), StartError> {
    let root = data_dir.join("read");
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| StartError::Directory { path, error }
    };
    fs::create_dir_all(&root).map_err(failed(&root))?;
    let lock = File::create(root.join("lock")).map_err(failed(&root))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(StartError::InUse(root)),
        Err(TryLockError::Error(error)) => return Err(failed(&root)(error)),
    }
    let mut members = Vec::with_capacity(models.len());
    for model in models {
        let directory = ModelDirectory::of(data_dir, &*model, kind);
        let (store, position) = directory.open(kind, rows_end).map_err(failed(directory.path()))?;
        let watched = Arc::new(Watched::new(&*model, store, position));
        members.push(Member::new(model, watched, directory));
    }
    Ok((lock, members))
}
