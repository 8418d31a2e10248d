//! `GET /v1/stores/{store}/footfall`: who comes into this store, and when?

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_projection::{DayRange, QueryError, Question, RowKey, View, Window, WindowParams, day_text};

use crate::{
    Footfall, FootfallOfStores,
    figures::{DEFINITION, visitors},
    rows::{DayRow, Passed, Row, Sold, StoreRow},
};

/// Which store, and which of its days.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FootfallAsked {
    /// Identifier of the store.
    pub store: String,
    /// The last 30 or 90 store days including today, or all days with people or sales (the default).
    #[serde(default)]
    pub window: Option<Window>,
    /// First store day (inclusive), as 2026-11-01; not beside `window`.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last store day (inclusive), as 2026-11-30; not beside `window`.
    #[serde(default)]
    pub to: Option<NaiveDate>,
}

/// Footfall of a store over a window of its days.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FootfallOfStore {
    /// Identifier of the store.
    pub store: String,
    /// First store day of the window (inclusive).
    pub from: NaiveDate,
    /// Last store day of the window (inclusive).
    pub to: NaiveDate,
    /// Over the whole window.
    #[serde(flatten)]
    pub footfall: Footfall,
    /// What the figures are.
    pub definition: &'static str,
    /// By the hour of the store's clock over all days, in order; hours in which nobody was counted are left out.
    pub hours: Vec<FootfallHour>,
    /// Every day of the window in order; a day without people has zeros.
    pub days: Vec<FootfallDay>,
}

/// Footfall in an hour of the store's clock. Where clocks go back, an hour that comes twice is counted together.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FootfallHour {
    /// The hour it begins with, 0 to 23.
    pub hour: u8,
    /// People who came in.
    pub entered: i64,
    /// Those who came in without staff and companions.
    pub visitors: i64,
}

/// Footfall on one store day.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FootfallDay {
    /// The store day.
    #[serde(serialize_with = "day_text")]
    pub day: NaiveDate,
    /// On this day.
    #[serde(flatten)]
    pub footfall: Footfall,
    /// By the hour of the store's clock.
    pub hours: Vec<FootfallHour>,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/stores/{store}/footfall",
        "Footfall and conversion of a store, by day and hour",
        "People who came in and went out, visitors without staff and companions, transactions, conversion and shopper \
         yield, over a window and for each of its days, by the hour of the store's clock. Days follow the store's zone \
         and business-day start.",
        answer,
    )
}

fn answer(view: &View<'_, FootfallOfStores>, asked: &FootfallAsked) -> Result<FootfallOfStore, QueryError> {
    let Some(Row::Store(mut store)) = view.get(&Row::store_key(&asked.store))? else {
        return Err(QueryError::Unknown { kind: "store", name: asked.store.clone() });
    };
    let window = WindowParams { window: asked.window, from: asked.from, to: asked.to };
    let range = range_of(view, &mut store, &window)?;
    let (mut all, mut rows) = (DayRow::default(), Vec::new());
    scan_days(view, &asked.store, range, |day, row| {
        for (hour, passed) in &row.hours {
            let sum = all.hour(*hour);
            *sum = sum.and(*passed);
        }
        all.sold = all.sold.and(row.sold);
        rows.push((day, row));
    })?;
    let days = range.fill(rows).map(|(day, row)| FootfallDay {
        day,
        footfall: Footfall::of(row.passed(), row.sold, store.currency),
        hours: hours(&row),
    });
    let days = days.collect();
    Ok(FootfallOfStore {
        store: asked.store.clone(),
        from: range.first,
        to: range.last,
        footfall: Footfall::of(all.passed(), all.sold, store.currency),
        definition: DEFINITION,
        hours: hours(&all),
        days,
    })
}

fn hours(row: &DayRow) -> Vec<FootfallHour> {
    let shown = |(hour, passed): &(u8, Passed)| FootfallHour {
        hour: *hour,
        entered: passed.entered,
        visitors: visitors(*passed),
    };
    row.hours.iter().map(shown).collect()
}

/// The days of a store that a window covers.
pub(crate) fn range_of(
    view: &View<'_, FootfallOfStores>,
    store: &mut StoreRow,
    window: &WindowParams,
) -> Result<DayRange, QueryError> {
    window.resolve(store.days.day_at(view.now_ms())?, store.known)
}

/// Shows the days with people or sales, in order.
pub(crate) fn scan_days(
    view: &View<'_, FootfallOfStores>,
    store: &str,
    range: DayRange,
    mut each: impl FnMut(NaiveDate, DayRow),
) -> Result<(), QueryError> {
    view.scan(&Row::day_key(store, range.first), &Row::day_key(store, range.last), |key, row| {
        if let (Row::Day(row), Some(day)) = (row, RowKey::last_day(key)) {
            each(day, *row);
        }
        Ok(())
    })
}

/// What all days of a window come to.
pub(crate) fn totals(
    view: &View<'_, FootfallOfStores>,
    store: &str,
    range: DayRange,
) -> Result<(Passed, Sold), QueryError> {
    let mut totals = (Passed::default(), Sold::default());
    scan_days(view, store, range, |_, row| totals = (totals.0.and(row.passed()), totals.1.and(row.sold)))?;
    Ok(totals)
}
