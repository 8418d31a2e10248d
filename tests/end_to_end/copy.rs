//! A log copied to this machine.

use std::{fs, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{engine::Engine, program::storefold, test_app::TestApp};

fn copy(from: &str, to: &Path) -> Value {
    storefold(["copy", "--from", from, "--to", to.to_str().unwrap(), "--json"]).json()
}

#[test]
fn a_copy_is_made_from_a_log_and_from_a_copy_and_names_what_is_damaged() {
    let kept = TempDir::new().unwrap();
    let data = kept.path().join("data");
    let demo = ["demo", "--once", "--stores", "2", "--days", "20", "--json", "--data", data.to_str().unwrap()];
    let position = storefold(demo).json()["position"].clone();
    let log = format!("embedded:{}", data.join("log").display());
    let (first, second, third) = (kept.path().join("first"), kept.path().join("second"), kept.path().join("third"));

    let made = copy(&log, &first);
    assert_eq!((&made["position"], &made["added"], &made["is_complete"]), (&position, &position, &json!(true)));
    let of_copy = copy(first.to_str().unwrap(), &second);
    assert_eq!((&of_copy["hash"], &of_copy["position"]), (&made["hash"], &position));
    assert_eq!(copy(&log, &second)["added"], 0, "a copy is continued");

    let file = first.join("demo.redb");
    let mut content = fs::read(&file).unwrap();
    let block = content.windows(4).position(|window| window == b"SFB\x01").unwrap();
    content[block + 1_000] ^= 1;
    fs::write(&file, content).unwrap();
    let refused = storefold(["copy", "--from", first.to_str().unwrap(), "--to", third.to_str().unwrap()]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("is damaged: its checksum does not match"), "{}", refused.stderr);

    let other = kept.path().join("other");
    storefold(["demo", "--once", "--stores", "2", "--days", "20", "--seed", "9", "--data", other.to_str().unwrap()])
        .ok();
    let other_log = format!("embedded:{}", other.join("log").display());
    let refused = storefold(["copy", "--from", &other_log, "--to", second.to_str().unwrap()]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("is not of this log"), "{}", refused.stderr);
    assert_eq!(copy(&log, &second)["hash"], made["hash"], "it was left alone");
}

fn scan(seq: u64) -> Value {
    json!({
        "source": "scanner-1", "seq": seq, "store": "S", "occurred_at": "2026-03-02T10:00:00+01:00",
        "type": "ScanCaptured",
        "data": {"scan": format!("1-{seq}"), "scanner": "1", "outcome": "succeeded", "gender": "male", "size_mondo_mm": 270},
    })
}

fn store() -> Value {
    json!({
        "source": "back-office", "seq": 1, "store": "S", "occurred_at": "2026-01-02T08:00:00+01:00",
        "type": "StoreConfigured", "data": {"name": "S", "zone": "Europe/Paris", "business_day_start": "00:00", "currency": "EUR"},
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_on_nats_keeps_a_copy_and_goes_on_with_it_after_a_kill() {
    let mut app = TestApp::start(Engine::jetstream().await).await;
    app.post(&[store()]).await;
    let mut seq = 0;
    for _ in 0..3 {
        let scans: Vec<Value> = (seq + 1..=seq + 3_000).map(scan).collect();
        seq += 3_000;
        app.post(&scans).await;
        app.restart().await;
    }
    let performance = app.get(&format!("/v1/stores/S/performance?window=all&at_least={}", seq + 1)).await;
    assert_eq!(performance["totals"]["scans"]["attempted"], seq);

    let file = app.data.path().join("copy/demo.redb");
    app.stop();
    let kept = TempDir::new().unwrap();
    let of_node = copy(file.to_str().unwrap(), kept.path());
    let of_log = storefold(["verify", "--log", &app.log(), "--data", app.data(), "--json"]).json();
    assert_eq!(of_log["copied"], of_node["position"]);
    assert_eq!(of_log["events"], seq + 1);
    assert_eq!(copy(&app.log(), kept.path())["hash"], of_log["hash"]);
    assert!(of_node["position"].as_u64().unwrap() > 0, "{of_node}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_with_the_copy_of_another_log_says_so_and_does_not_start() {
    let mut app = TestApp::start(Engine::jetstream().await).await;
    app.post(&[store(), scan(1)]).await;
    app.stop();
    let other = TempDir::new().unwrap();
    storefold(["demo", "--once", "--stores", "1", "--days", "3", "--data", other.path().to_str().unwrap()]).ok();
    let foreign = TempDir::new().unwrap();
    copy(&format!("embedded:{}", other.path().join("log").display()), &foreign.path().join("copy"));
    let data = foreign.path().to_str().unwrap();
    let refused = storefold(["serve", "--log", &app.log(), "--data", data, "--listen", "127.0.0.1:0"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("delete the copy, and the log is copied anew"), "{}", refused.stderr);
}
