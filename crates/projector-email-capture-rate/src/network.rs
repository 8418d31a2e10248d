//! `GET /v1/email-capture`: which stores get the addresses of their scanned customers?

use std::cmp::Ordering;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::store::is_of;
use storefold_projection::{QueryError, Question, RowKey, View, Window, WindowParams};

use crate::{
    Capture, DEFINITION, EmailCaptureRate,
    rows::{Counts, Row, StoreRow},
    store::{range_of, scan_days},
};

/// Which stores, and which of their days.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkAsked {
    /// Only stores of this organisation and of those below it, as acme or acme/fr; all stores when absent.
    #[serde(default)]
    pub organisation: Option<String>,
    /// The last 30 or 90 days of each store including its today, or all its days with scans (the default).
    #[serde(default)]
    pub window: Option<Window>,
    /// First store day (inclusive), as 2026-11-01; not beside `window`.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last store day (inclusive), as 2026-11-30; not beside `window`.
    #[serde(default)]
    pub to: Option<NaiveDate>,
}

/// Email capture of several stores over a window of days.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EmailCaptureOfNetwork {
    /// Of all these stores together.
    #[serde(flatten)]
    pub capture: Capture,
    /// What the rate is.
    pub definition: &'static str,
    /// The stores, the highest rate first, equal ones by identifier; those without successful scans at the end.
    pub stores: Vec<StoreInNetwork>,
}

/// Email capture of one of several stores.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StoreInNetwork {
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
    pub capture: Capture,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/email-capture",
        "Email capture rate of all stores, the best first",
        "The rate of each store as in its own answer, and of all together by the sums of their scans. Every store's \
         window is in its own days. Bands: top above 80 %, good above 75 %, fair above 60 %, else below par.",
        answer,
    )
}

fn answer(view: &View<'_, EmailCaptureRate>, asked: &NetworkAsked) -> Result<EmailCaptureOfNetwork, QueryError> {
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
    let mut network = Counts::default();
    let mut stores = Vec::with_capacity(listed.len());
    for (store, mut row) in listed {
        let range = range_of(view, &mut row, &window)?;
        let mut totals = Counts::default();
        scan_days(view, &store, range, |_, counts| totals.add(counts))?;
        network.add(totals);
        let capture = Capture::of(totals);
        stores.push(StoreInNetwork { store, name: row.name, from: range.first, to: range.last, capture });
    }
    // Stable, and the stores come by their identifiers.
    stores.sort_by(|a, b| best_first(&a.capture, &b.capture));
    Ok(EmailCaptureOfNetwork { capture: Capture::of(network), definition: DEFINITION, stores })
}

/// By the exact rates; those without successful scans last.
fn best_first(a: &Capture, b: &Capture) -> Ordering {
    let identified = |ours: &Capture, theirs: &Capture| u128::from(ours.identified) * u128::from(theirs.successful);
    let counted = (b.successful > 0).cmp(&(a.successful > 0));
    counted.then_with(|| identified(b, a).cmp(&identified(a, b)))
}
