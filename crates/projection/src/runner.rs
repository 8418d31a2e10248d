//! Keeps read models up with the log.
//!
//! A lane reads slices of the log, decodes each event once, folds it into every model that has not folded it yet, and
//! writes one batch a model with its checkpoint. Models that start far behind, with no rows at all, are filled from
//! history in bulk and join the live lane when they are level with it, so that a new model does not hold up the others.
//! A rebuild does the same beside rows that are served, and takes their place.
//!
//! Limits: what is read ahead is bounded in events and bytes; rows in memory are bounded in number.

mod answers;
mod backlog;
mod context;
mod fill;
mod handle;
mod handle_rebuilds;
mod lane;
mod log_mark;
mod member;
mod pace;
mod rebuild;
mod rebuilds;
mod refill;
mod round;
mod snapshots;
mod tables;
mod watched;
pub use self::{
    answers::{AGE_MS_MAX, MUCH_ROWS_MIN, PAGE_AGE_MS_MAX, RENEWED_AFTER_MS},
    handle::{ModelStatus, QuestionId, RunnerHandle, WaitError},
    pace::Pace,
    rebuilds::{RebuildOrder, RebuildPurpose, RebuildRefused, RebuildState, RebuildStatus, RebuiltModel},
    snapshots::SnapshotStatus,
    tables::{NoTable, TableRows},
    watched::Proof,
};

use std::{
    collections::HashSet,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock},
    thread,
    time::Duration,
};

use storefold_event_log::{EventLog, ReadError, priority};
use storefold_events::Position;
use thiserror::Error;
use tokio::{
    sync::{mpsc, watch},
    task::spawn_blocking,
};
use tracing::warn;

use self::{
    answers::Answers,
    context::Context,
    lane::{Lane, Role},
    log_mark::LogMark,
    member::Member,
    rebuilds::Rebuilds,
    snapshots::Snapshots,
    watched::Shared,
};
use crate::{ReadModel, RedbOptions, StoreKind, bulk::Workers, directory::ModelDirectory};

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
    /// Whether the rows are proven to be the fold of the log, now and then; none is never.
    pub proving: Option<Proving>,
}

/// How often the rows are folded anew in the background and compared, and at what cost.
#[derive(Clone, Copy, Debug)]
pub struct Proving {
    /// From the end of one proof, and from the start, to the next.
    pub every: Duration,
    /// Share of one processor, in percent, from 1 to 100.
    pub cpu_percent_max: u32,
}

impl Default for Runner {
    fn default() -> Self {
        Self { store: StoreKind::Redb(RedbOptions::default()), pace: Pace::default(), proving: None }
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
        let models: Vec<Arc<dyn ReadModel>> = models.into_iter().map(Arc::from).collect();
        let (root, kind, listed) = (data_dir.to_owned(), self.store, models.clone());
        let opened = spawn_blocking(move || {
            let (lock, members) = open(&root.join("read"), &listed, kind, rows_end)?;
            Ok::<_, StartError>((lock, members, Snapshots::open(root.join("snapshots"), &listed, kind)))
        });
        let (lock, members, snapshots) = opened.await.expect("opening rows does not panic")?;

        let (answers, to_renew) = Answers::new();
        let shared = Arc::new(Shared {
            answers,
            models: members.iter().map(|member| member.watched.clone()).collect(),
            caught_up_at: head,
            log_position: log.watch(),
            log_error: Mutex::new(None),
            log_mark,
            proofs: Mutex::default(),
            opener: OnceLock::new(),
            _lock: lock,
        });
        let answering = Arc::downgrade(&shared);
        // Without a thread answers are made by whoever asks once they are too old.
        drop(thread::Builder::new().name("answers".to_owned()).spawn(move || answers::renew(&answering, to_renew)));
        let (stop, stopping) = watch::channel(false);
        let (running, ended) = watch::channel(());
        let running = Arc::new(running);
        let (to_live, asked) = mpsc::unbounded_channel();
        let (emptied, to_fill) = mpsc::unbounded_channel();
        let workers = Workers::on_every_processor_behind(priority::LIVE, "fold");
        let context = Arc::new(Context {
            workers: workers.clone(),
            log: log.clone(),
            shared: shared.clone(),
            models,
            kind,
            pace: self.pace,
            read_dir: data_dir.join("read"),
            to_live,
            rebuilds: Rebuilds::default(),
            snapshots,
            running: Arc::downgrade(&running),
        });
        let far_behind = |member: &Member| member.folded() == 0 && head >= FILL_EVENTS_MIN;
        let (empty, members): (Vec<_>, Vec<_>) = members.into_iter().partition(far_behind);
        let role = Role::Live { asked, emptied, taking_over: Vec::new() };
        let (shared_too, pace, left) = (shared.clone(), self.pace, HashSet::new());
        let lane = Lane { log, shared: shared_too, members, role, pace, workers, stop: stopping.clone(), left };
        let live = running.clone();
        tokio::spawn(async move {
            lane.run().await;
            drop(live);
        });
        tokio::spawn(refill::keep_filled(context.clone(), empty, to_fill, stopping.clone(), running));
        let handle = RunnerHandle { shared, context, stop, ended };
        if let Some(proving) = self.proving {
            tokio::spawn(handle_rebuilds::prove_again_and_again(handle.downgraded(), proving, stopping));
        }
        Ok(handle)
    }
}

/// Takes the directory and opens the rows of every model in it; rows beyond `rows_end` are deleted.
fn open(
    root: &Path,
    models: &[Arc<dyn ReadModel>],
    kind: StoreKind,
    rows_end: Position,
) -> Result<(File, Vec<Member>), StartError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| StartError::Directory { path, error }
    };
    fs::create_dir_all(root).map_err(failed(root))?;
    let lock = File::create(root.join("lock")).map_err(failed(root))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(StartError::InUse(root.to_owned())),
        Err(TryLockError::Error(error)) => return Err(failed(root)(error)),
    }
    let mut members = Vec::with_capacity(models.len());
    for model in models {
        let directory = ModelDirectory::of(root, &**model, kind);
        let opened = directory.open(rows_end).map_err(failed(directory.path()))?;
        members.push(Member::new(model.clone(), directory, opened));
    }
    Ok((lock, members))
}
