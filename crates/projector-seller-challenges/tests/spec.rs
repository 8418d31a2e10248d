//! What `seller-challenges` answers, given events.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use storefold_projection::{
    QueryError,
    spec::{Spec, laws},
};
use storefold_projector_seller_challenges::SellerChallenges;

const SPRING: &str = "/v1/challenges/spring";

fn store(name: &str, zone: &str) -> Value {
    json!({ "store": name, "occurred_at": "2026-01-01T00:00:00Z", "type": "StoreConfigured",
        "data": { "name": name, "zone": zone, "currency": "EUR" } })
}

fn store_of(name: &str, organisation: &str) -> Value {
    let mut store = store(name, "Europe/Paris");
    store["data"]["organisation"] = json!(organisation);
    store
}

fn opened(challenge: &str, stores: &[&str], with_email: bool) -> Value {
    json!({ "occurred_at": "2026-02-20T09:00:00+01:00", "type": "ChallengeOpened", "data": { "challenge": challenge,
        "title": "Spring", "from": "2026-03-01", "until": "2026-03-31", "stores": stores, "with_email": with_email } })
}

fn file(store: &str, at: &str, customer: &str, seller: Option<&str>, email: Option<&str>) -> Value {
    json!({ "store": store, "occurred_at": at, "type": "CustomerCreated",
        "data": { "customer": customer, "seller": seller, "email": email } })
}

fn history() -> Vec<Value> {
    let email = Some("a@example.com");
    vec![
        store("PARIS", "Europe/Paris"),
        store("AUCKLAND", "Pacific/Auckland"),
        opened("spring", &[], false),
        opened("emails", &["PARIS"], true),
        file("PARIS", "2026-02-28T23:59:59+01:00", "C-0", Some("Ada"), email),
        file("PARIS", "2026-03-01T00:00:00+01:00", "C-1", Some("Ada"), email),
        file("PARIS", "2026-03-02T10:00:00+01:00", "C-2", Some("Ada"), None),
        file("PARIS", "2026-03-02T10:00:00+01:00", "C-3", Some("Bo"), email),
        file("PARIS", "2026-03-02T11:00:00+01:00", "C-4", None, email),
        // In Paris it is still February.
        file("AUCKLAND", "2026-03-01T00:30:00+13:00", "C-5", Some("Cy"), None),
        file("AUCKLAND", "2026-04-01T00:00:00+13:00", "C-6", Some("Cy"), None),
    ]
}

fn closed(challenge: &str, until: &str) -> Value {
    json!({ "occurred_at": "2026-04-01T09:00:00+02:00", "type": "ChallengeClosed",
        "data": { "challenge": challenge, "until": until } })
}

#[test]
fn sellers_are_ranked_by_the_files_they_opened_on_the_days_of_the_challenge() {
    let spec = Spec::<SellerChallenges>::given(history());
    spec.asked(SPRING)
        .then_at(
            "/sellers",
            json!([
                { "rank": 1, "seller": "Ada", "store": "PARIS", "files": 2, "files_with_email": 1, "files_after_close": 0 },
                { "rank": 2, "seller": "Bo", "store": "PARIS", "files": 1, "files_with_email": 1, "files_after_close": 0 },
                { "rank": 2, "seller": "Cy", "store": "AUCKLAND", "files": 1, "files_with_email": 0,
                  "files_after_close": 0 },
            ]),
        )
        .then_at("/without_seller", json!(1))
        .then_at("/closed_at_position", Value::Null);
    spec.asked("/v1/challenges/spring?store=AUCKLAND").then_at("/sellers/0/seller", json!("Cy"));
}

#[test]
fn only_files_with_an_email_of_stores_that_take_part_count_where_it_is_so() {
    Spec::<SellerChallenges>::given(history()).asked("/v1/challenges/emails").then_at(
        "/sellers",
        json!([
            { "rank": 1, "seller": "Ada", "store": "PARIS", "files": 1, "files_with_email": 1, "files_after_close": 0 },
            { "rank": 1, "seller": "Bo", "store": "PARIS", "files": 1, "files_with_email": 1, "files_after_close": 0 },
        ]),
    );
}

#[test]
fn a_late_upload_counts_on_its_day_and_is_told_when_the_challenge_was_closed() {
    let mut events = history();
    events.push(closed("spring", "2026-03-02"));
    events.push(file("PARIS", "2026-03-02T12:00:00+01:00", "C-7", Some("Bo"), None));
    events.push(file("PARIS", "2026-03-03T12:00:00+01:00", "C-8", Some("Bo"), None));
    Spec::<SellerChallenges>::given(events)
        .asked(SPRING)
        .then_at("/until", json!("2026-03-02"))
        .then_at("/closed_at_position", json!(12))
        .then_at("/sellers/1/files", json!(2))
        .then_at("/sellers/1/files_after_close", json!(1));
}

#[test]
fn who_asks_about_a_part_is_told_of_its_challenges_and_its_sellers_alone() {
    let mut events = vec![store_of("LYON", "acme/fr"), store_of("ROME", "acme/it"), opened("all", &[], false)];
    events.push(opened("both", &["LYON", "ROME"], false));
    events.push(opened("rome", &["ROME"], false));
    events.push(file("ROME", "2026-03-02T10:00:00+01:00", "C-1", Some("Ada"), None));
    events.push(file("LYON", "2026-03-02T10:00:00+01:00", "C-2", Some("Bo"), None));
    events.push(file("ROME", "2026-03-02T10:00:00+01:00", "C-3", None, None));
    let spec = Spec::<SellerChallenges>::given(events);
    for part in ["store=LYON", "organisation=acme/fr"] {
        let listed = spec.asked(&format!("/v1/challenges?{part}"));
        listed.then_at("/challenges/0/challenge", json!("all")).then_at("/challenges/1/stores", json!(["LYON"]));
        assert_eq!(listed.value()["challenges"].as_array().unwrap().len(), 2, "{part}");
        let both = spec.asked(&format!("/v1/challenges/both?{part}"));
        both.then_at("/stores", json!(["LYON"])).then_at("/sellers/0/seller", json!("Bo"));
        both.then_at("/without_seller", json!(0));
        assert_eq!(both.value()["sellers"].as_array().unwrap().len(), 1, "{part}");
        let unknown = QueryError::Unknown { kind: "challenge", name: "rome".to_owned() };
        spec.asked(&format!("/v1/challenges/rome?{part}")).then_refused(unknown);
    }
    let unknown = QueryError::Unknown { kind: "organisation", name: "acme/x".to_owned() };
    spec.asked("/v1/challenges?organisation=acme/x").then_refused(unknown);
    spec.asked("/v1/challenges/all?organisation=acme").then_at("/without_seller", json!(1));
}

#[test]
fn what_is_not_there_is_named() {
    let spec = Spec::<SellerChallenges>::given(history());
    let unknown = |kind, name: &str| QueryError::Unknown { kind, name: name.to_owned() };
    spec.asked("/v1/challenges/autumn").then_refused(unknown("challenge", "autumn"));
    spec.asked("/v1/challenges/spring?store=ROME").then_refused(unknown("store", "ROME"));
}

#[test]
fn challenges_are_listed_and_files_exported() {
    let spec = Spec::<SellerChallenges>::given(history());
    spec.asked("/v1/challenges").then_at("/challenges/0/challenge", json!("emails"));
    assert_eq!(
        spec.table("seller-days")[1],
        json!({ "day": "2026-03-01", "store": "AUCKLAND", "seller": "Cy", "files": 1, "files_with_email": 0 })
    );
}

#[test]
fn rows_do_not_depend_on_how_the_log_was_cut() {
    let mut events = history();
    events.insert(8, closed("emails", "2026-03-15"));
    laws::<SellerChallenges>(events, &[SPRING, "/v1/challenges/emails", "/v1/challenges"]);
}
