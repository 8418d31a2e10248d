//! Read models: rows that are a fold of the log (invariant 7), and the questions they answer.
//!
//! A [`Projector`] is a pure function from one event and the rows so far to the rows after it. A
//! [`Question`] is a pure function from a consistent [`View`] of the rows to an answer. This crate keeps the rows
//! ([`RowStore`]: sled, with redb beside it), runs the folds, and knows how far each has come.
//!
//! What it is not: it decides nothing about the domain and knows no HTTP. Rows are disposable (invariant 8): damaged
//! ones are deleted and folded again from the log.
//!
//! Limits: see [`Pace`] for the size of a round; one process at a time folds into a directory.

mod projector;
pub use projector::{Part, Poison, Projector};
mod key;
pub use key::RowKey;
mod rows;
pub use rows::{Below, EachAppended, EachEncoded, Rows, Slot};
mod store_days;
pub use store_days::StoreDays;
mod row_store;
pub use row_store::{Batch, EncodedRows, FillRows, RowStore, RowView, StoreError};
mod between_batches;
mod sled_store;
pub use sled_store::{SledOptions, SledStore};
mod redb_store;
pub use redb_store::{RedbOptions, RedbStore};
mod fold;
mod memory_store;
pub use fold::{Fold, FoldError, Poisoned};
mod view;
pub use view::{View, ask_rows, read_row};
mod question;
pub use question::{Answered, Asked, Asking, QueryError, Question, question, question_in_json};
mod table;
pub use table::{
    Cell, Column, ColumnKind, Records, Table, TableError, TableSink, TableWriter, TextFormat, TextWriter, table,
};
mod stores_seen;
pub use stores_seen::StoresSeen;
mod reach;
pub use reach::{Counted, Narrowed, Place, Reach, UseOfModel, narrow, store_column};
mod json;
pub use json::JsonText;
mod window;
pub use window::{DAYS_MAX, DayRange, Window, WindowParams, day_text};
mod read_model;
pub use read_model::{ReadModel, model};
mod as_of;
pub use as_of::AsOf;
mod bulk;
mod compare;
pub use compare::{Compared, compare, digest};
mod directory;
pub use directory::StoreKind;
mod at_rest;
pub use at_rest::rows_at_rest;
mod runner;
pub use runner::{
    AGE_MS_MAX, MUCH_ROWS_MIN, ModelStatus, NoTable, PAGE_AGE_MS_MAX, Pace, Proof, Proving, QuestionId,
    RENEWED_AFTER_MS, RebuildOrder, RebuildPurpose, RebuildRefused, RebuildState, RebuildStatus, RebuiltModel, Runner,
    RunnerHandle, SnapshotStatus, StartError, TableRows, WaitError,
};
pub mod spec;
