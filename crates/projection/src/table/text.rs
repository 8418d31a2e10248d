//! Tables as text: CSV, NDJSON, and one JSON array.

use std::io::{self, BufWriter, Write};

use serde::Serialize;
use storefold_events::Position;

use super::{Cell, Column, TableError, TableSink, TableWriter};

/// As many bytes are gathered before they are handed on.
const PIECE_BYTES: usize = 64 * 1_024;

/// How records are written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFormat {
    /// RFC 4180 with `\n` between lines: the names of the columns first; what is not there is an empty cell.
    Csv,
    /// A JSON object a line.
    Ndjson,
    /// One JSON array of objects.
    Json,
}

/// Writes records as text while they come.
pub struct TextWriter<'s> {
    to: BufWriter<&'s mut dyn TableSink>,
    format: TextFormat,
    /// What stands before the cell of a column.
    leads: Vec<Vec<u8>>,
    has_records: bool,
}

impl<'s> TextWriter<'s> {
    /// Nothing is written before the first call.
    pub fn new(format: TextFormat, to: &'s mut dyn TableSink) -> Self {
        Self { to: BufWriter::with_capacity(PIECE_BYTES, to), format, leads: Vec::new(), has_records: false }
    }

    fn begin_text(&mut self, columns: &[Column]) -> io::Result<()> {
        if self.format == TextFormat::Json {
            self.to.write_all(b"[")?;
        }
        for (at, Column { column, .. }) in columns.iter().enumerate() {
            let mut lead = Vec::new();
            if self.format == TextFormat::Csv {
                // The names stand there also when no record does.
                let comma: &[u8] = if at == 0 { b"" } else { b"," };
                lead.extend_from_slice(comma);
                self.to.write_all(&lead)?;
                write_quoted(column, &mut self.to)?;
            } else {
                lead.push(if at == 0 { b'{' } else { b',' });
                serde_json::to_writer(&mut lead, column)?;
                lead.push(b':');
            }
            self.leads.push(lead);
        }
        if self.format == TextFormat::Csv { self.to.write_all(b"\n") } else { Ok(()) }
    }

    fn write_cell(&mut self, column: usize, cell: Cell<'_>) -> io::Result<()> {
        if column == 0 && self.format == TextFormat::Json {
            self.to.write_all(if self.has_records { b",\n" } else { b"\n" })?;
        }
        self.to.write_all(&self.leads[column])?;
        match (cell, self.format) {
            (Cell::Empty, TextFormat::Csv) => Ok(()),
            (Cell::Text(text), TextFormat::Csv) => write_quoted(text, &mut self.to),
            (Cell::Empty, _) => self.to.write_all(b"null"),
            (Cell::Text(text), _) => self.json(text),
            (Cell::Whole(number), _) => write!(self.to, "{number}"),
            (Cell::Fraction(number), _) => self.json(&number),
            (Cell::Flag(flag), _) => write!(self.to, "{flag}"),
        }
    }

    fn json<T: Serialize + ?Sized>(&mut self, value: &T) -> io::Result<()> {
        Ok(serde_json::to_writer(&mut self.to, value)?)
    }
}

impl TableWriter for TextWriter<'_> {
    fn begin(&mut self, position: Position, records: u64, columns: &[Column]) -> Result<(), TableError> {
        self.to.get_mut().begin(position, records).map_err(TableError::Sink)?;
        self.begin_text(columns).map_err(TableError::Sink)
    }

    fn cell(&mut self, column: usize, cell: Cell<'_>) -> Result<(), TableError> {
        self.write_cell(column, cell).map_err(TableError::Sink)
    }

    fn end_record(&mut self) -> Result<(), TableError> {
        self.has_records = true;
        let end: &[u8] = match self.format {
            TextFormat::Csv => b"\n",
            TextFormat::Ndjson => b"}\n",
            TextFormat::Json => b"}",
        };
        self.to.write_all(end).map_err(TableError::Sink)
    }

    fn finish(&mut self) -> Result<(), TableError> {
        let end: &[u8] = if self.format == TextFormat::Json { b"\n]\n" } else { b"" };
        self.to.write_all(end).and_then(|()| self.to.flush()).map_err(TableError::Sink)
    }
}

/// A cell of CSV, in quotes where it could be taken for something else.
fn write_quoted(text: &str, to: &mut impl Write) -> io::Result<()> {
    if !text.bytes().any(|byte| matches!(byte, b'"' | b',' | b'\n' | b'\r')) {
        return to.write_all(text.as_bytes());
    }
    to.write_all(b"\"")?;
    for (at, part) in text.split('"').enumerate() {
        let doubled: &[u8] = if at == 0 { b"" } else { b"\"\"" };
        to.write_all(doubled)?;
        to.write_all(part.as_bytes())?;
    }
    to.write_all(b"\"")
}
