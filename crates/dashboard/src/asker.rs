//! Asking the read models.

use std::{future::Future, pin::Pin, sync::Arc};

use serde::de::DeserializeOwned;
use serde_json::Value;
use storefold_events::Position;
use storefold_http_kit::{AT_LEAST, Clock, Problem};
use storefold_projection::{Answered, Asked, QueryError, Reach, RunnerHandle, narrow};

use crate::{
    System,
    places::{names_a_place, together},
};

/// Whoever answers the questions of the read models, by the path templates of their routes, and knows how they do.
pub trait Ask: Send + Sync + 'static {
    /// The answer; none when no model has such a question. It may be of a moment ago, unless [`AT_LEAST`] stands among
    /// what is asked: then it is complete up to there, as far as the rows are.
    fn ask(&self, path: &str, asked: &Asked) -> Option<Result<Answered, QueryError>>;

    /// Narrows what is asked to what somebody sees; none when no model has such a question.
    fn narrow(&self, _path: &str, _asked: &mut Asked, _reach: &dyn Reach) -> Option<Result<(), QueryError>> {
        None
    }

    /// How the read models do now.
    fn system(&self) -> System;

    /// How far a read model is; none when there is no such model.
    fn position(&self, model: &str) -> Option<Position> {
        self.system().models.iter().find(|status| status.name == model).map(|status| status.position)
    }

    /// What was refused and is kept, entries after a number, so many as make a page; none where no events are taken in.
    fn quarantine(&self, _after: u64) -> Option<Result<Quarantine, Problem>> {
        None
    }

    /// Gives a command, and waits until a read model has seen what came of it, up to the position that comes back.
    fn order(&self, _command: Command) -> BoxFuture<'_, Result<Position, Problem>> {
        let problem = Problem::not_ready("read_only", 60, "this process takes no events in; ask one that does");
        Box::pin(std::future::ready(Err(problem)))
    }

    /// Retries or drops what was refused.
    fn settle(&self, _entry: u64, _how: Settle) -> BoxFuture<'_, Result<(), Problem>> {
        let problem = Problem::not_ready("read_only", 60, "this process takes no events in; ask one that does");
        Box::pin(std::future::ready(Err(problem)))
    }
}

/// A command that a page gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// As it stands in the path of its route.
    pub name: &'static str,
    /// What the event says that it becomes.
    pub data: Value,
    /// The store it is about; none where it is about no single one.
    pub store: Option<String>,
    /// Who gave it, as the audit names him, which the log keeps; none where everybody may.
    pub by: Option<String>,
    /// The read model that shows what came of it.
    pub seen_by: &'static str,
}

impl Command {
    /// A command about no single store, of nobody in particular yet.
    pub(crate) fn of(name: &'static str, data: Value, seen_by: &'static str) -> Self {
        Self { name, data, store: None, by: None, seen_by }
    }
}

/// A future on the heap.
pub type BoxFuture<'f, T> = Pin<Box<dyn Future<Output = T> + Send + 'f>>;

/// What becomes of something that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settle {
    /// It is decided anew.
    Retry,
    /// It is not wanted, for this reason.
    Drop(String),
}

/// Entries of the quarantine, the oldest first.
#[derive(Clone, Debug, Default)]
pub struct Quarantine {
    /// Those of this page.
    pub entries: Vec<QuarantineEntry>,
    /// The page after this one begins after this number; none when this is the last.
    pub next: Option<u64>,
}

/// Something that was refused.
#[derive(Clone, Debug, Default)]
pub struct QuarantineEntry {
    /// Its number.
    pub number: u64,
    /// Who sent it, as far as it can be told.
    pub source: Option<String>,
    /// Stable code of the refusal.
    pub code: String,
    /// What is wrong and what to do.
    pub detail: String,
    /// When it was first refused, in ms since 1970 UTC.
    pub first_refused_at_ms: i64,
    /// How often it was refused.
    pub attempts: u64,
    /// Why somebody has dropped it.
    pub dropped: Option<String>,
}

/// Asks the models of a runner, in process.
pub struct Asker {
    /// The runner.
    pub models: RunnerHandle,
    /// Says what time it is.
    pub clock: Clock,
}

impl Ask for Asker {
    fn ask(&self, path: &str, asked: &Asked) -> Option<Result<Answered, QueryError>> {
        let (question, ..) = self.models.questions().find(|(_, _, question)| question.path == path)?;
        let mut asked = asked.clone();
        let at_least = asked.remove(AT_LEAST).and_then(|position| position.as_u64()).unwrap_or(0);
        Some(self.models.ask_of_late(question, (self.clock)(), &asked, at_least))
    }

    fn narrow(&self, path: &str, asked: &mut Asked, reach: &dyn Reach) -> Option<Result<(), QueryError>> {
        let (_, model, question) = self.models.questions().find(|(_, _, question)| question.path == path)?;
        Some(narrow(reach, model, question, asked))
    }

    fn system(&self) -> System {
        System::of(&self.models, (self.clock)())
    }

    fn position(&self, model: &str) -> Option<Position> {
        self.models.position(model).map(|position| *position.borrow())
    }
}

/// Asks in the name of somebody, and so only what he sees.
pub(crate) struct Narrowed {
    pub(crate) models: Arc<dyn Ask>,
    pub(crate) reach: Arc<dyn Reach>,
}

impl Ask for Narrowed {
    fn ask(&self, path: &str, asked: &Asked) -> Option<Result<Answered, QueryError>> {
        match self.ask_narrowed(path, asked)? {
            // He sees several places and names none.
            Err(error @ QueryError::BadParameter { .. }) if !names_a_place(asked) => {
                let ask = |asked: &Asked| self.ask_narrowed(path, asked);
                together(path, asked, &self.reach.places(), ask).or(Some(Err(error)))
            }
            answered => Some(answered),
        }
    }

    fn narrow(&self, path: &str, asked: &mut Asked, reach: &dyn Reach) -> Option<Result<(), QueryError>> {
        self.models.narrow(path, asked, reach)
    }

    fn system(&self) -> System {
        self.models.system()
    }

    fn position(&self, model: &str) -> Option<Position> {
        self.models.position(model)
    }

    fn quarantine(&self, after: u64) -> Option<Result<Quarantine, Problem>> {
        self.models.quarantine(after)
    }
}

impl Narrowed {
    fn ask_narrowed(&self, path: &str, asked: &Asked) -> Option<Result<Answered, QueryError>> {
        let mut asked = asked.clone();
        match self.models.narrow(path, &mut asked, &*self.reach)? {
            Ok(()) => self.models.ask(path, &asked),
            Err(error) => Some(Err(error)),
        }
    }
}

/// An answer as the page needs it. What is not known is a problem whose sentence can be shown.
pub(crate) fn answer<T: DeserializeOwned>(
    models: &dyn Ask,
    path: &str,
    parameters: &[(&str, &str)],
    at_least: Option<Position>,
) -> Result<(T, Answered), Problem> {
    let texts = parameters.iter().map(|(name, text)| (*name, Value::from(*text)));
    let at_least = at_least.map(|position| (AT_LEAST, Value::from(position)));
    let asked = texts.chain(at_least).map(|(name, value)| (name.to_owned(), value)).collect();
    let answered = models.ask(path, &asked).ok_or_else(|| {
        Problem::not_ready("no_such_model", 60, "this process does not keep the read model that answers this")
    })?;
    let answered = answered.map_err(|error| match &error {
        QueryError::Unknown { kind, .. } => Problem::unknown(kind, &error),
        QueryError::NoSnapshot(_) => Problem::unknown("snapshot", &error),
        QueryError::BadParameter { parameter, detail } => Problem::bad_parameter(parameter, detail),
        QueryError::Rows(_) => Problem::internal(&error),
    })?;
    let answer = serde_json::from_slice(&answered.json).map_err(Problem::internal)?;
    Ok((answer, answered))
}
