//! The formats that a table can be had in.

use storefold_projection::{TableSink, TableWriter, TextFormat, TextWriter};

use crate::{parquet::ParquetWriter, xlsx::XlsxWriter};

/// A format of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// The names of the columns first, then a line a record.
    Csv,
    /// A JSON object a line.
    Ndjson,
    /// One JSON array of objects.
    Json,
    /// A workbook with one sheet.
    Xlsx,
    /// Apache Parquet, compressed with Snappy.
    Parquet,
}

impl FileFormat {
    /// All of them; the first is what is sent to who asks for none.
    pub const ALL: [Self; 5] = [Self::Csv, Self::Ndjson, Self::Json, Self::Xlsx, Self::Parquet];

    /// Its name, which is also how a file's name ends.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            Self::Xlsx => "xlsx",
            Self::Parquet => "parquet",
        }
    }

    /// The format of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Its media type, without parameters.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Ndjson => "application/x-ndjson",
            Self::Json => "application/json",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    /// What makes such a file of a table of this name.
    pub fn writer<'s>(self, name: &str, to: &'s mut dyn TableSink) -> Box<dyn TableWriter + 's> {
        match self {
            Self::Csv => Box::new(TextWriter::new(TextFormat::Csv, to)),
            Self::Ndjson => Box::new(TextWriter::new(TextFormat::Ndjson, to)),
            Self::Json => Box::new(TextWriter::new(TextFormat::Json, to)),
            Self::Xlsx => Box::new(XlsxWriter::new(name, to)),
            Self::Parquet => Box::new(ParquetWriter::new(to)),
        }
    }
}
