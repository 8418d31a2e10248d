//! What is seen from outside while models are folded.

use std::{
    collections::BTreeMap,
    fs::File,
    sync::{
        Arc, Mutex, OnceLock, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use storefold_events::{
    Position,
    personal::{Closed, Opener},
};
use tokio::{sync::watch, time::Instant};

use super::{answers::Answers, log_mark::LogMark};
use crate::{Asking, Compared, Poisoned, Question, ReadModel, RowStore, Table};

/// What lanes and handles share.
pub(super) struct Shared {
    pub(super) answers: Answers,
    pub(super) models: Vec<Arc<Watched>>,
    /// Where the log ended when the runner started; from there on a model counts as caught up.
    pub(super) caught_up_at: Position,
    pub(super) log_position: watch::Receiver<Position>,
    pub(super) log_error: Mutex<Option<String>>,
    pub(super) log_mark: LogMark,
    /// What the last proof of each model came to.
    pub(super) proofs: Mutex<BTreeMap<&'static str, (Proof, Instant)>>,
    /// Opens what is sealed in the rows, for answers; rows themselves are folded without it.
    pub(super) opener: OnceLock<Arc<dyn Opener>>,
    /// Keeps other processes out of the directory as long as rows are open.
    pub(super) _lock: File,
}

impl Shared {
    pub(super) fn asking(&self, now_ms: i64) -> Asking<'_> {
        Asking { now_ms, opener: self.opener.get().map_or(&Closed, |opener| &**opener) }
    }

    /// Where the log ends, as far as this process has heard.
    pub(super) fn log_end(&self) -> Position {
        self.caught_up_at.max(*self.log_position.borrow())
    }

    pub(super) fn set_log_error(&self, sentence: Option<String>) {
        *self.log_error.lock().unwrap_or_else(PoisonError::into_inner) = sentence;
    }

    /// Remembers what a comparison came to, for a model that could be compared.
    pub(super) fn proved(&self, model: &Watched, compared: Option<&Compared>) {
        let Some(compared) = compared else { return };
        let (position, difference) = (compared.position, compared.difference.clone());
        let proof = Proof { position, difference, age: Duration::ZERO };
        let mut proofs = self.proofs.lock().unwrap_or_else(PoisonError::into_inner);
        proofs.insert(model.name, (proof, Instant::now()));
    }

    pub(super) fn proof(&self, model: &Watched) -> Option<Proof> {
        let proofs = self.proofs.lock().unwrap_or_else(PoisonError::into_inner);
        proofs.get(model.name).map(|(proof, at)| Proof { age: at.elapsed(), ..proof.clone() })
    }

    pub(super) fn log_error(&self) -> Option<String> {
        self.log_error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What the comparison of a model's rows with a new fold of the log came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Where both stood.
    pub position: Position,
    /// The first row that differed, in words; none when the rows were the fold.
    pub difference: Option<String>,
    /// How long ago.
    pub age: Duration,
}

/// A model that answers while it is folded.
pub(super) struct Watched {
    pub(super) name: &'static str,
    pub(super) version: u32,
    pub(super) questions: Vec<Question>,
    /// Of each question, whether an answer has taken much reading.
    pub(super) reads_much: Vec<AtomicBool>,
    pub(super) tables: Vec<Table>,
    /// The rows that are served; others take their place when they were rebuilt.
    store: RwLock<Arc<dyn RowStore>>,
    /// The checkpoint that readers see.
    pub(super) position: watch::Sender<Position>,
    /// Events folded since the start, those that were folded again included.
    pub(super) folded_total: AtomicU64,
    poisoned: Mutex<Option<Poisoned>>,
    started: Instant,
    heartbeat_ms: AtomicU64,
}

impl Watched {
    pub(super) fn new(model: &dyn ReadModel, store: Arc<dyn RowStore>, position: Position) -> Self {
        let questions = model.questions();
        Self {
            name: model.name(),
            version: model.version(),
            reads_much: questions.iter().map(|_| AtomicBool::new(false)).collect(),
            questions,
            tables: model.tables(),
            store: RwLock::new(store),
            position: watch::Sender::new(position),
            folded_total: AtomicU64::new(0),
            poisoned: Mutex::new(None),
            started: Instant::now(),
            heartbeat_ms: AtomicU64::new(0),
        }
    }

    /// The rows that are served now.
    pub(super) fn store(&self) -> Arc<dyn RowStore> {
        self.store.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Serves other rows from now on, which are at `position`. A question that is being answered keeps the rows it has.
    pub(super) fn serve(&self, store: Arc<dyn RowStore>, position: Position) {
        *self.store.write().unwrap_or_else(PoisonError::into_inner) = store;
        *self.poisoned.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.position.send_replace(position);
    }

    pub(super) fn position(&self) -> Position {
        *self.position.borrow()
    }

    pub(super) fn poisoned(&self) -> Option<Poisoned> {
        self.poisoned.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says why the model goes no further, and wakes those who wait for it.
    pub(super) fn stop_at(&self, poisoned: Poisoned) {
        *self.poisoned.lock().unwrap_or_else(PoisonError::into_inner) = Some(poisoned);
        self.position.send_modify(|_| {});
    }

    /// The model has been at work, or has nothing to do.
    pub(super) fn beat(&self) {
        self.heartbeat_ms.store(self.started.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    pub(super) fn heartbeat_age(&self) -> Duration {
        let last = Duration::from_millis(self.heartbeat_ms.load(Ordering::Relaxed));
        self.started.elapsed().saturating_sub(last)
    }
}
