//! Parquet: columns with types, in row groups that are written while records come.

mod gathered;

use std::{
    io::{self, BufWriter},
    mem,
    sync::Arc,
};

use parquet::{
    basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical},
    errors::ParquetError,
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::types::{Type, TypePtr},
};
use storefold_events::Position;
use storefold_projection::{Cell, Column, ColumnKind, TableError, TableSink, TableWriter};

use self::gathered::Gathered;

/// The most records of a row group.
pub const GROUP_RECORDS_MAX: usize = 32_768;

/// A row group ends with the record whose texts reach this.
const GROUP_TEXT_BYTES_MAX: usize = 8 * 1_024 * 1_024;

/// As many bytes are gathered before they are handed on.
const PIECE_BYTES: usize = 64 * 1_024;

type File<'s> = SerializedFileWriter<BufWriter<&'s mut dyn TableSink>>;

pub(crate) struct ParquetWriter<'s> {
    stage: Stage<'s>,
    columns: Vec<Column>,
    /// What has come for the next row group, by column.
    gathered: Vec<Gathered>,
    records: usize,
    text_bytes: usize,
}

enum Stage<'s> {
    NotBegun(&'s mut dyn TableSink),
    Writing(Box<File<'s>>),
    Ended,
}

impl<'s> ParquetWriter<'s> {
    pub(crate) fn new(to: &'s mut dyn TableSink) -> Self {
        Self { stage: Stage::NotBegun(to), columns: Vec::new(), gathered: Vec::new(), records: 0, text_bytes: 0 }
    }

    fn end_group(&mut self) -> Result<(), TableError> {
        let Stage::Writing(file) = &mut self.stage else { unreachable!("records come between begin and finish") };
        let mut group = file.next_row_group().map_err(failed)?;
        for gathered in &mut self.gathered {
            let mut column = group.next_column().map_err(failed)?.expect("the schema has every column");
            gathered.write(&mut column).map_err(failed)?;
            column.close().map_err(failed)?;
        }
        group.close().map_err(failed)?;
        (self.records, self.text_bytes) = (0, 0);
        Ok(())
    }
}

impl TableWriter for ParquetWriter<'_> {
    fn begin(&mut self, position: Position, records: u64, columns: &[Column]) -> Result<(), TableError> {
        let Stage::NotBegun(to) = mem::replace(&mut self.stage, Stage::Ended) else { unreachable!("it begins once") };
        to.begin(position, records).map_err(TableError::Sink)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by("storefold".to_owned())
            .build();
        let to = BufWriter::with_capacity(PIECE_BYTES, to);
        let file = SerializedFileWriter::new(to, schema(columns).map_err(failed)?, Arc::new(properties));
        self.stage = Stage::Writing(Box::new(file.map_err(failed)?));
        self.gathered = columns.iter().map(Gathered::of).collect();
        columns.clone_into(&mut self.columns);
        Ok(())
    }

    fn cell(&mut self, column: usize, cell: Cell<'_>) -> Result<(), TableError> {
        if let Cell::Text(text) = cell {
            self.text_bytes += text.len();
        }
        self.gathered[column].take(&self.columns[column], cell)
    }

    fn end_record(&mut self) -> Result<(), TableError> {
        self.records += 1;
        let is_full = self.records == GROUP_RECORDS_MAX || self.text_bytes >= GROUP_TEXT_BYTES_MAX;
        if is_full { self.end_group() } else { Ok(()) }
    }

    fn finish(&mut self) -> Result<(), TableError> {
        if self.records > 0 {
            self.end_group()?;
        }
        let Stage::Writing(mut file) = mem::replace(&mut self.stage, Stage::Ended) else {
            unreachable!("it finishes once, after it began");
        };
        file.finish().map_err(failed)?;
        io::Write::flush(file.inner_mut()).map_err(TableError::Sink)
    }
}

fn schema(columns: &[Column]) -> Result<TypePtr, ParquetError> {
    let fields = columns.iter().map(|column| field(column).map(Arc::new)).collect::<Result<_, _>>()?;
    Ok(Arc::new(Type::group_type_builder("record").with_fields(fields).build()?))
}

fn field(column: &Column) -> Result<Type, ParquetError> {
    let (physical, logical) = match column.kind {
        ColumnKind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        ColumnKind::Whole => (Physical::INT64, None),
        ColumnKind::Fraction => (Physical::DOUBLE, None),
        ColumnKind::Flag => (Physical::BOOLEAN, None),
        ColumnKind::Day => (Physical::INT32, Some(LogicalType::Date)),
        ColumnKind::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
    };
    let repetition = if column.optional { Repetition::OPTIONAL } else { Repetition::REQUIRED };
    let field = Type::primitive_type_builder(&column.column, physical);
    field.with_logical_type(logical).with_repetition(repetition).build()
}

/// What fails in writing is nearly always the sink; the library hands its errors on within its own.
fn failed(error: ParquetError) -> TableError {
    TableError::Sink(io::Error::other(error))
}
