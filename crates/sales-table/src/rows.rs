//! The rows of a table.

use std::{fmt, io, ops::RangeInclusive, str::FromStr};

use chrono::{Datelike, NaiveDate};
use csv::{ByteRecord, Reader, ReaderBuilder};
use thiserror::Error;

use crate::minor_units;

/// The columns, in the order of [`Row`]'s fields.
const COLUMNS: [&str; 6] = ["sale", "store", "customer", "date", "quantity", "amount"];

/// Years of days (inclusive): others cannot be written as `2026-01-31`, and the last that the calendar has are not whole in
/// every zone.
const YEARS: RangeInclusive<i32> = 1..=9_998;

/// One sale of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Identifier of the sale.
    pub sale: String,
    /// Identifier of the store.
    pub store: String,
    /// Identifier of the customer, when known.
    pub customer: Option<String>,
    /// The store day.
    pub date: NaiveDate,
    /// Units, 1 or more.
    pub quantity: i64,
    /// For the whole sale, tax included.
    pub amount_minor: i64,
}

/// A row that is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Number of its line in the file, from 1.
    pub line: u64,
    column: &'static str,
    detail: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column `{}`: {}", self.line, self.column, self.detail)
    }
}

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Counted without the headings, from 1.
    pub row: u64,
    /// Number of its line in the file, from 1.
    pub line: u64,
    /// Bytes before it in the file.
    pub byte: u64,
}

/// Why there is no table, or no more of it.
#[derive(Debug, Error)]
pub enum TableError {
    /// The first line is not that of a table.
    #[error("the headings cannot be read")]
    Headings(#[source] csv::Error),
    /// A column that is needed.
    #[error("the table has no column `{column}`; its headings are {found}, and needed are {}", COLUMNS.join(", "))]
    NoColumn {
        /// Its name.
        column: &'static str,
        /// The headings there are.
        found: String,
    },
    /// Reading broke off.
    #[error("it cannot be read")]
    Broken(#[source] csv::Error),
}

/// The rows of a table, one after the other.
pub struct Rows<R> {
    reader: Reader<R>,
    /// Where each of [`COLUMNS`] stands.
    places: [usize; 6],
    exponent: u16,
    record: ByteRecord,
    row: u64,
}

impl<R: io::Read> Rows<R> {
    /// Reads the headings. Amounts have so many digits behind the point at most.
    ///
    /// # Errors
    /// [`TableError::Headings`] and [`TableError::NoColumn`].
    pub fn begin(from: R, exponent: u16) -> Result<Self, TableError> {
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(from);
        let headings = reader.headers().map_err(TableError::Headings)?;
        let place = |column: &str| headings.iter().position(|heading| heading.trim() == column);
        let mut places = [0; 6];
        for (at, column) in places.iter_mut().zip(COLUMNS) {
            *at = place(column).ok_or_else(|| TableError::NoColumn {
                column,
                found: headings.iter().collect::<Vec<_>>().join(", "),
            })?;
        }
        Ok(Self { reader, places, exponent, record: ByteRecord::new(), row: 0 })
    }
}

impl<R: io::Read> Iterator for Rows<R> {
    type Item = Result<(Place, Result<Row, Unreadable>), TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.reader.read_byte_record(&mut self.record) {
            Ok(true) => {}
            Ok(false) => return None,
            Err(error) => return Some(Err(TableError::Broken(error))),
        }
        self.row += 1;
        let (line, byte) = self.record.position().map_or((0, 0), |position| (position.line(), position.byte()));
        let row = read(&self.record, &self.places, self.exponent);
        let row = row.map_err(|(column, detail)| Unreadable { line, column, detail });
        Some(Ok((Place { row: self.row, line, byte }, row)))
    }
}

fn read(record: &ByteRecord, places: &[usize; 6], exponent: u16) -> Result<Row, (&'static str, String)> {
    let cell = |index: usize| {
        let column = COLUMNS[index];
        let bytes = record.get(places[index]).ok_or_else(|| (column, "is missing; the row is too short".to_owned()))?;
        let text = std::str::from_utf8(bytes).map_err(|_| (column, "is no UTF-8".to_owned()))?;
        Ok((column, text.trim()))
    };
    let name = |index| match cell(index)? {
        (column, "") => Err((column, "is empty".to_owned())),
        (_, text) => Ok(text.to_owned()),
    };
    let customer = Some(cell(2)?.1.to_owned()).filter(|customer| !customer.is_empty());
    let (date, quantity, amount) = (cell(3)?, cell(4)?, cell(5)?);
    Ok(Row {
        sale: name(0)?,
        store: name(1)?,
        customer,
        date: NaiveDate::from_str(date.1)
            .ok()
            .filter(|date| YEARS.contains(&date.year()))
            .ok_or_else(|| (date.0, said(date.1, "is no day; write it as 2026-01-31")))?,
        quantity: i64::from_str(quantity.1)
            .ok()
            .filter(|units| *units > 0)
            .ok_or_else(|| (quantity.0, said(quantity.1, "is no number of units from 1")))?,
        amount_minor: minor_units(amount.1, exponent).map_err(|detail| (amount.0, said(amount.1, &detail)))?,
    })
}

fn said(text: &str, detail: &str) -> String {
    format!("`{text}` {detail}")
}

#[cfg(test)]
mod tests {
    use super::Rows;

    #[test]
    fn a_day_that_no_calendar_is_sure_of_is_no_day() {
        for day in ["+262142-12-31", "-262143-01-01", "0000-12-31", "9999-01-01", "-0001-01-01", "2026-02-29"] {
            let table = format!("sale,store,customer,date,quantity,amount\n1,S,C,{day},1,1.00\n");
            let (_, row) =
                Rows::begin(table.as_bytes(), 2).expect("it has headings").next().expect("a row").expect("read");
            let unreadable = row.expect_err(day).to_string();
            assert_eq!(unreadable, format!("line 2, column `date`: `{day}` is no day; write it as 2026-01-31"));
        }
        for day in ["0001-01-01", "9998-12-31", "2024-02-29"] {
            let table = format!("sale,store,customer,date,quantity,amount\n1,S,C,{day},1,1.00\n");
            let (_, row) =
                Rows::begin(table.as_bytes(), 2).expect("it has headings").next().expect("a row").expect("read");
            assert_eq!(row.expect(day).date.to_string(), day);
        }
    }
}
