//! The way of events from bytes to an answer, the same for HTTP and for whoever hands over payloads.

use bytes::Bytes;
use storefold_events::{Event, Position};
use storefold_http_kit::SendsOnly;
use storefold_sequencer::{
    Clock, Decided, Effect, Kept, Outcome, Priced, QuarantineError, Quote, Refused, SequencerHandle, Submission,
    SubmitError,
};
use thiserror::Error;

use crate::{
    Format,
    batch::{Batch, BodyError, Context},
};

/// Larger bodies are read on a thread for long work: they would hold up every request behind them.
const READ_IN_PLACE_BYTES_MAX: usize = 512 * 1_024;

/// Takes events in. Clones share the sequencer.
#[derive(Clone)]
pub struct Intake {
    sequencer: SequencerHandle,
    clock: Clock,
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
        Self { sequencer, clock }
    }

    /// Takes payloads in, in order. Once it answers, every event in them is in the log or in quarantine: all may be
    /// acknowledged. Idempotent.
    ///
    /// # Errors
    /// [`IntakeError`]: none may be acknowledged; they are to be handed over again as they are.
    pub async fn ingest_batch(&self, payloads: &[Delivered]) -> Result<Counts, IntakeError> {
        let now_ms = self.now_ms();
        let mut batch = Batch::default();
        for Delivered { source, format, payload } in payloads {
            let context = Context { now_ms, sender: Some(source), only: None };
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
        let now_ms = self.now_ms();
        let context = Context { now_ms, sender: None, only };
        if body.len() <= READ_IN_PLACE_BYTES_MAX {
            return Batch::of(format, body, context);
        }
        let (body, only) = (body.clone(), only.cloned());
        let reading = tokio::task::spawn_blocking(move || {
            Batch::of(format, &body, Context { now_ms, sender: None, only: only.as_ref() })
        });
        reading.await.expect("reading does not panic, and the runtime does not stop before its requests")
    }

    /// Keeps what is refused, then submits the rest.
    pub(crate) async fn submit(&self, batch: Batch) -> Result<Taken, IntakeError> {
        let Batch { submission, rejected, kept, .. } = batch;
        self.keep(kept).await?;
        let decided = self.decide(submission).await?;
        Ok(Taken { decided, rejected })
    }

    /// Keeps what is refused; answers when it is durable.
    pub(crate) async fn keep(&self, kept: Vec<Kept>) -> Result<(), IntakeError> {
        Ok(self.sequencer.quarantine().keep(kept).await?)
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
