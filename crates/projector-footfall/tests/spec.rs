//! What `footfall` answers, given events.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use storefold_projection::{
    QueryError,
    spec::{Spec, laws},
};
use storefold_projector_footfall::FootfallOfStores;

const PARIS: &str = "/v1/stores/PARIS/footfall";

fn store(name: &str, zone: &str, start: &str) -> Value {
    json!({ "store": name, "occurred_at": "2026-01-01T00:00:00Z", "type": "StoreConfigured",
        "data": { "name": name, "zone": zone, "currency": "EUR", "organisation": "acme/fr",
            "business_day_start": start } })
}

fn counted(store: &str, at: &str, (entered, left, staff, companions): (u32, u32, u32, u32)) -> Value {
    json!({ "store": store, "occurred_at": at, "type": "FootfallCounted", "data": { "counter": "door", "entered": entered,
        "left": left, "staff": staff, "companions": companions } })
}

fn sale(store: &str, at: &str, net_minor: i64) -> Value {
    json!({ "store": store, "occurred_at": at, "type": "SaleValidated", "data": { "sale": at, "till": "1",
        "channel": "store", "currency": "EUR", "tenders": [{ "kind": "cash", "amount_minor": net_minor }],
        "lines": [{ "line": 1, "sku": "A", "quantity": 1, "gross_minor": net_minor }] } })
}

fn decided(store: &str, at: &str, event_type: &str, data: &Value) -> Value {
    json!({ "cause": 1, "store": store, "occurred_at": at, "type": event_type, "data": data })
}

fn history() -> Vec<Value> {
    vec![
        store("PARIS", "Europe/Paris", "00:00"),
        store("LYON", "Europe/Paris", "04:00"),
        counted("PARIS", "2026-11-23T10:00:00+01:00", (120, 100, 5, 27)),
        counted("PARIS", "2026-11-23T10:30:00+01:00", (20, 40, 0, 0)),
        counted("PARIS", "2026-11-23T17:00:00+01:00", (30, 30, 1, 9)),
        counted("PARIS", "2026-11-25T09:00:00+01:00", (10, 0, 10, 0)),
        sale("PARIS", "2026-11-23T10:05:00+01:00", 5_000),
        sale("PARIS", "2026-11-23T10:06:00+01:00", 2_500),
        sale("PARIS", "2026-11-23T18:00:00+01:00", 9_900),
        decided(
            "PARIS",
            "2026-11-23T18:00:00+01:00",
            "SaleReversed",
            &json!({ "sale": "X", "currency": "EUR",
            "units": 1, "turnover_minor": 9_900, "tax_minor": 0 }),
        ),
        decided(
            "PARIS",
            "2026-11-25T10:00:00+01:00",
            "ReturnValued",
            &json!({ "return": "R", "sale": "Y",
            "currency": "EUR", "units": 1, "refund_minor": 1_000, "tax_minor": 0, "sold_at_ms": 1_795_424_700_000_i64 }),
        ),
        // After midnight, before the business day starts.
        counted("LYON", "2026-11-24T03:59:59+01:00", (8, 8, 0, 0)),
        counted("LYON", "2026-11-24T04:00:00+01:00", (56, 2, 0, 0)),
        sale("LYON", "2026-11-24T04:00:01+01:00", 1_000),
    ]
}

fn then(path: &str, at: &str, value: Value) {
    Spec::<FootfallOfStores>::given(history()).asked(path).then_at(at, value);
}

fn eur(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

#[test]
fn visitors_are_those_who_came_in_without_staff_and_companions() {
    let day = "/v1/stores/PARIS/footfall?from=2026-11-23&to=2026-11-23";
    for (at, value) in [
        ("/entered", json!(170)),
        ("/left", json!(170)),
        ("/staff", json!(6)),
        ("/companions", json!(36)),
        ("/visitors", json!(128)),
        ("/transactions", json!(2)),
        ("/conversion", json!(2.0 / 128.0)),
        ("/net_sales", eur(7_500)),
        ("/shopper_yield", eur(59)),
    ] {
        then(day, at, value);
    }
}

#[test]
fn hours_are_those_of_the_stores_clock() {
    let hour =
        |hour: u8, entered: i64, visitors: i64| json!({ "hour": hour, "entered": entered, "visitors": visitors });
    then(PARIS, "/hours", json!([hour(9, 10, 0), hour(10, 140, 108), hour(17, 30, 20)]));
    then(PARIS, "/days/0/hours", json!([hour(10, 140, 108), hour(17, 30, 20)]));
    then("/v1/stores/LYON/footfall", "/days/0/hours", json!([hour(3, 8, 8)]));
    then("/v1/stores/LYON/footfall", "/days/1/hours", json!([hour(4, 56, 56)]));
}

#[test]
fn days_between_have_zeros_and_without_visitors_nothing_is_known() {
    then(PARIS, "/days/1/day", json!("2026-11-24"));
    then(PARIS, "/days/1/entered", json!(0));
    for at in ["/days/1/conversion", "/days/2/conversion", "/days/2/shopper_yield"] {
        then(PARIS, at, Value::Null);
    }
    then(PARIS, "/days/2/net_sales", eur(-1_000));
}

#[test]
fn stores_stand_beside_each_other_and_conversion_is_that_of_their_sums() {
    then("/v1/footfall", "/visitors", json!(192));
    then("/v1/footfall", "/conversion", json!(3.0 / 192.0));
    then("/v1/footfall", "/stores/0/store", json!("LYON"));
    then("/v1/footfall", "/stores/1/visitors", json!(128));
    then("/v1/footfall?organisation=acme", "/visitors", json!(192));
}

#[test]
fn an_hour_that_a_clock_change_repeats_is_counted_together() {
    let events = vec![
        store("PARIS", "Europe/Paris", "00:00"),
        counted("PARIS", "2026-10-25T02:30:00+02:00", (3, 0, 0, 0)),
        counted("PARIS", "2026-10-25T02:30:00+01:00", (4, 0, 0, 0)),
    ];
    Spec::<FootfallOfStores>::given(events)
        .asked(PARIS)
        .then_at("/hours", json!([{ "hour": 2, "entered": 7, "visitors": 7 }]));
}

#[test]
fn an_organisation_without_stores_is_not_told_as_zero() {
    let unknown = QueryError::Unknown { kind: "organisation", name: "acme/it".to_owned() };
    Spec::<FootfallOfStores>::given(history()).asked("/v1/footfall?organisation=acme/it").then_refused(unknown);
}

#[test]
fn rows_do_not_depend_on_how_the_log_was_cut() {
    laws::<FootfallOfStores>(history(), &[PARIS, "/v1/footfall", "/v1/stores/LYON/footfall?window=30d"]);
}
