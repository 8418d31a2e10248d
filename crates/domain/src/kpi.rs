//! Which KPIs there are, what they may be made of, and which months are closed (rows 1.14, 1.15, 1.20).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Duration, Months, NaiveTime};
use serde::{Deserialize, Serialize};
use storefold_events::{
    Event, Payload,
    kpi::{Formula, KpiDefined, Measure, MonthClosed, STANDARD_KPIS},
};
use thiserror::Error;

use crate::{Aggregate, Denied, Knowledge, Refusal, registered::Once};

/// The most KPIs that a company may define.
const KPIS_MAX: usize = 200;
/// All of them stand under one identifier.
const KPIS: &str = "";
/// The east of the world is ahead of UTC by so much.
const AHEAD_HOURS_MAX: i64 = 14;

/// Formulas of the company's own KPIs, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kpis(BTreeMap<String, String>);

impl Aggregate for Kpis {
    const KIND: u8 = b'K';
}

/// What is wrong with a KPI, a target or a month.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is said in its sentence, and its fields are named there")]
pub enum KpiRefusal {
    #[error("`{name}` is neither a measure nor a KPI; GET /v1/kpis lists both")]
    UnknownName { name: String },
    #[error("`{kpi}` would be made of itself ({path}); take one of these out")]
    MadeOfItself { kpi: String, path: String },
    #[error("there are {KPIS_MAX} KPIs of the company already; define one of them anew")]
    TooManyKpis,
    #[error("no KPI is called `{kpi}`; GET /v1/kpis lists them")]
    UnknownKpi { kpi: String },
    #[error("month {month} is not over everywhere; close it later")]
    MonthNotOver { month: String },
    #[error("month {month} is closed already{scope}")]
    MonthAlreadyClosed { month: String, scope: String },
    #[error("{kind} `{name}` is in the books already; give every one its own identifier")]
    AlreadyThere { kind: &'static str, name: String },
    #[error("{kind} `{name}` is not in the books")]
    NotThere { kind: &'static str, name: String },
}

impl KpiRefusal {
    /// The stable code that a producer can act on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownName { .. } => "formula_name_unknown",
            Self::MadeOfItself { .. } => "kpi_made_of_itself",
            Self::TooManyKpis => "too_many_kpis",
            Self::UnknownKpi { .. } => "unknown_kpi",
            Self::MonthNotOver { .. } => "month_not_over",
            Self::MonthAlreadyClosed { .. } => "month_already_closed",
            Self::AlreadyThere { .. } => "already_there",
            Self::NotThere { .. } => "not_there",
        }
    }

    /// The field to correct.
    pub fn field(&self) -> &'static str {
        match self {
            Self::UnknownName { .. } | Self::MadeOfItself { .. } => "data.formula",
            Self::TooManyKpis | Self::UnknownKpi { .. } => "data.kpi",
            Self::MonthNotOver { .. } | Self::MonthAlreadyClosed { .. } => "data.month",
            Self::AlreadyThere { kind, .. } | Self::NotThere { kind, .. } => match *kind {
                "plan" => "data.plan",
                "answer" => "data.answer",
                _ => "data.challenge",
            },
        }
    }
}

/// Whether a fact about figures is taken; it brings nothing else about.
pub(crate) fn decide<K: Knowledge>(event: &Event<'_>, known: &mut K) -> Result<(), Denied<K::Error>> {
    match &event.payload {
        Payload::KpiDefined(body) => decide_defined(body, known),
        Payload::TargetSet(body) => decide_known(&body.kpi, known),
        Payload::MonthClosed(body) => decide_closed(event, body, known),
        Payload::ActionPlanOpened(body) => {
            decide_known(&body.kpi, known)?;
            Once::Plan.decide(&body.plan, known)
        }
        Payload::ActionPlanClosed(body) => {
            Once::Plan.must_be(&body.plan, known)?;
            Once::PlanEnd.decide(&body.plan, known)
        }
        Payload::ChallengeOpened(body) => Once::Challenge.decide(&body.challenge, known),
        Payload::ChallengeClosed(body) => {
            Once::Challenge.must_be(&body.challenge, known)?;
            Once::ChallengeEnd.decide(&body.challenge, known)
        }
        Payload::SurveyAnswered(body) => Once::Answer.decide(&body.answer, known),
        _ => Ok(()),
    }
}

pub(crate) fn evolve<K: Knowledge>(payload: &Payload<'_>, known: &mut K) -> Result<(), K::Error> {
    match payload {
        Payload::KpiDefined(body) => evolve_defined(body, known),
        Payload::MonthClosed(body) => Once::Month.evolve(&closing(body), known),
        Payload::ActionPlanOpened(body) => Once::Plan.evolve(&body.plan, known),
        Payload::ActionPlanClosed(body) => Once::PlanEnd.evolve(&body.plan, known),
        Payload::ChallengeOpened(body) => Once::Challenge.evolve(&body.challenge, known),
        Payload::ChallengeClosed(body) => Once::ChallengeEnd.evolve(&body.challenge, known),
        Payload::SurveyAnswered(body) => Once::Answer.evolve(&body.answer, known),
        _ => Ok(()),
    }
}

/// A KPI may be made of anything but itself, also by way of others.
fn decide_defined<K: Knowledge>(body: &KpiDefined<'_>, known: &mut K) -> Result<(), Denied<K::Error>> {
    let mut kpis: Kpis = known.get(KPIS).map_err(Denied::Failed)?.unwrap_or_default();
    if kpis.0.len() >= KPIS_MAX && !kpis.0.contains_key(body.kpi.as_str()) {
        return Err(Refusal::from(KpiRefusal::TooManyKpis).into());
    }
    kpis.0.insert(body.kpi.to_string(), body.formula.to_string());
    kpis.hold(&body.kpi, &mut Vec::new(), &mut BTreeSet::new()).map_err(|refusal| Refusal::from(refusal).into())
}

fn evolve_defined<K: Knowledge>(body: &KpiDefined<'_>, known: &mut K) -> Result<(), K::Error> {
    let mut kpis: Kpis = known.get(KPIS)?.unwrap_or_default();
    kpis.0.insert(body.kpi.to_string(), body.formula.to_string());
    known.put(KPIS, &kpis)
}

/// Refuses a KPI that nobody has defined.
fn decide_known<K: Knowledge>(kpi: &str, known: &mut K) -> Result<(), Denied<K::Error>> {
    let kpis: Kpis = known.get(KPIS).map_err(Denied::Failed)?.unwrap_or_default();
    if kpis.formula(kpi).is_none() {
        return Err(Refusal::from(KpiRefusal::UnknownKpi { kpi: kpi.to_owned() }).into());
    }
    Ok(())
}

impl Kpis {
    fn formula(&self, kpi: &str) -> Option<&str> {
        let standard = STANDARD_KPIS.iter().find(|standard| standard.name == kpi).map(|standard| standard.formula);
        standard.or_else(|| self.0.get(kpi).map(String::as_str))
    }

    /// Walks everything that a KPI is made of. What has held before is not walked again, so that this ends soon however
    /// the formulas are made of each other.
    fn hold(&self, kpi: &str, path: &mut Vec<String>, held: &mut BTreeSet<String>) -> Result<(), KpiRefusal> {
        if held.contains(kpi) {
            return Ok(());
        }
        path.push(kpi.to_owned());
        let unknown = || KpiRefusal::UnknownName { name: kpi.to_owned() };
        let formula = Formula::read(self.formula(kpi).ok_or_else(unknown)?).map_err(|_| unknown())?;
        let mut names = Vec::new();
        formula.names(&mut |name| names.push(name));
        for name in names.into_iter().filter(|name| Measure::named(name).is_none()) {
            if path.iter().any(|above| above == name) {
                return Err(KpiRefusal::MadeOfItself {
                    kpi: name.to_owned(),
                    path: [path.join(" → "), name.to_owned()].join(" → "),
                });
            }
            self.hold(name, path, held)?;
        }
        path.pop();
        held.insert(kpi.to_owned());
        Ok(())
    }
}

/// A month is closed once, after its last day is over in the whole world.
fn decide_closed<K: Knowledge>(
    event: &Event<'_>,
    body: &MonthClosed<'_>,
    known: &mut K,
) -> Result<(), Denied<K::Error>> {
    let month = body.month.to_string();
    let after = body.first_day().and_then(|first| first.checked_add_months(Months::new(1)));
    // Days end in the west twelve hours after they end in UTC; business days may start as late as 23:59.
    let over = after.map(|day| day.and_time(NaiveTime::MIN).and_utc() + Duration::hours(AHEAD_HOURS_MAX));
    if over.is_none_or(|over| event.occurred_at_ms < over.timestamp_millis()) {
        return Err(Refusal::from(KpiRefusal::MonthNotOver { month }).into());
    }
    Once::Month.decide(&closing(body), known)
}

fn closing(body: &MonthClosed<'_>) -> String {
    match &body.organisation {
        Some(organisation) => format!("{} for {organisation}", body.month),
        None => body.month.to_string(),
    }
}
