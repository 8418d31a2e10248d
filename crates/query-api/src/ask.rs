//! One question under way: parameters, the wait for a position, the answer.

use std::time::Duration;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use storefold_http_kit::{Clock, Params, Problem, at_position};
use storefold_projection::{QuestionId, RunnerHandle};

use crate::problems::{from_query, from_wait};

/// The longest that a question waits for the position in `at_least`.
pub const WAIT_TIME_MAX: Duration = Duration::from_secs(5);

/// The parameter that every question has.
pub(crate) const AT_LEAST: &str = "at_least";

/// A question that is mounted.
pub(crate) struct Mounted {
    pub(crate) models: RunnerHandle,
    pub(crate) clock: Clock,
    pub(crate) question: QuestionId,
    pub(crate) model: &'static str,
    /// Names of its parameters.
    pub(crate) parameters: Vec<String>,
}

impl Mounted {
    /// Answers; a problem too says how far the model is.
    pub(crate) async fn ask(&self, params: Result<Params, Problem>) -> Response {
        match self.answer(params).await {
            Ok(response) => response,
            Err(problem) => at_position(self.position(), problem),
        }
    }

    async fn answer(&self, params: Result<Params, Problem>) -> Result<Response, Problem> {
        let mut params = params?;
        let at_least = params.take_number(AT_LEAST)?;
        let asked = params.only(|name| self.parameters.iter().any(|known| known == name))?;
        if let Some(at_least) = at_least {
            let waited = self.models.wait_for(self.model, at_least, WAIT_TIME_MAX).await;
            waited.map_err(|error| from_wait(&error))?;
        }
        // In place: an answer takes tens of microseconds, and handing it to another thread takes as long.
        let answered = self.models.answer(self.question, (self.clock)(), &asked).map_err(|error| from_query(&error))?;
        let answer = ([(header::CONTENT_TYPE, "application/json")], answered.json).into_response();
        Ok(at_position(answered.position, answer))
    }

    fn position(&self) -> u64 {
        self.models.position(self.model).map_or(0, |position| *position.borrow())
    }
}
