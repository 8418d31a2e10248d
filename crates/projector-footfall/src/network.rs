//! `GET /v1/footfall`: which stores turn visitors into buyers?

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::store::is_of;
use storefold_projection::{QueryError, Question, RowKey, View, Window, WindowParams};

use crate::{
    Footfall, FootfallOfStores,
    figures::DEFINITION,
    rows::{Row, StoreRow},
    store::{range_of, totals},
};

/// Which stores, and which of their days.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FootfallOfNetworkAsked {
    /// Only stores of this organisation and of those below it, as acme or acme/fr; all stores when absent.
    #[serde(default)]
    pub organisation: Option<String>,
    /// The last 30 or 90 days of each store including its today, or all its days with people or sales (the default).
    #[serde(default)]
    pub window: Option<Window>,
    /// First store day (inclusive), as 2026-11-01; not beside `window`.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last store day (inclusive), as 2026-11-30; not beside `window`.
    #[serde(default)]
    pub to: Option<NaiveDate>,
}

/// Footfall of several stores over a window of days.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FootfallOfNetwork {
    /// Visitors of all these stores together.
    pub visitors: i64,
    /// Transactions of all these stores together.
    pub transactions: i64,
    /// Transactions by visitors, of all these stores together; null without visitors.
    pub conversion: Option<f64>,
    /// What the figures are.
    pub definition: &'static str,
    /// The stores, by their identifiers.
    pub stores: Vec<FootfallOfOne>,
}

/// Footfall of one of several stores.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FootfallOfOne {
    /// Identifier of the store.
    pub store: String,
    /// Name that people know.
    pub name: String,
    /// First store day of the window (inclusive).
    pub from: NaiveDate,
    /// Last store day of the window (inclusive).
    pub to: NaiveDate,
    /// Over the whole window.
    #[serde(flatten)]
    pub footfall: Footfall,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/footfall",
        "Footfall and conversion of all stores",
        "The figures of each store as in its own answer, and conversion of all together by the sums of their visitors and \
         transactions. Every store's window is in its own days; amounts are in each store's currency and not summed.",
        answer,
    )
}

fn answer(view: &View<'_, FootfallOfStores>, asked: &FootfallOfNetworkAsked) -> Result<FootfallOfNetwork, QueryError> {
    let window = WindowParams { window: asked.window, from: asked.from, to: asked.to };
    let mut listed: Vec<(String, Box<StoreRow>)> = Vec::new();
    view.scan(&Row::stores_key(), &Row::stores_key(), |key, row| {
        if let (Row::Store(row), Some(store)) = (row, RowKey::last_text(key))
            && asked.organisation.as_deref().is_none_or(|asked| is_of(row.organisation.as_deref(), asked))
        {
            listed.push((store, row));
        }
        Ok(())
    })?;
    if let Some(organisation) = asked.organisation.as_ref().filter(|_| listed.is_empty()) {
        return Err(QueryError::Unknown { kind: "organisation", name: organisation.clone() });
    }
    let (mut visitors, mut transactions) = (0_i64, 0_i64);
    let mut stores = Vec::with_capacity(listed.len());
    for (store, mut row) in listed {
        let range = range_of(view, &mut row, &window)?;
        let (passed, sold) = totals(view, &store, range)?;
        let footfall = Footfall::of(passed, sold, row.currency);
        visitors = visitors.saturating_add(footfall.visitors);
        transactions = transactions.saturating_add(footfall.transactions);
        stores.push(FootfallOfOne { store, name: row.name, from: range.first, to: range.last, footfall });
    }
    let conversion = (visitors > 0).then(|| transactions as f64 / visitors as f64);
    Ok(FootfallOfNetwork { visitors, transactions, conversion, definition: DEFINITION, stores })
}
