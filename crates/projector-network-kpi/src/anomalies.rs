//! `GET /v1/anomalies`: which stores are not as they were, and in what? (row 1.19)

use chrono::{Days, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Number;
use storefold_events::kpi::{KpiUnit, Ratio};
use storefold_projection::{DayRange, Place, QueryError, Question, View};

use crate::{
    NetworkKpi,
    definitions::{Definition, Definitions},
    gather::{Gathered, Needed},
    scope::{Scope, Within},
};

/// The KPIs that are looked at when none is named.
const LOOKED_AT: [&str; 6] =
    ["turnover", "transactions", "conversion", "average_basket", "scan_success", "email_capture"];
/// A week is held against so many before it.
const WEEKS: u64 = 8;
/// So far from the median it must be, in percent of it (inclusive).
const PERCENT_MIN: i64 = 20;
/// A fall or rise of so many weeks in a row is a trend.
const TREND_WEEKS: usize = 4;

/// Which stores, KPI and week.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnomaliesAsked {
    /// Identifier of a store.
    #[serde(default)]
    pub store: Option<String>,
    /// Stores of an organisation with those below it; not beside `store`.
    #[serde(default)]
    pub organisation: Option<String>,
    /// Several parts of the network together; set by who narrows the question.
    #[serde(default)]
    #[schemars(skip)]
    pub places: Option<Vec<Place>>,
    /// One KPI alone; turnover, transactions, conversion, average basket, scan success and email capture when absent.
    #[serde(default)]
    pub kpi: Option<String>,
    /// The last store day of the week (inclusive); yesterday when absent.
    #[serde(default)]
    pub to: Option<NaiveDate>,
}

/// What stands out.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Anomalies {
    /// By store, then by KPI.
    pub anomalies: Vec<Anomaly>,
    /// When something stands out.
    pub definition: &'static str,
}

/// Something that is not as it was.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Anomaly {
    /// Identifier of the store.
    pub store: String,
    /// The KPI.
    pub kpi: String,
    /// `deviation` or `trend`.
    pub kind: &'static str,
    /// The last store day of the week (inclusive).
    pub to: NaiveDate,
    /// The week's value.
    pub value: Number,
    /// The median of the weeks before.
    pub median: Number,
    /// What stands out and why, in words.
    pub why: String,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/anomalies",
        "Stores that are not as they were, with the reason in words",
        "Holds a week of each store against the eight weeks before it: deviations from all of them, and falls or rises of \
         four weeks in a row.",
        answer,
    )
    .taking_places()
}

fn answer(view: &View<'_, NetworkKpi>, asked: &AnomaliesAsked) -> Result<Anomalies, QueryError> {
    let definitions = Definitions::read(view)?;
    let names = asked.kpi.as_deref().map_or(LOOKED_AT.to_vec(), |kpi| vec![kpi]);
    let kpis = names.into_iter().map(|kpi| definitions.named(kpi)).collect::<Result<Vec<_>, _>>()?;
    let within = Within {
        store: asked.store.as_deref(),
        organisation: asked.organisation.as_deref(),
        places: asked.places.as_deref(),
    };
    let scope = Scope::read(view, within, None)?;
    let needed = Needed::by(&kpis.iter().flat_map(|kpi| definitions.measures(kpi)).collect::<Vec<_>>());
    let mut anomalies = Vec::new();
    for at in 0..scope.stores.len() {
        let store = scope.one(at);
        let to = match asked.to {
            Some(to) => to,
            None => store.today(view)? - Days::new(1),
        };
        let weeks = (0..=WEEKS).map_while(|back| {
            let earlier = |day: NaiveDate| day.checked_sub_days(Days::new(7 * back));
            earlier(to).and_then(|last| Some(DayRange { first: last.checked_sub_days(Days::new(6))?, last }))
        });
        let weeks = Gathered::read_each(view, &store, &weeks.collect::<Vec<_>>(), needed)?;
        for kpi in &kpis {
            let weeks: Vec<_> = weeks.iter().map(|week| definitions.value(kpi, week).ok()).collect();
            anomalies.extend(found(&scope.stores[at].0, kpi, to, &weeks));
        }
    }
    Ok(Anomalies {
        anomalies,
        definition: "deviation: the week's value is outside of the lowest and highest of the eight weeks before it, and 20 % \
                     of their median or more away from it; trend: it has fallen, or risen, for four weeks in a row; weeks in \
                     which it is not known are left out, and four of the eight must be known",
    })
}

/// What stands out of the weeks of a KPI, the latest first.
fn found(store: &str, kpi: &Definition, to: NaiveDate, weeks: &[Option<Ratio>]) -> Option<Anomaly> {
    let now = (*weeks.first()?)?;
    let mut before: Vec<Ratio> = weeks[1..].iter().copied().flatten().collect();
    if before.len() < TREND_WEEKS {
        return None;
    }
    before.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    let (lowest, highest) = (before[0], before[before.len() - 1]);
    let upper = before[before.len() / 2];
    let median =
        if before.len() % 2 == 1 { upper } else { before[before.len() / 2 - 1].plus(upper)?.by(Ratio::whole(2))? };
    let off = now.minus(median)?;
    let percent = off.times(Ratio::whole(100))?.by(median).and_then(|percent| percent.rounded(0));
    let text = |value: Ratio| in_words(kpi, value);
    let anomaly = |kind, why| {
        let (value, median) = (kpi.shown(now).ok()?, kpi.shown(median).ok()?);
        Some(Anomaly { store: store.to_owned(), kpi: kpi.name.clone(), kind, to, value, median, why })
    };
    let name = kpi.name.replace('_', " ");
    if (now < lowest || now > highest) && percent.is_none_or(|percent| percent.abs() >= PERCENT_MIN) {
        let side = if now < lowest { "below" } else { "above" };
        let far = percent.map_or(String::new(), |percent| format!(", {} % {side} it", percent.abs()));
        let weeks = before.len();
        return anomaly(
            "deviation",
            format!(
                "{name} of the week to {to} is {}; the median of {weeks} weeks before is {}{far}, and they were between {} and {}",
                text(now)?,
                text(median)?,
                text(lowest)?,
                text(highest)?
            ),
        );
    }
    let row: Vec<Ratio> = weeks.iter().take(TREND_WEEKS + 1).copied().collect::<Option<_>>()?;
    let falls = row.windows(2).all(|pair| pair[0] < pair[1]);
    let rises = row.windows(2).all(|pair| pair[0] > pair[1]);
    if row.len() <= TREND_WEEKS || !(falls || rises) {
        return None;
    }
    let does = if falls { "has fallen" } else { "has risen" };
    let began = row[TREND_WEEKS];
    anomaly("trend", format!("{name} {does} for {TREND_WEEKS} weeks in a row, from {} to {}", text(began)?, text(now)?))
}

/// A value as people say it: shares in percent with a decimal.
fn in_words(kpi: &Definition, value: Ratio) -> Option<String> {
    if kpi.unit == KpiUnit::Share {
        let tenths = value.times(Ratio::whole(100))?.rounded(1)?;
        return Some(format!("{}{}.{} %", if tenths < 0 { "−" } else { "" }, tenths.abs() / 10, tenths.abs() % 10));
    }
    kpi.shown(value).ok().map(|value| value.to_string())
}
