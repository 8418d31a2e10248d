//! The harness that every projector's tests are written with: given events, asked a question, then an answer.
//!
//! ```text
//! Spec::<StorePerformance>::given([json!({"store": "FR-PAR-01", "occurred_at": "2026-11-23T10:15:00+01:00", …})])
//!     .asked("/v1/stores/FR-PAR-01/performance?window=30d")
//!     .then_at("/totals/scans/attempted", json!(1));
//! ```
//!
//! [`laws()`] runs a projector through what holds for all of them. Everything here panics where a claim does not hold.

mod history;
pub use self::history::History;
pub use crate::memory_store::MemoryStore;
mod laws;
pub use self::laws::{laws, laws_in_any_order};
mod ask;

use std::{fmt::Debug, marker::PhantomData};

use serde_json::Value;
use storefold_events::{Position, Recorded};

use self::history::instant_ms;
use crate::{Asked, Batch, Fold, FoldError, Poisoned, Projector, QueryError, RowKey, RowStore, model};

/// A projector that has folded some events.
pub struct Spec<P> {
    store: MemoryStore,
    poisoned: Option<Poisoned>,
    now_ms: i64,
    projector: PhantomData<P>,
}

impl<P: Projector> Spec<P> {
    /// Folds the events. It is the time of the latest of them, unless [`at`](Self::at) says otherwise.
    pub fn given(history: impl Into<History>) -> Self {
        let history = history.into();
        let store = MemoryStore::default();
        let poisoned = write_fold(&mut *model::<P>().fold(), &history.recorded(), &store);
        Self { store, poisoned, now_ms: history.latest_ms(), projector: PhantomData }
    }

    /// Sets the time at which questions are asked, as 2026-11-23T12:00:00+01:00.
    #[must_use]
    pub fn at(mut self, now: &str) -> Self {
        self.now_ms = instant_ms(now);
        self
    }

    /// Asks a question by its path with values in it and a query string, both without percent-encoding.
    #[track_caller]
    pub fn asked(&self, uri: &str) -> Answer {
        assert_eq!(self.poisoned, None, "the events cannot be folded");
        Answer { uri: uri.to_owned(), answer: ask::ask::<P>(&self.store, self.now_ms, uri) }
    }

    /// Asks as [`asked`](Self::asked) does, with parameters by name.
    #[track_caller]
    pub fn asked_with(&self, path_template: &str, asked: &Asked) -> Answer {
        assert_eq!(self.poisoned, None, "the events cannot be folded");
        let answer = ask::ask_with::<P>(&self.store, self.now_ms, path_template, asked);
        Answer { uri: path_template.to_owned(), answer }
    }

    /// The records of a table.
    #[track_caller]
    pub fn table(&self, name: &str) -> Vec<Value> {
        assert_eq!(self.poisoned, None, "the events cannot be folded");
        ask::records::<P>(&self.store, name)
    }

    /// Claims that this row stands under the key.
    #[track_caller]
    pub fn then_row(&self, key: &RowKey, row: P::Row) -> &Self
    where
        P::Row: Debug,
    {
        assert_eq!(self.row(key), Some(row), "the row under {key:?}");
        self
    }

    /// Claims that no row stands under the key.
    #[track_caller]
    pub fn then_no_row(&self, key: &RowKey) -> &Self
    where
        P::Row: Debug,
    {
        assert_eq!(self.row(key), None, "the row under {key:?}");
        self
    }

    /// Claims that the model stops before the event at `position`, with this sentence.
    #[track_caller]
    pub fn then_poisoned(&self, position: Position, sentence: &str) -> &Self {
        assert_eq!(self.poisoned, Some(Poisoned { position, sentence: sentence.to_owned() }));
        self
    }

    /// The rows.
    pub fn store(&self) -> &MemoryStore {
        &self.store
    }

    fn row(&self, key: &RowKey) -> Option<P::Row> {
        let bytes = self.store.get(key.as_bytes()).expect("memory can be read")?;
        Some(rmp_serde::from_slice(&bytes).expect("a row reads what it wrote"))
    }
}

/// What came back for a question.
pub struct Answer {
    uri: String,
    answer: Result<Value, QueryError>,
}

impl Answer {
    /// Claims the whole answer.
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "a claim is written as `then(json!(…))`")]
    pub fn then(&self, expected: Value) {
        assert_eq!(self.value(), expected, "the answer to {}", self.uri);
    }

    /// Claims the part of the answer under a JSON pointer, as `/totals/scans/attempted`.
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "a claim is written as `then_at(…, json!(…))`")]
    pub fn then_at(&self, pointer: &str, expected: Value) -> &Self {
        let answer = self.value();
        assert_eq!(answer.pointer(pointer), Some(&expected), "{pointer} in the answer to {}: {answer:#}", self.uri);
        self
    }

    /// Claims that there is no answer, and why.
    #[track_caller]
    pub fn then_refused(&self, expected: QueryError) {
        assert_eq!(self.answer, Err(expected), "the answer to {}", self.uri);
    }

    /// Why there is no answer.
    #[track_caller]
    pub fn refusal(&self) -> &QueryError {
        match &self.answer {
            Ok(answer) => panic!("{} has an answer: {answer:#}", self.uri),
            Err(error) => error,
        }
    }

    /// The whole answer.
    #[track_caller]
    pub fn value(&self) -> Value {
        match &self.answer {
            Ok(answer) => answer.clone(),
            Err(error) => panic!("{} has no answer: {error}", self.uri),
        }
    }
}

/// Folds events into the rows and writes them with their checkpoint. Poison writes nothing; what it says comes back.
#[track_caller]
fn write_fold(fold: &mut dyn Fold, events: &[Recorded<'_>], store: &MemoryStore) -> Option<Poisoned> {
    match fold.apply(store, events) {
        Ok(()) => {}
        Err(FoldError::Rows(error)) => panic!("a row cannot be read that was written before: {error}"),
        Err(FoldError::Poisoned(poisoned)) => return Some(poisoned),
    }
    let position = events.last().map_or(0, |event| event.position);
    let rows = fold.take(usize::MAX).expect("rows can be encoded");
    store.write(Batch { rows, position }).expect("memory can be written");
    None
}
