//! `GET /v1/stores/{store}/email-capture`: of how many scanned customers does this store get the address?

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_projection::{DayRange, QueryError, Question, RowKey, View, Window, WindowParams, day_text};

use crate::{
    Capture, DEFINITION, EmailCaptureRate,
    rows::{Counts, Row, StoreRow},
};

/// Which store, and which of its days.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailCaptureAsked {
    /// Identifier of the store.
    pub store: String,
    /// The last 30 or 90 store days including today, or all days with scans (the default).
    #[serde(default)]
    pub window: Option<Window>,
    /// First store day (inclusive), as 2026-11-01; not beside `window`.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last store day (inclusive), as 2026-11-30; not beside `window`.
    #[serde(default)]
    pub to: Option<NaiveDate>,
}

/// Email capture of a store over a window of its days.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EmailCaptureOfStore {
    /// Identifier of the store.
    pub store: String,
    /// First store day of the window (inclusive).
    pub from: NaiveDate,
    /// Last store day of the window (inclusive).
    pub to: NaiveDate,
    /// Over the whole window.
    #[serde(flatten)]
    pub capture: Capture,
    /// What the rate is.
    pub definition: &'static str,
    /// Every day of the window in order; a day without scans has zeros.
    pub days: Vec<EmailCaptureDay>,
}

/// Email capture on one store day.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EmailCaptureDay {
    /// The store day.
    #[serde(serialize_with = "day_text")]
    pub day: NaiveDate,
    /// On this day.
    #[serde(flatten)]
    pub capture: Capture,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/stores/{store}/email-capture",
        "Email capture rate of a store, day by day",
        "Identified successful scans by successful scans. A scan is identified by the first address it gets, with the \
         scan or later, and counts on the day of the scan. Bands: top above 80 %, good above 75 %, fair above 60 %, else \
         below par; exactly 60 is below par. Days follow the store's zone and business-day start.",
        answer,
    )
}

fn answer(view: &View<'_, EmailCaptureRate>, asked: &EmailCaptureAsked) -> Result<EmailCaptureOfStore, QueryError> {
    let Some(Row::Store(mut store)) = view.get(&Row::store_key(&asked.store))? else {
        return Err(QueryError::Unknown { kind: "store", name: asked.store.clone() });
    };
    let window = WindowParams { window: asked.window, from: asked.from, to: asked.to };
    let range = range_of(view, &mut store, &window)?;
    let (mut totals, mut rows) = (Counts::default(), Vec::new());
    scan_days(view, &asked.store, range, |day, counts| {
        totals.add(counts);
        rows.push((day, counts));
    })?;
    let days = range.fill(rows).map(|(day, counts)| EmailCaptureDay { day, capture: Capture::of(counts) });
    Ok(EmailCaptureOfStore {
        store: asked.store.clone(),
        from: range.first,
        to: range.last,
        capture: Capture::of(totals),
        definition: DEFINITION,
        days: days.collect(),
    })
}

/// The days of a store that a window covers.
pub(crate) fn range_of(
    view: &View<'_, EmailCaptureRate>,
    store: &mut StoreRow,
    window: &WindowParams,
) -> Result<DayRange, QueryError> {
    window.resolve(store.days.day_at(view.now_ms())?, store.known)
}

/// Shows the days with scans, in order.
pub(crate) fn scan_days(
    view: &View<'_, EmailCaptureRate>,
    store: &str,
    range: DayRange,
    mut each: impl FnMut(NaiveDate, Counts),
) -> Result<(), QueryError> {
    view.scan(&Row::day_key(store, range.first), &Row::day_key(store, range.last), |key, row| {
        if let (Row::Day(counts), Some(day)) = (row, RowKey::last_day(key)) {
            each(day, counts);
        }
        Ok(())
    })
}
