//! `GET /v1/scanners/{scanner}/performance`: how does this scanner do?

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_projection::{QueryError, Question, RowKey, View, Window, WindowParams, day_text};

use crate::{
    ScanFigures, ScanTotals, StorePerformance,
    rows::{Row, ScanCounts},
    store::store_row,
};

/// Which scanner, and which days.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScannerAsked {
    /// Number of the scanner.
    pub scanner: String,
    /// The last 30 or 90 store days including today, or all days with events (the default).
    #[serde(default)]
    pub window: Option<Window>,
    /// First store day (inclusive), as 2026-11-01; not beside `window`.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last store day (inclusive), as 2026-11-30; not beside `window`.
    #[serde(default)]
    pub to: Option<NaiveDate>,
}

/// A scanner over a window of days.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PerformanceOfScanner {
    /// Number of the scanner.
    pub scanner: String,
    /// Whether it was entered in the books; a scanner may scan without.
    pub registered: bool,
    /// The store it was last assigned to; null when it never was.
    pub stands_in: Option<String>,
    /// The stores it was assigned to or has scanned in, by their identifiers.
    pub stores: Vec<ScannerStore>,
    /// First day of the window (inclusive).
    pub from: NaiveDate,
    /// Last day of the window (inclusive).
    pub to: NaiveDate,
    /// Over the whole window, in all stores together.
    pub totals: ScanTotals,
    /// Every day of the window in order, in all stores together; a day without scans has zeros.
    pub days: Vec<ScannerDay>,
}

/// A store that a scanner is known from.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScannerStore {
    /// Identifier of the store.
    pub store: String,
    /// Name that people know.
    pub name: String,
}

/// Scans of one scanner on one day, by the days of the store it stood in.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScannerDay {
    /// The store day.
    #[serde(serialize_with = "day_text")]
    pub day: NaiveDate,
    /// Scans.
    #[serde(flatten)]
    pub scans: ScanFigures,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/scanners/{scanner}/performance",
        "Scans of a scanner, day by day",
        "Counts scans, errors, genders and emails of one scanner on the store day they were made on, however late they \
         arrived. The success rate is flagged below 70 %. A window ends today in the store the scanner stands in; a \
         scanner that was never assigned stands in the store it is known from.",
        answer,
    )
}

fn answer(view: &View<'_, StorePerformance>, asked: &ScannerAsked) -> Result<PerformanceOfScanner, QueryError> {
    let unknown = || QueryError::Unknown { kind: "scanner", name: asked.scanner.clone() };
    let Some(Row::Scanner(scanner)) = view.get(&Row::scanner_key(&asked.scanner))? else { return Err(unknown()) };
    let stands_in = scanner.stands.as_ref().map(|(_, store)| store.clone());
    let today = today(view, stands_in.as_ref().or(scanner.stores.first()))?;
    let window = WindowParams { window: asked.window, from: asked.from, to: asked.to };
    let range = window.resolve(today, scanner.known)?;

    let (mut totals, mut days) = (ScanCounts::default(), BTreeMap::<NaiveDate, ScanCounts>::new());
    let mut stores = Vec::with_capacity(scanner.stores.len());
    for store in scanner.stores {
        view.scan(&Row::day_key(&store, range.first), &Row::day_key(&store, range.last), |key, row| {
            if let (Row::Day(mut row), Some(day)) = (row, RowKey::last_day(key)) {
                let (counts, _) = row.scans_by(&asked.scanner);
                totals.add(counts);
                days.entry(day).or_default().add(counts);
            }
            Ok(())
        })?;
        stores.push(ScannerStore { name: store_row(view, &store)?.name, store });
    }
    Ok(PerformanceOfScanner {
        scanner: asked.scanner.clone(),
        registered: scanner.registered,
        stands_in,
        stores,
        from: range.first,
        to: range.last,
        totals: ScanTotals::of(totals),
        days: range.fill(days).map(|(day, row)| ScannerDay { day, scans: ScanFigures::of(row) }).collect(),
    })
}

/// Today in a store; for a scanner without one, by UTC.
fn today(view: &View<'_, StorePerformance>, store: Option<&String>) -> Result<NaiveDate, QueryError> {
    match store {
        Some(store) => Ok(store_row(view, store)?.days.day_at(view.now_ms())?),
        None => Ok(DateTime::from_timestamp_millis(view.now_ms()).unwrap_or_default().date_naive()),
    }
}
