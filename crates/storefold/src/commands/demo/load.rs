//! Events straight to the sequencer, many at a time.

use std::{
    collections::{HashMap, VecDeque},
    pin::Pin,
};

use anyhow::{Result, bail};
use futures::future::poll_immediate;
use storefold_events::{Event, Key, Position};
use storefold_sequencer::{Decided, Outcome, SequencerHandle, Submission, SubmitError};
use storefold_vault::{Needs, Sealed, Vault};

/// Events that are submitted together.
const SUBMISSION_EVENTS: usize = 1_000;

/// Submissions under way at a time.
const UNDER_WAY_MAX: usize = 8;

type Submitted<'s> = Pin<Box<dyn Future<Output = Result<Decided, SubmitError>> + Send + 's>>;

/// Seals and submits events in order, and leaves out those that the log has.
pub struct Loader<'s> {
    sequencer: &'s SequencerHandle,
    /// The highest sequence number in the log by source, as it was when the source was first met.
    held: HashMap<String, u64>,
    vault: &'s Vault,
    submission: Submission,
    /// Keys that have to be durable before the submission goes.
    needs: Needs,
    under_way: VecDeque<Submitted<'s>>,
    position: Position,
}

impl<'s> Loader<'s> {
    /// A loader before its first event.
    pub fn new(sequencer: &'s SequencerHandle, vault: &'s Vault) -> Self {
        let (submission, under_way) = (Submission::default(), VecDeque::new());
        let (held, needs, position) = (HashMap::new(), Needs::default(), sequencer.head());
        Self { sequencer, held, vault, submission, needs, under_way, position }
    }

    /// Takes an event; answers whether it is to be loaded. A source's events come in the order of their numbers.
    pub async fn push(&mut self, event: &Event<'_>) -> Result<bool> {
        if self.is_held(event).await {
            return Ok(false);
        }
        let Sealed { event, needs } = self.vault.seal(event.clone())?;
        self.needs = self.needs.and(needs);
        self.submission.push(&event);
        if self.submission.len() >= SUBMISSION_EVENTS {
            self.submit().await?;
        }
        Ok(true)
    }

    /// Waits until everything is in the log, and answers where it ends.
    pub async fn finish(mut self) -> Result<Position> {
        self.submit().await?;
        while let Some(submitted) = self.under_way.pop_front() {
            let decided = submitted.await;
            self.settle(decided)?;
        }
        Ok(self.position)
    }

    async fn is_held(&mut self, event: &Event<'_>) -> bool {
        let Key::Seq(seq) = event.key else { return false };
        if let Some(held) = self.held.get(event.source.as_str()) {
            return seq <= *held;
        }
        let held = self.sequencer.source(&event.source).await.map_or(0, |report| report.highest_seq);
        self.held.insert(event.source.to_string(), held);
        seq <= held
    }

    async fn submit(&mut self) -> Result<()> {
        if self.submission.is_empty() {
            return Ok(());
        }
        if self.under_way.len() >= UNDER_WAY_MAX
            && let Some(submitted) = self.under_way.pop_front()
        {
            let decided = submitted.await;
            self.settle(decided)?;
        }
        self.vault.durable(std::mem::take(&mut self.needs)).await?;
        let mut submitted: Submitted<'s> = Box::pin(self.sequencer.submit(std::mem::take(&mut self.submission)));
        // A submission takes its place in the queue when it is first polled, and the order must hold.
        match poll_immediate(&mut submitted).await {
            Some(decided) => self.settle(decided)?,
            None => self.under_way.push_back(submitted),
        }
        Ok(())
    }

    fn settle(&mut self, decided: Result<Decided, SubmitError>) -> Result<()> {
        let decided = decided?;
        self.position = self.position.max(decided.position);
        for outcome in decided.outcomes {
            if let Outcome::Refused(refused) = outcome {
                bail!("an event of the simulation is refused ({}): {}", refused.code, refused.detail);
            }
        }
        Ok(())
    }
}
