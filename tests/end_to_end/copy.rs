//! A log copied to this machine.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy as relay},
    net::{TcpListener, TcpStream},
};

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

/// Stands between a client and a server. After every so many bytes of a connection it changes a byte, or ends the
/// connection, as often as `times` says. Answers its address.
async fn between(server: &str, every: usize, cut: bool, times: u64) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = server.trim_start_matches("http://").to_owned();
    let left: &'static AtomicU64 = Box::leak(Box::new(AtomicU64::new(times)));
    tokio::spawn(async move {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            let server = TcpStream::connect(&server).await.unwrap();
            tokio::spawn(async move {
                let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
                    (client.into_split(), server.into_split());
                tokio::spawn(async move { relay(&mut from_client, &mut to_server).await });
                let (mut left_until, mut piece) = (every, vec![0; 1_024]);
                while let Ok(length @ 1..) = from_server.read(&mut piece).await {
                    let here = (left_until < length).then_some(left_until);
                    left_until = if here.is_some() { every } else { left_until - length };
                    let is_on = here.is_some()
                        && left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
                    if let Some(here) = here.filter(|_| is_on) {
                        if cut {
                            return;
                        }
                        piece[here] ^= 1;
                    }
                    if to_client.write_all(&piece[..length]).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    url
}

on_both_engines!(a_copy_is_made_from_a_server_while_it_runs, what_a_network_changes_or_cuts_is_asked_for_again);

async fn with_scans(engine: Engine, count: u64) -> (TestApp, u64) {
    let app = TestApp::start(engine).await;
    let mut position = 0;
    app.post(&[store()]).await;
    for first in (1..=count).step_by(1_000) {
        let scans: Vec<Value> = (first..(first + 1_000).min(count + 1)).map(scan).collect();
        position = app.post(&scans).await["position"].as_u64().unwrap();
    }
    // A node on NATS serves what its copy has.
    while app.get("/v1/log").await["position"] != position {
        tokio::task::yield_now().await;
    }
    (app, position)
}

async fn a_copy_is_made_from_a_server_while_it_runs(engine: Engine) {
    let (mut app, position) = with_scans(engine, 20_000).await;
    let kept = TempDir::new().unwrap();
    let made = copy(&app.url, kept.path());
    assert_eq!(
        (&made["position"], &made["added"], &made["is_complete"]),
        (&json!(position), &json!(position), &json!(true))
    );
    app.post(&[scan(20_001)]).await;
    while app.get("/v1/log").await["position"] != position + 1 {
        tokio::task::yield_now().await;
    }
    let gone_on = copy(&app.url, kept.path());
    assert_eq!((&gone_on["added"], &gone_on["hash"]), (&json!(1), &app.get("/v1/log").await["hash"]));
    assert_eq!(copy(&app.url, kept.path())["added"], 0);

    let refused = storefold(["copy", "--from", &app.url, "--to", kept.path().to_str().unwrap(), "--tenant", "acme"]);
    assert!(refused.stderr.contains("give --tenant demo"), "{}", refused.stderr);
    let (other, _) = with_scans(Engine::embedded(), 30_000).await;
    let (shorter, _) = with_scans(Engine::embedded(), 10).await;
    for foreign in [&other, &shorter] {
        let refused = storefold(["copy", "--from", &foreign.url, "--to", kept.path().to_str().unwrap()]);
        assert_eq!(refused.code, Some(1), "{}", refused.stdout);
        assert!(refused.stderr.contains("is not of this log: the server has another record"), "{}", refused.stderr);
    }
    app.stop();
    let verified = storefold(["verify", "--log", &app.log(), "--json"]).json();
    assert_eq!(copy(kept.path().to_str().unwrap(), &kept.path().join("again"))["hash"], verified["hash"]);
}

async fn what_a_network_changes_or_cuts_is_asked_for_again(engine: Engine) {
    let (app, position) = with_scans(engine, 20_000).await;
    let whole = TempDir::new().unwrap();
    let hash = copy(&app.url, whole.path())["hash"].clone();
    for cut in [false, true] {
        let kept = TempDir::new().unwrap();
        let to = kept.path().to_str().unwrap();
        let worse = between(&app.url, 100_000, cut, u64::MAX).await;
        let refused = storefold(["copy", "--from", &worse, "--to", to]);
        let came = copy(whole.path().to_str().unwrap(), kept.path())["added"].as_u64().unwrap();
        // Each answer brings the blocks before the place that is bad, and so goes further than the one before.
        assert_eq!((refused.code, came), (Some(0), 0), "{}", refused.stderr);

        let kept = TempDir::new().unwrap();
        let to = kept.path().to_str().unwrap();
        let bad = between(&app.url, 2_000, cut, 2).await;
        let mended = storefold(["copy", "--from", &bad, "--to", to, "--json"]);
        let says = if cut { "the connection broke off" } else { "a block came damaged" };
        assert!(mended.stderr.contains(says), "{}", mended.stderr);
        let mended = mended.json();
        assert_eq!((&mended["position"], &mended["hash"]), (&json!(position), &hash));

        let kept = TempDir::new().unwrap();
        let to = kept.path().to_str().unwrap();
        let always = between(&app.url, 2_000, cut, u64::MAX).await;
        let refused = storefold(["copy", "--from", &always, "--to", to]);
        assert_eq!(refused.code, Some(1), "cut {cut}: {}{}", refused.stdout, refused.stderr);
        assert!(refused.stderr.contains("nothing sound comes from"), "{}", refused.stderr);
    }
}
