//! Of `/v1/restatements`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Restatements {
    pub(crate) restatements: Vec<Restatement>,
    pub(crate) more: bool,
}

#[derive(Deserialize)]
pub(crate) struct Restatement {
    pub(crate) store: String,
    pub(crate) day: NaiveDate,
    pub(crate) recorded_on: NaiveDate,
    pub(crate) changed: BTreeMap<String, OldAndNew>,
    pub(crate) crossed: Vec<String>,
    pub(crate) events: u64,
}

#[derive(Deserialize)]
pub(crate) struct OldAndNew {
    pub(crate) old: i64,
    pub(crate) new: i64,
}
