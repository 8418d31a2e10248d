//! Key figures through the real server: the same number on every route, KPIs that a company defines, and what it gets wrong.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    engine::Engine,
    test_app::{TestApp, read},
};

on_both_engines!(
    figures_are_the_same_on_every_route_and_stores_sum_to_the_network,
    a_company_defines_kpis_and_is_told_what_is_wrong_with_one,
    a_closed_month_stays_and_late_facts_stand_beside_it
);

fn fact(seq: u64, store: &str, at: &str, event_type: &str, data: &Value) -> Value {
    json!({"source": "office", "seq": seq, "store": store, "occurred_at": at, "type": event_type, "data": data})
}

fn store(seq: u64, store: &str) -> Value {
    let data = json!({"name": store, "zone": "Europe/Paris", "currency": "EUR", "organisation": "acme/fr",
        "area_m2": [{"from": "2026-01-01", "m2": 50}]});
    fact(seq, store, "2026-10-01T08:00:00+02:00", "StoreConfigured", &data)
}

fn sale(seq: u64, store: &str, at: &str, total_minor: i64) -> Value {
    let data = json!({"sale": format!("T-{seq}"), "till": "1", "channel": "store", "customer": format!("C-{seq}"),
        "currency": "EUR", "tenders": [{"kind": "cash", "amount_minor": total_minor}],
        "lines": [{"line": 1, "sku": "A", "quantity": 3, "gross_minor": total_minor, "cost_minor": 1_000}]});
    fact(seq, store, at, "SaleValidated", &data)
}

async fn command(app: &TestApp, command: &str, body: &Value) -> (StatusCode, Value) {
    let url = format!("{}/v1/commands/{command}", app.url);
    read(app.http.post(url).json(body).send().await.unwrap()).await
}

/// Two stores with a sale each, a return of one unit of three, and people at the doors.
async fn network(app: &TestApp) -> u64 {
    let back = json!({"return": "R-1", "sale": "T-4", "currency": "EUR", "lines": [{"line": 1, "quantity": 1, "refund_minor": 1_500}],
        "tenders": [{"kind": "cash", "amount_minor": 1_500}]});
    let answer = app
        .post(&[
            store(1, "A"),
            store(2, "B"),
            sale(3, "A", "2026-10-05T10:00:00+02:00", 2_000),
            sale(4, "B", "2026-10-05T11:00:00+02:00", 4_500),
            fact(5, "B", "2026-10-06T11:00:00+02:00", "SaleReturned", &back),
            fact(
                6,
                "B",
                "2026-10-05T09:00:00+02:00",
                "FootfallCounted",
                &json!({"counter": "door", "entered": 9, "staff": 1}),
            ),
        ])
        .await;
    answer["position"].as_u64().unwrap()
}

async fn value(app: &TestApp, path: &str, position: u64) -> Value {
    let joint = if path.contains('?') { '&' } else { '?' };
    app.get(&format!("{path}{joint}at_least={position}")).await["value"].clone()
}

async fn figures_are_the_same_on_every_route_and_stores_sum_to_the_network(engine: Engine) {
    let app = TestApp::start(engine).await;
    let position = network(&app).await;
    let october = "from=2026-10-01&to=2026-10-31";
    let of = async |kpi: &str, place: &str| value(&app, &format!("/v1/kpis/{kpi}?{place}&{october}"), position).await;
    for store in ["A", "B"] {
        let performance = app.get(&format!("/v1/stores/{store}/performance?{october}&at_least={position}")).await;
        let place = format!("store={store}");
        assert_eq!(of("turnover", &place).await, performance["totals"]["turnover"]["amount"], "{store}");
        assert_eq!(of("transactions", &place).await, performance["totals"]["sales"], "{store}");
    }
    let footfall = app.get(&format!("/v1/stores/B/footfall?{october}&at_least={position}")).await;
    assert_eq!(of("conversion", "store=B").await, footfall["conversion"]);
    assert_eq!(of("shopper_yield", "store=B").await, footfall["shopper_yield"]["amount"]);
    for place in ["organisation=acme/fr", "organisation=acme", "currency=EUR"] {
        assert_eq!(of("turnover", place).await, json!(5_000), "{place}");
        // Costs of 1,000 a sale; a third of one came back: 667.
        assert_eq!(of("margin", place).await, json!(5_000 - 2_000 + 333), "{place}");
        assert_eq!(of("active_customers", place).await, json!(2), "{place}");
        assert_eq!(of("sales_per_m2", place).await, json!(50), "{place}");
    }
    let ranking = app.get(&format!("/v1/kpis/turnover/ranking?{october}&at_least={position}")).await;
    assert_eq!(ranking["ranking"][0]["store"], "B");
    assert_eq!(ranking["ranking"][1]["value"], json!(2_000));
}

async fn a_company_defines_kpis_and_is_told_what_is_wrong_with_one(engine: Engine) {
    let app = TestApp::start(engine).await;
    network(&app).await;
    let define = async |seq: u64, kpi: &str, formula: &str| {
        let body = json!({"source": "head-office", "seq": seq, "occurred_at": "2026-10-07T08:00:00Z",
            "data": {"kpi": kpi, "formula": formula, "unit": "number", "decimals": 2}});
        command(&app, "define-kpi", &body).await
    };
    let (status, taken) = define(1, "units_per_visitor", "units / visitors").await;
    assert_eq!(status, StatusCode::OK, "{taken}");
    let position = taken["position"].as_u64().unwrap();
    assert_eq!(value(&app, "/v1/kpis/units_per_visitor?store=B", position).await, json!(0.25));
    let (status, twice) = define(2, "twice", "units_per_visitor * 2").await;
    assert_eq!(status, StatusCode::OK, "{twice}");
    for (seq, kpi, formula, expected, code) in [
        (3, "units_per_visitor", "twice / 2", StatusCode::UNPROCESSABLE_ENTITY, "kpi_made_of_itself"),
        (4, "odd", "odd + 1", StatusCode::UNPROCESSABLE_ENTITY, "kpi_made_of_itself"),
        (5, "odd", "weather / visitors", StatusCode::UNPROCESSABLE_ENTITY, "formula_name_unknown"),
    ] {
        let (status, refused) = define(seq, kpi, formula).await;
        assert_eq!((status, &refused["code"]), (expected, &json!(code)), "{refused}");
        assert_eq!(refused["field"], "data.formula");
    }
    for (seq, kpi, formula) in [(6, "odd", "units / 0"), (7, "odd", "units +"), (8, "turnover", "units")] {
        let (status, refused) = define(seq, kpi, formula).await;
        let expected = (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid_value"));
        assert_eq!((status, &refused["code"]), expected, "{refused}");
    }
    for (path, field) in [
        ("/v1/kpis/turnover?from=2026-10-31&to=2026-10-01", "to"),
        ("/v1/kpis/turnover?from=1900-01-01&to=2026-10-01", "from"),
        ("/v1/kpis/turnover?from=2026-02-30&to=2026-10-01", "from"),
        ("/v1/kpis/turnover?by=colour", "by"),
        ("/v1/restatements?from=2026-10-31&to=2026-10-01", "to"),
    ] {
        let (status, problem) = app.try_get(path).await;
        assert_eq!((status, &problem["field"]), (StatusCode::BAD_REQUEST, &json!(field)), "{path}: {problem}");
    }
    for path in ["/v1/kpis/weather", "/v1/kpis/turnover?store=NOWHERE", "/v1/kpis/turnover?organisation=acme/x"] {
        assert_eq!(app.try_get(path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

async fn a_closed_month_stays_and_late_facts_stand_beside_it(engine: Engine) {
    let app = TestApp::start(engine).await;
    network(&app).await;
    let close = |seq: u64, month: &str| {
        json!({"source": "head-office", "seq": seq, "occurred_at": "2026-11-02T08:00:00Z",
            "data": {"month": month}})
    };
    let (status, early) = command(&app, "close-month", &close(1, "2026-11")).await;
    assert_eq!((status, &early["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("month_not_over")));
    assert_eq!(command(&app, "close-month", &close(2, "2026-10")).await.0, StatusCode::OK);
    let (status, again) = command(&app, "close-month", &close(3, "2026-10")).await;
    assert_eq!((status, &again["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("month_already_closed")));
    // A refund of October that arrives late, and one of November.
    let back = |number: u64| {
        json!({"return": format!("R-{number}"), "sale": "T-4", "currency": "EUR",
            "lines": [{"line": 1, "quantity": 1, "refund_minor": 1_000}], "tenders": [{"kind": "cash", "amount_minor": 1_000}]})
    };
    let answer = app
        .post(&[
            fact(7, "B", "2026-10-30T11:00:00+01:00", "SaleReturned", &back(2)),
            fact(8, "B", "2026-11-03T11:00:00+01:00", "SaleReturned", &back(3)),
        ])
        .await;
    let position = answer["position"].as_u64().unwrap();
    let months = app.get(&format!("/v1/closed-months?at_least={position}")).await;
    assert_eq!(months["months"][0]["closed"]["turnover"], 5_000, "{months}");
    assert_eq!(months["months"][0]["adjustments"]["turnover"], -1_000);
    assert_eq!(months["months"][0]["events"], 1);
    assert_eq!(value(&app, "/v1/kpis/turnover?from=2026-10-01&to=2026-10-31", position).await, json!(4_000));
    assert_eq!(value(&app, "/v1/kpis/turnover?from=2026-11-01&to=2026-11-30", position).await, json!(-1_000));
}
