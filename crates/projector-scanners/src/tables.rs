//! The rows as tables: scanners, and the numbers that are missing.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use storefold_projection::{QueryError, RowKey, Table, View, table};

use crate::{
    Scanners,
    directory::{ListedScanner, each_scanner, listed, stores},
    rows::Row,
};

/// A range of numbers that are missing of a source.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MissingRecord {
    /// The source, as its events name it.
    pub source: String,
    /// First missing number (inclusive).
    pub first: u64,
    /// Last missing number (inclusive).
    pub last: u64,
    /// The highest number of the source that has arrived.
    pub highest_seq: u64,
}

pub(crate) fn tables() -> Vec<Table> {
    vec![
        table::<Scanners, ListedScanner>(
            "scanners",
            "Every scanner with the store it stands in, when it was last seen and what is missing of it",
            |view| counted(|each| each_scanner(view, &BTreeMap::new(), |_, _, _| each())),
            |view, records| {
                let stores = stores(view)?;
                each_scanner(view, &stores, |scanner, row, store| records.push(&listed(view, scanner, &row, store)?))
            },
        ),
        table::<Scanners, MissingRecord>(
            "missing",
            "Ranges of numbers below the highest of their source that have not arrived",
            |view| counted(|each| each_missing(view, |_| each())),
            |view, records| each_missing(view, |record| records.push(&record)),
        ),
    ]
}

/// How often the scan calls.
fn counted(
    scan: impl FnOnce(&mut dyn FnMut() -> Result<(), QueryError>) -> Result<(), QueryError>,
) -> Result<u64, QueryError> {
    let mut count = 0;
    scan(&mut || {
        count += 1;
        Ok(())
    })?;
    Ok(count)
}

fn each_missing(
    view: &View<'_, Scanners>,
    mut each: impl FnMut(MissingRecord) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    view.scan(&Row::sources_key(), &Row::sources_key(), |key, row| {
        let (Row::Source(sequence), Some(source)) = (row, RowKey::last_text(key)) else { return Ok(()) };
        for (first, last) in sequence.missing() {
            each(MissingRecord { source: source.clone(), first: *first, last: *last, highest_seq: sequence.highest })?;
        }
        Ok(())
    })
}
