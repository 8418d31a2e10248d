//! `GET /v1/stores`: which stores are there?

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::{Currency, store::is_of};
use storefold_projection::{QueryError, Question, RowKey, View};

use crate::{
    StorePerformance,
    rows::{Row, StoreRow},
    scope::bad,
    store::store_row,
};

/// Which stores; all when nothing is given.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StoresAsked {
    /// Only those of this organisation and of those below it, as acme or acme/fr.
    #[serde(default)]
    pub organisation: Option<String>,
    /// Only this one.
    #[serde(default)]
    pub store: Option<String>,
}

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

fn answer(view: &View<'_, StorePerformance>, asked: &StoresAsked) -> Result<StoreList, QueryError> {
    if asked.store.is_some() && asked.organisation.is_some() {
        return Err(bad("organisation", "stands beside `store`; send one or the other".to_owned()));
    }
    if let Some(store) = &asked.store {
        return Ok(StoreList { stores: vec![listed(store.clone(), store_row(view, store)?)] });
    }
    let mut stores = Vec::new();
    each_store(view, |store| {
        if asked.organisation.as_deref().is_none_or(|asked| is_of(store.organisation.as_deref(), asked)) {
            stores.push(store);
        }
        Ok(())
    })?;
    match &asked.organisation {
        Some(name) if stores.is_empty() => Err(QueryError::Unknown { kind: "organisation", name: name.clone() }),
        _ => Ok(StoreList { stores }),
    }
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
