//! A question that a read model answers: a path, typed parameters, a typed answer, a pure function.
//!
//! Projectors declare questions without knowing HTTP; the query API mounts them.

use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, de::DeserializeOwned};
use storefold_events::{
    Position,
    personal::{Closed, Opener},
};
use thiserror::Error;

use crate::{Poison, Projector, RowStore, StoreError, View};

/// Why a question has no answer.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum QueryError {
    /// What was asked about is not known to the model.
    #[error("there is no {kind} `{name}` here; check its spelling, or wait until its first event has arrived")]
    Unknown {
        /// As `store`.
        kind: &'static str,
        /// As asked.
        name: String,
    },
    /// There is no snapshot of this name, or the model is not in it.
    #[error("there is no snapshot `{0}` of this read model; GET /v1/snapshots lists them")]
    NoSnapshot(String),
    /// A parameter that makes no sense.
    #[error("`{parameter}` {detail}")]
    BadParameter {
        /// Its name.
        parameter: String,
        /// What is wrong and what would be right.
        detail: String,
    },
    /// The rows cannot be read; the model has to be rebuilt.
    #[error("the rows of this read model cannot be read: {0}")]
    Rows(String),
}

impl From<StoreError> for QueryError {
    fn from(error: StoreError) -> Self {
        Self::Rows(error.to_string())
    }
}

impl From<Poison> for QueryError {
    fn from(poison: Poison) -> Self {
        Self::Rows(poison.0)
    }
}

/// Parameters of a question as text, from the path and the query string, by name.
pub type Asked = serde_json::Map<String, serde_json::Value>;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// In JSON.
    pub json: Bytes,
    /// It is complete up to this position (inclusive).
    pub position: Position,
    /// How many rows were read for it.
    pub rows_read: u64,
    /// How long ago it was made, in ms, where the rows have moved on since; 0 while it is the answer of the rows.
    pub age_ms: i64,
}

/// What a question is asked with beside its parameters.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// When it is asked, in ms since 1970 UTC.
    pub now_ms: i64,
    /// Opens what is sealed in the rows.
    pub opener: &'a dyn Opener,
}

impl From<i64> for Asking<'_> {
    /// At a time, without keys.
    fn from(now_ms: i64) -> Self {
        Self { now_ms, opener: &Closed }
    }
}

type Answer = dyn Fn(&dyn RowStore, Asking<'_>, &Asked) -> Result<Answered, QueryError> + Send + Sync;
type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// One question of a read model.
#[expect(clippy::struct_excessive_bools, reason = "each says for itself how a question may be asked")]
pub struct Question {
    /// Path template, as `/v1/stores/{store}/performance`.
    pub path: &'static str,
    /// Read aloud in a list of questions: one line.
    pub summary: &'static str,
    /// What is counted, over which window, by which rule.
    pub description: &'static str,
    /// Schema of the parameters, path and query string together.
    pub parameters: SchemaOf,
    /// Their names.
    pub parameter_names: Vec<String>,
    /// Schema of the answer.
    pub answer_schema: SchemaOf,
    /// Answers from the rows at one position.
    pub answer: Box<Answer>,
    /// The question of another model whose answer has this one's too, by its path, and in which field.
    pub added_to: Option<(&'static str, &'static str)>,
    /// Whether the answer is the same for whoever may look at the model: definitions and settings, no figures of stores.
    pub tells_of_no_store: bool,
    /// Whether it is asked about several parts of the network at once, named in `places` by who narrows it.
    pub takes_places: bool,
    /// Whether it is answered from what happened in some stores, named in `stores_seen` by who narrows it.
    pub takes_stores_seen: bool,
    /// Whether tills ask it about whoever stands before them.
    pub asked_at_tills: bool,
}

impl Question {
    /// Its answer stands in a field of another model's answer as well, from the same parameters. Each is of its own
    /// position then, and the whole complete up to the lower.
    #[must_use]
    pub fn added_to(self, path: &'static str, field: &'static str) -> Self {
        Self { added_to: Some((path, field)), ..self }
    }

    /// Its answer tells nothing of stores: whoever may look at the model may have it.
    #[must_use]
    pub fn telling_of_no_store(self) -> Self {
        Self { tells_of_no_store: true, ..self }
    }

    /// Its parameters have a field `places`, a list of [`Place`](crate::Place) that is kept out of the schema: whoever sees
    /// several parts of the network is answered about them together.
    #[must_use]
    pub fn taking_places(self) -> Self {
        Self { takes_places: true, ..self }
    }

    /// It is about what is at home in no store, as a customer. Its parameters have a field `stores_seen`, a
    /// [`StoresSeen`](crate::StoresSeen) that is kept out of the schema: whoever sees a part of the network is told what
    /// happened there, and nothing that did not is known to him.
    #[must_use]
    pub fn telling_of_stores_seen(self) -> Self {
        Self { takes_stores_seen: true, ..self }
    }

    /// A till asks it about whoever stands before it, with a number or a code that was shown there: what may be spent is
    /// answered in full, wherever the customer has been before.
    #[must_use]
    pub fn asked_at_tills(self) -> Self {
        Self { asked_at_tills: true, ..self }
    }
}

/// Declares a question. `A` (the parameters) is read from texts: its fields are strings, numbers in strings, or enums.
pub fn question<P, A, T>(
    path: &'static str,
    summary: &'static str,
    description: &'static str,
    answer: fn(&View<'_, P>, &A) -> Result<T, QueryError>,
) -> Question
where
    P: Projector,
    A: DeserializeOwned + JsonSchema + 'static,
    T: Serialize + JsonSchema + 'static,
{
    // Answers to one question are of like length; one that is written without growing is not copied on the way.
    let room_bytes = AtomicUsize::new(0);
    let write = move |view: &View<'_, P>, asked: &A| {
        let answer = answer(view, asked)?;
        let mut json = Vec::with_capacity(room_bytes.load(Ordering::Relaxed));
        serde_json::to_writer(&mut json, &answer).map_err(|error| QueryError::Rows(error.to_string()))?;
        room_bytes.store(json.len() + json.len() / 8, Ordering::Relaxed);
        Ok(json)
    };
    declare::<P, A, T>(path, summary, description, write)
}

/// Declares a question whose answer is written as JSON by hand; `T` is what it reads as.
pub fn question_in_json<P, A, T>(
    path: &'static str,
    summary: &'static str,
    description: &'static str,
    write: fn(&View<'_, P>, &A) -> Result<Vec<u8>, QueryError>,
) -> Question
where
    P: Projector,
    A: DeserializeOwned + JsonSchema + 'static,
    T: JsonSchema + 'static,
{
    declare::<P, A, T>(path, summary, description, write)
}

fn declare<P, A, T>(
    path: &'static str,
    summary: &'static str,
    description: &'static str,
    write: impl Fn(&View<'_, P>, &A) -> Result<Vec<u8>, QueryError> + Send + Sync + 'static,
) -> Question
where
    P: Projector,
    A: DeserializeOwned + JsonSchema + 'static,
    T: JsonSchema + 'static,
{
    Question {
        path,
        summary,
        description,
        parameters: |generator| generator.subschema_for::<A>(),
        parameter_names: names_of::<A>(),
        answer_schema: |generator| generator.subschema_for::<T>(),
        answer: Box::new(move |store, asking, asked| {
            let asked: A = read_parameters(asked)?;
            let mut answered = None;
            store.view(&mut |rows| {
                let view = View::new(rows, asking.now_ms).opened_by(asking.opener);
                let json = write(&view, &asked).map(Bytes::from);
                let (position, rows_read) = (rows.position(), view.rows_read());
                answered = Some(json.map(|json| Answered { json, position, rows_read, age_ms: 0 }));
            })?;
            answered.expect("a view shows the rows once or more")
        }),
        added_to: None,
        tells_of_no_store: false,
        takes_places: false,
        takes_stores_seen: false,
        asked_at_tills: false,
    }
}

fn names_of<A: JsonSchema>() -> Vec<String> {
    let schema = SchemaGenerator::default().into_root_schema_for::<A>();
    let properties = schema.get("properties").and_then(serde_json::Value::as_object);
    properties.into_iter().flat_map(|properties| properties.keys().cloned()).collect()
}

fn read_parameters<A: DeserializeOwned>(asked: &Asked) -> Result<A, QueryError> {
    // Tracking the path costs an allocation for each parameter, so only what is wrong is read that way.
    A::deserialize(asked).or_else(|_| serde_path_to_error::deserialize(asked)).map_err(|error| {
        let message = error.inner().to_string();
        // The path ends at the parameters themselves when one is unknown or missing.
        let of_all = message.starts_with("unknown field") || message.starts_with("missing field");
        let named = message.split('`').nth(1).filter(|_| of_all);
        let parameter = named.map_or_else(|| error.path().to_string(), str::to_owned);
        QueryError::BadParameter { parameter, detail: format!("is not understood: {message}") }
    })
}
