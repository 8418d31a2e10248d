//! The runner from outside: answers, positions, how it is doing.

use std::{sync::Arc, sync::atomic::Ordering, time::Duration};

use storefold_events::{Position, personal::Opener};
use thiserror::Error;
use tokio::{sync::watch, time::timeout};

use super::{
    context::Context,
    watched::{Proof, Shared, Watched},
};
use crate::{Answered, Asked, PAGE_AGE_MS_MAX, Poisoned, QueryError, Question, RowStore};

/// A running runner. Clones are the same runner; it stops when the last is dropped.
#[derive(Clone)]
pub struct RunnerHandle {
    pub(super) shared: Arc<Shared>,
    pub(super) context: Arc<Context>,
    pub(super) stop: watch::Sender<bool>,
    /// Closed when every lane and every rebuild has ended.
    pub(super) ended: watch::Receiver<()>,
}

/// A question of one of the runner's models, to be asked without a look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QuestionId {
    pub(super) model: usize,
    pub(super) question: usize,
}

/// How a model is doing.
#[derive(Clone, Debug)]
pub struct ModelStatus {
    /// Its name.
    pub name: &'static str,
    /// The version of its rows.
    pub version: u32,
    /// Every event up to it (inclusive) is in its rows.
    pub position: Position,
    /// How many events of the log are not in its rows yet.
    pub lag_events: u64,
    /// The event that it stopped before; it still answers from the rows up to there.
    pub poisoned: Option<Poisoned>,
    /// How long ago it was at work or found nothing to do.
    pub heartbeat_age: Duration,
    /// Events folded since the runner started.
    pub folded_total: u64,
    /// What the last comparison of the rows with a new fold of the log came to.
    pub proof: Option<Proof>,
}

/// Why a model did not reach a position.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum WaitError {
    /// No model of the runner has this name.
    #[error("there is no read model `{0}`")]
    UnknownModel(String),
    /// Time was up first.
    #[error("the read model is complete up to position {position}; ask again for {at_least}")]
    TimedOut {
        /// Where the model is.
        position: Position,
        /// Where it was wanted.
        at_least: Position,
    },
    /// It goes no further.
    #[error("the read model has stopped: {0}")]
    Stopped(Poisoned),
}

impl RunnerHandle {
    /// Every question of every model, in the order they were registered.
    pub fn questions(&self) -> impl Iterator<Item = (QuestionId, &'static str, &Question)> {
        self.shared.models.iter().enumerate().flat_map(|(model, watched)| {
            let questions = watched.questions.iter().enumerate();
            questions.map(move |(at, question)| (QuestionId { model, question: at }, watched.name, question))
        })
    }

    /// Has answers open what is sealed in the rows. Once; a second opener is left alone.
    pub fn open_with(&self, opener: Arc<dyn Opener>) {
        drop(self.shared.opener.set(opener));
    }

    /// Answers a question from the rows of its model, at a time in ms since 1970 UTC.
    ///
    /// # Panics
    /// When the id is of another runner.
    pub fn answer(&self, id: QuestionId, now_ms: i64, asked: &Asked) -> Result<Answered, QueryError> {
        self.shared.answer(id, now_ms, asked)
    }

    /// Answers as [`answer`](Self::answer) does, or as was answered to the same question before: of the same rows in the
    /// same second, or, where it takes much reading, at most [`AGE_MS_MAX`](crate::AGE_MS_MAX) ago. It is complete up to
    /// `at_least` when the rows are.
    ///
    /// # Panics
    /// When the id is of another runner.
    pub fn ask(&self, id: QuestionId, now_ms: i64, asked: &Asked, at_least: Position) -> Result<Answered, QueryError> {
        self.shared.ask(id, now_ms, asked, at_least)
    }

    /// Answers as was answered to the same question at most [`AGE_MS_MAX`](crate::AGE_MS_MAX) ago, or, where that takes much
    /// reading, [`PAGE_AGE_MS_MAX`], or anew: for pages, which ask many questions and say how far they
    /// go and how old their figures are. What is old is made anew aside, for whoever asks next.
    ///
    /// # Panics
    /// When the id is of another runner.
    pub fn ask_of_late(
        &self,
        id: QuestionId,
        now_ms: i64,
        asked: &Asked,
        at_least: Position,
    ) -> Result<Answered, QueryError> {
        self.shared.ask_for_much(id, now_ms, asked, at_least, PAGE_AGE_MS_MAX)
    }

    /// Whether answers to this question may take milliseconds of reading: it is not to be asked where others wait then.
    pub fn reads_much(&self, id: QuestionId) -> bool {
        self.shared.reads_much(id)
    }

    /// The rows of a model, to be read only. They stay what they are when a rebuild puts others in their place.
    pub fn rows(&self, model: &str) -> Option<Arc<dyn RowStore>> {
        Some(self.named(model)?.store())
    }

    /// The position up to which a model's rows are complete, as it moves on.
    pub fn position(&self, model: &str) -> Option<watch::Receiver<Position>> {
        Some(self.named(model)?.position.subscribe())
    }

    /// Waits until a model's rows are complete up to `at_least` or more, and answers up to where they are.
    pub async fn wait_for(
        &self,
        model: &str,
        at_least: Position,
        timeout_after: Duration,
    ) -> Result<Position, WaitError> {
        let watched = self.named(model).ok_or_else(|| WaitError::UnknownModel(model.to_owned()))?;
        let mut positions = watched.position.subscribe();
        let reached = positions.wait_for(|position| *position >= at_least || watched.poisoned().is_some());
        let reached = timeout(timeout_after, reached).await.map(|position| position.map(|position| *position));
        let position = watched.position();
        match (reached, watched.poisoned()) {
            (Ok(Ok(position)), _) if position >= at_least => Ok(position),
            (_, Some(poisoned)) => Err(WaitError::Stopped(poisoned)),
            _ => Err(WaitError::TimedOut { position, at_least }),
        }
    }

    /// How every model is doing, in the order they were registered.
    pub fn status(&self) -> Vec<ModelStatus> {
        let end = self.shared.log_end();
        let of = |watched: &Arc<Watched>| {
            let position = watched.position();
            ModelStatus {
                name: watched.name,
                version: watched.version,
                position,
                lag_events: end.saturating_sub(position),
                poisoned: watched.poisoned(),
                heartbeat_age: watched.heartbeat_age(),
                folded_total: watched.folded_total.load(Ordering::Relaxed),
                proof: self.shared.proof(watched),
            }
        };
        self.shared.models.iter().map(of).collect()
    }

    /// Whether every model that is not poisoned has come to where the log ended when the runner started.
    pub fn caught_up(&self) -> bool {
        let there = |watched: &Arc<Watched>| watched.position() >= self.shared.caught_up_at;
        self.shared.models.iter().all(|watched| there(watched) || watched.poisoned().is_some())
    }

    /// Why the log cannot be read just now, or any further; the models answer from the rows they have.
    pub fn log_error(&self) -> Option<String> {
        self.shared.log_error()
    }

    /// Finishes the round that is under way, makes the rows durable and ends. The models still answer.
    pub async fn stop(&self) {
        self.stop.send_replace(true);
        for rebuild in self.context.rebuilds.list() {
            rebuild.cancel.send_replace(true);
        }
        self.ended().await;
    }

    /// Waits until no model is folded any more: after [`stop`](Self::stop), or when the log cannot be read further.
    pub async fn ended(&self) {
        let mut ended = self.ended.clone();
        // The lanes never send: the channel closes when the last of them has ended.
        while ended.changed().await.is_ok() {}
    }

    /// The model of a question, and the question.
    ///
    /// # Panics
    /// When the id is of another runner.
    pub fn question(&self, id: QuestionId) -> (&'static str, &Question) {
        let model = &self.shared.models[id.model];
        (model.name, &model.questions[id.question])
    }

    fn named(&self, model: &str) -> Option<&Arc<Watched>> {
        self.shared.models.iter().find(|watched| watched.name == model)
    }
}
