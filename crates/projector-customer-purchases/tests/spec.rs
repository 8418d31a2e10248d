//! What `customer-purchases` answers, given events.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use storefold_projection::{
    Asked, QueryError,
    spec::{Spec, laws},
};
use storefold_projector_customer_purchases::CustomerPurchases;

fn store(name: &str, zone: &str, currency: &str) -> Value {
    json!({ "store": name, "occurred_at": "2026-01-01T00:00:00Z", "type": "StoreConfigured",
        "data": { "name": name, "zone": zone, "currency": currency } })
}

fn sale(store: &str, at: &str, customer: Option<&str>, net_minor: i64) -> Value {
    let currency = if store == "TOKYO" { "JPY" } else { "EUR" };
    json!({ "store": store, "occurred_at": at, "type": "SaleValidated", "data": { "sale": format!("{store}-{at}"),
        "till": "1", "channel": "store", "customer": customer, "currency": currency,
        "tenders": [{ "kind": "cash", "amount_minor": net_minor }],
        "lines": [{ "line": 1, "sku": "A", "quantity": 1, "gross_minor": net_minor + 100, "discount_minor": 100 }] } })
}

fn decided(store: &str, at: &str, event_type: &str, data: &Value) -> Value {
    json!({ "cause": 1, "store": store, "occurred_at": at, "type": event_type, "data": data })
}

fn history() -> Vec<Value> {
    let home = |country: &str, language: &str| json!({ "country": country, "language": language });
    let created = |customer: &str, locale: Value| {
        json!({ "occurred_at": "2026-01-01T00:00:00Z", "type": "CustomerCreated",
            "data": { "customer": customer, "locale": locale } })
    };
    vec![
        store("PARIS", "Europe/Paris", "EUR"),
        store("LYON", "Europe/Paris", "EUR"),
        store("TOKYO", "Asia/Tokyo", "JPY"),
        created("A", home("FR", "fr")),
        created("B", home("BE", "fr")),
        sale("PARIS", "2026-10-31T22:59:59Z", Some("A"), 4_000),
        sale("PARIS", "2026-10-31T23:00:00Z", Some("A"), 5_000),
        sale("LYON", "2026-11-10T12:00:00Z", Some("A"), 1_000),
        sale("PARIS", "2026-11-10T12:00:00Z", Some("B"), 7_000),
        sale("PARIS", "2026-11-11T12:00:00Z", Some("B"), 2_500),
        sale("PARIS", "2026-11-12T12:00:00Z", None, 9_900),
        sale("TOKYO", "2026-11-12T12:00:00Z", Some("A"), 777),
        decided(
            "LYON",
            "2026-12-01T12:00:00Z",
            "ReturnValued",
            &json!({ "return": "R", "sale": "X", "currency": "EUR",
            "units": 1, "refund_minor": 600, "tax_minor": 0, "sold_at_ms": 1_793_833_200_000_i64, "customer": "A" }),
        ),
        decided(
            "PARIS",
            "2026-11-11T12:00:00Z",
            "SaleReversed",
            &json!({ "sale": "Y", "currency": "EUR", "units": 1,
            "turnover_minor": 2_500, "tax_minor": 0, "customer": "B" }),
        ),
    ]
}

fn then(parameters: &str, at: &str, value: Value) {
    Spec::<CustomerPurchases>::given(history()).asked(&format!("/v1/purchases?{parameters}")).then_at(at, value);
}

fn eur(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

fn of(customer: &str, visits: i64, turnover: i64) -> Value {
    json!({ "customer": customer, "visits": visits, "turnover": eur(turnover) })
}

#[test]
fn visits_and_turnover_are_summed_after_returns_and_voids() {
    then("currency=EUR", "/purchases", json!([of("A", 3, 9_400), of("B", 1, 7_000)]));
    then("currency=EUR", "/turnover", eur(16_400));
    then("currency=EUR", "/visits", json!(4));
    then("currency=JPY", "/purchases/0/turnover/amount", json!(777));
}

#[test]
fn a_period_counts_the_days_of_the_stores() {
    then("currency=EUR&from=2026-11-01", "/purchases", json!([of("A", 2, 5_400), of("B", 1, 7_000)]));
    then("currency=EUR&until=2026-10-31", "/purchases", json!([of("A", 1, 4_000)]));
    then("currency=EUR&from=2026-11-01&until=2026-11-01", "/purchases", json!([of("A", 1, 5_000)]));
}

#[test]
fn the_least_number_of_visits_and_the_least_turnover_are_inclusive() {
    then("currency=EUR&visits_min=3", "/customers", json!(1));
    then("currency=EUR&visits_min=4", "/customers", json!(0));
    then("currency=EUR&turnover_min_minor=9400", "/customers", json!(1));
    then("currency=EUR&turnover_min_minor=9401", "/customers", json!(0));
}

#[test]
fn stores_a_customer_a_country_and_a_language_are_chosen() {
    then("currency=EUR&stores=LYON", "/purchases", json!([of("A", 1, 400)]));
    then("currency=EUR&stores=LYON,PARIS", "/customers", json!(2));
    then("currency=EUR&customer=B", "/purchases", json!([of("B", 1, 7_000)]));
    then("currency=EUR&country=fr", "/purchases", json!([of("A", 3, 9_400)]));
    then("currency=EUR&language=FR", "/customers", json!(2));
    then("currency=EUR&country=DE", "/purchases", json!([]));
}

#[test]
fn customers_come_in_pages_and_the_totals_are_of_all() {
    then("currency=EUR&limit=1", "/purchases", json!([of("A", 3, 9_400)]));
    then("currency=EUR&limit=1", "/next", json!("A"));
    then("currency=EUR&limit=1&after=A", "/purchases", json!([of("B", 1, 7_000)]));
    then("currency=EUR&limit=1&after=A", "/next", Value::Null);
    then("currency=EUR&limit=1&after=A", "/customers", json!(2));
}

#[test]
fn whoever_sees_some_stores_is_told_what_was_bought_there() {
    let spec = Spec::<CustomerPurchases>::given(history());
    let asked = |stores: Option<&str>, seen: &[&str]| {
        let mut asked = Asked::new();
        asked.insert("currency".to_owned(), json!("EUR"));
        asked.insert("stores_seen".to_owned(), json!(seen));
        asked.extend(stores.map(|stores| ("stores".to_owned(), json!(stores))));
        asked
    };
    let told = spec.asked_with("/v1/purchases", &asked(None, &["LYON", "NICE"]));
    told.then_at("/purchases", json!([of("A", 1, 400)]))
        .then_at("/customers", json!(1))
        .then_at("/turnover", eur(400))
        .then_at("/elsewhere_hidden", json!(true));
    spec.asked_with("/v1/purchases", &asked(Some("LYON"), &["LYON"])).then_at("/purchases", json!([of("A", 1, 400)]));
    spec.asked_with("/v1/purchases", &asked(None, &[])).then_at("/customers", json!(0));
    let hidden = QueryError::Unknown { kind: "store", name: "PARIS".to_owned() };
    spec.asked_with("/v1/purchases", &asked(Some("LYON,PARIS"), &["LYON"])).then_refused(hidden);
    spec.asked("/v1/purchases?currency=EUR").then_at("/elsewhere_hidden", json!(false));
}

#[test]
fn rows_do_not_depend_on_how_the_log_was_cut() {
    laws::<CustomerPurchases>(
        history(),
        &["/v1/purchases?currency=EUR", "/v1/purchases?currency=EUR&country=FR&stores=LYON&from=2026-11-01"],
    );
}
