//! One question under way: parameters, the wait for a position, the answer.

use std::sync::Arc;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use storefold_events::Position;
use storefold_http_kit::{AT_LEAST, AT_LEAST_TIME_MAX, Clock, Params, Problem, at_position};
use storefold_projection::{Answered, QueryError, QuestionId, Reach, RunnerHandle, narrow};
use tokio::task::spawn_blocking;

use crate::problems::{from_query, from_wait};

/// Asks the rows of an earlier time; every question has this one, too.
pub(crate) const SNAPSHOT: &str = "snapshot";

/// A question that is mounted.
pub(crate) struct Mounted {
    pub(crate) models: RunnerHandle,
    pub(crate) clock: Clock,
    pub(crate) question: QuestionId,
    pub(crate) model: &'static str,
    /// Questions of other models whose answers stand in this one's.
    pub(crate) added: Vec<Added>,
}

/// An answer of another model, in a field of this one's.
pub(crate) struct Added {
    pub(crate) field: &'static str,
    pub(crate) question: QuestionId,
    pub(crate) model: &'static str,
}

impl Mounted {
    /// Answers; a problem too says how far the model is.
    pub(crate) async fn ask(&self, params: Result<Params, Problem>, reach: Option<Arc<dyn Reach>>) -> Response {
        match self.answer(params, reach.as_deref()).await {
            Ok(response) => response,
            Err(problem) => at_position(self.position(), problem),
        }
    }

    async fn answer(&self, params: Result<Params, Problem>, reach: Option<&dyn Reach>) -> Result<Response, Problem> {
        let mut params = params?;
        let at_least = params.take_number(AT_LEAST)?;
        let snapshot = params.take(SNAPSHOT);
        let mut asked = params
            .only(|name| self.models.question(self.question).1.parameter_names.iter().any(|known| known == name))?;
        if let Some(reach) = reach {
            for question in std::iter::once(self.question).chain(self.added.iter().map(|added| added.question)) {
                let (model, question) = self.models.question(question);
                let narrowed = narrow(reach, model, question, &mut asked);
                narrowed.map_err(|error| from_query(&error))?;
            }
        }
        if let Some(snapshot) = snapshot {
            let answered = self.models.answer_from(&snapshot, self.question, (self.clock)(), &asked);
            let ask = |question| self.models.answer_from(&snapshot, question, (self.clock)(), &asked);
            let answered = self.with_added(answered.map_err(|error| from_query(&error))?, ask)?;
            return Ok(answer(answered.position, answered.json));
        }
        if let Some(at_least) = at_least {
            for model in std::iter::once(self.model).chain(self.added.iter().map(|added| added.model)) {
                let waited = self.models.wait_for(model, at_least, AT_LEAST_TIME_MAX).await;
                waited.map_err(|error| from_wait(&error))?;
            }
        }
        let now_ms = (self.clock)();
        if !self.added.is_empty() {
            let ask = |question| self.models.answer(question, now_ms, &asked);
            let answered = self.with_added(ask(self.question).map_err(|error| from_query(&error))?, ask)?;
            return Ok(answer(answered.position, answered.json));
        }
        let (models, question, at_least) = (self.models.clone(), self.question, at_least.unwrap_or(0));
        let ask = move || models.ask(question, now_ms, &asked, at_least);
        // In place: most answers take tens of microseconds, and handing one to another thread takes as long.
        let answered = if self.models.reads_much(question) {
            spawn_blocking(ask).await.expect("answering does not panic")
        } else {
            ask()
        };
        let answered = answered.map_err(|error| from_query(&error))?;
        Ok(answer(answered.position, answered.json))
    }

    /// The answer with those of other models in its fields, complete up to the lowest of their positions.
    fn with_added(
        &self,
        mut answered: Answered,
        ask: impl Fn(QuestionId) -> Result<Answered, QueryError>,
    ) -> Result<Answered, Problem> {
        for Added { field, question, .. } in &self.added {
            let added = ask(*question).map_err(|error| from_query(&error))?;
            answered.position = answered.position.min(added.position);
            // An answer that others are added to is an object with fields.
            let mut json = Vec::from(answered.json);
            json.pop();
            json.extend_from_slice(format!(",\"{field}\":").as_bytes());
            json.extend_from_slice(&added.json);
            json.push(b'}');
            answered.json = json.into();
        }
        Ok(answered)
    }

    fn position(&self) -> u64 {
        self.models.position(self.model).map_or(0, |position| *position.borrow())
    }
}

fn answer(position: Position, json: Bytes) -> Response {
    at_position(position, ([(header::CONTENT_TYPE, "application/json")], json).into_response())
}
