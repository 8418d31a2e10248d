//! What devices publish on NATS.

use async_nats::jetstream;
use serde_json::{Value, json};

use crate::{engine::Engine, test_app::TestApp};

fn scan(seq: u64) -> Value {
    json!({"source": "scanner-7", "seq": seq, "store": "S", "occurred_at": "2026-03-02T10:00:00+01:00",
           "type": "ScanCaptured",
           "data": {"scan": format!("7-{seq}"), "scanner": "7", "outcome": "succeeded", "size_mondo_mm": 245}})
}

/// The same in MessagePack, as firmware sends it.
fn msgpack(event: &Value) -> Vec<u8> {
    rmp_serde::to_vec_named(event).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn scans_that_a_device_publishes_are_taken_in_once_and_strangers_are_kept_apart() {
    let engine = Engine::jetstream().await;
    let Engine::JetStream(nats) = &engine else { unreachable!("it was made so") };
    let client = async_nats::connect(nats.url()).await.unwrap();
    let mut app = TestApp::start(engine).await;
    app.post(&[json!({"source": "office", "seq": 1, "store": "S", "occurred_at": "2026-01-01T00:00:00Z",
                      "type": "StoreConfigured", "data": {"name": "S", "zone": "Europe/Paris", "currency": "EUR"}})])
        .await;

    let jetstream = jetstream::new(client);
    let publish = async |payload: Vec<u8>| {
        jetstream.publish("storefold.in.demo.scanner-7", payload.into()).await.unwrap().await.unwrap();
    };
    publish(scan(1).to_string().into()).await;
    publish(msgpack(&scan(2))).await;
    app.get("/v1/stores/S/performance?at_least=3").await;
    // What a device sends while nobody takes it is kept for it.
    app.kill();
    publish(scan(2).to_string().into()).await;
    publish(json!({"source": "scanner-8", "seq": 1}).to_string().into()).await;
    publish(json!([scan(3), scan(4)]).to_string().into()).await;
    app.restart().await;

    // The store and the four scans.
    let store = app.get("/v1/stores/S/performance?window=all&at_least=5").await;
    assert_eq!(store["totals"]["scans"], json!({"attempted": 4, "succeeded": 4, "failed": 0}));
    let source = app.get("/v1/sources/scanner-7").await;
    assert_eq!((&source["accepted"], &source["missing"]), (&json!(4), &json!([])));
    let kept = app.get("/v1/quarantine").await;
    assert_eq!(kept["entries"].as_array().map(Vec::len), Some(1), "{kept}");
    assert_eq!(kept["entries"][0]["source"], "scanner-7", "who sent it, not who it says it is");
}
