//! `GET /v1/scans-and-turnover`: do stores that scan more sell more? (row 0.15)

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::{Currency, Money};
use storefold_projection::{QueryError, Question, View, Window, WindowParams};

use crate::{
    SaleFigures, StorePerformance,
    correlation::{Correlation, METHOD},
    rows::{SaleCounts, ScanCounts},
    scope::{Scope, each_day},
};

/// Which stores, and which of their days.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScansAndTurnoverAsked {
    /// Only stores of this organisation and of those below it, as acme or acme/fr; all stores when absent.
    #[serde(default)]
    pub organisation: Option<String>,
    /// The last 30 or 90 (the default) days including today where it is the latest, or all days with events.
    #[serde(default)]
    pub window: Option<Window>,
    /// First store day (inclusive), as 2026-11-01; not beside `window`.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last store day (inclusive), as 2026-11-30; not beside `window`.
    #[serde(default)]
    pub to: Option<NaiveDate>,
}

/// Scans, emails and turnover of stores over the same days, and how they go together.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScansAndTurnover {
    /// First store day of the window (inclusive).
    pub from: NaiveDate,
    /// Last store day of the window (inclusive).
    pub to: NaiveDate,
    /// How correlations are reckoned, and which stores they are over.
    pub method: &'static str,
    /// Correlations over stores, by currency; amounts in different currencies are not compared.
    pub correlations: Vec<CorrelationsInCurrency>,
    /// The stores, by their identifiers.
    pub stores: Vec<ScansAndTurnoverOfStore>,
}

/// How scans and emails go together with turnover, over the stores of one currency.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CorrelationsInCurrency {
    /// Currency of the stores.
    pub currency: Currency,
    /// How many stores are compared.
    pub stores: usize,
    /// Successful scans with turnover.
    pub scans: Correlation,
    /// Emails with turnover.
    pub emails: Correlation,
}

/// Scans, emails and turnover of one store over the window.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScansAndTurnoverOfStore {
    /// Identifier of the store.
    pub store: String,
    /// Name that people know.
    pub name: String,
    /// Scans made, with or without a result.
    pub scans_attempted: u64,
    /// Scans that measured a size.
    pub scans_succeeded: u64,
    /// Successful scans with an email.
    pub emails: u64,
    /// Net turnover: gross less discount less refunds, tax included.
    pub turnover: Money,
    /// Whether it is compared: a store without a scan, a sale or a return in the window is not.
    pub compared: bool,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/scans-and-turnover",
        "Scans, emails and turnover of stores, and whether they go together",
        "Per store over the same days (the last 90 when nothing else is asked): scans, emails and net turnover; and over \
         the stores of each currency the correlation of successful scans, and of emails, with turnover. A correlation \
         says that figures go together, not that one brings about the other.",
        answer,
    )
}

fn answer(view: &View<'_, StorePerformance>, asked: &ScansAndTurnoverAsked) -> Result<ScansAndTurnover, QueryError> {
    let nothing_said = asked.window.is_none() && asked.from.is_none() && asked.to.is_none();
    // Over all days a store would sell more for having been open longer.
    let window = if nothing_said { Some(Window::Days90) } else { asked.window };
    let mut scope = Scope::of_organisation(view, asked.organisation.as_deref())?;
    let range = scope.range(view, &WindowParams { window, from: asked.from, to: asked.to })?;
    let mut by_currency = BTreeMap::<String, (Currency, Vec<[f64; 3]>)>::new();
    let mut stores = Vec::with_capacity(scope.stores.len());
    for (store, row) in scope.stores {
        let (mut scans, mut sales, mut compared) = (ScanCounts::<String>::default(), SaleCounts::default(), false);
        each_day(view, &store, range, |_, row| {
            row.scanners.iter().for_each(|(_, counts)| scans.add_all_but_errors(counts));
            compared |= row.sales != SaleCounts::default();
            Ok(sales.add(&row.sales)?)
        })?;
        compared |= scans.attempted() > 0;
        let turnover = SaleFigures::of(&sales, row.currency).turnover;
        let (_, points) = by_currency.entry(row.currency.to_string()).or_insert((row.currency, Vec::new()));
        if compared {
            points.push([scans.succeeded as f64, scans.emails as f64, turnover.amount as f64]);
        }
        stores.push(ScansAndTurnoverOfStore {
            store,
            name: row.name,
            scans_attempted: scans.attempted(),
            scans_succeeded: scans.succeeded,
            emails: scans.emails,
            turnover,
            compared,
        });
    }
    let correlations = by_currency.into_values().map(|(currency, points)| CorrelationsInCurrency {
        currency,
        stores: points.len(),
        scans: Correlation::of(points.iter().map(|[scans, _, turnover]| (*scans, *turnover))),
        emails: Correlation::of(points.iter().map(|[_, emails, turnover]| (*emails, *turnover))),
    });
    let correlations = correlations.collect();
    Ok(ScansAndTurnover { from: range.first, to: range.last, method: METHOD, correlations, stores })
}
