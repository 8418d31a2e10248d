//! What the log, its appends and its tails share. Locks are taken in the order of the fields.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, atomic::AtomicBool};

use storefold_event_log::{Head, ReadError, Record, Tenant};
use storefold_events::Position;
use thiserror::Error;
use tokio::sync::watch;

use crate::{Settings, acknowledged::Acknowledged, files::Files, recent::Recent};

pub(crate) struct Shared {
    pub(crate) tenant: Tenant,
    pub(crate) settings: Settings,
    /// Held through an append; none once the log is closed.
    pub(crate) writer: Mutex<Option<Acknowledged>>,
    /// Held while closed segments are packed.
    pub(crate) packing: Arc<Mutex<()>>,
    /// Set when a segment is closed.
    pub(crate) is_something_to_pack: AtomicBool,
    /// Held for writing only while a segment is closed or exchanged; readers hold it for a slice.
    pub(crate) files: RwLock<Files>,
    /// Held for an instant.
    state: Mutex<State>,
    /// The position of the head.
    pub(crate) position: watch::Sender<Position>,
}

struct State {
    head: Head,
    recent: Recent,
    stopped: Option<Stopped>,
}

/// Why a log that was opened can no longer be used.
#[derive(Clone, Debug, Error)]
pub(crate) enum Stopped {
    #[error("the log is closed")]
    Closed,
    /// What an fsync that failed has written is known to nobody until the file is read again: see [`Shared::go_on`].
    #[error("{0}; see to the disk: it goes on by itself once it can be written again")]
    Failed(String),
}

impl From<Stopped> for ReadError {
    fn from(stopped: Stopped) -> Self {
        Self::Unavailable(stopped.to_string())
    }
}

impl Shared {
    pub(crate) fn new(
        tenant: &Tenant,
        settings: Settings,
        acknowledged: Acknowledged,
        files: Files,
        head: Head,
    ) -> Self {
        Self {
            tenant: tenant.clone(),
            settings,
            writer: Mutex::new(Some(acknowledged)),
            packing: Arc::default(),
            is_something_to_pack: AtomicBool::new(files.sealed.iter().any(|sealed| !sealed.is_packed)),
            files: RwLock::new(files),
            state: Mutex::new(State { head, recent: Recent::default(), stopped: None }),
            position: watch::Sender::new(head.position),
        }
    }

    /// Where the log ends.
    pub(crate) fn head(&self) -> Result<Head, Stopped> {
        let state = self.state();
        state.stopped.clone().map_or(Ok(state.head), Err)
    }

    /// The records in memory from the one that holds `after + 1` on; none when it is not in memory.
    pub(crate) fn recent(&self, after: Position) -> Vec<Record> {
        self.state().recent.after(after)
    }

    /// Shows a durable record to all readers.
    pub(crate) fn publish(&self, head: Head, record: Record) {
        let mut state = self.state();
        state.head = head;
        state.recent.push(record);
        drop(state);
        self.position.send_replace(head.position);
    }

    /// Ends all use of the log; the first reason stays. Wakes those who wait.
    pub(crate) fn stop(&self, reason: Stopped) {
        self.state().stopped.get_or_insert(reason);
        self.position.send_modify(|_| {});
    }

    /// The log as it was found anew, for use again; none of its records is in memory. A log that was closed stays so.
    pub(crate) fn start_anew(&self, head: Head) {
        let mut state = self.state();
        if matches!(state.stopped, Some(Stopped::Closed)) {
            return;
        }
        *state = State { head, recent: Recent::default(), stopped: None };
        drop(state);
        self.position.send_replace(head.position);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs with a half-changed state.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
