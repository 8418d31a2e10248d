//! A backup is taken while events come, and restored into the other engine.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    engine::Engine,
    program::{Ended, storefold},
    test_app::TestApp,
};

on_both_engines!(a_backup_under_load_is_restored_into_the_other_engine);

/// Events that bring about others, some that are refused, and one that waits for its cause.
fn begin() -> Vec<Value> {
    let office = |seq: u64, kind: &str, data: Value| json!({"source": "office", "seq": seq, "store": "S", "occurred_at": "2026-01-01T08:00:00+01:00", "type": kind, "data": data});
    vec![
        office(1, "StoreConfigured", json!({"name": "S", "zone": "Europe/Paris", "currency": "EUR"})),
        office(
            2,
            "LoyaltyProgramConfigured",
            json!({"programme": "brand", "currency": "EUR", "minor_per_point": 1000, "rounding": "floor_per_sale", "earn_on_discounted": true}),
        ),
        json!({"source": "scanner-1", "seq": 1, "store": "NOWHERE", "occurred_at": "2026-03-02T10:00:00+01:00", "type": "ScanCaptured",
               "data": {"scan": "1-1", "scanner": "1", "outcome": "succeeded"}}),
        json!({"source": "till-9", "seq": 1, "store": "S", "occurred_at": "2026-03-02T10:00:00+01:00", "type": "SaleReturned",
               "data": {"return": "R", "sale": "not there yet", "currency": "EUR", "lines": [{"line": 1, "quantity": 1, "refund_minor": 100}],
                        "tenders": [{"kind": "card", "amount_minor": 100}]}}),
        json!({"source": "till-9", "seq": 2, "store": "S", "type": "NoSuchEvent", "occurred_at": "2026-03-02T10:00:00+01:00", "data": {}}),
    ]
}

fn sale(seq: u64) -> Value {
    let gross_minor = 1_000 + seq % 7_000;
    json!({"source": "till-1", "seq": seq, "store": "S", "occurred_at": "2026-03-02T10:00:00+01:00", "type": "SaleValidated",
           "data": {"sale": format!("T1-{seq}"), "till": "1", "channel": "store", "customer": format!("C-{}", seq % 50), "currency": "EUR",
                    "lines": [{"line": 1, "sku": "BOOT", "family": "boots", "quantity": 1, "gross_minor": gross_minor, "discount_minor": 0, "tax_minor": 0, "cost_minor": 1}],
                    "tenders": [{"kind": "card", "amount_minor": gross_minor}]}})
}

fn backup(from: &str, app: &TestApp, to: &Path) -> Value {
    storefold(["backup", "--from", from, "--data", app.data(), "--to", to.to_str().unwrap(), "--json"]).json()
}

/// What an operator keeps apart from the backup.
fn bring_master_key(from: &TestApp, to: &TestApp) {
    fs::copy(from.data.path().join("master.key"), to.data.path().join("master.key")).unwrap();
}

fn restore(from: &Path, to: &TestApp, more: &[&str]) -> Ended {
    let log = to.log();
    let mut order = vec!["restore", "--from", from.to_str().unwrap(), "--log", &log, "--data", to.data(), "--json"];
    order.extend(more);
    storefold(order)
}

fn check(from: &Path) -> Ended {
    storefold(["restore", "--from", from.to_str().unwrap(), "--check", "--json"])
}

async fn a_backup_under_load_is_restored_into_the_other_engine(engine: Engine) {
    let others = async || match engine {
        Engine::Embedded => Engine::jetstream().await,
        _ => Engine::embedded(),
    };
    let (other, another) = (Arc::new(others().await), Arc::new(others().await));
    let mut app = TestApp::start(engine).await;
    app.post(&begin()).await;
    app.http.post(format!("{}/v1/quarantine/1/drop", app.url)).json(&json!({"reason": "a test"})).send().await.unwrap();

    let (is_over, seq) = (AtomicBool::new(false), AtomicU64::new(0));
    let load = async {
        while !is_over.load(Ordering::Relaxed) {
            let first = seq.fetch_add(100, Ordering::Relaxed);
            let answer = app.post(&(first + 1..=first + 100).map(sale).collect::<Vec<_>>()).await;
            assert_eq!(answer["accepted"], 100, "{answer}");
        }
    };
    let kept = TempDir::new().unwrap();
    let dir = kept.path().join("backup");
    let under_load = async {
        while seq.load(Ordering::Relaxed) < 3_000 {
            tokio::task::yield_now().await;
        }
        let (url, to) = (app.url.clone(), dir.clone());
        let data = app.data().to_owned();
        let order = move || {
            storefold(["backup", "--from", &url, "--data", &data, "--to", to.to_str().unwrap(), "--json"]).json()
        };
        let made = tokio::task::spawn_blocking(order).await.unwrap();
        let at = seq.load(Ordering::Relaxed);
        while seq.load(Ordering::Relaxed) < at + 1_000 {
            tokio::task::yield_now().await;
        }
        is_over.store(true, Ordering::Relaxed);
        made
    };
    let ((), made) = tokio::join!(load, under_load);
    let position = made["position"].as_u64().unwrap();
    assert_eq!((&made["added"], &made["quarantine"]["entries"]), (&json!(position), &json!(3)), "{made}");

    // In the other engine it is the beginning of the same log.
    let mut early = TestApp::not_started(other, &[]);
    let restored = restore(&dir, &early, &[]).json();
    assert_eq!(
        (&restored["position"], &restored["hash"], &restored["restored"]),
        (&json!(position), &made["hash"], &json!(true))
    );
    let verified = storefold(["verify", "--log", &early.log(), "--json"]).json();
    assert_eq!((&verified["hash"], &verified["events"]), (&made["hash"], &json!(position)));
    let tail = |app: &TestApp| storefold(["tail", "--log", &app.log(), "--json"]).ok();
    let again = restore(&dir, &early, &[]).fails();
    assert!(again.contains("nothing is written over"), "{again}");

    // The next takes what is new, and is restored with everything that a server shows.
    let quarantine = app.get("/v1/quarantine").await;
    let head = app.post(&[]).await["position"].as_u64().unwrap();
    while app.get("/v1/log").await["position"] != head {
        tokio::task::yield_now().await;
    }
    let next = backup(&app.url, &app, &dir);
    assert_eq!((&next["position"], &next["added"]), (&json!(head), &json!(head - position)));
    app.get(&format!("/v1/stores/S/performance?at_least={head}")).await;
    app.stop();
    let original = tail(&app);
    let beginning: Vec<&str> = original.lines().take(position as usize).collect();
    assert_eq!(tail(&early).lines().collect::<Vec<_>>(), beginning, "it is the beginning of the same log");
    let on = restore(&dir, &early, &["--go-on"]).json();
    assert_eq!((&on["position"], &on["hash"]), (&json!(head), &next["hash"]), "as one that was interrupted");
    assert_eq!(tail(&early), original);
    bring_master_key(&app, &early);
    early.restart().await;
    assert_eq!(early.get("/v1/quarantine").await, quarantine);

    let mut late = TestApp::not_started(another, &[]);
    restore(&dir, &late, &[]).ok();
    bring_master_key(&app, &late);
    let key = |app: &TestApp| fs::read(app.data.path().join("sequencer/code.key")).unwrap();
    assert_eq!(key(&late), key(&app));
    late.restart().await;
    assert_eq!(late.get("/v1/quarantine").await, quarantine, "refused, waiting, and dropped as they were");
    late.get(&format!("/v1/stores/S/performance?at_least={head}")).await;
    late.stop();
    let verified = |app: &TestApp| storefold(["verify", "--log", &app.log(), "--data", app.data(), "--json"]).json();
    let (before, after) = (verified(&app), verified(&late));
    assert_eq!((&before["hash"], &before["read_models"]), (&after["hash"], &after["read_models"]));
    late.restart().await;
    // What was taken is not taken twice.
    let last = seq.load(Ordering::Relaxed);
    assert_eq!(late.post(&[sale(last), sale(last + 1)]).await["duplicate"], 1);

    // Of the stopped server, by its log.
    let stopped = backup(&app.log(), &app, &kept.path().join("stopped"));
    assert_eq!(
        (&stopped["position"], &stopped["hash"], &stopped["files"]),
        (&next["position"], &next["hash"], &next["files"])
    );
    assert_eq!(stopped["quarantine"], next["quarantine"]);
}

/// A backup of a demonstration.
fn of_demo(kept: &Path) -> (std::path::PathBuf, Value) {
    let (data, dir) = (kept.join("data"), kept.join("backup"));
    storefold(["demo", "--once", "--stores", "2", "--days", "20", "--data", data.to_str().unwrap()]).ok();
    let log = format!("embedded:{}", data.join("log").display());
    let order = ["backup", "--from", &log, "--data", data.to_str().unwrap(), "--to", dir.to_str().unwrap(), "--json"];
    let made = storefold(order).json();
    (dir, made)
}

#[test]
fn a_backup_with_a_flipped_bit_is_refused_with_the_place_named() {
    let kept = TempDir::new().unwrap();
    let (dir, made) = of_demo(kept.path());
    assert_eq!(check(&dir).json()["hash"], made["hash"]);
    let flip = |path: &Path, place: usize| {
        let mut content = fs::read(path).unwrap();
        content[place] ^= 1;
        fs::write(path, content).unwrap();
    };
    let log = dir.join("log/demo.redb");
    let content = fs::read(&log).unwrap();
    let block = content.windows(4).position(|window| window == b"SFB\x01").unwrap();
    let (data, quarantine) = (kept.path().join("new"), dir.join(made["quarantine"]["file"]["path"].as_str().unwrap()));
    let new_log = format!("embedded:{}", data.join("log").display());
    for (path, place, says) in [
        (&log, block + 1_000, "the block of position"),
        (&quarantine, 2, "quarantine-"),
        (&dir.join("files/sequencer/code.key"), 31, "code.key is not what was written"),
    ] {
        flip(path, place);
        let refused = check(&dir).fails();
        assert!(refused.contains("damaged") && refused.contains(says), "{}: {refused}", path.display());
        let order = ["restore", "--from", dir.to_str().unwrap(), "--log", &new_log, "--data", data.to_str().unwrap()];
        storefold(order).fails();
        assert!(!data.exists(), "nothing is restored of a damaged backup");
        flip(path, place);
    }
    check(&dir).ok();
    fs::remove_file(dir.join("backup.json")).unwrap();
    assert!(check(&dir).fails().contains("there is no whole backup in"));
}

#[test]
fn a_restore_that_was_interrupted_goes_on_and_another_log_is_left_alone() {
    let kept = TempDir::new().unwrap();
    let (dir, made) = of_demo(kept.path());
    // The log of the demonstration itself is one to go on with: nothing is missing.
    let data = kept.path().join("data");
    let log = format!("embedded:{}", data.join("log").display());
    let order = |log: &str, data: &Path, more: &[&str]| {
        let words =
            ["restore", "--from", dir.to_str().unwrap(), "--log", log, "--data", data.to_str().unwrap(), "--json"];
        storefold(words.iter().chain(more))
    };
    let refused = order(&log, &kept.path().join("fresh"), &[]).fails();
    assert!(refused.contains("there is a log of demo in"), "{refused}");
    assert_eq!(order(&log, &data, &["--go-on"]).json()["hash"], made["hash"]);
    let other = kept.path().join("other");
    storefold(["demo", "--once", "--stores", "2", "--days", "5", "--seed", "9", "--data", other.to_str().unwrap()])
        .ok();
    let refused = order(&format!("embedded:{}", other.join("log").display()), &other, &["--go-on"]).fails();
    assert!(refused.contains("is not the beginning of this backup"), "{refused}");
}
