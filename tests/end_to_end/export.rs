//! Read models taken elsewhere as files.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    engine::Engine,
    program::{Ended, storefold},
    test_app::TestApp,
};

fn export(app: &TestApp, arguments: &[&str]) -> Ended {
    storefold(["export", "--url", &app.url].iter().chain(arguments))
}

/// Two stores, scans on 40 days, a sale a day.
async fn with_history() -> (TestApp, u64) {
    let app = TestApp::start(Engine::embedded()).await;
    let mut events: Vec<Value> = (1..=2)
        .map(|store| {
            json!({"source": "office", "seq": store, "store": format!("S{store}"), "occurred_at": "2026-01-01T00:00:00Z",
                "type": "StoreConfigured", "data": {"name": format!("Store, {store}"), "zone": "Europe/Paris", "currency": "EUR"}})
        })
        .collect();
    for seq in 1..=40_u64 {
        let occurred_at = format!("2026-{:02}-{:02}T12:00:00+01:00", 1 + seq / 29, 1 + seq % 28);
        let scan = json!({"scan": format!("s-{seq}"), "scanner": "1", "outcome": "succeeded"});
        let sale = json!({"sale": format!("T-{seq}"), "till": "1", "channel": "store", "currency": "EUR",
            "lines": [{"line": 1, "sku": "A", "quantity": 1, "gross_minor": 1_000 + seq}],
            "tenders": [{"kind": "card", "amount_minor": 1_000 + seq}]});
        events.push(json!({"source": "scanner", "seq": seq, "store": "S1", "occurred_at": occurred_at,
            "type": "ScanCaptured", "data": scan}));
        events.push(json!({"source": "till", "seq": seq, "store": "S1", "occurred_at": occurred_at,
            "type": "SaleValidated", "data": sale}));
    }
    let position = app.post(&events).await["position"].as_u64().unwrap();
    (app, position)
}

fn sum_of(file: &Path, column: &str) -> i64 {
    let text = fs::read_to_string(file).unwrap();
    let records = text.lines().map(|line| serde_json::from_str::<BTreeMap<String, Value>>(line).unwrap());
    records.map(|record| record[column].as_i64().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_now_and_of_a_snapshot_is_exported_at_a_position_that_is_told() {
    let (app, position) = with_history().await;
    let kept = TempDir::new().unwrap();
    let file = |name: &str| kept.path().join(name);
    let path = |name: &str| file(name).display().to_string();
    let at_least = position.to_string();

    let now = ["store-performance", "--at-least", &at_least, "--output", &path("now.ndjson"), "--json"];
    let exported = export(&app, &now).json();
    assert_eq!((&exported["position"], &exported["format"]), (&json!(position), &json!("ndjson")));
    assert_eq!(exported["bytes"], fs::metadata(file("now.ndjson")).unwrap().len());
    let answer = app.get("/v1/stores/S1/performance?window=all").await;
    assert_eq!(answer["totals"]["turnover"]["amount"], sum_of(&file("now.ndjson"), "turnover_minor"));
    assert_eq!(sum_of(&file("now.ndjson"), "turnover_minor"), (1..=40).map(|seq| 1_000 + seq).sum::<i64>());

    let as_of = ["rebuild", "all", "--snapshot", "january", "--as-of", "2026-01-31T23:59:59+01:00", "--url", &app.url];
    storefold(as_of).ok();
    let january = ["store-performance", "--snapshot", "january", "--output", &path("january.ndjson"), "--json"];
    assert_eq!(export(&app, &january).json()["snapshot"], "january");
    let of_january = app.get("/v1/stores/S1/performance?window=all&snapshot=january").await;
    assert_eq!(of_january["totals"]["turnover"]["amount"], sum_of(&file("january.ndjson"), "turnover_minor"));
    assert!(sum_of(&file("january.ndjson"), "sales") < 40);

    let stores = export(&app, &["store-performance", "--table", "stores"]);
    assert!(stores.stderr.contains(&format!("2 rows of store-performance, complete up to position {position}")));
    let lines: Vec<_> = stores.stdout.lines().collect();
    assert_eq!(lines[0], "store,name,zone,currency,organisation,first_day,last_day");
    assert_eq!(&lines[2..], ["S2,\"Store, 2\",Europe/Paris,EUR,,,"]);
    let listed = export(&app, &["--list"]).ok();
    assert!(listed.contains("scanner-days") && listed.contains("movements"), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_exported_is_said_and_leaves_the_file_that_was_there() {
    let (app, _) = with_history().await;
    let kept = TempDir::new().unwrap();
    let file = kept.path().join("days.csv");
    fs::write(&file, "of yesterday").unwrap();
    let output = file.to_str().unwrap();
    for (arguments, says) in [
        (vec!["store-perfromance"], "there is no read model `store-perfromance`; there are store-performance, "),
        (vec!["store-performance", "--table", "day"], "store-performance has no table `day`; it has days, "),
        (vec!["events"], "events are read from the log itself: add --log embedded:DIR or --log nats://HOST:PORT"),
        (vec!["loyalty-balance", "--snapshot", "x"], "make one with `storefold rebuild all --snapshot NAME`"),
    ] {
        let refused = export(&app, &[arguments, vec!["--output", output]].concat());
        assert_eq!(refused.code, Some(1), "{}", refused.stdout);
        assert!(refused.stderr.contains(says), "{}", refused.stderr);
    }
    let refused = export(&app, &["store-performance", "--json"]);
    assert!(refused.stderr.contains("give the records an --output FILE"), "{}", refused.stderr);
    let of_a_log = ["export", "footfall", "--log", "embedded:nowhere", "--output", output];
    assert!(storefold(of_a_log).fails().contains("--log is for events; footfall is asked for from a server, at --url"));
    let of_nothing = ["export", "events", "--log", "embedded:nowhere", "--output", output];
    assert!(storefold(of_nothing).fails().contains("nowhere"));
    assert_eq!(fs::read_to_string(&file).unwrap(), "of yesterday");
    assert_eq!(fs::read_dir(kept.path()).unwrap().count(), 1, "nothing else is left");
}
