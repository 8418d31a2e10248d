//! Where access is changed: events in the name of who asked, taken or refused by the domain.

use std::{path::PathBuf, sync::Arc, time::Duration};

use storefold_events::{Event, Key, Malformed, Payload, Position, Text};
use storefold_http_kit::{Clock, Problem, RequestLimit};
use storefold_projection::{Projector, QueryError, RunnerHandle, View, ask_rows};
use storefold_projector_access::Access;
use storefold_sequencer::{Outcome, Refused, SequencerHandle, Submission, SubmitError};
use thiserror::Error;
use uuid::Uuid;

use crate::{attempts::Attempts, passwords::Passwords};

/// In whose name the node writes.
const SOURCE: &str = "storefold";

/// How long what was written is waited for in the rows.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// What a desk is made of.
pub struct Settings {
    /// Writes; a node without one lets nobody in that was not in before.
    pub sequencer: Option<SequencerHandle>,
    /// Has the read models.
    pub models: RunnerHandle,
    /// Says what time it is.
    pub clock: Clock,
    /// Where the key for the first administrator lies.
    pub directory: PathBuf,
    /// How much each token may ask for.
    pub limit: RequestLimit<String>,
}

/// Where access is changed and looked up. Clones are the same desk.
#[derive(Clone)]
pub struct Desk(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    sequencer: Option<SequencerHandle>,
    pub(crate) models: RunnerHandle,
    pub(crate) clock: Clock,
    pub(crate) directory: PathBuf,
    pub(crate) passwords: Passwords,
    pub(crate) attempts: Attempts,
    pub(crate) limit: RequestLimit<String>,
}

/// Why access stays as it is.
#[derive(Debug, Error)]
pub enum DeskError {
    /// What is asked makes no sense by itself.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The domain says no.
    #[error("{}", .0.detail)]
    Refused(Refused),
    /// It cannot be written just now.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// This node has no sequencer.
    #[error("this node only reads; ask one that writes")]
    ReadOnly,
    /// The rows cannot be read.
    #[error(transparent)]
    Rows(#[from] QueryError),
    /// The machine fails.
    #[error("{0}")]
    Machine(String),
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        match &error {
            DeskError::Malformed(malformed) => {
                Self::refused(malformed.code(), malformed.field().map(Into::into), &error)
            }
            DeskError::Refused(refused) if refused.code == "not_allowed" => Self::forbidden(&refused.detail),
            DeskError::Refused(refused) => {
                Self::refused(refused.code.clone(), refused.field.clone().map(Into::into), &refused.detail)
            }
            DeskError::Submit(SubmitError::Overloaded { retry_after_s }) => Self::overloaded(*retry_after_s, &error),
            DeskError::Submit(SubmitError::Unknown { .. }) => Self::outcome_unknown(1, &error),
            DeskError::Submit(_) => Self::not_ready("not_writer", 5, &error),
            DeskError::ReadOnly => Self::not_ready("read_only", 60, &error),
            DeskError::Rows(_) | DeskError::Machine(_) => Self::internal(&error),
        }
    }
}

impl Desk {
    /// A desk.
    ///
    /// # Errors
    /// When the machine has no randomness, or no memory for checking passwords.
    pub fn new(settings: Settings) -> Result<Self, DeskError> {
        let Settings { sequencer, models, clock, directory, limit } = settings;
        let passwords = Passwords::new().map_err(|error| DeskError::Machine(error.to_string()))?;
        let attempts = Attempts::default();
        Ok(Self(Arc::new(Inner { sequencer, models, clock, directory, passwords, attempts, limit })))
    }

    /// The server's time, in ms since 1970 UTC.
    pub fn now_ms(&self) -> i64 {
        (self.0.clock)()
    }

    /// Writes events in order, each by itself, and waits until lookups see them.
    pub(crate) async fn write(&self, payloads: Vec<Payload<'static>>) -> Result<Position, DeskError> {
        let sequencer = self.0.sequencer.as_ref().ok_or(DeskError::ReadOnly)?;
        let mut position = 0;
        for payload in payloads {
            payload.check()?;
            let event = Event {
                source: Text::from(SOURCE),
                key: Key::Id(Uuid::now_v7()),
                store: None,
                occurred_at_ms: self.now_ms(),
                cause: None,
                payload,
            };
            let mut decided = sequencer.submit(Submission::command(&event)).await?;
            match decided.outcomes.swap_remove(0) {
                Outcome::Refused(refused) => return Err(DeskError::Refused(refused)),
                Outcome::Accepted { .. } | Outcome::Duplicate { .. } => position = decided.position,
            }
        }
        let waited = self.0.models.wait_for(Access::NAME, position, WAIT_MAX).await;
        waited.map_err(|error| DeskError::Machine(error.to_string()))
    }

    /// Asks the rows of the read model of access.
    pub(crate) fn look_up<T>(&self, ask: impl Fn(&View<'_, Access>) -> Result<T, QueryError>) -> Result<T, QueryError> {
        let rows = self.0.models.rows(Access::NAME);
        let rows = rows.ok_or_else(|| QueryError::Rows("this node does not keep who may look at what".to_owned()))?;
        ask_rows::<Access, T>(&*rows, self.now_ms(), ask)
    }
}
