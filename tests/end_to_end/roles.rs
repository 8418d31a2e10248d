//! What a server is told, and what it refuses to be.

use std::fs;

use serde_json::json;
use tempfile::TempDir;

use crate::{engine::Engine, program::storefold, test_app::TestApp};

#[test]
fn a_server_that_cannot_be_says_why_and_what_to_do() {
    let directory = TempDir::new().unwrap();
    let config = directory.path().join("storefold.toml");
    fs::write(&config, "lisen = \"127.0.0.1:0\"\n").unwrap();
    let config = config.to_str().unwrap();
    for (flags, says) in [
        (vec!["--role", "edge"], "name it with --central"),
        (vec!["--role", "read"], "keep the log on NATS"),
        (vec!["--config", config], "unknown field `lisen`"),
        (vec!["--config", "/nowhere.toml"], "the configuration /nowhere.toml cannot be read"),
        (vec!["--tenant", "a.b"], "`a.b` cannot be a tenant"),
        (vec!["--log", "nats://127.0.0.1:1"], "no NATS server answers"),
    ] {
        let data = directory.path().join("data");
        let all = ["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()];
        let ended = storefold(all.into_iter().chain(flags));
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        assert!(ended.stderr.starts_with("error: ") && ended.stderr.contains(says), "{says}: {}", ended.stderr);
    }
    assert_eq!(storefold(["serve", "--role", "king"]).code, Some(2), "usage");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_embedded_log_has_one_process() {
    let app = TestApp::start(Engine::embedded()).await;
    let ended = storefold(["tail", "--log", &app.log()]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("already open by another process"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_node_answers_what_another_node_wrote() {
    let writer = TestApp::start_with(Engine::jetstream().await, &["--role", "write"]).await;
    let answer = writer
        .post(&[json!({"source": "office", "seq": 1, "store": "S", "occurred_at": "2026-01-01T00:00:00Z",
                       "type": "StoreConfigured", "data": {"name": "S", "zone": "Europe/Paris", "currency": "EUR"}})])
        .await;
    let (status, _) = writer.try_get("/v1/stores").await;
    assert_eq!(status, 404, "a writing node has no read models");

    let mut reader = TestApp::start_beside(&writer, &["--role", "read"]).await;
    let stores = reader.get(&format!("/v1/stores?at_least={}", answer["position"])).await;
    assert_eq!(stores["stores"][0]["store"], "S");
    let source = reader.get("/v1/sources/office").await;
    assert_eq!(source["highest_seq"], 1, "a reading node asks the one that writes");

    let (log, data) = (reader.log(), reader.data().to_owned());
    let verify = || storefold(["verify", "--log", &log, "--data", &data]);
    let ended = verify();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("are in use; stop their server first"), "{}", ended.stderr);
    reader.stop();
    verify().ok();
}
