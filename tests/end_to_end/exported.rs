//! What is exported, read elsewhere: the same records in every format, and the same key figures reckoned in SQL.

use std::{collections::BTreeSet, fs, path::Path};

use chrono::{DateTime, NaiveDate};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{engine::Engine, in_duckdb::in_duckdb, program::storefold, test_app::TestApp};

const KPIS: &str = include_str!("kpis.sql");

/// A generated network with forty days of history, its doors counted and its customers asked.
async fn network(stores: u32) -> (TestApp, u64) {
    let app = TestApp::start(Engine::embedded()).await;
    let stores = stores.to_string();
    let simulate = ["simulate", "--stores", &stores, "--days", "40", "--until", "2026-06-30T22:00:00Z", "--json"];
    let sent = storefold(simulate.into_iter().chain(["--url", &app.url])).json();
    assert_eq!(sent["rejected"], 0, "{sent}");
    let mut events = Vec::new();
    let position = sent["position"].as_u64().unwrap();
    let stores = app.get(&format!("/v1/stores?at_least={position}")).await;
    for store in stores["stores"].as_array().unwrap().iter().map(|store| &store["store"]) {
        for day in 1..=30_u64 {
            let seq = events.len() as u64;
            let fact = |seq: u64, event_type: &str, data: Value| {
                json!({"source": "doors", "seq": seq, "store": store, "type": event_type, "data": data,
                    "occurred_at": format!("2026-06-{day:02}T12:00:00Z")})
            };
            let doors =
                json!({"counter": "door", "entered": 60 + 7 * (seq % 11), "staff": seq % 3, "companions": seq % 5});
            events.push(fact(seq + 1, "FootfallCounted", doors));
            let answer = json!({"answer": format!("a-{seq}"), "survey": "visit", "score": seq % 11, "score_best": 10});
            events.push(fact(seq + 2, "SurveyAnswered", answer));
        }
    }
    events.extend(customers(stores["stores"].as_array().unwrap()));
    let answer = app.post(&events).await;
    assert_eq!(answer["rejected"], 0, "{answer}");
    (app, answer["position"].as_u64().unwrap())
}

/// Customers of every store: some with an address of each kind, who agree to messages and change their minds, some of them
/// before their file arrives.
fn customers(stores: &[Value]) -> Vec<Value> {
    let mut events = Vec::new();
    let channels = ["email", "sms", "push", "post"];
    for (of_store, store) in stores.iter().map(|store| &store["store"]).enumerate() {
        for number in 0..12 + of_store {
            let customer = format!("K-{of_store}-{number}");
            let mut fact = |day: usize, event_type: &str, mut data: Value, here: bool| {
                data["customer"] = json!(customer);
                let (seq, at) = (events.len() + 1, format!("2026-06-{:02}T12:00:00Z", 1 + day % 30));
                let mut event =
                    json!({"source": "crm", "seq": seq, "occurred_at": at, "type": event_type, "data": data});
                if here {
                    event["store"] = store.clone();
                }
                events.push(event);
            };
            let consent = |of: usize| json!({"channel": channels[of % 4]});
            if number % 5 == 0 {
                fact(number, "ConsentGranted", consent(number), false);
            }
            let text = |is_given: bool, text: &str| if is_given { json!(text) } else { Value::Null };
            let created = json!({"email": text(number % 2 == 0, "k@example.com"), "mobile": text(number % 3 == 0, "+33600000000")});
            fact(number + 2, "CustomerCreated", created, true);
            for of in 0..number % 6 {
                fact(number + of + 3, "ConsentGranted", consent(number + of), false);
            }
            if number % 4 == 1 {
                fact(number + 9, "ConsentWithdrawn", consent(number + 1), true);
            }
            let updated =
                json!({"email": text(number % 7 == 0, ""), "postal_address": text(number % 2 == 1, "1 rue X, Paris")});
            fact(number + 12, "CustomerUpdated", updated, false);
        }
    }
    events
}

/// A company's own KPIs, made of the standard ones.
async fn own_kpis(app: &TestApp) -> u64 {
    let kpi = |seq: u64, kpi: &str, formula: &str, unit: &str, decimals: u32| {
        json!({"source": "head-office", "seq": seq, "occurred_at": "2026-06-30T21:00:00Z", "type": "KpiDefined",
            "data": {"kpi": kpi, "formula": formula, "unit": unit, "decimals": decimals}})
    };
    let answer = app
        .post(&[
            kpi(1, "units_per_visitor", "units / visitors", "number", 3),
            kpi(2, "twice_and_margin", "2 * shopper_yield + margin", "money", 0),
        ])
        .await;
    assert_eq!(answer["rejected"], 0, "{answer}");
    answer["position"].as_u64().unwrap()
}

fn export(app: &TestApp, position: u64, (model, table): (&str, &str), file: &Path) -> Value {
    let (at_least, file) = (position.to_string(), file.to_str().unwrap());
    let of = ["export", model, "--table", table, "--at-least", &at_least, "--output", file, "--json"];
    storefold(of.into_iter().chain(["--url", &app.url])).json()
}

/// Every table of every model, with its columns.
async fn tables(app: &TestApp) -> Vec<(String, String, Vec<Value>)> {
    let models = app.get("/v1/read-models").await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut found = Vec::new();
    for model in models["read_models"].as_array().unwrap() {
        for table in model["tables"].as_array().unwrap() {
            found.push((text(&model["model"]), text(&table["table"]), table["columns"].as_array().unwrap().clone()));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kpi_is_what_sql_makes_of_the_exported_events() {
    // In four currencies.
    let (mut app, _) = network(9).await;
    let position = own_kpis(&app).await;
    // An embedded log is open in one process.
    app.stop();
    let kept = TempDir::new().unwrap();
    let file = kept.path().join("events.parquet");
    let log = app.log();
    let of = ["export", "events", "--log", &log, "--output", file.to_str().unwrap(), "--json"];
    let exported = storefold(of).json();
    let counted = (&exported["position"], &exported["rows"], &exported["format"]);
    assert_eq!(counted, (&json!(position), &json!(position), &json!("parquet")));
    app.restart().await;
    let expected = in_duckdb(kept.path(), KPIS);
    // Every KPI there is.
    let listed = app.get(&format!("/v1/kpis?at_least={position}")).await;
    let listed: BTreeSet<_> =
        listed["kpis"].as_array().unwrap().iter().map(|kpi| kpi["kpi"].as_str().unwrap()).collect();
    assert_eq!(expected.iter().map(|of| of["kpi"].as_str().unwrap()).collect::<BTreeSet<_>>(), listed);
    // Four windows of nine stores, their four currencies and the network.
    assert_eq!(expected.len(), 4 * listed.len() * (9 + 4 + 1));
    let mut known = 0;
    for of in &expected {
        let text = |name: &str| of[name].as_str();
        let place = match (text("store"), text("currency")) {
            (Some(store), _) => format!("&store={store}"),
            (None, Some(currency)) => format!("&currency={currency}"),
            (None, None) => String::new(),
        };
        let (kpi, from, to) = (text("kpi").unwrap(), text("first_day").unwrap(), text("last_day").unwrap());
        let path = format!("/v1/kpis/{kpi}?from={from}&to={to}{place}&at_least={position}");
        let answer = app.get(&path).await;
        let scale = of["scale"].as_f64().unwrap();
        let value = of["value"].as_i64().map(|value| value as f64 / scale);
        assert_eq!(answer["value"].as_f64(), value, "{path}: {answer}");
        known += u32::from(value.is_some());
    }
    assert!(known > 1_000, "{known} of {} figures are known", expected.len());
}

/// As the Infinity data source of Grafana reads an answer: the array at the root selector, whose elements become lines.
fn lines_of<'a>(answer: &'a Value, root_selector: &str) -> &'a Vec<Value> {
    let array = if root_selector.is_empty() { answer } else { &answer[root_selector] };
    let lines = array.as_array().unwrap_or_else(|| panic!("no array at `{root_selector}`: {answer}"));
    let is_flat = |line: &Value| line.as_object().unwrap().values().all(|cell| !cell.is_object() && !cell.is_array());
    assert!(!lines.is_empty() && lines.iter().all(is_flat), "{answer}");
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_and_a_series_are_read_by_grafana_as_they_are() {
    let (app, position) = network(3).await;
    let days = app.get(&format!("/v1/read-models/store-performance/rows?format=json&at_least={position}")).await;
    let of_table = lines_of(&days, "").iter().filter(|line| line["currency"] == "EUR");
    let of_table: i64 = of_table.map(|line| line["turnover_minor"].as_i64().unwrap()).sum();
    let path = format!("/v1/kpis/turnover?window=all&by=day&currency=EUR&at_least={position}");
    let turnover = app.get(&path).await;
    let series = lines_of(&turnover, "series");
    assert!(series.iter().all(|line| line["from"].as_str().unwrap().parse::<NaiveDate>().is_ok()));
    let of_series: i64 = series.iter().map(|line| line["value"].as_i64().unwrap()).sum();
    assert_eq!(of_series, of_table);
    let movements = app.get("/v1/read-models/loyalty-balance/rows?table=movements&format=json").await;
    let at = lines_of(&movements, "")[0]["occurred_at"].as_str().unwrap();
    assert!(DateTime::parse_from_rfc3339(at).is_ok(), "{at}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_has_the_same_records_in_every_format() {
    let (app, position) = network(3).await;
    let kept = TempDir::new().unwrap();
    let (mut filled, mut types) = (0, 0);
    for (model, table, columns) in tables(&app).await {
        let file = |format: &str| kept.path().join(format!("{model}-{table}.{format}"));
        let rows = ["csv", "ndjson", "json", "xlsx", "parquet"]
            .map(|format| export(&app, position, (&model, &table), &file(format))["rows"].clone());
        assert!(rows.iter().all(|count| count == &rows[0]), "{model} {table}: {rows:?}");
        let text = fs::read_to_string(file("ndjson")).unwrap();
        let records: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(rows[0], records.len(), "{model} {table}");
        let json: Value = serde_json::from_slice(&fs::read(file("json")).unwrap()).unwrap();
        assert_eq!(json, Value::from(records.clone()), "{model} {table}");
        assert!(fs::read(file("xlsx")).unwrap().starts_with(b"PK"), "{model} {table}");

        let columns: Vec<(&str, &str)> = columns
            .iter()
            .map(|column| (column["column"].as_str().unwrap(), column["type"].as_str().unwrap()))
            .collect();
        let times = columns.iter().filter(|(_, kind)| *kind == "time");
        let times: Vec<_> = times.map(|(name, _)| format!("epoch_ms(\"{name}\") AS \"{name}\"")).collect();
        let replaced = if times.is_empty() { String::new() } else { format!(" REPLACE ({})", times.join(", ")) };
        let parquet = file("parquet").display().to_string();
        let read = in_duckdb(kept.path(), &format!("SELECT *{replaced} FROM '{parquet}'"));
        let expected: Vec<Value> = records.into_iter().map(|record| with_times_in_ms(record, &columns)).collect();
        assert_eq!(read, expected, "{model} {table}");

        let found = in_duckdb(kept.path(), &format!("DESCRIBE SELECT * FROM '{parquet}'"));
        for ((name, kind), found) in columns.iter().zip(&found) {
            let expected = match *kind {
                "whole" => "BIGINT",
                "fraction" => "DOUBLE",
                "flag" => "BOOLEAN",
                "day" => "DATE",
                "time" => "TIMESTAMP WITH TIME ZONE",
                _ => "VARCHAR",
            };
            assert_eq!(found["column_type"], expected, "{name} of {model} {table}");
        }
        types += found.len();
        filled += usize::from(!read.is_empty());
    }
    assert!(filled >= 8 && types >= 100, "{filled} tables with records, {types} columns");
}

fn with_times_in_ms(mut record: Value, columns: &[(&str, &str)]) -> Value {
    for (name, _) in columns.iter().filter(|(_, kind)| *kind == "time") {
        if let Some(text) = record[name].as_str() {
            record[name] = DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis().into();
        }
    }
    record
}
