//! A table of sales, read twice: once for its stores and first day, once for its rows.

use std::{
    collections::BTreeMap,
    io::{BufReader, Seek},
};

use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use storefold_sales_table::{Place, Row, Rows, Terms, Unreadable};

use super::Input;
use crate::delivery::{Line, Rounds};

/// Unreadable rows that are remembered, to be named.
const UNREADABLE_MAX: usize = 1_000_000;

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

/// Reads all rows from the beginning.
fn each_row(
    input: &mut Input,
    exponent: u16,
    mut each: impl FnMut(Place, Result<Row, Unreadable>) -> Result<()>,
) -> Result<()> {
    input.file.rewind()?;
    let rows = Rows::begin(BufReader::with_capacity(1 << 20, &input.file), exponent);
    for read in rows.with_context(|| input.name.clone())? {
        let (place, row) = read.with_context(|| input.name.clone())?;
        each(place, row)?;
    }
    Ok(())
}
