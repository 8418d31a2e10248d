//! `GET /v1/stores/{store}/consistency`: does this store scan and collect emails day after day? (row 0.16)

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use storefold_projection::{QueryError, Question, View, Window, WindowParams};

use crate::{
    StorePerformance,
    rows::DayRow,
    scope::{Scope, bad, each_day},
};

/// A day has enough scans from so many on, when nothing else is asked.
pub const SCANS_MIN_DEFAULT: u64 = 5;
/// The most scans that may be asked of a day.
pub const SCANS_MIN_MAX: u64 = 10_000;

/// What an open day is, for whoever reads the figures.
pub const DEFINITION: &str = "an open day is a store day with a scan, a sale that was not voided, or a return; scans \
    count with or without a result; a run goes on over days that are not open";

/// Which store, which of its days, and how many scans are enough.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsistencyAsked {
    /// Identifier of the store.
    pub store: String,
    /// So many scans are enough for a day, from 1 to 10000; 5 when absent.
    #[serde(default, deserialize_with = "number")]
    #[schemars(range(min = 1, max = 10000))]
    pub scans_min: Option<u64>,
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

/// How consistently a store scans and collects emails.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConsistencyOfStore {
    /// Identifier of the store.
    pub store: String,
    /// Name that people know.
    pub name: String,
    /// First store day of the window (inclusive).
    pub from: NaiveDate,
    /// Last store day of the window (inclusive).
    pub to: NaiveDate,
    /// What an open day, a scan and a run are.
    pub definition: &'static str,
    /// So many scans are enough for a day.
    pub scans_min: u64,
    /// The figures of the window.
    #[serde(flatten)]
    pub figures: Consistency,
}

/// How the open days of a window went.
#[derive(Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Consistency {
    /// Open days.
    pub open_days: u64,
    /// Open days with enough scans.
    pub days_with_enough_scans: u64,
    /// Days with enough scans by open days, 0 to 1; null without open days.
    pub enough_scans_share: Option<f64>,
    /// Open days with an email: a successful scan of that day was given an address, then or later.
    pub days_with_emails: u64,
    /// Days with an email by open days, 0 to 1; null without open days.
    pub emails_share: Option<f64>,
    /// The longest run of open days with a scan, of equal ones the first; null without scans.
    pub longest_run: Option<ScanRun>,
    /// Open days without a scan.
    pub days_without_scan: u64,
    /// Those days, in order.
    pub without_scan: Vec<NaiveDate>,
}

/// Open days with a scan, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ScanRun {
    /// How many open days.
    pub days: u64,
    /// The first of them.
    pub first: NaiveDate,
    /// The last of them.
    pub last: NaiveDate,
}

impl Consistency {
    /// Days come in order; `run` is the one that is going on.
    fn take(&mut self, day: NaiveDate, row: &DayRow<&str>, scans_min: u64, run: &mut Option<ScanRun>) {
        let (scans, emails) = row
            .scanners
            .iter()
            .fold((0, 0), |(scans, emails), (_, counts)| (scans + counts.attempted(), emails + counts.emails));
        if scans == 0 && row.sales.sales <= 0 && row.sales.returns <= 0 {
            return;
        }
        self.open_days += 1;
        self.days_with_enough_scans += u64::from(scans >= scans_min);
        self.days_with_emails += u64::from(emails > 0);
        if scans == 0 {
            self.days_without_scan += 1;
            self.without_scan.push(day);
            *run = None;
            return;
        }
        let now = run.map_or(ScanRun { days: 1, first: day, last: day }, |run| ScanRun {
            days: run.days + 1,
            last: day,
            ..run
        });
        *run = Some(now);
        if self.longest_run.is_none_or(|longest| now.days > longest.days) {
            self.longest_run = Some(now);
        }
    }

    fn finish(mut self) -> Self {
        let share = |days: u64| (self.open_days > 0).then(|| days as f64 / self.open_days as f64);
        (self.enough_scans_share, self.emails_share) =
            (share(self.days_with_enough_scans), share(self.days_with_emails));
        self
    }
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/stores/{store}/consistency",
        "How consistently a store scans and collects emails",
        "Over a window: the share of open days with enough scans (5, a setting) and with an email, the longest run of \
         open days with a scan, and the open days without one. A day on which nothing was scanned, sold or returned is \
         not open and counts for nothing.",
        answer,
    )
}

fn answer(view: &View<'_, StorePerformance>, asked: &ConsistencyAsked) -> Result<ConsistencyOfStore, QueryError> {
    let scans_min = asked.scans_min.unwrap_or(SCANS_MIN_DEFAULT);
    if !(1..=SCANS_MIN_MAX).contains(&scans_min) {
        return Err(bad("scans_min", format!("is {scans_min}; send 1 to {SCANS_MIN_MAX}")));
    }
    let mut scope = Scope::of_store(view, &asked.store)?;
    let range = scope.range(view, &WindowParams { window: asked.window, from: asked.from, to: asked.to })?;
    let (mut figures, mut run) = (Consistency::default(), None);
    each_day(view, &asked.store, range, |day, row| {
        figures.take(day, &row, scans_min, &mut run);
        Ok(())
    })?;
    Ok(ConsistencyOfStore {
        store: asked.store.clone(),
        name: scope.stores.swap_remove(0).1.name,
        from: range.first,
        to: range.last,
        definition: DEFINITION,
        scans_min,
        figures: figures.finish(),
    })
}

/// Parameters come as texts.
pub(crate) fn number<'de, D: Deserializer<'de>>(text: D) -> Result<Option<u64>, D::Error> {
    let text = String::deserialize(text)?;
    text.parse().map(Some).map_err(|_| D::Error::custom(format!("`{text}` is not a whole number from 0 up")))
}
