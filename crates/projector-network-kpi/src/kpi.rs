//! `GET /v1/kpis/{kpi}`: what does a key figure come to, day by day, against what it was and what it should be?

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Number;
use storefold_events::kpi::{Better, Ratio};
use storefold_projection::{DayRange, Place, QueryError, Question, View, Window, WindowParams};

use crate::{
    NetworkKpi,
    definitions::{Definition, Definitions},
    figure::{Figure, KpiDefinition, Reckoned},
    retail_calendar,
    rows::{Row, month_of},
    scope::{Of, Scope, Within},
};

/// Which figure, of which stores and days.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KpiAsked {
    /// Name of the KPI; `/v1/kpis` lists them.
    pub kpi: String,
    /// Identifier of a store; the whole network without a store and an organisation.
    #[serde(default)]
    pub store: Option<String>,
    /// An organisation with those below it, as acme/fr; not beside `store`.
    #[serde(default)]
    pub organisation: Option<String>,
    /// Several parts of the network together; set by who narrows the question.
    #[serde(default)]
    #[schemars(skip)]
    pub places: Option<Vec<Place>>,
    /// Only stores that sell in this currency, as EUR.
    #[serde(default)]
    pub currency: Option<String>,
    /// The last 30 or 90 days including today, or all days with figures (the default).
    #[serde(default)]
    pub window: Option<Window>,
    /// First store day (inclusive), as 2026-11-01; not beside `window`.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last store day (inclusive), as 2026-11-30; not beside `window`.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// One value for each of these as well.
    #[serde(default)]
    pub by: Option<Step>,
    /// Beside the value of other days.
    #[serde(default)]
    pub compare: Option<Against>,
    /// As it was known at the end of this store day: what was recorded later is left out.
    #[serde(default)]
    pub known_on: Option<NaiveDate>,
}

/// What a series goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Every store day.
    Day,
    /// Weeks from Monday to Sunday.
    Week,
    /// Months of the calendar.
    Month,
    /// Months of the 4-5-4 calendar of retail (B74).
    RetailMonth,
}

/// Which days it is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// As many days, just before.
    Previous,
    /// The same weekdays a year before: 364 days earlier.
    LastYear,
    /// The same days of the same weeks of the 4-5-4 year before (B74).
    RetailYear,
}

/// A key figure.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KpiAnswer {
    /// What it is.
    pub definition: KpiDefinition,
    /// What it is of.
    #[serde(flatten)]
    pub of: Of,
    /// Over the whole window.
    #[serde(flatten)]
    pub figure: Figure,
    /// What it is made of.
    pub measures: BTreeMap<&'static str, Number>,
    /// Against other days, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared: Option<Compared>,
    /// The target of just these days and this place, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<AgainstTarget>,
    /// A value for each day, week or month, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series: Option<Vec<Figure>>,
}

/// The same figure on other days.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Compared {
    /// Those days and their value.
    #[serde(flatten)]
    pub figure: Figure,
    /// How much more it is now; null when either is not known.
    pub change: Option<Number>,
    /// The change by the value of those days, rounded half up to 4 decimals; null also when that value is 0.
    pub change_share: Option<f64>,
}

/// A figure against its target.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AgainstTarget {
    /// What it shall come to.
    pub target: Option<Number>,
    /// How much more it is; null when the value is not known.
    pub gap: Option<Number>,
    /// Whether it is reached; null when the value is not known.
    pub reached: Option<bool>,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/kpis/{kpi}",
        "A key figure of a store, an organisation or the network",
        "The value over a window with its definition and what it is made of; by day, week or month; beside the days before, \
         the year before, and the target. A value that is not known is null and says why. `known_on` leaves out what was \
         recorded after a store day.",
        answer,
    )
    .taking_places()
}

fn answer(view: &View<'_, NetworkKpi>, asked: &KpiAsked) -> Result<KpiAnswer, QueryError> {
    let definitions = Definitions::read(view)?;
    let kpi = definitions.named(&asked.kpi)?;
    let within = Within {
        store: asked.store.as_deref(),
        organisation: asked.organisation.as_deref(),
        places: asked.places.as_deref(),
    };
    let scope = Scope::read(view, within, asked.currency.as_deref())?;
    let window = WindowParams { window: asked.window, from: asked.from, to: asked.to };
    let range = scope.range(view, &window)?;
    let reckoned = |range| Reckoned::of(view, (&definitions, kpi), &scope, range, asked.known_on);
    let now = reckoned(range)?;
    let compared = match asked.compare {
        Some(against) => Some(compared(kpi, &now, &reckoned(against.days(range)?)?)),
        None => None,
    };
    let series = match asked.by {
        Some(step) => {
            Some(step.steps(range).map(|step| Ok(reckoned(step)?.figure)).collect::<Result<_, QueryError>>()?)
        }
        None => None,
    };
    Ok(KpiAnswer {
        definition: kpi.into(),
        target: target(view, kpi, &scope, range, &now)?,
        measures: now.measures(&definitions.measures(kpi)),
        figure: now.figure,
        of: scope.of,
        compared,
        series,
    })
}

fn compared(kpi: &Definition, now: &Reckoned, then: &Reckoned) -> Compared {
    let both = now.exact.clone().ok().zip(then.exact.clone().ok());
    let share = both.and_then(|(now, then)| now.minus(then)?.by(then)?.rounded(4));
    Compared {
        figure: then.figure.clone(),
        change: both.and_then(|(now, then)| kpi.shown(now.minus(then)?).ok()),
        change_share: share.map(|share| share as f64 / 10_000.0),
    }
}

fn target(
    view: &View<'_, NetworkKpi>,
    kpi: &Definition,
    scope: &Scope,
    range: DayRange,
    now: &Reckoned,
) -> Result<Option<AgainstTarget>, QueryError> {
    // Nobody sets a target for what somebody happens to see.
    if !scope.of.places.is_empty() {
        return Ok(None);
    }
    let key = Row::targets_key().text(&kpi.name).text(scope.of.store.as_deref().unwrap_or_default());
    let key = key.text(scope.of.organisation.as_deref().unwrap_or_default()).day(range.first).day(range.last);
    let Some(Row::Target(row)) = view.get(&key)? else { return Ok(None) };
    let target = Ratio::decimal(&row.target);
    let both = now.exact.clone().ok().zip(target);
    Ok(Some(AgainstTarget {
        target: target.and_then(|target| kpi.shown(target).ok()),
        gap: both.and_then(|(now, target)| kpi.shown(now.minus(target)?).ok()),
        reached: both.map(|(now, target)| match kpi.better {
            Better::Higher => now >= target,
            Better::Lower => now <= target,
        }),
    }))
}

impl Against {
    /// The days that a window is held against.
    fn days(self, range: DayRange) -> Result<DayRange, QueryError> {
        let length = u64::try_from((range.last - range.first).num_days() + 1).unwrap_or_default();
        let earlier = |day: NaiveDate| match self {
            Self::Previous => day.checked_sub_days(Days::new(length)),
            Self::LastYear => day.checked_sub_days(Days::new(364)),
            Self::RetailYear => retail_calendar::year_before(day),
        };
        earlier(range.first).zip(earlier(range.last)).map(|(first, last)| DayRange { first, last }).ok_or_else(|| {
            let detail = "goes back beyond the calendar; ask for later days".to_owned();
            QueryError::BadParameter { parameter: "compare".to_owned(), detail }
        })
    }
}

impl Step {
    fn start(self, day: NaiveDate) -> NaiveDate {
        match self {
            Self::Day => day,
            Self::Week => day - Days::new(day.weekday().num_days_from_monday().into()),
            Self::Month => month_of(day),
            Self::RetailMonth => retail_calendar::month_start(day).unwrap_or(day),
        }
    }

    /// The steps of a window in order; the first and the last are as long as the window lets them.
    fn steps(self, range: DayRange) -> impl Iterator<Item = DayRange> {
        let mut days = range.days().peekable();
        std::iter::from_fn(move || {
            let first = days.next()?;
            let start = self.start(first);
            let mut last = first;
            while let Some(next) = days.next_if(|day| self.start(*day) == start) {
                last = next;
            }
            Some(DayRange { first, last })
        })
    }
}
