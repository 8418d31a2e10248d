//! XLSX: a workbook with one sheet, whose cells are what they are.

use std::io::{self, BufWriter, Write};

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use storefold_events::Position;
use storefold_projection::{Cell, Column, ColumnKind, TableError, TableSink, TableWriter};

use crate::moments::{days_since_1970, ms_since_1970};

/// A sheet has so many lines, and the names of the columns take one.
pub const SHEET_RECORDS_MAX: u64 = 1_048_576 - 1;

/// The most characters of the name of a sheet.
const SHEET_NAME_CHARS_MAX: usize = 31;

/// As many bytes are gathered before they are handed on.
const PIECE_BYTES: usize = 64 * 1_024;

/// Cells are floats of 64 bits; a whole number beyond is written as a text, so that its last unit stays.
const WHOLE_MAX: u64 = 1 << 53;

/// 1970-01-01, in days as a sheet counts them.
const DAY_OF_1970: f64 = 25_569.0;

/// From 1900-03-01 to 9999-12-31, in days since 1970: outside, a sheet shows another day, or none.
const DAYS_OF_SHEETS: std::ops::RangeInclusive<i32> = -25_508..=2_932_896;

const MS_PER_DAY: i64 = 86_400_000;

pub(crate) struct XlsxWriter<'s> {
    to: &'s mut dyn TableSink,
    name: String,
    workbook: Workbook,
    sheet: Option<Worksheet>,
    formats: Formats,
    columns: Vec<Column>,
    /// Of the record that comes; 0 has the names.
    line: u32,
}

struct Formats {
    name: Format,
    whole: Format,
    day: Format,
    time: Format,
}

impl<'s> XlsxWriter<'s> {
    pub(crate) fn new(name: &str, to: &'s mut dyn TableSink) -> Self {
        let formats = Formats {
            name: Format::new().set_bold(),
            // Otherwise numbers of more than eleven digits are shown as 1.2E+11.
            whole: Format::new().set_num_format("0"),
            day: Format::new().set_num_format("yyyy-mm-dd"),
            time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss.000"),
        };
        let name = name.chars().take(SHEET_NAME_CHARS_MAX).collect();
        let (workbook, columns) = (Workbook::new(), Vec::new());
        Self { to, name, workbook, sheet: None, formats, columns, line: 1 }
    }

    fn begin_sheet(&mut self, columns: &[Column]) -> Result<(), XlsxError> {
        // What was written is not held in memory but in a temporary file, line by line.
        let mut sheet = self.workbook.new_worksheet_with_constant_memory()?;
        sheet.set_name(&self.name)?.set_freeze_panes(1, 0)?;
        for (at, Column { column, kind, .. }) in columns.iter().enumerate() {
            let wide = if *kind == ColumnKind::Time { 24 } else { 12 };
            sheet.set_column_width(at as u16, wide.max(column.chars().count() as u32 + 2))?;
            sheet.write_string_with_format(0, at as u16, column, &self.formats.name)?;
        }
        self.sheet = Some(sheet);
        Ok(())
    }

    fn write_cell(&mut self, at: u16, cell: Cell<'_>) -> Result<(), TableError> {
        let column = &self.columns[usize::from(at)];
        let (sheet, line) = (self.sheet.as_mut().expect("it has begun"), self.line);
        let written = match (cell, column.kind) {
            (Cell::Empty, _) => return Ok(()),
            (Cell::Text(text), ColumnKind::Day) => {
                let days = days_since_1970(column, text)?;
                if DAYS_OF_SHEETS.contains(&days) {
                    let number = DAY_OF_1970 + f64::from(days);
                    sheet.write_number_with_format(line, at, number, &self.formats.day)
                } else {
                    sheet.write_string(line, at, text)
                }
            }
            (Cell::Text(text), ColumnKind::Time) => {
                let ms = ms_since_1970(column, text)?;
                if i32::try_from(ms.div_euclid(MS_PER_DAY)).is_ok_and(|days| DAYS_OF_SHEETS.contains(&days)) {
                    let number = DAY_OF_1970 + ms as f64 / MS_PER_DAY as f64;
                    sheet.write_number_with_format(line, at, number, &self.formats.time)
                } else {
                    sheet.write_string(line, at, text)
                }
            }
            // It is one also when it begins as a formula does.
            (Cell::Text(text), _) => sheet.write_string(line, at, text),
            (Cell::Whole(number), _) if number.unsigned_abs() > WHOLE_MAX => {
                sheet.write_string(line, at, number.to_string())
            }
            (Cell::Whole(number), _) => sheet.write_number_with_format(line, at, number as f64, &self.formats.whole),
            (Cell::Fraction(number), _) => sheet.write_number(line, at, number),
            (Cell::Flag(flag), _) => sheet.write_boolean(line, at, flag),
        };
        written.map(drop).map_err(|error| failed(&column.column, line, error))
    }
}

impl TableWriter for XlsxWriter<'_> {
    fn begin(&mut self, position: Position, records: u64, columns: &[Column]) -> Result<(), TableError> {
        if records > SHEET_RECORDS_MAX {
            return Err(TableError::Unfit(format!(
                "a sheet of XLSX has room for {SHEET_RECORDS_MAX} records, and this table has {records}; export it as \
                 csv or parquet"
            )));
        }
        self.to.begin(position, records).map_err(TableError::Sink)?;
        columns.clone_into(&mut self.columns);
        self.begin_sheet(columns).map_err(|error| failed("the first line", 0, error))
    }

    fn cell(&mut self, column: usize, cell: Cell<'_>) -> Result<(), TableError> {
        self.write_cell(column as u16, cell)
    }

    fn end_record(&mut self) -> Result<(), TableError> {
        self.line += 1;
        Ok(())
    }

    /// Only now bytes go out: a sheet stands in its workbook behind what is known at the end alone.
    fn finish(&mut self) -> Result<(), TableError> {
        self.workbook.push_worksheet(self.sheet.take().expect("it has begun"));
        let mut pieces = BufWriter::with_capacity(PIECE_BYTES, &mut *self.to);
        let saved = self.workbook.save_to_writer(&mut pieces);
        saved.map_err(|error| TableError::Sink(io::Error::other(error)))?;
        pieces.flush().map_err(TableError::Sink)
    }
}

fn failed(column: &str, line: u32, error: XlsxError) -> TableError {
    match error {
        XlsxError::IoError(error) => TableError::Sink(error),
        error => TableError::Unfit(format!(
            "{column} of record {line} cannot be in a sheet of XLSX: {error}; export the table as csv or parquet"
        )),
    }
}
