//! What `network-kpi` answers, given events.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod spec {
    mod offline;
    mod undertaken;
}

use serde_json::{Value, json};
use storefold_projection::{
    QueryError,
    spec::{Spec, laws},
};
use storefold_projector_network_kpi::NetworkKpi;

fn store(name: &str, zone: &str, organisation: &str, currency: &str) -> Value {
    json!({ "store": name, "occurred_at": "2025-11-01T00:00:00Z", "type": "StoreConfigured",
        "data": { "name": name, "zone": zone, "currency": currency, "organisation": organisation,
            "area_m2": [{ "from": "2025-01-01", "m2": 100 }, { "from": "2026-11-03", "m2": 400 }] } })
}

fn sale(store: &str, at: &str, customer: Option<&str>, net_minor: i64) -> Value {
    let currency = if store == "BOSTON" { "USD" } else { "EUR" };
    json!({ "store": store, "occurred_at": at, "type": "SaleValidated", "data": { "sale": format!("{store}{at}"),
        "till": "1", "channel": "store", "customer": customer, "currency": currency,
        "tenders": [{ "kind": "cash", "amount_minor": net_minor }],
        "lines": [{ "line": 1, "sku": "A", "quantity": 2, "gross_minor": net_minor, "tax_minor": net_minor / 6,
            "cost_minor": net_minor / 2 }] } })
}

fn decided(store: &str, at: &str, event_type: &str, data: &Value) -> Value {
    json!({ "cause": 1, "store": store, "occurred_at": at, "type": event_type, "data": data })
}

fn sent(store: Option<&str>, at: &str, event_type: &str, data: &Value) -> Value {
    let mut event = json!({ "occurred_at": at, "type": event_type, "data": data });
    if let Some(store) = store {
        event["store"] = json!(store);
    }
    event
}

fn scan(store: &str, at: &str, succeeded: bool, email: bool) -> Value {
    let mut data = json!({ "scan": format!("{store}{at}"), "scanner": "0012",
        "outcome": if succeeded { "succeeded" } else { "failed" } });
    if !succeeded {
        data["error_code"] = json!("too_much_sunlight");
    }
    if email {
        data["email"] = json!("a@example.com");
    }
    sent(Some(store), at, "ScanCaptured", &data)
}

fn history() -> Vec<Value> {
    let consent = |channel: &str| json!({ "customer": "C-1", "channel": channel });
    vec![
        store("PARIS", "Europe/Paris", "acme/fr", "EUR"),
        store("LYON", "Europe/Paris", "acme/fr", "EUR"),
        store("BOSTON", "America/New_York", "acme/us", "USD"),
        sent(
            Some("PARIS"),
            "2026-11-02T09:00:00+01:00",
            "CustomerCreated",
            &json!({ "customer": "C-1", "email": "a@example.com" }),
        ),
        sent(Some("LYON"), "2026-11-02T09:10:00+01:00", "CustomerCreated", &json!({ "customer": "C-2" })),
        sent(None, "2026-11-02T09:20:00+01:00", "ConsentGranted", &consent("email")),
        sent(None, "2026-11-02T09:30:00+01:00", "ConsentGranted", &consent("sms")),
        sent(
            Some("PARIS"),
            "2026-11-02T10:00:00+01:00",
            "FootfallCounted",
            &json!({ "counter": "door", "entered": 13, "staff": 1, "companions": 2 }),
        ),
        sale("PARIS", "2026-11-02T10:05:00+01:00", Some("C-1"), 6_000),
        sale("PARIS", "2026-11-02T23:30:00+01:00", Some("C-1"), 3_000),
        sale("PARIS", "2026-11-03T00:30:00+01:00", Some("C-2"), 1_200),
        sale("LYON", "2026-11-03T11:00:00+01:00", Some("C-1"), 600),
        sale("BOSTON", "2026-11-03T20:00:00-05:00", None, 9_000),
        scan("PARIS", "2026-11-03T12:00:00+01:00", true, true),
        scan("PARIS", "2026-11-03T12:01:00+01:00", true, false),
        scan("PARIS", "2026-11-03T12:02:00+01:00", false, false),
        decided(
            "PARIS",
            "2026-11-04T10:00:00+01:00",
            "ReturnValued",
            &json!({ "return": "R", "sale": "PARIS2026-11-02T10:05:00+01:00",
            "currency": "EUR", "units": 1, "refund_minor": 3_000, "tax_minor": 500, "sold_at_ms": 0, "customer": "C-1",
            "costed": { "net_minor": 2_500, "cost_minor": 1_500 } }),
        ),
        decided(
            "LYON",
            "2026-11-03T11:00:00+01:00",
            "SaleReversed",
            &json!({ "sale": "LYON2026-11-03T11:00:00+01:00",
            "currency": "EUR", "units": 2, "turnover_minor": 600, "tax_minor": 100, "customer": "C-1",
            "costed": { "net_minor": 500, "cost_minor": 300 } }),
        ),
        sent(
            Some("PARIS"),
            "2026-11-04T12:00:00+01:00",
            "SurveyAnswered",
            &json!({ "answer": "A", "survey": "s", "score": 8, "score_best": 10 }),
        ),
        sent(None, "2026-11-04T13:00:00+01:00", "ConsentWithdrawn", &consent("sms")),
        sent(
            None,
            "2026-11-04T14:00:00+01:00",
            "KpiDefined",
            &json!({ "kpi": "net_per_scan", "formula": "average_basket / scans_attempted",
            "unit": "number", "decimals": 3 }),
        ),
        sent(
            Some("PARIS"),
            "2026-11-04T15:00:00+01:00",
            "TargetSet",
            &json!({ "kpi": "conversion", "from": "2026-11-02", "to": "2026-11-02", "target": "0.25" }),
        ),
    ]
}

fn value(spec: &Spec<NetworkKpi>, kpi: &str, query: &str, expected: &Value) {
    spec.asked(&format!("/v1/kpis/{kpi}?{query}")).then_at("/value", expected.clone());
}

#[test]
fn figures_of_a_store_an_organisation_and_the_network_are_sums_of_the_same_days() {
    let spec = Spec::<NetworkKpi>::given(history());
    let paris = "store=PARIS&from=2026-11-02&to=2026-11-04";
    value(&spec, "turnover", paris, &json!(7_200));
    value(&spec, "turnover", "store=PARIS&from=2026-11-02&to=2026-11-02", &json!(9_000));
    value(&spec, "turnover", "organisation=acme/fr&from=2026-11-02&to=2026-11-04", &json!(7_200));
    value(&spec, "turnover", "currency=EUR&from=2026-11-02&to=2026-11-04", &json!(7_200));
    value(&spec, "turnover", "store=BOSTON&from=2026-11-03&to=2026-11-03", &json!(9_000));
    value(&spec, "transactions", "from=2026-11-02&to=2026-11-04", &json!(4));
    value(&spec, "units_per_transaction", paris, &json!(1.67));
    value(&spec, "conversion", "store=PARIS&from=2026-11-02&to=2026-11-02", &json!(0.2));
    value(&spec, "margin", paris, &json!(2_400));
    value(&spec, "margin_rate", paris, &json!(0.4));
    value(&spec, "return_rate", paris, &json!(0.2941));
    // 100 m² on the first of three days, 400 on the others: 300 on the mean.
    value(&spec, "sales_per_m2", paris, &json!(24));
    value(&spec, "active_customers", paris, &json!(2));
    value(&spec, "active_customers", "organisation=acme/fr&from=2026-11-02&to=2026-11-02", &json!(1));
    value(&spec, "purchase_frequency", paris, &json!(1.5));
    value(&spec, "new_customer_share", paris, &json!(0.6667));
    value(&spec, "optin_email", "organisation=acme/fr&from=2026-11-04&to=2026-11-04", &json!(0.5));
    value(&spec, "optin_sms", "organisation=acme/fr&from=2026-11-03&to=2026-11-03", &json!(0.5));
    value(&spec, "optin_sms", "organisation=acme/fr&from=2026-11-04&to=2026-11-04", &json!(0.0));
    value(&spec, "reach_email", "store=PARIS&from=2026-11-04&to=2026-11-04", &json!(1.0));
    value(&spec, "satisfaction", paris, &json!(0.8));
    value(&spec, "email_capture", paris, &json!(0.5));
    // 7,200 minor units by 3 sales by 3 scans.
    value(&spec, "net_per_scan", paris, &json!(800.0));
}

#[test]
fn what_is_not_known_is_null_and_says_why() {
    let spec = Spec::<NetworkKpi>::given(history());
    let asked = |uri: &str, why: &str| {
        spec.asked(uri).then_at("/value", Value::Null).then_at("/not_known", json!(why));
    };
    asked("/v1/kpis/conversion?store=LYON&from=2026-11-02&to=2026-11-04", "visitors is 0");
    let several = "the stores sell in several currencies; ask for one with `currency`";
    asked("/v1/kpis/turnover?from=2026-11-02&to=2026-11-04", several);
    let no_area = "the selling area of store PARIS on 2024-12-31 is not known";
    asked("/v1/kpis/sales_per_m2?store=PARIS&from=2024-12-31&to=2026-11-04", no_area);
    spec.asked("/v1/kpis/nothing").then_refused(QueryError::Unknown { kind: "KPI", name: "nothing".to_owned() });
    spec.asked("/v1/kpis/turnover?store=X").then_refused(QueryError::Unknown { kind: "store", name: "X".to_owned() });
    for (query, parameter) in [
        ("from=2026-11-04&to=2026-11-02", "to"),
        ("from=1900-01-01&to=2026-11-02", "from"),
        ("from=2026-02-30", "from"),
        ("store=PARIS&organisation=acme", "organisation"),
        ("currency=GBP", "currency"),
        ("by=hour", "by"),
    ] {
        let answer = spec.asked(&format!("/v1/kpis/turnover?{query}"));
        let refused = answer.refusal();
        assert!(
            matches!(refused, QueryError::BadParameter { parameter: named, .. } if named == parameter),
            "{refused:?}"
        );
    }
}

#[test]
fn a_figure_stands_beside_its_target_the_days_before_and_each_day() {
    let spec = Spec::<NetworkKpi>::given(history());
    spec.asked("/v1/kpis/conversion?store=PARIS&from=2026-11-02&to=2026-11-02")
        .then_at("/target", json!({ "target": 0.25, "gap": -0.05, "reached": false }))
        .then_at("/definition/denominator", json!("visitors"))
        .then_at("/measures", json!({ "transactions": 2, "visitors": 10 }));
    spec.asked("/v1/kpis/turnover?store=PARIS&from=2026-11-03&to=2026-11-03&compare=previous")
        .then_at("/compared/value", json!(9_000))
        .then_at("/compared/change", json!(-7_800))
        .then_at("/compared/change_share", json!(-0.8667));
    let days = spec.asked("/v1/kpis/turnover?store=PARIS&from=2026-11-01&to=2026-11-04&by=day");
    for (index, expected) in [0, 9_000, 1_200, -3_000].into_iter().enumerate() {
        days.then_at(&format!("/series/{index}/value"), json!(expected));
    }
    spec.asked("/v1/kpis/turnover?store=PARIS&from=2026-10-30&to=2026-11-04&by=month")
        .then_at("/series/0/to", json!("2026-10-31"))
        .then_at("/series/1/value", json!(7_200));
}

#[test]
fn stores_are_ranked_by_what_is_good_and_ties_share_a_rank() {
    let spec = Spec::<NetworkKpi>::given(history());
    let ranking = spec.asked("/v1/kpis/transactions/ranking?from=2026-11-02&to=2026-11-04");
    ranking.then_at("/ranking/0/store", json!("PARIS")).then_at("/ranking/0/rank", json!(1));
    ranking.then_at("/ranking/1/store", json!("BOSTON")).then_at("/ranking/2/store", json!("LYON"));
    ranking.then_at("/all/value", json!(4));
    let answer = spec.asked("/v1/kpis/turnover/ranking?from=2026-11-02&to=2026-11-04");
    let money = answer.refusal();
    assert!(matches!(money, QueryError::BadParameter { parameter, .. } if parameter == "currency"), "{money:?}");
}

#[test]
fn a_late_upload_restates_its_own_day_and_a_closed_month_stays_as_it_was() {
    let mut events = history();
    events.push(sent(None, "2026-12-05T12:00:00Z", "MonthClosed", &json!({ "month": "2026-11" })));
    events.push(scan("PARIS", "2026-11-03T18:00:00+01:00", true, true));
    events.push(scan("PARIS", "2026-11-03T18:01:00+01:00", true, true));
    let late = events.len() as u64;
    let spec = Spec::<NetworkKpi>::given(events);
    let answer = spec.asked("/v1/restatements?store=PARIS&from=2026-12-01");
    answer
        .then_at("/restatements/0/day", json!("2026-11-03"))
        .then_at("/restatements/0/recorded_on", json!("2026-12-05"));
    answer.then_at(
        "/restatements/0/changed",
        json!({ "scans_attempted": { "old": 3, "new": 5 },
        "scans_identified": { "old": 1, "new": 3 }, "scans_successful": { "old": 2, "new": 4 } }),
    );
    answer.then_at(
        "/restatements/0/crossed",
        json!(["rose to scan success of 70 % (0.7)", "rose to email capture of 60 % (0.13)"]),
    );
    answer.then_at("/restatements/0/positions", json!([late - 1, late]));
    assert_eq!(answer.value()["restatements"].as_array().unwrap().len(), 1);
    value(&spec, "scans", "store=PARIS&from=2026-11-03&to=2026-11-03", &json!(5));
    value(&spec, "scans", "store=PARIS&from=2026-11-03&to=2026-11-03&known_on=2026-12-04", &json!(3));
    value(&spec, "scans", "from=2026-11-03&to=2026-11-03&known_on=2026-12-04", &json!(3));
    let closed = spec.asked("/v1/closed-months?store=PARIS");
    closed.then_at("/months/0/closed/scans_attempted", json!(3));
    closed.then_at(
        "/months/0/adjustments",
        json!({ "scans_attempted": 2, "scans_identified": 2, "scans_successful": 2 }),
    );
    spec.asked("/v1/stores/PARIS/evidence?day=2026-11-03&after=16")
        .then_at("/events", json!([{ "position": late - 1, "kind": "scan" }, { "position": late, "kind": "scan" }]));
}

#[test]
fn a_store_that_changes_its_organisation_takes_its_days_along() {
    let mut events = history();
    events.push(store("PARIS", "Europe/Paris", "acme/be", "EUR"));
    let spec = Spec::<NetworkKpi>::given(events);
    value(&spec, "turnover", "organisation=acme/be&from=2026-11-02&to=2026-11-04", &json!(7_200));
    value(&spec, "turnover", "organisation=acme/fr&from=2026-11-02&to=2026-11-04", &json!(0));
    value(&spec, "active_customers", "organisation=acme/be&from=2026-11-02&to=2026-11-04", &json!(2));
    value(&spec, "turnover", "currency=EUR&from=2026-11-02&to=2026-11-04", &json!(7_200));
}

#[test]
fn store_days_follow_the_zone_over_both_changes_of_the_clock() {
    for (zone, first, second, day) in [
        ("Pacific/Auckland", "2026-09-27T23:30:00+13:00", "2026-09-28T00:30:00+13:00", "2026-09-27"),
        ("Pacific/Auckland", "2026-04-05T23:30:00+12:00", "2026-04-06T00:30:00+12:00", "2026-04-05"),
        ("America/Los_Angeles", "2026-11-01T23:30:00-08:00", "2026-11-02T00:30:00-08:00", "2026-11-01"),
        ("America/Los_Angeles", "2026-03-08T23:30:00-07:00", "2026-03-09T00:30:00-07:00", "2026-03-08"),
        ("Europe/Paris", "2026-03-29T23:30:00+02:00", "2026-03-30T00:30:00+02:00", "2026-03-29"),
        ("Europe/Paris", "2026-10-25T23:30:00+01:00", "2026-10-26T00:30:00+01:00", "2026-10-25"),
        ("Asia/Kathmandu", "2026-11-01T23:30:00+05:45", "2026-11-02T00:30:00+05:45", "2026-11-01"),
    ] {
        let spec = Spec::<NetworkKpi>::given(vec![
            store("S", zone, "acme", "EUR"),
            sale("S", first, None, 100),
            sale("S", second, None, 10),
        ]);
        value(&spec, "turnover", &format!("store=S&from={day}&to={day}"), &json!(100));
        value(&spec, "turnover", &format!("from={day}&to={day}"), &json!(100));
        value(&spec, "turnover", "from=2026-01-01&to=2026-12-31", &json!(110));
    }
}

#[test]
fn a_business_day_may_start_at_four() {
    let mut night = store("S", "Europe/Paris", "acme", "EUR");
    night["data"]["business_day_start"] = json!("04:00");
    let at = |hour: &str| sale("S", &format!("2026-11-03T{hour}:00+01:00"), None, 100);
    let spec = Spec::<NetworkKpi>::given(vec![night, at("03:59"), at("04:00")]);
    value(&spec, "transactions", "store=S&from=2026-11-02&to=2026-11-02", &json!(1));
    value(&spec, "transactions", "store=S&from=2026-11-03&to=2026-11-03", &json!(1));
}

#[test]
fn laws_hold() {
    let mut events = history();
    events.push(sent(None, "2026-12-05T12:00:00Z", "MonthClosed", &json!({ "month": "2026-11" })));
    events.push(scan("PARIS", "2026-11-03T18:00:00+01:00", true, true));
    events.push(store("LYON", "Europe/Paris", "acme/be", "EUR"));
    events.push(sale("LYON", "2026-12-03T11:00:00+01:00", Some("C-1"), 600));
    laws::<NetworkKpi>(
        events,
        &["/v1/kpis/turnover?store=PARIS", "/v1/kpis/active_customers", "/v1/restatements", "/v1/closed-months"],
    );
}

#[test]
fn a_consent_that_arrives_late_does_not_undo_a_later_withdrawal() {
    let consent = json!({ "customer": "C-1", "channel": "email" });
    let mut late = history();
    late.push(sent(None, "2026-11-05T10:00:00+01:00", "ConsentWithdrawn", &consent));
    late.push(sent(None, "2026-11-05T09:00:00+01:00", "ConsentGranted", &consent));
    let spec = Spec::<NetworkKpi>::given(late);
    value(&spec, "optin_email", "organisation=acme/fr&from=2026-11-05&to=2026-11-05", &json!(0.0));
}
