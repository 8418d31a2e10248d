//! What rebuilds were asked for, and how they are doing.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::Position;
use thiserror::Error;
use tokio::{sync::watch, time::Instant};

use super::fill::Progress;
use crate::AsOf;

/// How many rebuilds are remembered.
const REMEMBERED_MAX: usize = 32;

/// What is to be rebuilt.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RebuildOrder {
    /// Names of read models, or `all`.
    pub models: Vec<String>,
    /// Only the events up to here; needs `snapshot`.
    #[serde(default)]
    pub as_of: Option<AsOf>,
    /// Name under which the rows are kept beside those that are served: 1 to 64 letters, digits, - or _.
    #[serde(default)]
    pub snapshot: Option<String>,
}

/// Why a rebuild was not begun. Nothing has changed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RebuildRefused {
    /// No such model.
    #[error("there is no read model `{0}`; GET /v1/read-models lists them")]
    UnknownModel(String),
    /// One at a time.
    #[error("rebuild {rebuild} of {model} is under way; wait for it or cancel it")]
    UnderWay {
        /// The model.
        model: &'static str,
        /// Its rebuild.
        rebuild: u64,
    },
    /// Rows that are served hold all events.
    #[error("as_of makes rows that lack events; give them a name in `snapshot`")]
    AsOfWithoutSnapshot,
    /// A position that is not there yet.
    #[error("the log ends at position {head}; as_of asks for {asked}")]
    BeyondLog {
        /// As asked.
        asked: Position,
        /// Where the log ends.
        head: Position,
    },
    /// A name that cannot be one.
    #[error("`{0}` cannot name a snapshot; use 1 to 64 letters, digits, - or _")]
    SnapshotName(String),
    /// There is one already.
    #[error("there is a snapshot `{0}` already; delete it or choose another name")]
    SnapshotExists(String),
    /// There is no room.
    #[error("there are {0} snapshots, which is the most; delete one")]
    TooManySnapshots(usize),
}

/// How far a rebuild is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RebuildState {
    /// History is folded.
    Folding,
    /// The new rows come level with the log.
    CatchingUp,
    /// New and old rows are compared at one position.
    Comparing,
    /// The new rows are served, or kept as a snapshot.
    Done,
    /// It did not work; the old rows are served as before.
    Failed,
    /// Somebody did not want it any more; the old rows are served as before.
    Cancelled,
}

/// What a rebuild is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RebuildPurpose {
    /// The new rows are to be served.
    Replace,
    /// The new rows are kept under a name.
    Snapshot,
    /// The rows that are served are proven to be the fold of the log.
    Prove,
}

/// How a rebuild is doing.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RebuildStatus {
    /// Its number, from 1 since the process started.
    pub rebuild: u64,
    /// What it is for.
    pub purpose: RebuildPurpose,
    /// The name that the new rows are kept under; null when they are to be served, or to prove those that are.
    #[serde(default)]
    pub snapshot: Option<String>,
    /// The read models.
    pub models: Vec<String>,
    /// How far it is.
    pub state: RebuildState,
    /// Every event up to it (inclusive) is folded.
    pub position: Position,
    /// Where it is to come to.
    pub until: Position,
    /// Events folded a second so far, for all models together.
    pub events_per_second: f64,
    /// Time left at this rate, in s; null when it is not known.
    pub seconds_left: Option<f64>,
    /// Time since it began, or that it took, in s.
    pub seconds: f64,
    /// What went wrong; null when nothing did.
    pub detail: Option<String>,
    /// What came of it, for each model.
    pub outcome: Vec<RebuiltModel>,
}

/// What came of the rebuild of a model.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RebuiltModel {
    /// Its name.
    pub model: String,
    /// Where both were compared, or where the snapshot is.
    pub position: Position,
    /// BLAKE3 of the new rows.
    pub digest: String,
    /// Whether the rows that were served had the same digest; null when they were not compared.
    pub equal: Option<bool>,
}

/// All rebuilds since the process started.
#[derive(Default)]
pub(super) struct Rebuilds {
    next: AtomicU64,
    all: Mutex<VecDeque<Arc<Rebuild>>>,
}

/// One rebuild.
pub(super) struct Rebuild {
    pub(super) id: u64,
    pub(super) purpose: RebuildPurpose,
    pub(super) models: Vec<&'static str>,
    /// The name that its rows are kept under.
    pub(super) snapshot: Option<String>,
    pub(super) progress: Arc<Progress>,
    pub(super) cancel: watch::Sender<bool>,
    begun: Instant,
    at: Mutex<At>,
}

struct At {
    state: RebuildState,
    detail: Option<String>,
    outcome: Vec<RebuiltModel>,
    seconds: Option<f64>,
}

impl Rebuilds {
    /// Begins one, unless one of its models is being rebuilt. A proof makes room.
    pub(super) fn begin(
        &self,
        purpose: RebuildPurpose,
        models: Vec<&'static str>,
        snapshot: Option<String>,
    ) -> Result<Arc<Rebuild>, RebuildRefused> {
        let mut all = self.all();
        let serves = purpose != RebuildPurpose::Snapshot;
        for under_way in all.iter().filter(|other| serves && other.purpose != RebuildPurpose::Snapshot) {
            let both = under_way.models.iter().find(|model| models.contains(model));
            if let Some(model) = both.filter(|_| under_way.is_under_way()) {
                return Err(RebuildRefused::UnderWay { model, rebuild: under_way.id });
            }
        }
        let rebuild = Arc::new(Rebuild {
            id: self.next.fetch_add(1, Ordering::Relaxed) + 1,
            purpose,
            models,
            snapshot,
            progress: Arc::default(),
            cancel: watch::Sender::new(false),
            begun: Instant::now(),
            at: Mutex::new(At { state: RebuildState::Folding, detail: None, outcome: Vec::new(), seconds: None }),
        });
        all.push_front(rebuild.clone());
        let done = all.iter().rposition(|rebuild| !rebuild.is_under_way());
        if let Some(oldest) = done.filter(|_| all.len() > REMEMBERED_MAX) {
            all.remove(oldest);
        }
        Ok(rebuild)
    }

    pub(super) fn find(&self, id: u64) -> Option<Arc<Rebuild>> {
        self.all().iter().find(|rebuild| rebuild.id == id).cloned()
    }

    /// The newest first.
    pub(super) fn list(&self) -> Vec<Arc<Rebuild>> {
        self.all().iter().cloned().collect()
    }

    fn all(&self) -> MutexGuard<'_, VecDeque<Arc<Rebuild>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rebuild {
    pub(super) fn is_under_way(&self) -> bool {
        self.at().seconds.is_none()
    }

    pub(super) fn enter(&self, state: RebuildState) {
        self.at().state = state;
    }

    pub(super) fn came_to(&self, model: RebuiltModel) {
        self.at().outcome.push(model);
    }

    pub(super) fn end(&self, state: RebuildState, detail: Option<String>) {
        let mut at = self.at();
        (at.state, at.detail) = (state, detail);
        at.seconds = Some(self.begun.elapsed().as_secs_f64());
    }

    pub(super) fn status(&self) -> RebuildStatus {
        let position = self.progress.position.load(Ordering::Relaxed);
        let until = self.progress.until.load(Ordering::Relaxed);
        let folding = self.progress.folding_us.load(Ordering::Relaxed) as f64 / 1e6;
        let seconds_so_far = self.begun.elapsed().as_secs_f64();
        let at = self.at();
        let left = (until.saturating_sub(position)) as f64 * seconds_so_far / position.max(1) as f64;
        RebuildStatus {
            rebuild: self.id,
            purpose: self.purpose,
            snapshot: self.snapshot.clone(),
            models: self.models.iter().map(|model| (*model).to_owned()).collect(),
            state: at.state,
            position,
            until,
            events_per_second: if folding > 0.0 { position as f64 / folding } else { 0.0 },
            seconds_left: Some(left).filter(|_| at.seconds.is_none() && position > 0),
            seconds: at.seconds.unwrap_or(seconds_so_far),
            detail: at.detail.clone(),
            outcome: at.outcome.clone(),
        }
    }

    fn at(&self) -> MutexGuard<'_, At> {
        self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
