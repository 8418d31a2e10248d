//! Real purchases hold the read models to facts that were computed independently (`tests/data/README.md`).

use std::{collections::BTreeSet, path::Path};

use futures::{StreamExt, stream};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{engine::Engine, program::storefold, test_app::TestApp};

on_both_engines!(real_sales_come_to_the_known_figures, a_second_import_changes_nothing);

const SALES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/cdnow-sample.csv");

/// Imports the table and gives what the command says of it.
fn import(app: &TestApp) -> Value {
    let terms = ["--zone", "America/New_York", "--currency", "USD", "--minor-per-point", "1000"];
    let rest = ["--url", app.url.as_str(), "--json"];
    storefold(["import", "--sales-csv", SALES].into_iter().chain(terms).chain(rest)).json()
}

fn customers() -> BTreeSet<String> {
    let rows = std::fs::read_to_string(Path::new(SALES)).unwrap();
    rows.lines().skip(1).map(|row| row.split(',').nth(2).unwrap().to_owned()).collect()
}

/// The balance at a position; a customer whose every sale was too small for a point is not known.
async fn points(app: &TestApp, customer: &str, position: u64) -> i64 {
    let path = format!("/v1/customers/{customer}/loyalty?at_least={position}");
    match app.try_get(&path).await {
        (StatusCode::NOT_FOUND, _) => 0,
        (_, answer) => answer["balance"].as_i64().unwrap_or_else(|| panic!("{customer}: {answer}")),
    }
}

async fn real_sales_come_to_the_known_figures(engine: Engine) {
    let app = TestApp::start(engine).await;
    let imported = import(&app);
    assert_eq!((&imported["accepted"], &imported["rejected"]), (&json!(6_921), &json!(0)), "{imported}");
    let position = imported["position"].as_u64().unwrap();

    let store = app.get(&format!("/v1/stores/CDNOW/performance?window=all&at_least={position}")).await;
    let totals = &store["totals"];
    assert_eq!(totals["sales"], 6_919);
    assert_eq!(totals["units"], 16_479);
    assert_eq!(totals["turnover"], json!({"amount": 24_409_194, "currency": "USD"}));
    assert_eq!((&store["from"], &store["to"]), (&json!("1997-01-01"), &json!("1998-06-30")));

    let turnover = |day: &Value| (day["turnover"]["amount"].as_i64().unwrap(), day["day"].as_str().unwrap().to_owned());
    let mut days: Vec<(i64, String)> = store["days"].as_array().unwrap().iter().map(turnover).collect();
    days.sort();
    let best: Vec<(i64, &str)> = days.iter().rev().take(3).map(|(amount, day)| (*amount, day.as_str())).collect();
    assert_eq!(best, [(248_776, "1997-03-20"), (239_214, "1997-03-18"), (207_962, "1997-02-18")]);

    for (customer, expected) in [("1901", 627), ("0509", 181), ("1081", 153)] {
        assert_eq!(points(&app, customer, position).await, expected, "customer {customer}");
    }
    let customers = customers();
    assert_eq!(customers.len(), 2_357);
    let balances = stream::iter(&customers).map(|customer| points(&app, customer, position));
    assert_eq!(balances.buffer_unordered(16).collect::<Vec<_>>().await.iter().sum::<i64>(), 20_904);
}

async fn a_second_import_changes_nothing(engine: Engine) {
    let app = TestApp::start(engine).await;
    let first = import(&app);
    let position = first["position"].as_u64().unwrap();
    let path = format!("/v1/stores/CDNOW/performance?window=all&at_least={position}");
    let before = app.get(&path).await;

    let second = import(&app);
    assert_eq!((&second["accepted"], &second["duplicate"]), (&json!(0), &json!(6_921)), "{second}");
    assert_eq!(second["position"], position);
    assert_eq!(app.get(&path).await, before);
}
