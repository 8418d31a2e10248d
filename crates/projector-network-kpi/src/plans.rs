//! `GET /v1/action-plans`: what was decided, on which grounds, and what came of it? (rows 1.17, 1.20)

use chrono::{Days, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Number;
use storefold_events::{
    Currency,
    improvement::PlanKind,
    kpi::{Better, KpiUnit},
    store::is_of,
};
use storefold_projection::{DayRange, Place, QueryError, Question, RowKey, View};

use crate::{
    NetworkKpi,
    decided::PlanRow,
    definitions::Definitions,
    figure::{Figure, Reckoned},
    rows::Row,
    scope::{Scope, Within},
};

/// Before and after are as many days, at most these.
const DAYS_MAX: u64 = 28;

/// Plans for which stores.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlansAsked {
    /// Only plans for this store.
    #[serde(default)]
    pub store: Option<String>,
    /// Only plans for this organisation, those below it, and their stores.
    #[serde(default)]
    pub organisation: Option<String>,
    /// Several parts of the network together; set by who narrows the question.
    #[serde(default)]
    #[schemars(skip)]
    pub places: Option<Vec<Place>>,
}

/// The log of decisions.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Plans {
    /// The latest first, by the day on which they begin.
    pub plans: Vec<Plan>,
    /// What before and after are.
    pub definition: &'static str,
}

/// A decision, and its KPI before and after.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Plan {
    /// Identifier of the plan.
    pub plan: String,
    /// What it is about.
    pub kind: PlanKind,
    /// What is done.
    pub title: String,
    /// Why.
    pub reason: Option<String>,
    /// The store it is for.
    pub store: Option<String>,
    /// The organisation it is for; neither means the network.
    pub organisation: Option<String>,
    /// The KPI it shall move.
    pub kpi: String,
    /// What the KPI is counted in.
    pub unit: KpiUnit,
    /// What is good: more of it, or less.
    pub better: Better,
    /// The currency of its stores; null where they sell in several.
    pub currency: Option<Currency>,
    /// First store day (inclusive).
    pub from: NaiveDate,
    /// Last store day (inclusive), once it has ended.
    pub until: Option<NaiveDate>,
    /// What came of it, once it has ended.
    pub conclusion: Option<String>,
    /// As many days before; null when it has not begun.
    pub before: Option<Figure>,
    /// Its first days; null when it has not begun.
    pub after: Option<Figure>,
    /// How much more it is after than before; null when either is not known.
    pub change: Option<Number>,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/action-plans",
        "Decisions with their key figure before and after",
        "Every action plan with the KPI it shall move: over its first days, at most 28, and over as many days before.",
        answer,
    )
    .taking_places()
}

fn answer(view: &View<'_, NetworkKpi>, asked: &PlansAsked) -> Result<Plans, QueryError> {
    let definitions = Definitions::read(view)?;
    let mut asked_for = Vec::from_iter(asked.store.clone().map(Place::Store));
    asked_for.extend(asked.organisation.clone().map(Place::Organisation));
    asked_for.extend(asked.places.iter().flatten().cloned());
    let mut found: Vec<(String, Box<PlanRow>)> = Vec::new();
    view.scan(&Row::plans_key(), &Row::plans_key(), |key, row| {
        if let (Row::Plan(row), Some(plan)) = (row, RowKey::last_text(key)) {
            found.push((plan, row));
        }
        Ok(())
    })?;
    if !asked_for.is_empty() {
        let mut within = Vec::new();
        for (plan, row) in found {
            if is_within(view, &row, &asked_for)? {
                within.push((plan, row));
            }
        }
        found = within;
    }
    found.sort_by_key(|(_, plan)| std::cmp::Reverse(plan.from));
    let plans = found.into_iter().map(|(plan, row)| shown(view, &definitions, plan, *row));
    Ok(Plans {
        plans: plans.collect::<Result<_, _>>()?,
        definition: "after: the first days of the plan up to its last day or today, at most 28; before: as many days just \
                     before the plan; change = after − before",
    })
}

/// Whether a plan is for one of these places, or for what lies within one.
fn is_within(view: &View<'_, NetworkKpi>, plan: &PlanRow, places: &[Place]) -> Result<bool, QueryError> {
    let organisation = match (&plan.organisation, &plan.store) {
        (Some(organisation), _) => Some(organisation.clone()),
        (None, Some(store)) => match view.get(&Row::store_key(store))? {
            Some(Row::Store(row)) => row.organisation,
            _ => None,
        },
        (None, None) => None,
    };
    Ok(places.iter().any(|place| match place {
        Place::Store(store) => plan.store.as_ref() == Some(store),
        Place::Organisation(above) => is_of(organisation.as_deref(), above),
    }))
}

fn shown(
    view: &View<'_, NetworkKpi>,
    definitions: &Definitions,
    plan: String,
    row: PlanRow,
) -> Result<Plan, QueryError> {
    let kpi = definitions.named(&row.kpi)?;
    // An organisation may have lost its stores since; then there is nothing to hold against each other.
    let within = Within { store: row.store.as_deref(), organisation: row.organisation.as_deref(), places: None };
    let scope = match Scope::read(view, within, None) {
        Ok(scope) => Some(scope),
        Err(QueryError::Unknown { .. }) => None,
        Err(error) => return Err(error),
    };
    let currency = scope.as_ref().and_then(|scope| scope.of.currency);
    let (mut before, mut after, mut change) = (None, None, None);
    if let Some(scope) = scope {
        let today = scope.today(view)?;
        let last = row.closed.as_ref().map_or(today, |(until, _)| *until).min(today);
        let last = last.min(row.from + Days::new(DAYS_MAX - 1));
        if let Ok(length) = u64::try_from((last - row.from).num_days() + 1)
            && length > 0
        {
            let of = |range| Reckoned::of(view, (definitions, kpi), &scope, range, None);
            let now = of(DayRange { first: row.from, last })?;
            let then = of(DayRange { first: row.from - Days::new(length), last: row.from - Days::new(1) })?;
            let both = now.exact.clone().ok().zip(then.exact.clone().ok());
            change = both.and_then(|(now, then)| kpi.shown(now.minus(then)?).ok());
            (before, after) = (Some(then.figure), Some(now.figure));
        }
    }
    let (until, conclusion) = row.closed.unzip();
    Ok(Plan {
        plan,
        kind: row.kind,
        title: row.title,
        reason: row.reason,
        store: row.store,
        organisation: row.organisation,
        kpi: row.kpi,
        unit: kpi.unit,
        better: kpi.better,
        currency,
        from: row.from,
        until,
        conclusion,
        before,
        after,
        change,
    })
}
