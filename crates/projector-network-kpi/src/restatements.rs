//! `GET /v1/restatements`: which days are not any more what they were read as, and why? (B72)

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::kpi::{MEASURES, Measure};
use storefold_projection::{Place, QueryError, Question, RowKey, View};

use crate::{
    NetworkKpi,
    measures::Measures,
    rows::{LateRow, Row},
    scope::{Scope, Within},
};

/// The most restatements in an answer.
const SHOWN_MAX: usize = 1_000;

/// Bounds of measures that mean something to people: the part, the whole, the percentage, and what is told of it.
const THRESHOLDS: [(Measure, Measure, i64, &str); 4] = [
    (Measure::ScansSuccessful, Measure::ScansAttempted, 70, "scan success of 70 % (0.7)"),
    (Measure::ScansIdentified, Measure::ScansSuccessful, 60, "email capture of 60 % (0.13)"),
    (Measure::ScansIdentified, Measure::ScansSuccessful, 75, "email capture of 75 % (0.13)"),
    (Measure::ScansIdentified, Measure::ScansSuccessful, 80, "email capture of 80 % (0.13)"),
];

/// Restatements of which stores, recorded when.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RestatementsAsked {
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
    /// First store day on which they were recorded (inclusive).
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last store day on which they were recorded (inclusive).
    #[serde(default)]
    pub to: Option<NaiveDate>,
}

/// Days that have changed after they were over.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Restatements {
    /// By store, then by the day they were recorded on, then by the day they are of; at most 1,000.
    pub restatements: Vec<Restatement>,
    /// Whether there are more; ask for fewer days or stores.
    pub more: bool,
}

/// What one day's late events have changed of an earlier day.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Restatement {
    /// Identifier of the store.
    pub store: String,
    /// The store day that has changed.
    pub day: NaiveDate,
    /// The store day on which it was recorded.
    pub recorded_on: NaiveDate,
    /// What has changed, by measure.
    pub changed: BTreeMap<&'static str, OldAndNew>,
    /// Thresholds that the day has crossed by it, in words.
    pub crossed: Vec<String>,
    /// How many events.
    pub events: u64,
    /// Positions of the first 100 of them.
    pub positions: Vec<u64>,
}

/// A measure before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OldAndNew {
    /// As it was known at the end of the day before they were recorded.
    pub old: i64,
    /// As it was known at the end of that day.
    pub new: i64,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/restatements",
        "Days that late events have changed",
        "Every store day that changed after it was over: old and new value of each measure, the events, and the thresholds \
         crossed. A late event changes its own day and no other.",
        answer,
    )
    .taking_places()
}

fn answer(view: &View<'_, NetworkKpi>, asked: &RestatementsAsked) -> Result<Restatements, QueryError> {
    if asked.from.zip(asked.to).is_some_and(|(from, to)| to < from) {
        let detail = "is before `from`; send a later day".to_owned();
        return Err(QueryError::BadParameter { parameter: "to".to_owned(), detail });
    }
    let within = Within {
        store: asked.store.as_deref(),
        organisation: asked.organisation.as_deref(),
        places: asked.places.as_deref(),
    };
    let scope = Scope::read(view, within, None)?;
    let mut restatements = Vec::new();
    for (store, _) in &scope.stores {
        of_store(view, store, asked, &mut restatements)?;
        if restatements.len() > SHOWN_MAX {
            break;
        }
    }
    let more = restatements.len() > SHOWN_MAX;
    restatements.truncate(SHOWN_MAX);
    Ok(Restatements { restatements, more })
}

fn of_store(
    view: &View<'_, NetworkKpi>,
    store: &str,
    asked: &RestatementsAsked,
    found: &mut Vec<Restatement>,
) -> Result<(), QueryError> {
    let key = Row::late_key(store);
    let mut late: Vec<(NaiveDate, NaiveDate, Box<LateRow>)> = Vec::new();
    view.scan(&key.clone().day(asked.from.unwrap_or(NaiveDate::MIN)), &key, |key, row| {
        let recorded_on = key.len().checked_sub(4).and_then(|end| RowKey::last_day(&key[..end]));
        if let (Row::Late(row), Some(recorded_on), Some(day)) = (row, recorded_on, RowKey::last_day(key)) {
            late.push((recorded_on, day, row));
        }
        Ok(())
    })?;
    // From the latest back, each day is what it is now less what came after.
    let mut known: BTreeMap<NaiveDate, Measures> = BTreeMap::new();
    let begins = found.len();
    for (recorded_on, day, row) in late.into_iter().rev() {
        let new = match known.get(&day) {
            Some(known) => *known,
            None => match view.get(&Row::days_key(store).day(day))? {
                Some(Row::Measured(measures)) => *measures,
                _ => Measures::default(),
            },
        };
        let mut old = new;
        old.take_off(&row.measures);
        known.insert(day, old);
        if asked.to.is_none_or(|to| recorded_on <= to) {
            found.push(restatement(store, (recorded_on, day), (&old, &new), &row));
        }
    }
    found[begins..].reverse();
    Ok(())
}

fn restatement(
    store: &str,
    (recorded_on, day): (NaiveDate, NaiveDate),
    (old, new): (&Measures, &Measures),
    row: &LateRow,
) -> Restatement {
    let changed = MEASURES.iter().filter_map(|(measure, name, ..)| {
        let both = OldAndNew { old: old.get(*measure), new: new.get(*measure) };
        (both.old != both.new).then_some((*name, both))
    });
    let crossed = THRESHOLDS.iter().filter_map(|(part, whole, percent, told)| {
        // Strictly above, as the bands are; success of 70 % itself is not flagged, which is "not below".
        let above = |measures: &Measures| {
            let (part, whole) = (measures.get(*part), measures.get(*whole));
            let at = i128::from(part) * 100 - i128::from(whole) * i128::from(*percent);
            (whole > 0).then_some(if *percent == 70 { at >= 0 } else { at > 0 })
        };
        let (before, after) = (above(old)?, above(new)?);
        (before != after).then(|| format!("{} {told}", if after { "rose to" } else { "fell from" }))
    });
    Restatement {
        store: store.to_owned(),
        day,
        recorded_on,
        changed: changed.collect(),
        crossed: crossed.collect(),
        events: row.events,
        positions: row.first.clone(),
    }
}
