//! `GET /v1/stores/{store}/hints`: what should this store look at? (rows 0.7–0.11)

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_projection::{QueryError, Question, View, Window, WindowParams};

use crate::{
    ErrorExplained, Flag, Genders, SUCCESS_RATE_MIN_PERCENT, ScanFigures, Scans, StorePerformance,
    catalogue::unlisted,
    consistency::number,
    rows::ScanCounts,
    scope::{Scope, bad, each_day},
};

/// Of those whose sex is known, more than so many per cent of one sex call for a hint, when nothing else is asked
/// (row 0.11).
pub const ASSORTMENT_PERCENT_DEFAULT: u64 = 60;

/// Which store, and which of its days.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HintsAsked {
    /// Identifier of the store.
    pub store: String,
    /// More than so many per cent of one sex call for an assortment hint, from 50 to 100; 60 when absent.
    #[serde(default, deserialize_with = "number")]
    #[schemars(range(min = 50, max = 100))]
    pub assortment_percent: Option<u64>,
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

/// What a store should look at, and the figures behind it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HintsOfStore {
    /// Identifier of the store.
    pub store: String,
    /// Name that people know.
    pub name: String,
    /// First store day of the window (inclusive).
    pub from: NaiveDate,
    /// Last store day of the window (inclusive).
    pub to: NaiveDate,
    /// Scans by outcome.
    pub scans: Scans,
    /// Succeeded of attempted, 0 to 1; null when nothing was attempted.
    pub success_rate: Option<f64>,
    /// `investigate` when the success rate is below the bound (the bound itself is not flagged), otherwise null.
    pub flag: Option<Flag>,
    /// The bound of the flag, in per cent.
    pub flag_below_percent: u64,
    /// The most frequent error, of equal ones the first by its code; its remedy is what to do first. Null without any.
    pub dominant_error: Option<ErrorExplained>,
    /// Failed scans by error code, the most frequent first, equal ones by code.
    pub errors: Vec<ErrorExplained>,
    /// Failed scans whose codes are not among them, as a day counts at most 64 codes apart.
    pub errors_unlisted: u64,
    /// Scans made, by sex of the scanned customer.
    pub genders: Genders,
    /// Women of those whose sex is known, 0 to 1; null when it is known of nobody.
    pub female_share: Option<f64>,
    /// Which shoes to stock more of; null when neither sex is above the bound.
    pub assortment: Option<Assortment>,
    /// The bound of the assortment hint, in per cent: above it there is a hint, at it there is none.
    pub assortment_above_percent: u64,
}

/// Which shoes to stock more of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Assortment {
    /// Many more women than men are scanned.
    MoreForWomen,
    /// Many more men than women are scanned.
    MoreForMen,
}

impl Assortment {
    fn of(counts: &ScanCounts, above_percent: u64) -> Option<Self> {
        let known = u128::from(counts.female) + u128::from(counts.male);
        let above = |count: u64| u128::from(count) * 100 > known * u128::from(above_percent);
        if above(counts.female) {
            return Some(Self::MoreForWomen);
        }
        above(counts.male).then_some(Self::MoreForMen)
    }
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/stores/{store}/hints",
        "What a store should look at: scan quality, the error to deal with first, the assortment",
        "Over a window: whether fewer than 70 % of the scans succeeded, the most frequent error with its remedy, and \
         which shoes to stock more of when more than 60 % (a setting) of the scanned customers whose sex is known are \
         women, or men. Customers without an entry are kept apart.",
        answer,
    )
}

fn answer(view: &View<'_, StorePerformance>, asked: &HintsAsked) -> Result<HintsOfStore, QueryError> {
    let above_percent = asked.assortment_percent.unwrap_or(ASSORTMENT_PERCENT_DEFAULT);
    if !(50..=100).contains(&above_percent) {
        return Err(bad("assortment_percent", format!("is {above_percent}; send 50 to 100")));
    }
    let mut scope = Scope::of_store(view, &asked.store)?;
    let range = scope.range(view, &WindowParams { window: asked.window, from: asked.from, to: asked.to })?;
    let mut counts = ScanCounts::default();
    each_day(view, &asked.store, range, |_, row| {
        row.scanners.iter().for_each(|(_, scans)| counts.add(scans));
        Ok(())
    })?;
    let assortment = Assortment::of(&counts, above_percent);
    let known = counts.female + counts.male;
    let female_share = (known > 0).then(|| counts.female as f64 / known as f64);
    let errors_unlisted = unlisted(&counts);
    let figures = ScanFigures::of(counts);
    let errors = ErrorExplained::all(&figures.errors);
    Ok(HintsOfStore {
        store: asked.store.clone(),
        name: scope.stores.swap_remove(0).1.name,
        from: range.first,
        to: range.last,
        scans: figures.scans,
        success_rate: figures.success_rate,
        flag: figures.flag,
        flag_below_percent: SUCCESS_RATE_MIN_PERCENT,
        dominant_error: errors.first().cloned(),
        errors,
        errors_unlisted,
        genders: figures.genders,
        female_share,
        assortment,
        assortment_above_percent: above_percent,
    })
}
