//! `GET /v1/stores`: which stores are there?

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::Currency;
use storefold_projection::{QueryError, Question, RowKey, View};

use crate::{
    StorePerformance,
    rows::{Row, StoreRow},
};

/// No parameters.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StoresAsked {}

/// Every store that was ever configured.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StoreList {
    /// In the order of their identifiers.
    pub stores: Vec<ListedStore>,
}

/// A store with its settings as last configured.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ListedStore {
    /// Identifier of the store.
    pub store: String,
    /// Name that people know.
    pub name: String,
    /// IANA zone that its days follow.
    pub zone: String,
    /// The one currency of its sales.
    pub currency: Currency,
    /// Path in the tree of organisations; null when it stands outside.
    pub organisation: Option<String>,
    /// First store day with a scan, a sale or a return; null before the first.
    pub first_day: Option<NaiveDate>,
    /// Last store day with a scan, a sale or a return; null before the first.
    pub last_day: Option<NaiveDate>,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/stores",
        "All stores",
        "Every store that was ever configured, with its settings as last configured and the days it has facts of.",
        answer,
    )
}

fn answer(view: &View<'_, StorePerformance>, _: &StoresAsked) -> Result<StoreList, QueryError> {
    let mut stores = Vec::new();
    each_store(view, |store| {
        stores.push(store);
        Ok(())
    })?;
    Ok(StoreList { stores })
}

/// Shows every store, in the order of their identifiers.
pub(crate) fn each_store(
    view: &View<'_, StorePerformance>,
    mut each: impl FnMut(ListedStore) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    view.scan(&Row::stores_key(), &Row::stores_key(), |key, row| match row {
        Row::Store(row) => each(listed(RowKey::last_text(key).unwrap_or_default(), *row)),
        _ => Ok(()),
    })
}

fn listed(store: String, row: StoreRow) -> ListedStore {
    let known = row.known;
    ListedStore {
        store,
        zone: row.days.zone().to_owned(),
        name: row.name,
        currency: row.currency,
        organisation: row.organisation,
        first_day: known.map(|known| known.first),
        last_day: known.map(|known| known.last),
    }
}
