//! A table of a read model: all of its rows of one kind, in the words of the model, to be taken elsewhere as a whole.
//!
//! Projectors declare tables as they declare questions, without knowing HTTP or files. A record is flat: every field is
//! a column. Amounts are integers in minor units whose names end in `_minor`, with their currency in a column beside.
//! Who writes them somewhere is handed cell by cell what stands in them ([`TableWriter`]), so that every format has the
//! same.

mod cells;
mod columns;
mod text;

use std::io::{self, Write};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, de::DeserializeOwned};
use storefold_events::Position;
use thiserror::Error;

pub use self::{
    columns::{Column, ColumnKind},
    text::{TextFormat, TextWriter},
};
use crate::{Projector, QueryError, RowStore, View};

/// Where a table is written to, in pieces of about 64 KiB.
pub trait TableSink: Write + Send {
    /// Hears before the first piece where the rows stand, and how many records will come.
    fn begin(&mut self, position: Position, records: u64) -> io::Result<()>;
}

/// What stands in a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'c> {
    /// Nothing.
    Empty,
    /// A text; a day as `2026-11-23` and a time in RFC 3339, where the column is of these.
    Text(&'c str),
    /// A whole number.
    Whole(i64),
    /// A number with a fraction.
    Fraction(f64),
    /// Yes or no.
    Flag(bool),
}

/// Makes a file of some format of the records of a table.
pub trait TableWriter {
    /// Hears first where the rows stand, how many records will come, and of which columns.
    fn begin(&mut self, position: Position, records: u64, columns: &[Column]) -> Result<(), TableError>;

    /// The next cell of a record; they come in the order of the columns, one for each.
    fn cell(&mut self, column: usize, cell: Cell<'_>) -> Result<(), TableError>;

    /// All cells of a record have come.
    fn end_record(&mut self) -> Result<(), TableError>;

    /// All records have come; what is held back goes out now.
    fn finish(&mut self) -> Result<(), TableError>;
}

/// Why a table was not written to its end.
#[derive(Debug, Error)]
pub enum TableError {
    /// The rows cannot be read.
    #[error(transparent)]
    Rows(#[from] QueryError),
    /// A store without snapshots has written in between.
    #[error("the rows moved on while they were read; export a snapshot of them")]
    Moved,
    /// The format has no room for what the table holds.
    #[error("{0}")]
    Unfit(String),
    /// Nobody takes the pieces any more.
    #[error("nobody takes the rows any more: {0}")]
    Sink(io::Error),
}

type Writing = dyn Fn(&dyn RowStore, &mut dyn TableWriter) -> Result<(), TableError> + Send + Sync;

/// One table of a read model.
pub struct Table {
    /// Its name among the tables of the model, as `days`.
    pub name: &'static str,
    /// What a record is: one line.
    pub summary: &'static str,
    /// In the order in which they are written.
    pub columns: Vec<Column>,
    /// Schema of a record.
    pub record_schema: fn(&mut SchemaGenerator) -> Schema,
    write: Box<Writing>,
}

impl Table {
    /// Writes all records as they stand at one position.
    ///
    /// # Errors
    /// See [`TableError`]; some of it may have been written.
    pub fn write(&self, rows: &dyn RowStore, to: &mut dyn TableWriter) -> Result<(), TableError> {
        (self.write)(rows, to)
    }
}

/// Takes the records of a table, one after the other.
pub struct Records<'t, T> {
    take: &'t mut dyn FnMut(&T) -> Result<(), QueryError>,
}

impl<T> Records<'_, T> {
    /// The next one.
    ///
    /// # Errors
    /// When no more are wanted; to be handed on.
    pub fn push(&mut self, record: &T) -> Result<(), QueryError> {
        (self.take)(record)
    }
}

/// Declares a table. `count` says how many records `each` will hand out from the same view. `T` is a flat struct of
/// texts, numbers, days and enums.
pub fn table<P, T>(
    name: &'static str,
    summary: &'static str,
    count: fn(&View<'_, P>) -> Result<u64, QueryError>,
    each: fn(&View<'_, P>, &mut Records<'_, T>) -> Result<(), QueryError>,
) -> Table
where
    P: Projector,
    P::Row: DeserializeOwned,
    T: Serialize + JsonSchema + 'static,
{
    let columns = columns::columns::<T>();
    let columns_of_records = columns.clone();
    let write = move |store: &dyn RowStore, to: &mut dyn TableWriter| {
        let mut outcome = None;
        store
            .view(&mut |rows| {
                // What went out cannot be taken back.
                if outcome.is_some() {
                    outcome = Some(Err(TableError::Moved));
                    return;
                }
                let view = View::<P>::new(rows, 0);
                let written = count(&view).map_err(TableError::Rows).and_then(|records| {
                    to.begin(view.position(), records, &columns_of_records)?;
                    write_all(&view, each, columns_of_records.len(), to)
                });
                outcome = Some(written);
            })
            .map_err(QueryError::from)?;
        outcome.expect("a view shows the rows once or more")
    };
    let record_schema = |generator: &mut SchemaGenerator| generator.subschema_for::<T>();
    Table { name, summary, columns, record_schema, write: Box::new(write) }
}

fn write_all<P: Projector, T: Serialize>(
    view: &View<'_, P>,
    each: fn(&View<'_, P>, &mut Records<'_, T>) -> Result<(), QueryError>,
    columns: usize,
    to: &mut dyn TableWriter,
) -> Result<(), TableError> {
    let mut failed = None;
    let mut take = |record: &T| {
        cells::write(record, columns, to).map_err(|error| {
            let reason = QueryError::Rows(error.to_string());
            failed = Some(error);
            reason
        })
    };
    let handed = each(view, &mut Records { take: &mut take });
    match failed {
        Some(error) => Err(error),
        None => handed.map_err(TableError::Rows).and_then(|()| to.finish()),
    }
}
