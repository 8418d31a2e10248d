//! Starting the sequencer and talking to it.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use storefold_event_log::{EventLog, ReadError, Tenant};
use storefold_events::{Event, Position, codec};
use thiserror::Error;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};

use crate::{
    Decided, Effect, Journal, MemoryError, Outcome, Quarantine, QuarantineError, SourceReport, Submission, SubmitError,
    effects::read_effects,
    limits::{BYTES_WAITING_MAX, SUBMISSIONS_WAITING_MAX},
    writer::{PriceAsked, Priced, Quote, Told, Turn, Work, Writer, take_turns},
};

/// Tells the time, in ms since 1970 UTC. Made by the binary alone.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What a sequencer needs to know.
#[derive(Clone)]
pub struct Settings {
    /// Directory of the memory and the quarantine.
    pub directory: PathBuf,
    /// Whose log it writes.
    pub tenant: Tenant,
    /// The time that records are stamped with.
    pub clock: Clock,
    /// After how many events the memory is written to disk; see [`crate::limits::SNAPSHOT_EVERY_EVENTS`].
    pub snapshot_every_events: u64,
    /// How long a caller waits for its answer at most.
    pub answer_within: Duration,
    /// When it may write; while it may not, it follows the log.
    pub turn: Turn,
    /// Where changes of the quarantine are kept for all nodes that may write; none where only this one does.
    pub journal: Option<Arc<dyn Journal>>,
}

/// Why a sequencer does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] ReadError),
    /// An event of the log cannot be decoded.
    #[error("the log cannot be folded after position {after}: {detail}")]
    Event {
        /// The last position that could be.
        after: Position,
        /// What is wrong.
        detail: String,
    },
    /// The memory cannot be made.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The quarantine cannot be opened.
    #[error(transparent)]
    Quarantine(#[from] QuarantineError),
    /// The operating system refuses.
    #[error("the sequencer's directory or thread cannot be made: {0}")]
    System(#[from] std::io::Error),
}

/// Starts sequencers.
pub struct Sequencer;

impl Sequencer {
    /// Opens the memory, folds the rest of the log into it, and begins to take submissions on a thread of its own.
    pub async fn start(log: Arc<dyn EventLog>, settings: Settings) -> Result<SequencerHandle, StartError> {
        std::fs::create_dir_all(&settings.directory)?;
        let quarantine = Quarantine::open(&settings.directory.join("quarantine.redb"), settings.journal.clone())?;
        let (answer_within, turn) = (settings.answer_within, settings.turn.clone());
        let (work, inbox) = mpsc::channel(SUBMISSIONS_WAITING_MAX);
        let writer = Writer::open(Arc::clone(&log), settings, quarantine.clone()).await?;
        let (head, head_seen) = watch::channel(writer.head_position());
        let standing = if matches!(turn, Turn::Always) { Standing::Writing } else { Standing::Following };
        let (standing, standing_seen) = watch::channel(standing);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::Builder::new().name("sequencer".to_owned()).spawn(move || {
            runtime.block_on(take_turns(writer, inbox, &Told { head, standing }));
        })?;
        Ok(SequencerHandle {
            work,
            log,
            quarantine,
            head: head_seen,
            standing: standing_seen,
            bytes_waiting: Arc::default(),
            answer_within,
        })
    }
}

/// Whether the sequencer writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It takes submissions.
    Writing,
    /// Another node writes, or none yet; this one folds the log and takes over when it is its turn.
    Following,
    /// It does not write any more; the reason says what to do.
    SteppedDown(String),
    /// It was asked to stop.
    Stopped,
}

/// Talks to a running sequencer. Cloning gives another handle to the same one.
#[derive(Clone)]
pub struct SequencerHandle {
    work: mpsc::Sender<Work>,
    log: Arc<dyn EventLog>,
    quarantine: Quarantine,
    head: watch::Receiver<Position>,
    standing: watch::Receiver<Standing>,
    bytes_waiting: Arc<AtomicUsize>,
    answer_within: Duration,
}

impl SequencerHandle {
    /// Submits facts and answers when everything accepted is durable and everything refused is kept. Idempotent: facts
    /// that are in the log already are answered with their first place; [`caused_by`](Self::caused_by) tells the rest.
    pub async fn submit(&self, submission: Submission) -> Result<Decided, SubmitError> {
        let share = self.admit(submission.bytes_len())?;
        let (answer, answered) = oneshot::channel();
        self.order(Work::Submit { submission, answer, share })?;
        let waited = timeout(self.answer_within, answered).await;
        let answer = waited.map_err(|_| self.unknown())?.map_err(|_| self.not_writing())?;
        if let Some(kept) = answer.kept {
            let kept = kept.await.unwrap_or_else(|error| Err(QuarantineError::Storage(error.to_string())));
            kept.map_err(|error| SubmitError::QuarantineUnavailable { detail: error.to_string() })?;
        }
        Ok(answer.decided)
    }

    /// Decides a fact as it would be decided if it came now, on all that is decided so far, and writes nothing. Positions
    /// of the outcome are those it would have. A fact whose key is [`Caused`](storefold_events::Key::Caused) is no repeat.
    pub async fn try_out(&self, fact: &Event<'_>) -> Result<Outcome, SubmitError> {
        let mut encoded = Vec::new();
        codec::encode(fact, &mut encoded);
        let share = self.admit(encoded.len())?;
        let (answer, answered) = oneshot::channel();
        self.order(Work::TryOut { encoded, answer, _share: share })?;
        let waited = timeout(self.answer_within, answered).await;
        waited.map_err(|_| SubmitError::Overloaded { retry_after_s: 1 })?.map_err(|_| self.not_writing())
    }

    /// What instruments, by their codes, would pay for a sale that is sent as if it were paid otherwise, in the order in
    /// which they are spent; on all that is decided so far, writing nothing.
    pub async fn quote(&self, sale: &Event<'_>, instruments: Vec<String>) -> Result<Quote, SubmitError> {
        let mut encoded = Vec::new();
        codec::encode(sale, &mut encoded);
        let share = self.admit(encoded.len() + instruments.iter().map(String::len).sum::<usize>())?;
        let (answer, answered) = oneshot::channel();
        self.order(Work::Quote { sale: encoded, instruments, answer, _share: share })?;
        let waited = timeout(self.answer_within, answered).await;
        waited.map_err(|_| SubmitError::Overloaded { retry_after_s: 1 })?.map_err(|_| self.not_writing())
    }

    /// What the lines of a sale cost, paid with the VIP card of a `VipCardUsed` where there is one; on all that is decided
    /// so far, writing nothing.
    pub async fn price(&self, sale: &Event<'_>, vip: Option<&Event<'_>>) -> Result<Priced, SubmitError> {
        let encoded = |event: &Event<'_>| {
            let mut encoded = Vec::new();
            codec::encode(event, &mut encoded);
            encoded
        };
        let asked = PriceAsked { sale: encoded(sale), vip: vip.map(encoded) };
        let share = self.admit(asked.sale.len())?;
        let (answer, answered) = oneshot::channel();
        self.order(Work::Price { asked, answer, _share: share })?;
        let waited = timeout(self.answer_within, answered).await;
        waited.map_err(|_| SubmitError::Overloaded { retry_after_s: 1 })?.map_err(|_| self.not_writing())
    }

    /// What the fact at a position brought about when it was accepted: the events that stand right after it, read from
    /// the log.
    ///
    /// # Errors
    /// [`SubmitError::Unknown`] while the log cannot be read.
    pub async fn caused_by(&self, position: Position) -> Result<Vec<Effect>, SubmitError> {
        let read = timeout(self.answer_within, read_effects(&*self.log, position)).await;
        let read = read.map_err(|_| self.unknown())?;
        read.map_err(|error| SubmitError::Unknown { detail: error.to_string() })
    }

    /// What has arrived of a source; `None` when nothing has.
    pub async fn source(&self, source: &str) -> Option<SourceReport> {
        let (answer, answered) = oneshot::channel();
        self.work.send(Work::Report { source: source.to_owned(), answer }).await.ok()?;
        answered.await.ok()?
    }

    /// What was refused.
    pub fn quarantine(&self) -> &Quarantine {
        &self.quarantine
    }

    /// The last durable position.
    pub fn head(&self) -> Position {
        *self.head.borrow()
    }

    /// The last durable position that it knows of; changes wake the receiver.
    pub fn positions(&self) -> watch::Receiver<Position> {
        self.head.clone()
    }

    /// Whether it writes; changes wake the receiver.
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.clone()
    }

    /// Takes nothing more, writes what was taken, saves the memory, and ends. Idempotent.
    pub async fn stop(&self) {
        // A sequencer that has ended takes no orders, which is what was asked for.
        drop(self.work.send(Work::Stop).await);
        let mut standing = self.standing.clone();
        let ended = |standing: &Standing| matches!(standing, Standing::Stopped | Standing::SteppedDown(_));
        drop(standing.wait_for(ended).await);
    }

    fn order(&self, work: Work) -> Result<(), SubmitError> {
        self.work.try_send(work).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SubmitError::Overloaded { retry_after_s: 1 },
            mpsc::error::TrySendError::Closed(_) => self.not_writing(),
        })
    }

    fn admit(&self, bytes: usize) -> Result<Share, SubmitError> {
        let before = self.bytes_waiting.fetch_add(bytes, Ordering::Relaxed);
        let share = Share { bytes, waiting: Arc::clone(&self.bytes_waiting) };
        // One submission is always admitted, however large: the edge bounds its size.
        if before > 0 && before + bytes > BYTES_WAITING_MAX {
            return Err(SubmitError::Overloaded { retry_after_s: 1 });
        }
        Ok(share)
    }

    fn unknown(&self) -> SubmitError {
        SubmitError::Unknown { detail: format!("no answer within {} s", self.answer_within.as_secs()) }
    }

    fn not_writing(&self) -> SubmitError {
        match &*self.standing.borrow() {
            Standing::SteppedDown(detail) => SubmitError::NotWriter { detail: detail.clone() },
            Standing::Following => SubmitError::NotWriter { detail: "another node writes".to_owned() },
            Standing::Writing => SubmitError::NotWriter { detail: "it has just taken over from another".to_owned() },
            Standing::Stopped => SubmitError::Stopped,
        }
    }
}

/// A submission's share of the bytes that may wait; given back when it is answered.
pub(crate) struct Share {
    bytes: usize,
    waiting: Arc<AtomicUsize>,
}

impl Drop for Share {
    fn drop(&mut self) {
        self.waiting.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
