//! Parameters are read and windows resolved, or what is wrong is named.

use chrono::NaiveDate;
use serde_json::{Value, json};
use storefold_projection::{
    DayRange, QueryError, WindowParams,
    spec::{MemoryStore, Spec},
};

use crate::scans::{SCANS, Scans, scans};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn range(first: &str, last: &str) -> DayRange {
    DayRange { first: day(first), last: day(last) }
}

fn bad(parameter: &str, detail: &str) -> QueryError {
    QueryError::BadParameter { parameter: parameter.to_owned(), detail: detail.to_owned() }
}

/// What a window resolves to on 2026-11-23 in a store that has events from the 1st to the 20th.
fn resolved(params: Value) -> Result<DayRange, QueryError> {
    let params: WindowParams = serde_json::from_value(params).unwrap();
    params.resolve(day("2026-11-23"), Some(range("2026-11-01", "2026-11-20")))
}

#[test]
fn a_window_ends_today_and_an_open_end_is_where_events_end() {
    for (params, expected) in [
        (json!({ "window": "30d" }), range("2026-10-25", "2026-11-23")),
        (json!({ "window": "90d" }), range("2026-08-26", "2026-11-23")),
        (json!({ "window": "all" }), range("2026-11-01", "2026-11-20")),
        (json!({}), range("2026-11-01", "2026-11-20")),
        (json!({ "from": "2026-11-05" }), range("2026-11-05", "2026-11-20")),
        (json!({ "to": "2026-11-05" }), range("2026-11-01", "2026-11-05")),
        (json!({ "from": "2026-01-01", "to": "2026-12-31" }), range("2026-01-01", "2026-12-31")),
    ] {
        assert_eq!(resolved(params.clone()), Ok(expected), "{params}");
    }
    assert_eq!(WindowParams::default().resolve(day("2026-11-23"), None), Ok(range("2026-11-23", "2026-11-23")));
}

#[test]
fn a_window_that_makes_no_sense_is_refused() {
    let mixed = resolved(json!({ "window": "30d", "to": "2026-11-05" }));
    assert_eq!(mixed, Err(bad("window", "stands beside `from` or `to`; send one or the other")));
    let turned = resolved(json!({ "from": "2026-11-05", "to": "2026-11-04" }));
    assert_eq!(turned, Err(bad("to", "is before `from`; ask from 2026-11-04 to 2026-11-05")));
    let long = resolved(json!({ "from": "2010-01-01" }));
    assert_eq!(long, Err(bad("from", "makes a window of 6168 days; ask for at most 3660")));
    for day in ["+262142-12-31", "-262143-01-01", "9999-12-31", "0000-12-31"] {
        let at_the_end = resolved(json!({ "from": day, "to": day }));
        assert_eq!(at_the_end, Err(bad("from", "is no day that a store can have; send one as 2026-11-30")), "{day}");
    }
}

#[test]
fn a_parameter_that_is_wrong_or_missing_is_named() {
    let spec = Spec::<Scans>::given(Vec::new());
    let asked = |asked: Value| spec.asked_with(SCANS, asked.as_object().unwrap());
    asked(json!({ "store": 7 }))
        .then_refused(bad("store", "is not understood: invalid type: integer `7`, expected a string"));
    asked(json!({})).then_refused(bad("store", "is not understood: missing field `store`"));
}

#[test]
fn an_answer_tells_the_position_it_is_complete_up_to() {
    let mut history = storefold_projection::spec::History::new();
    scans("a", 1..=3).for_each(|event| history.push(&event));
    let spec = Spec::<Scans>::given(history);
    let store: &MemoryStore = spec.store();
    let question = &<Scans as storefold_projection::Projector>::questions()[0];
    let answered = (question.answer)(store, 0.into(), json!({ "store": "S" }).as_object().unwrap()).unwrap();
    assert_eq!((answered.position, &*answered.json), (3, br#"{"scans":3,"last_position":3}"#.as_slice()));
}
