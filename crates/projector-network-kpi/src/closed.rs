//! `GET /v1/closed-months`: what was a month when it was closed, and what has come since? (row 1.22, B72)

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::{kpi::MEASURES, store::is_of};
use storefold_projection::{DayRange, Place, QueryError, Question, View};

use crate::{
    NetworkKpi,
    gather::{Gathered, Needed},
    measures::Measures,
    rows::{Closing, Row, SHOWN_MAX},
    scope::{Of, Scope, Within},
};

/// Closed months of which stores.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosedMonthsAsked {
    /// Identifier of a store; the whole network without a store and an organisation.
    #[serde(default)]
    pub store: Option<String>,
    /// An organisation with those below it; not beside `store`.
    #[serde(default)]
    pub organisation: Option<String>,
    /// Several parts of the network together; set by who narrows the question.
    #[serde(default)]
    #[schemars(skip)]
    pub places: Option<Vec<Place>>,
}

/// Months that are closed for some or all of the stores.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClosedMonths {
    /// Which stores.
    #[serde(flatten)]
    pub of: Of,
    /// The latest first.
    pub months: Vec<ClosedMonth>,
}

/// A closed month: its figures stay, and what came later stands beside them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClosedMonth {
    /// As 2026-10.
    pub month: String,
    /// How often and for whom it was closed.
    pub closings: Vec<ClosingShown>,
    /// By measure, as it was closed; of stores for which it is not closed, as it is now. Money of several currencies is
    /// left out.
    pub closed: BTreeMap<&'static str, i64>,
    /// By measure, what has come since; only what has changed.
    pub adjustments: BTreeMap<&'static str, i64>,
    /// How many events came since.
    pub events: u64,
    /// Positions of the first 100 of them.
    pub positions: Vec<u64>,
}

/// When a month was closed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClosingShown {
    /// For the stores of this organisation; for all when null.
    pub organisation: Option<String>,
    /// At this position.
    pub position: u64,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/closed-months",
        "Closed months with what has come since",
        "The measures of every closed month as they were at the position at which it was closed, and the adjustments that \
         came later. Closed figures never change.",
        answer,
    )
    .taking_places()
}

fn answer(view: &View<'_, NetworkKpi>, asked: &ClosedMonthsAsked) -> Result<ClosedMonths, QueryError> {
    let within = Within {
        store: asked.store.as_deref(),
        organisation: asked.organisation.as_deref(),
        places: asked.places.as_deref(),
    };
    let scope = Scope::read(view, within, None)?;
    let mut by_month: BTreeMap<NaiveDate, Vec<Closing>> = BTreeMap::new();
    if let Some(Row::Closings(closings)) = view.get(&Row::closings_key())? {
        for closing in closings.into_iter().filter(|closing| is_about(closing, &scope)) {
            by_month.entry(closing.month).or_default().push(closing);
        }
    }
    let months = by_month.into_iter().rev().map(|(month, closings)| closed_month(view, &scope, month, closings));
    Ok(ClosedMonths { months: months.collect::<Result<_, _>>()?, of: scope.of })
}

/// Whether a month was closed for any of these stores; for others it is none of their business.
fn is_about(closing: &Closing, scope: &Scope) -> bool {
    let Some(of) = &closing.organisation else { return true };
    scope.stores.iter().any(|(_, store)| is_of(store.organisation.as_deref(), of))
}

fn closed_month(
    view: &View<'_, NetworkKpi>,
    scope: &Scope,
    month: NaiveDate,
    closings: Vec<Closing>,
) -> Result<ClosedMonth, QueryError> {
    let last = month.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt()).unwrap_or(month);
    let range = DayRange { first: month, last };
    let mut closed = *Gathered::read(view, scope, range, Needed::default(), None)?.flows();
    let (mut since, mut events, mut positions) = (Measures::default(), 0, Vec::new());
    for (store, _) in &scope.stores {
        if let Some(Row::Late(late)) = view.get(&Row::adjusted_key(store, month))? {
            since.add(&late.measures);
            events += late.events;
            positions.extend(late.first);
        }
    }
    closed.take_off(&since);
    positions.sort_unstable();
    positions.truncate(SHOWN_MAX);
    let mixed = scope.currencies.len() > 1;
    let shown = |measures: &Measures| {
        let counted = MEASURES.iter().filter(|(measure, ..)| !(mixed && measure.is_money()));
        let numbers = counted.map(|(measure, name, ..)| (*name, measures.get(*measure)));
        numbers.filter(|(_, number)| *number != 0).collect::<BTreeMap<_, _>>()
    };
    let closings = closings
        .into_iter()
        .map(|closing| ClosingShown { organisation: closing.organisation, position: closing.position });
    Ok(ClosedMonth {
        month: month.format("%Y-%m").to_string(),
        closings: closings.collect(),
        closed: shown(&closed),
        adjustments: shown(&since),
        events,
        positions,
    })
}
