//! Tables that no read model has.

use std::io::{self, Write};

use storefold_events::Position;
use storefold_projection::{Cell, Column, ColumnKind, TableError, TableSink};
use storefold_table_files::FileFormat;

pub const COLUMNS: [(&str, ColumnKind, bool); 7] = [
    ("store", ColumnKind::Text, false),
    ("note", ColumnKind::Text, true),
    ("day", ColumnKind::Day, true),
    ("at", ColumnKind::Time, true),
    ("turnover_minor", ColumnKind::Whole, true),
    ("rate", ColumnKind::Fraction, true),
    ("used", ColumnKind::Flag, true),
];

/// Nothing in every cell that may be empty.
pub const EMPTY: [Cell<'static>; 7] =
    [Cell::Text("FR-PAR-01"), Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty];

pub const FULL: [Cell<'static>; 7] = [
    Cell::Text("CH-GVA-02"),
    Cell::Text("on the lake"),
    Cell::Text("2026-11-23"),
    Cell::Text("2026-11-23T10:15:00.250Z"),
    Cell::Whole(-123_456_789_012),
    Cell::Fraction(0.75),
    Cell::Flag(true),
];

/// What somebody may send to be taken for a formula, for two cells, or for the end of a text.
pub const HOSTILE: [&str; 10] = [
    "=HYPERLINK(\"http://example.com\";\"x\")",
    "+1+1",
    "@SUM(A1)",
    "-2+3",
    "two \"quotes\", and a comma",
    "a line\nand another\r\n",
    "nothing\0in it",
    "  spaces around\t",
    "<b>&amp;</b> _x0041_ 'é'",
    "0012",
];

#[derive(Default)]
pub struct Kept {
    pub position: Position,
    pub records: u64,
    pub bytes: Vec<u8>,
    /// The longest piece.
    pub piece_bytes_max: usize,
}

impl TableSink for Kept {
    fn begin(&mut self, position: Position, records: u64) -> io::Result<()> {
        (self.position, self.records) = (position, records);
        Ok(())
    }
}

impl Write for Kept {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.piece_bytes_max = self.piece_bytes_max.max(piece.len());
        self.bytes.write(piece)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub fn columns() -> Vec<Column> {
    let column = |(name, kind, optional): (&str, ColumnKind, bool)| Column {
        column: name.to_owned(),
        description: String::new(),
        kind,
        optional,
    };
    COLUMNS.into_iter().map(column).collect()
}

/// Writes records of these columns at position 7.
pub fn try_written<'c>(
    format: FileFormat,
    records: impl ExactSizeIterator<Item = [Cell<'c>; 7]>,
) -> Result<Kept, TableError> {
    let mut kept = Kept::default();
    let mut writer = format.writer("days", &mut kept);
    writer.begin(7, records.len() as u64, &columns())?;
    for record in records {
        for (column, cell) in record.into_iter().enumerate() {
            writer.cell(column, cell)?;
        }
        writer.end_record()?;
    }
    writer.finish()?;
    drop(writer);
    Ok(kept)
}

pub fn written(format: FileFormat, records: &[[Cell<'_>; 7]]) -> Kept {
    let kept = try_written(format, records.iter().copied()).unwrap();
    assert_eq!((kept.position, kept.records), (7, records.len() as u64));
    kept
}

/// A record with this note.
pub fn noted(note: &str) -> [Cell<'_>; 7] {
    let [store, _, day, at, turnover, rate, used] = FULL;
    [store, Cell::Text(note), day, at, turnover, rate, used]
}
