//! What `customer-file` answers, given events.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use proptest::prelude::*;
use serde_json::{Value, json};
use storefold_events::{Event, Key, Payload, Text, customer::CustomerErased};
use storefold_projection::spec::{History, Spec, laws};
use storefold_projector_customer_file::CustomerFile;

fn event(at: &str, event_type: &str, data: &Value) -> Value {
    json!({ "source": "crm", "store": "S", "occurred_at": at, "type": event_type, "data": data })
}

fn scan(scan: &str, email: &str) -> Value {
    let data = json!({ "scan": scan, "scanner": "1", "outcome": "succeeded", "email": email });
    event("2026-11-02T10:00:00Z", "ScanCaptured", &data)
}

fn sale(sale: &str, customer: &str) -> Value {
    event(
        "2026-11-03T10:00:00Z",
        "SaleValidated",
        &json!({ "sale": sale, "till": "1", "channel": "store", "customer": customer, "currency": "EUR",
            "tenders": [{ "kind": "cash", "amount_minor": 5_000 }],
            "lines": [{ "line": 1, "sku": "A", "quantity": 1, "gross_minor": 6_000, "discount_minor": 1_000 }] }),
    )
}

fn consent(at: &str, granted: bool, channel: &str) -> Value {
    let event_type = if granted { "ConsentGranted" } else { "ConsentWithdrawn" };
    event(at, event_type, &json!({ "customer": "A", "channel": channel }))
}

fn history() -> History {
    let store =
        event("2026-01-01T00:00:00Z", "StoreConfigured", &json!({ "name": "S", "zone": "UTC", "currency": "EUR" }));
    let created = json!({ "customer": "A", "name": "sealed:1:1:abc", "email": "sealed:1:2:def", "seller": "till-7" });
    History::new()
        .and(store)
        .and(scan("early", "sealed:1:2:scan"))
        .and(event("2026-11-01T10:00:00Z", "CustomerCreated", &created))
        .and(event("2026-11-01T11:00:00Z", "CustomerUpdated", &json!({ "customer": "A", "email": "sealed:1:5:new" })))
        .and(event("2026-11-01T12:00:00Z", "CustomerUpdated", &json!({ "customer": "A", "mobile": "" })))
        .and(sale("T-1", "A"))
        .and(sale("T-2", "B"))
        .and(scan("other", "sealed:1:9:scan"))
        .and(scan("late", "sealed:1:5:scan"))
        .and(scan("gone", "sealed:1:5:"))
        .and(consent("2026-11-05T10:00:00Z", true, "email"))
        .and(consent("2026-11-04T10:00:00Z", false, "email"))
}

#[test]
fn the_file_has_what_was_said_last_and_the_scans_of_every_address() {
    let spec = Spec::<CustomerFile>::given(history());
    let file = spec.asked("/v1/customers/A/file");
    assert_eq!(file.value()["scans"].as_array().map(Vec::len), Some(2), "what was sealed with no key is of nobody");
    assert_eq!(spec.table("consents").len(), 1);
    file.then_at("/seller", json!("till-7"))
        .then_at(
            "/name",
            json!({ "value": null, "unreadable": "not_here", "source": "crm", "at": "2026-11-01T10:00:00Z" }),
        )
        .then_at("/mobile", Value::Null)
        .then_at("/email/at", json!("2026-11-01T11:00:00Z"))
        .then_at("/scans/0/scan", json!("early"))
        .then_at("/scans/1/scan", json!("late"))
        .then_at(
            "/facts",
            json!([{ "position": 6, "what": "SaleValidated", "of": "T-1", "at": "2026-11-03T10:00:00Z",
            "store": "S", "amount": { "amount": 5_000, "currency": "EUR" } }]),
        )
        .then_at(
            "/consents",
            json!([{ "channel": "email", "granted": true, "source": "crm", "at": "2026-11-05T10:00:00Z" }]),
        )
        .then_at("/erased", Value::Null);
}

#[test]
fn the_first_erasure_is_the_one_that_is_shown() {
    let mut history = history();
    for by in ["anna", "berta"] {
        history.push(&Event {
            source: Text::from("storefold"),
            key: Key::Seq(1),
            store: None,
            occurred_at_ms: 1_793_833_200_000,
            cause: None,
            payload: Payload::CustomerErased(CustomerErased {
                customer: "A".into(),
                by: Some(by.into()),
                address: None,
            }),
        });
    }
    let spec = Spec::<CustomerFile>::given(history);
    let erased = json!({ "position": 13, "at": "2026-11-04T23:00:00Z", "by": "anna" });
    spec.asked("/v1/customers/A/file").then_at("/erased", erased);
}

#[test]
fn rows_do_not_depend_on_how_the_log_was_cut() {
    laws::<CustomerFile>(history(), &["/v1/customers/A/file", "/v1/customers/B/file"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// However consents arrive, the newest that was said stands; of two at one time, the withdrawal.
    #[test]
    fn the_newest_consent_stands_in_whatever_order_they_arrive(
        said in prop::collection::vec((0_u32..6, any::<bool>()), 1..8),
        shuffled in any::<prop::sample::Index>(),
    ) {
        let answer = |order: &[(u32, bool)]| {
            let mut history = History::new();
            for (hour, granted) in order {
                history = history.and(consent(&format!("2026-11-05T{hour:02}:00:00Z"), *granted, "sms"));
            }
            Spec::<CustomerFile>::given(history).asked("/v1/customers/A/file").value()["consents"].clone()
        };
        let mut other = said.clone();
        other.rotate_left(shuffled.index(said.len()));
        other.reverse();
        let newest = said.iter().map(|(hour, _)| *hour).max().unwrap();
        let granted = !said.contains(&(newest, false));
        prop_assert_eq!(&answer(&said)[0]["granted"], &json!(granted));
        prop_assert_eq!(answer(&said), answer(&other));
    }
}
