//! `GET /v1/stores/{store}/performance`: how does this store do?

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::Currency;
use storefold_projection::{JsonText, QueryError, Question, RowKey, View, Window, WindowParams, read_row};

use crate::{
    Flag, PerformanceDay, SaleFigures, ScanFigures, ScanTotals, Scans, StorePerformance,
    day::WindowDays,
    rows::{DayRow, Row, ScanCounts, StoreRow},
};

/// Room for the JSON of a window without its days.
const WINDOW_BYTES_TYPICAL: usize = 2_048;

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
    /// The window as a whole.
    #[serde(flatten)]
    pub window: StoreWindow,
    /// Every day of the window in order; a day without events has zeros.
    pub days: Vec<PerformanceDay>,
}

/// A store over a window of its days, as a whole.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StoreWindow {
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
    /// Scanners that stand in the store or have scanned in it in the window, by their numbers.
    pub scanners: Vec<ScannerInStore>,
}

/// Scans and sales of a window.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PerformanceTotals {
    /// Scans.
    #[serde(flatten)]
    pub scans: ScanTotals,
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
    storefold_projection::question_in_json::<_, _, PerformanceOfStore>(
        "/v1/stores/{store}/performance",
        "Scans, sales and scanners of a store, day by day",
        "Counts scans, errors, genders, emails, sales, returns, units and turnover on the store day they happened on, \
         however late they arrived. Turnover is gross less discount less refunds, tax included. A return counts on its \
         own day and in the store that took it; a voided sale is taken off its day. The success rate is flagged below \
         70 %. Days follow the store's zone and business-day start.",
        write,
    )
}

/// Days are written while they are read; what is said of the window as a whole stands before them.
fn write(view: &View<'_, StorePerformance>, asked: &StoreAsked) -> Result<Vec<u8>, QueryError> {
    let mut store = store_row(view, &asked.store)?;
    let range = asked.days().resolve(store.days.day_at(view.now_ms())?, store.known)?;
    let mut days = WindowDays::of(range, store.currency);
    view.scan_encoded(
        &Row::day_key(&asked.store, range.first),
        &Row::day_key(&asked.store, range.last),
        |key, row| {
            if let (Row::Day(row), Some(day)) = (read_row::<Row<&str>>(row)?, RowKey::last_day(key)) {
                days.push(day, row)?;
            }
            Ok(true)
        },
    )?;
    let (days, sums) = days.finish();
    let window = StoreWindow {
        store: asked.store.clone(),
        zone: store.days.zone().to_owned(),
        name: store.name,
        currency: store.currency,
        from: range.first,
        to: range.last,
        totals: PerformanceTotals {
            scans: ScanTotals::of(sums.scans),
            sales: SaleFigures::of(&sums.sales, store.currency),
        },
        scanners: scanners(view, &asked.store, sums.by_scanner)?,
    };
    let mut json = JsonText::with_room(days.length_bytes() + WINDOW_BYTES_TYPICAL);
    json.value(&window).reopen().raw(r#","days":"#).text(&days).raw("}");
    Ok(json.into_bytes())
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
