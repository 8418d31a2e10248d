//! The harness finds what it is there to find.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use storefold_events::{Payload, Recorded};
use storefold_projection::{
    Poison, Projector, QueryError, Question, Rows,
    spec::{History, Spec, laws, laws_in_any_order},
};

use crate::scans::{Delicate, Row, Scans, scan, scan_key, store_key};

fn scan_in(store: &str, scan: &str) -> Value {
    json!({ "store": store, "occurred_at": "2026-11-23T10:15:00+01:00", "type": "ScanCaptured",
            "data": { "scan": scan, "scanner": "1", "outcome": "succeeded" } })
}

fn address_of(scan: &str) -> Value {
    json!({ "store": "S", "occurred_at": "2026-11-24T10:00:00+01:00", "type": "EmailAttachedToScan",
            "data": { "scan": scan, "email": "a@example.com" } })
}

fn identified(scan: &str, cause: u64) -> Value {
    json!({ "store": "S", "occurred_at": "2026-11-23T10:15:00+01:00", "cause": cause, "type": "ScanIdentified",
            "data": { "scan": scan, "scanner": "1" } })
}

#[test]
fn events_are_folded_rows_claimed_and_questions_asked() {
    Spec::<Scans>::given([scan_in("S", "a"), scan_in("S", "b"), scan_in("T", "c")])
        .then_row(&store_key("S"), Row { scans: 2, last_position: 2 })
        .then_no_row(&scan_key("d"))
        .asked("/v1/stores/S/scans")
        .then_at("/last_position", json!(2))
        .then(json!({ "scans": 2, "last_position": 2 }));
    let unknown = QueryError::Unknown { kind: "store", name: "U".to_owned() };
    Spec::<Scans>::given([scan_in("S", "a")]).asked("/v1/stores/U/scans").then_refused(unknown);
}

#[test]
fn poison_is_claimed_with_its_position() {
    let mut history = History::from([scan_in("S", "a")]);
    history.push(&scan("S", "broken", 1));
    Spec::<Delicate>::given(history).then_poisoned(2, "a broken scanner");
}

#[test]
fn an_event_that_was_caused_names_its_cause_and_has_its_source() {
    let mut first = scan_in("S", "a");
    first["source"] = json!("scanner-7");
    let history = History::from([first, address_of("a"), identified("a", 1)]);
    let events = history.recorded();
    let caused = &events[2].event;
    assert_eq!((caused.cause, &*caused.source, caused.store.as_deref()), (Some(1), "scanner-7", Some("S")));
    assert!(matches!(&caused.payload, Payload::ScanIdentified(identified) if &*identified.scan == "a"));
    assert_eq!(events[1].recorded_at_ms, events[1].event.occurred_at_ms);
    assert_eq!(events[2].recorded_at_ms, events[1].event.occurred_at_ms, "it was recorded after the one before");
}

#[test]
fn what_keeps_the_laws_passes_them() {
    laws::<Scans>([scan_in("S", "a"), scan_in("S", "b"), scan_in("T", "c")], &["/v1/stores/S/scans"]);
    let mut long = History::new();
    (1..=200).for_each(|seq| long.push(&scan("S", "a", seq)));
    laws::<Scans>(long, &["/v1/stores/S/scans", "/v1/stores/none/scans"]);
}

/// A projector that keeps in its row what is not written.
struct Forgetful;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct HalfWritten {
    count: u64,
    #[serde(skip)]
    seen_before: bool,
}

impl Projector for Forgetful {
    const NAME: &'static str = "forgetful";
    const VERSION: u32 = 1;
    type Row = HalfWritten;

    fn apply(event: &Recorded<'_>, rows: &mut Rows<'_, HalfWritten>) -> Result<(), Poison> {
        let row = rows.row(&store_key(event.event.store.as_deref().unwrap_or("")))?;
        row.count += if row.seen_before { 2 } else { 1 };
        row.seen_before = true;
        Ok(())
    }

    fn questions() -> Vec<Question> {
        Vec::new()
    }
}

#[test]
#[should_panic(expected = "forgetful differs when it is cut after [1] events (Restart)")]
fn what_does_not_survive_a_restart_is_found() {
    laws::<Forgetful>([scan_in("S", "a"), scan_in("S", "b")], &[]);
}

#[test]
fn causes_go_with_their_group_in_any_order() {
    /// Cannot fold an effect that stands before its cause.
    struct Caused;
    impl Projector for Caused {
        const NAME: &'static str = "caused";
        const VERSION: u32 = 1;
        type Row = HalfWritten;

        fn apply(event: &Recorded<'_>, rows: &mut Rows<'_, HalfWritten>) -> Result<(), Poison> {
            if event.event.cause.is_some_and(|cause| cause >= event.position) {
                return Err(Poison("an effect before its cause".to_owned()));
            }
            rows.row(&store_key(event.event.store.as_deref().unwrap_or("")))?.count += 1;
            Ok(())
        }

        fn questions() -> Vec<Question> {
            Vec::new()
        }
    }
    let group = |name: &str| History::from([scan_in("S", name), address_of(name), identified(name, 1)]);
    laws_in_any_order::<Caused>([scan_in("S", "0")], &[group("a"), group("b"), group("c")], &[]);
}

#[test]
#[should_panic(expected = "scans differs when the groups arrive in order")]
fn what_depends_on_the_order_is_found() {
    let group = |name: &str| History::from([scan_in("S", name), scan_in("S", &format!("{name}2"))]);
    laws_in_any_order::<Scans>(History::new(), &[group("a"), group("b")], &[]);
}
