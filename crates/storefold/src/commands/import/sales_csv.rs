//! A table of sales, read twice: once for its stores and first day, once for its rows.

use std::{
    collections::BTreeMap,
    fmt,
    io::{BufReader, Seek},
    str::FromStr,
};

use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use csv::{ByteRecord, Reader, ReaderBuilder, StringRecord};

use super::{Input, sales_events::Terms};
use crate::{
    decimal::minor_units,
    delivery::{Line, Rounds},
};

/// The columns, in the order of [`Row`]'s fields.
const COLUMNS: [&str; 6] = ["sale", "store", "customer", "date", "quantity", "amount"];

/// Unreadable rows that are remembered, to be named.
const UNREADABLE_MAX: usize = 1_000_000;

/// One sale of the table.
#[derive(Debug, PartialEq, Eq)]
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

/// A table whose stores and days are known.
pub struct SalesTable {
    input: Input,
    terms: Terms,
    /// The first day of each store.
    stores: BTreeMap<String, NaiveDate>,
    unreadable: Vec<Unreadable>,
}

impl SalesTable {
    /// Reads the table for the first time.
    ///
    /// # Errors
    /// When a column is missing or no row can be read.
    pub fn read(mut input: Input, terms: Terms) -> Result<Self> {
        let mut stores = BTreeMap::new();
        let mut unreadable = Vec::new();
        each_row(&mut input, terms.exponent(), |_, row| {
            match row {
                Ok(row) => {
                    let first = stores.entry(row.store).or_insert(row.date);
                    *first = row.date.min(*first);
                }
                Err(row) if unreadable.len() < UNREADABLE_MAX => unreadable.push(row),
                Err(_) => bail!("more than {UNREADABLE_MAX} rows cannot be read; is this a table of sales?"),
            }
            Ok(())
        })?;
        if stores.is_empty() {
            match unreadable.first() {
                Some(row) => bail!("no row of {} can be read; the first: {row}", input.name),
                None => bail!("{} holds no sales", input.name),
            }
        }
        Ok(Self { input, terms, stores, unreadable })
    }

    /// The rows that are left out.
    pub fn unreadable(&self) -> Vec<Unreadable> {
        self.unreadable.clone()
    }

    /// What the table is taken for.
    pub fn announcement(&self) -> String {
        let (count, zone) = (self.stores.len(), self.terms.zone());
        let stores = if count == 1 { "store" } else { "stores" };
        format!("{count} {stores} in {zone}; each sale is taken to have happened at noon of its day there.")
    }

    /// Pushes the stores, the programme and the sales, in the order of the rows.
    pub fn push_to(self, rounds: &mut Rounds) -> Result<()> {
        let Self { mut input, terms, stores, .. } = self;
        let source = format!("import-{}", input.name);
        for event in terms.configuration(&source, &stores) {
            rounds.push(Line { number: 1, json: &event?, share: 0.0 })?;
        }
        let total = input.bytes.max(1) as f64;
        each_row(&mut input, terms.exponent(), |place, row| {
            let Ok(row) = row else { return Ok(()) };
            let json = terms.sale(&source, place.row, &row)?;
            rounds.push(Line { number: place.line, json: &json, share: place.byte as f64 / total })
        })
    }
}

/// Where a row stands.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// Counted without the headings, from 1.
    row: u64,
    line: u64,
    byte: u64,
}

/// Reads all rows from the beginning.
fn each_row(
    input: &mut Input,
    exponent: u16,
    mut each: impl FnMut(Place, Result<Row, Unreadable>) -> Result<()>,
) -> Result<()> {
    input.file.rewind()?;
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(BufReader::with_capacity(1 << 20, &input.file));
    let places = columns(&mut reader, &input.name)?;
    let mut record = ByteRecord::new();
    let mut number = 0;
    while reader.read_byte_record(&mut record).with_context(|| format!("{} cannot be read", input.name))? {
        number += 1;
        let position = record.position();
        let (line, byte) = position.map_or((0, 0), |position| (position.line(), position.byte()));
        let row = read(&record, &places, exponent);
        let row = row.map_err(|(column, detail)| Unreadable { line, column, detail });
        each(Place { row: number, line, byte }, row)?;
    }
    Ok(())
}

/// Where each of [`COLUMNS`] stands.
fn columns<R: std::io::Read>(reader: &mut Reader<R>, name: &str) -> Result<[usize; 6]> {
    let headings = reader.headers().with_context(|| format!("the headings of {name} cannot be read"))?.clone();
    let place = |column: &str| headings.iter().position(|heading| heading.trim() == column);
    let mut places = [0; 6];
    for (at, column) in places.iter_mut().zip(COLUMNS) {
        *at = place(column).with_context(|| missing(column, &headings))?;
    }
    Ok(places)
}

fn missing(column: &str, headings: &StringRecord) -> String {
    let found: Vec<&str> = headings.iter().collect();
    format!(
        "the table has no column `{column}`; its headings are {}, and needed are {}",
        found.join(", "),
        COLUMNS.join(", ")
    )
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
        date: NaiveDate::from_str(date.1).map_err(|_| (date.0, said(date.1, "is no day; write it as 2026-01-31")))?,
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
