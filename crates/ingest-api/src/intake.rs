//! The way of events from bytes to an answer, the same for HTTP and for whoever hands over payloads.

use std::{sync::Arc, thread};

use bytes::Bytes;
use storefold_events::{Event, Position};
use storefold_http_kit::SendsOnly;
use storefold_sequencer::{
    Clock, Decided, Effect, Kept, Outcome, Priced, QuarantineError, Quote, Refused, SequencerHandle, Submission,
    SubmitError,
};
use storefold_vault::{Needs, Vault};
use thiserror::Error;
use tokio::sync::Semaphore;

use crate::{
    Format,
    batch::{Batch, BodyError, Context, sealed, sealed_body},
};

/// Larger bodies are read on a thread for long work: they would hold up every request behind them, also those that are sent away.
/// Some 200 events take as long as half a millisecond.
const READ_IN_PLACE_BYTES_MAX: usize = 32 * 1_024;

/// Takes events in. Clones share the sequencer.
#[derive(Clone)]
pub struct Intake {
    sequencer: SequencerHandle,
    clock: Clock,
    vault: Option<Vault>,
    /// One for each processor: more bodies read at a time would all be done late, where one after the other is done soon.
    turns: Arc<Semaphore>,
}

/// Why nothing can be said of what was sent. Sending the same again is always safe.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum IntakeError {
    /// The sequencer has no answer.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// What was refused could not be kept, so nothing was taken.
    #[error("what was refused could not be kept ({0}), so nothing of this was taken")]
    Quarantine(#[from] QuarantineError),
    /// What persons' values are sealed with cannot be used, so nothing was taken.
    #[error("nothing can be sealed ({0}), so nothing of this was taken")]
    Keys(String),
}

/// A payload as a message broker delivers it.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// Who sent it; its events must name the same source.
    pub source: String,
    /// As the sender names it; guessed when absent.
    pub format: Option<Format>,
    /// One event, or several.
    pub payload: Bytes,
}

/// How many events became what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// In the log now.
    pub accepted: usize,
    /// In the log before.
    pub duplicate: usize,
    /// In quarantine.
    pub rejected: usize,
}

/// What became of a batch; everything in it is in the log or in quarantine.
pub(crate) struct Taken {
    /// About those that came to the sequencer, in the order sent.
    pub(crate) decided: Decided,
    /// The others, each with its place among all.
    pub(crate) rejected: Vec<(usize, Refused)>,
}

impl Taken {
    pub(crate) fn counts(&self) -> Counts {
        let mut counts = Counts { rejected: self.rejected.len(), ..Counts::default() };
        for outcome in &self.decided.outcomes {
            match outcome {
                Outcome::Accepted { .. } => counts.accepted += 1,
                Outcome::Duplicate { .. } => counts.duplicate += 1,
                Outcome::Refused(_) => counts.rejected += 1,
            }
        }
        counts
    }
}

impl Intake {
    /// An intake in front of a sequencer.
    pub fn new(sequencer: SequencerHandle, clock: Clock) -> Self {
        let turns = Arc::new(Semaphore::new(thread::available_parallelism().map_or(1, usize::from)));
        Self { sequencer, clock, vault: None, turns }
    }

    /// Seals what comes in about persons, before anything else holds it.
    #[must_use]
    pub fn sealing_with(self, vault: Vault) -> Self {
        Self { vault: Some(vault), ..self }
    }

    /// Takes payloads in, in order. Once it answers, every event in them is in the log or in quarantine: all may be
    /// acknowledged. Idempotent.
    ///
    /// # Errors
    /// [`IntakeError`]: none may be acknowledged; they are to be handed over again as they are.
    pub async fn ingest_batch(&self, payloads: &[Delivered]) -> Result<Counts, IntakeError> {
        let mut batch = Batch::default();
        for Delivered { source, format, payload } in payloads {
            let context = Context { sender: Some(source), ..self.context() };
            let format = format.unwrap_or_else(|| Format::guessed(payload));
            if let Err(error) = batch.add(format, payload, context) {
                batch.add_refused(error.refused(), format, payload, context);
            }
        }
        self.submit(batch).await.map(|taken| taken.counts())
    }

    /// Reads the body of one request from somebody who may send `only` this; the error is about the body as a whole.
    pub(crate) async fn read(
        &self,
        format: Format,
        body: &Bytes,
        only: Option<&SendsOnly>,
    ) -> Result<Batch, BodyError> {
        let context = Context { only, ..self.context() };
        if body.len() <= READ_IN_PLACE_BYTES_MAX {
            return Batch::of(format, body, context);
        }
        let _turn = self.turns.acquire().await.expect("nobody closes it");
        let (body, only, intake) = (body.clone(), only.cloned(), self.clone());
        let reading = tokio::task::spawn_blocking(move || {
            Batch::of(format, &body, Context { only: only.as_ref(), ..intake.context() })
        });
        reading.await.expect("reading does not panic, and the runtime does not stop before its requests")
    }

    /// What holds for events that are sent over HTTP.
    pub(crate) fn context(&self) -> Context<'_> {
        Context { now_ms: self.now_ms(), sender: None, only: None, vault: self.vault.as_ref() }
    }

    /// Keeps what is refused, then submits the rest.
    pub(crate) async fn submit(&self, batch: Batch) -> Result<Taken, IntakeError> {
        let Batch { submission, rejected, kept, needs, not_sealed, .. } = batch;
        if let Some(error) = not_sealed {
            return Err(IntakeError::Keys(error));
        }
        self.durable(needs).await?;
        self.keep(kept).await?;
        let decided = self.decide(submission).await?;
        Ok(Taken { decided, rejected })
    }

    /// Keeps what is refused; answers when it is durable.
    pub(crate) async fn keep(&self, kept: Vec<Kept>) -> Result<(), IntakeError> {
        Ok(self.sequencer.quarantine().keep(kept).await?)
    }

    /// Keeps the beginning of a request that was refused whole.
    pub(crate) async fn keep_request(&self, kept: Kept) -> Result<(), IntakeError> {
        let mut needs = Needs::default();
        let body = sealed_body(kept.body, self.vault.as_ref(), &mut needs);
        let body = body.map_err(|error| IntakeError::Keys(error.to_string()))?;
        self.durable(needs).await?;
        self.keep(vec![Kept { body, ..kept }]).await
    }

    async fn durable(&self, needs: Needs) -> Result<(), IntakeError> {
        match &self.vault {
            Some(vault) => vault.durable(needs).await.map_err(|error| IntakeError::Keys(error.to_string())),
            None => Ok(()),
        }
    }

    /// The same without anything plain about a person, and with durable keys.
    pub(crate) async fn sealed<'e>(&self, event: Event<'e>) -> Result<Event<'e>, IntakeError> {
        let (event, needs) =
            sealed(event, self.vault.as_ref()).map_err(|error| IntakeError::Keys(error.to_string()))?;
        self.durable(needs).await.map(|()| event)
    }

    /// What keeps the keys.
    pub(crate) fn vault(&self) -> Option<&Vault> {
        self.vault.as_ref()
    }

    async fn decide(&self, submission: Submission) -> Result<Decided, SubmitError> {
        if submission.is_empty() {
            return Ok(Decided { position: self.sequencer.head(), outcomes: Vec::new() });
        }
        self.sequencer.submit(submission).await
    }

    /// Decides one command; refused, it is not kept.
    pub(crate) async fn command(&self, command: Submission) -> Result<Decided, IntakeError> {
        Ok(self.decide(command).await?)
    }

    /// Decides without consequences.
    pub(crate) async fn try_out(&self, event: &Event<'_>) -> Result<Outcome, IntakeError> {
        Ok(self.sequencer.try_out(event).await?)
    }

    /// What instruments would pay for a sale.
    pub(crate) async fn quote(&self, sale: &Event<'_>, instruments: Vec<String>) -> Result<Quote, IntakeError> {
        Ok(self.sequencer.quote(sale, instruments).await?)
    }

    /// What the lines of a sale cost.
    pub(crate) async fn price(&self, sale: &Event<'_>, vip: Option<&Event<'_>>) -> Result<Priced, IntakeError> {
        Ok(self.sequencer.price(sale, vip).await?)
    }

    /// What the fact at a position brought about.
    pub(crate) async fn caused_by(&self, position: Position) -> Result<Vec<Effect>, IntakeError> {
        Ok(self.sequencer.caused_by(position).await?)
    }

    /// What a repeat brought about the first time, when it is all that was sent: reading the log for each of thousands
    /// of repeats would hold up their sender, who has lost an answer and not a receipt.
    pub(crate) async fn first_effects(&self, taken: &Taken) -> Result<Option<Vec<Effect>>, IntakeError> {
        match (&taken.decided.outcomes[..], &taken.rejected[..]) {
            ([Outcome::Duplicate { position }], []) => self.caused_by(*position).await.map(Some),
            _ => Ok(None),
        }
    }

    /// The sequencer that it hands to.
    pub fn sequencer(&self) -> &SequencerHandle {
        &self.sequencer
    }

    /// The server's time, in ms since 1970 UTC.
    pub(crate) fn now_ms(&self) -> i64 {
        (self.clock)()
    }
}
