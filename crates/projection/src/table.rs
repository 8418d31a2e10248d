//! A table of a read model: all of its rows of one kind, in the words of the model, to be taken elsewhere as a whole.
//!
//! Projectors declare tables as they declare questions, without knowing HTTP or files. A record is flat: every field is
//! a column. Amounts are integers in minor units whose names end in `_minor`, with their currency in a column beside.

use std::io::{self, BufWriter, Write};

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use storefold_events::Position;
use thiserror::Error;

use crate::{Projector, QueryError, RowStore, View};

/// As many bytes are gathered before they are handed on.
const PIECE_BYTES: usize = 64 * 1_024;

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableFormat {
    /// RFC 4180 with `\n` between lines: the names of the columns first; what is not there is an empty cell.
    Csv,
    /// A JSON object a line.
    Ndjson,
}

/// Where a table is written to, in pieces of about 64 KiB.
pub trait TableSink: Write {
    /// Hears before the first piece where the rows stand, and how many records will come.
    fn begin(&mut self, position: Position, records: u64) -> io::Result<()>;
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
    /// Nobody takes the pieces any more.
    #[error("nobody takes the rows any more: {0}")]
    Sink(io::Error),
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Column {
    /// Its name, the same in every format.
    pub column: String,
    /// What stands in it.
    pub description: String,
}

type Writing = dyn Fn(&dyn RowStore, TableFormat, &mut dyn TableSink) -> Result<(), TableError> + Send + Sync;

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
    pub fn write(&self, rows: &dyn RowStore, format: TableFormat, to: &mut dyn TableSink) -> Result<(), TableError> {
        (self.write)(rows, format, to)
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
    let columns = columns::<T>();
    let names: Vec<String> = columns.iter().map(|column| column.column.clone()).collect();
    let write = move |store: &dyn RowStore, format: TableFormat, to: &mut dyn TableSink| {
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
                    to.begin(view.position(), records).map_err(TableError::Sink)?;
                    write_all(&view, each, Encoder::new(format, &names, to)?)
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
    mut encoder: Encoder<'_>,
) -> Result<(), TableError> {
    let mut failed = None;
    let mut take = |record: &T| {
        encoder.write(record).map_err(|error| {
            let reason = QueryError::Rows(error.to_string());
            failed = Some(error);
            reason
        })
    };
    let handed = each(view, &mut Records { take: &mut take });
    match failed {
        Some(error) => Err(error),
        None => handed.map_err(TableError::Rows).and_then(|()| encoder.finish()),
    }
}

enum Encoder<'s> {
    Csv(Box<csv::Writer<&'s mut dyn TableSink>>),
    Ndjson(BufWriter<&'s mut dyn TableSink>),
}

impl<'s> Encoder<'s> {
    fn new(format: TableFormat, names: &[String], to: &'s mut dyn TableSink) -> Result<Self, TableError> {
        if format == TableFormat::Ndjson {
            return Ok(Self::Ndjson(BufWriter::with_capacity(PIECE_BYTES, to)));
        }
        // The names stand there also when no record does.
        let mut builder = csv::WriterBuilder::new();
        let mut writer = builder.has_headers(false).buffer_capacity(PIECE_BYTES).from_writer(to);
        writer.write_record(names).map_err(from_csv)?;
        Ok(Self::Csv(Box::new(writer)))
    }

    fn write<T: Serialize>(&mut self, record: &T) -> Result<(), TableError> {
        match self {
            Self::Csv(writer) => writer.serialize(record).map_err(from_csv),
            Self::Ndjson(writer) => {
                serde_json::to_writer(&mut *writer, record).map_err(|error| TableError::Sink(error.into()))?;
                writer.write_all(b"\n").map_err(TableError::Sink)
            }
        }
    }

    fn finish(self) -> Result<(), TableError> {
        match self {
            Self::Csv(mut writer) => writer.flush(),
            Self::Ndjson(mut writer) => writer.flush(),
        }
        .map_err(TableError::Sink)
    }
}

fn from_csv(error: csv::Error) -> TableError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => TableError::Sink(error),
        kind => TableError::Rows(QueryError::Rows(format!("a record does not fit into cells: {kind:?}"))),
    }
}

/// The fields of a record with their descriptions, in the order in which they are written.
fn columns<T: JsonSchema>() -> Vec<Column> {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    // Every field is written, so every field is required; they are required in the order of the struct.
    let names = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let column = |name: &str| {
        let description = schema["properties"][name]["description"].as_str().unwrap_or_default();
        Column { column: name.to_owned(), description: description.to_owned() }
    };
    names.map(column).collect()
}
