//! `GET /v1/stores/{store}/performance`: how does this store do?

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::Currency;
use storefold_projection::{QueryError, Question, RowKey, View, Window, WindowParams, day_text};

use crate::{
    Flag, SaleFigures, ScanFigures, Scans, StorePerformance,
    rows::{DayRow, Row, SaleCounts, ScanCounts, StoreRow},
};

/// Which store, and which of its days.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StoreAsked {
    /// Identifier of the store.
    pub store: String,
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

/// A store over a window of its days.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PerformanceOfStore {
    /// Identifier of the store.
    pub store: String,
    /// Name that people know.
    pub name: String,
    /// IANA zone that its days follow.
    pub zone: String,
    /// The one currency of its sales.
    pub currency: Currency,
    /// First store day of the window (inclusive).
    pub from: NaiveDate,
    /// Last store day of the window (inclusive).
    pub to: NaiveDate,
    /// Over the whole window.
    pub totals: PerformanceTotals,
    /// Every day of the window in order; a day without events has zeros.
    pub days: Vec<PerformanceDay>,
    /// Scanners that stand in the store or have scanned in it in the window, by their numbers.
    pub scanners: Vec<ScannerInStore>,
}

/// Scans and sales of a window.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PerformanceTotals {
    /// Scans.
    #[serde(flatten)]
    pub scans: ScanFigures,
    /// Sales and returns.
    #[serde(flatten)]
    pub sales: SaleFigures,
}

/// Scans and sales of one store day.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PerformanceDay {
    /// The store day.
    #[serde(serialize_with = "day_text")]
    pub day: NaiveDate,
    /// Scans.
    #[serde(flatten)]
    pub scans: ScanFigures,
    /// Sales and returns.
    #[serde(flatten)]
    pub sales: SaleFigures,
}

/// What one scanner did in the store (rows 0.1, 0.3).
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScannerInStore {
    /// Number of the scanner.
    pub scanner: String,
    /// Whether it was last assigned to this store; false too for a scanner that was never assigned.
    pub stands_here: bool,
    /// Scans in this store over the window.
    pub scans: Scans,
    /// Succeeded of attempted, 0 to 1; null when nothing was attempted.
    pub success_rate: Option<f64>,
    /// `investigate` when fewer than 70 % of the scans succeeded (70 % exactly is not flagged), otherwise null.
    pub flag: Option<Flag>,
    /// Successful scans with an email.
    pub emails: u64,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/stores/{store}/performance",
        "Scans, sales and scanners of a store, day by day",
        "Counts scans, errors, genders, emails, sales, returns, units and turnover on the store day they happened on, \
         however late they arrived. Turnover is gross less discount less refunds, tax included. A return counts on its \
         own day and in the store that took it; a voided sale is taken off its day. The success rate is flagged below \
         70 %. Days follow the store's zone and business-day start.",
        answer,
    )
}

fn answer(view: &View<'_, StorePerformance>, asked: &StoreAsked) -> Result<PerformanceOfStore, QueryError> {
    let (mut store, asked_days) = (store_row(view, &asked.store)?, asked.days());
    let range = asked_days.resolve(store.days.day_at(view.now_ms())?, store.known)?;
    let (mut rows, mut by_scanner) = (Vec::new(), DayRow::default());
    let (mut scans, mut sales) = (ScanCounts::default(), SaleCounts::default());
    view.scan(&Row::day_key(&asked.store, range.first), &Row::day_key(&asked.store, range.last), |key, row| {
        if let (Row::Day(row), Some(day)) = (row, RowKey::last_day(key)) {
            for (scanner, counts) in &row.scanners {
                scans.add(counts);
                by_scanner.scans_by(scanner.as_str()).0.add_all_but_errors(counts);
            }
            sales.add(&row.sales)?;
            rows.push((day, row));
        }
        Ok(())
    })?;
    let currency = store.currency;
    let days = range.fill(rows).map(|(day, row): (_, DayRow)| PerformanceDay {
        day,
        sales: SaleFigures::of(&row.sales, currency),
        scans: ScanFigures::of(row.into_scans()),
    });
    let scanners = scanners(view, &asked.store, by_scanner)?;
    Ok(PerformanceOfStore {
        store: asked.store.clone(),
        zone: store.days.zone().to_owned(),
        name: store.name,
        currency,
        from: range.first,
        to: range.last,
        totals: PerformanceTotals { scans: ScanFigures::of(scans), sales: SaleFigures::of(&sales, currency) },
        days: days.collect(),
        scanners,
    })
}

/// The row of a store that is configured.
pub(crate) fn store_row(view: &View<'_, StorePerformance>, store: &str) -> Result<StoreRow, QueryError> {
    match view.get(&Row::store_key(store))? {
        Some(Row::Store(row)) => Ok(*row),
        _ => Err(QueryError::Unknown { kind: "store", name: store.to_owned() }),
    }
}

/// Those that stand in the store and those that have scanned in it.
fn scanners(
    view: &View<'_, StorePerformance>,
    store: &str,
    mut scanned: DayRow,
) -> Result<Vec<ScannerInStore>, QueryError> {
    let mut scanners = Vec::new();
    // Every scanner that has scanned here is entered as known here.
    view.scan(&Row::places_key(store), &Row::places_key(store), |key, row| {
        if let (Row::Place(place), Some(scanner)) = (row, RowKey::last_text(key)) {
            let counts = std::mem::take(scanned.scans_by(&scanner).0);
            if place.stands || counts.attempted() > 0 {
                scanners.push(scanner_in_store(scanner, place.stands, counts));
            }
        }
        Ok(())
    })?;
    Ok(scanners)
}

fn scanner_in_store(scanner: String, stands_here: bool, counts: ScanCounts) -> ScannerInStore {
    let figures = ScanFigures::of(counts);
    ScannerInStore {
        scanner,
        stands_here,
        scans: figures.scans,
        success_rate: figures.success_rate,
        flag: figures.flag,
        emails: figures.emails,
    }
}

impl StoreAsked {
    fn days(&self) -> WindowParams {
        WindowParams { window: self.window, from: self.from, to: self.to }
    }
}
