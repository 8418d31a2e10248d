//! Files with faults in them.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    engine::Engine,
    program::{Ended, storefold, storefold_with},
    test_app::TestApp,
};

const TERMS: [&str; 4] = ["--zone", "Europe/Paris", "--currency", "EUR"];

fn import_sales(app: &TestApp, table: &str) -> Ended {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("sales.csv");
    fs::write(&file, table).unwrap();
    let rest = ["--url", app.url.as_str(), "--json"];
    storefold(["import", "--sales-csv", file.to_str().unwrap()].into_iter().chain(TERMS).chain(rest))
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_cannot_be_read_are_named_and_the_others_come_in() {
    let app = TestApp::start(Engine::embedded()).await;
    let table = "date,sale,store,customer,quantity,amount\n\
                 2026-03-02,1,S,C,1,10.00\n\
                 2026-03-32,2,S,C,1,10.00\n\
                 2026-03-02,3,S,,0,10.00\n\
                 2026-03-02,4,S,\"C, the second\",1,10.005\n\
                 2026-03-02,5,,C,1,10.00\n\
                 2026-03-02,6,S,C\n\
                 2026-03-02,7,S,,2,0.50\n";
    let ended = import_sales(&app, table);
    assert_eq!(ended.code, Some(1));
    let told: Value = serde_json::from_str(&ended.stdout).unwrap();
    // The store and the rows 1 and 7.
    assert_eq!((&told["accepted"], &told["rejected"]), (&json!(3), &json!(5)), "{told}");
    let refusals = &told["refusals"]["unreadable_row"];
    let examples: Vec<&str> =
        refusals["examples"].as_array().unwrap().iter().map(|example| example["detail"].as_str().unwrap()).collect();
    assert_eq!(
        examples,
        [
            "line 3, column `date`: `2026-03-32` is no day; write it as 2026-01-31",
            "line 4, column `quantity`: `0` is no number of units from 1",
            "line 5, column `amount`: `10.005` has 3 digits behind the point; the currency has 2",
        ]
    );
    let corrected = table.replace("2026-03-32", "2026-03-03");
    let told: Value = serde_json::from_str(&import_sales(&app, &corrected).stdout).unwrap();
    assert_eq!((&told["accepted"], &told["duplicate"]), (&json!(1), &json!(3)), "{told}");
    let path = format!("/v1/stores/S/performance?window=all&at_least={}", told["position"]);
    assert_eq!(app.get(&path).await["totals"]["turnover"], json!({"amount": 2_050, "currency": "EUR"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_without_its_columns_is_refused_before_anything_is_sent() {
    let app = TestApp::start(Engine::embedded()).await;
    let ended = import_sales(&app, "sale,store,customer,date,units,amount\n1,S,C,2026-03-02,1,1.00\n");
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("no column `quantity`"), "{}", ended.stderr);
    assert_eq!(app.post(&[]).await["position"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulated_network_comes_in_whole_over_several_connections() {
    let app = TestApp::start(Engine::embedded()).await;
    let network = ["--stores", "4", "--days", "12", "--until", "2026-06-01T00:00:00Z"];
    let events = storefold(["simulate", "--out", "-"].into_iter().chain(network)).ok();
    let flags = ["import", "-", "--url", &app.url, "--json"];
    let first = storefold_with(flags, events.as_bytes(), &[]).json();
    let count = events.lines().count();
    // An event that overtakes its cause on another connection is taken in by itself, and counted so.
    assert_eq!((&first["accepted"], &first["rejected"]), (&json!(count), &json!(0)), "{first}");
    let second = storefold_with(flags, events.as_bytes(), &[]).json();
    assert_eq!((&second["duplicate"], &second["position"]), (&json!(count), &first["position"]));
    let kept = app.get("/v1/quarantine").await;
    assert_eq!(kept["entries"], json!([]), "nothing waits any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_outlives_the_server_that_it_sends_to() {
    let mut app = TestApp::start(Engine::embedded()).await;
    let network = ["--stores", "6", "--days", "25", "--until", "2026-06-01T00:00:00Z"];
    let events = storefold(["simulate", "--out", "-"].into_iter().chain(network)).ok();
    let (count, url) = (events.lines().count(), app.url.clone());
    let importing = tokio::task::spawn_blocking(move || {
        storefold_with(["import", "-", "--url", &url, "--json"], events.as_bytes(), &[])
    });
    // A part has come in, and the rest is on its way.
    app.get("/v1/email-capture?at_least=2000").await;
    app.kill();
    assert!(!importing.is_finished());
    app.restart().await;

    let told = importing.await.unwrap().json();
    let taken = told["accepted"].as_u64().unwrap() + told["duplicate"].as_u64().unwrap();
    assert_eq!((taken, &told["rejected"]), (count as u64, &json!(0)), "{told}");
    app.get(&format!("/v1/email-capture?at_least={}", told["position"])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_are_rejected_are_told_with_their_lines() {
    let app = TestApp::start(Engine::embedded()).await;
    let lines = format!(
        "{}\n\n{}\nno json\n",
        json!({"source": "o", "seq": 1, "store": "S", "occurred_at": "2026-01-01T00:00:00Z", "type": "StoreConfigured",
               "data": {"name": "S", "zone": "Europe/Paris", "currency": "EUR"}}),
        json!({"source": "o", "seq": 2, "store": "X", "occurred_at": "2026-01-01T00:00:00Z", "type": "SaleVoided",
               "data": {"sale": "1", "reason": "none"}}),
    );
    let ended = storefold_with(["import", "-", "--url", &app.url, "--json"], lines.as_bytes(), &[]);
    assert_eq!(ended.code, Some(1));
    let told: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&told["accepted"], &told["rejected"]), (&json!(1), &json!(2)));
    assert_eq!(told["refusals"]["unknown_store"]["examples"][0]["line"], 3);
    assert_eq!(told["refusals"]["unparseable"]["examples"][0]["line"], 4);

    let listed = storefold(["quarantine", "list", "--url", &app.url]).ok();
    assert!(listed.contains("unknown_store") && listed.contains("unparseable"), "{listed}");
    let nobody = storefold(["import", "-", "--url", "http://127.0.0.1:1"]);
    assert!(nobody.stderr.contains("no server answers at http://127.0.0.1:1"), "{}", nobody.stderr);
}
