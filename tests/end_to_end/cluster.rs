//! Several nodes on one log: one writes, the others hand over and take over.

use std::time::Duration;

use reqwest::StatusCode;
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    engine::Engine,
    test_app::{TestApp, read},
};

fn office(seq: u64) -> Value {
    json!({"source": "office", "seq": seq, "store": "S", "occurred_at": "2026-01-01T00:00:00Z", "type": "StoreConfigured",
           "data": {"name": format!("S{seq}"), "zone": "Europe/Paris", "currency": "EUR"}})
}

fn scan(seq: u64) -> Value {
    json!({"source": "s-1", "seq": seq, "store": "S", "occurred_at": "2026-01-02T10:00:00Z", "type": "ScanCaptured",
           "data": {"scan": format!("1-{seq}"), "scanner": "1", "outcome": "succeeded"}})
}

/// Sends until it is answered, as every sender does; holds that what was not answered is worth sending again.
async fn insist(app: &TestApp, event: &Value) -> Value {
    let body = serde_json::to_vec(&[event]).unwrap();
    loop {
        let sent = app.http.post(format!("{}/v1/events", app.url)).header("content-type", "application/json");
        if let Ok(answer) = sent.body(body.clone()).send().await {
            let (status, answer) = read(answer).await;
            if status == StatusCode::OK {
                return answer;
            }
            assert!(
                status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::GATEWAY_TIMEOUT,
                "{status} {answer}"
            );
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn writes(app: &TestApp) -> bool {
    let metrics = app.http.get(format!("{}/metrics", app.url)).send().await.unwrap().text().await.unwrap();
    metrics.lines().any(|line| line == "storefold_sequencer_writing 1" || line == "sequencer_writing 1")
}

/// The scans that a node counts once it knows all up to a position.
async fn scans(app: &TestApp, position: &Value) -> Value {
    app.get(&format!("/v1/stores/S/performance?window=all&at_least={position}")).await["totals"]["scans"]["succeeded"]
        .clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_reaches_another_node_is_handed_to_the_writer() {
    let first = TestApp::start_with(Engine::cluster().await, &[]).await;
    let second = TestApp::start_beside(&first, &[]).await;
    let reader = TestApp::start_beside(&first, &["--role", "read"]).await;
    assert!(writes(&first).await && !writes(&second).await, "the first to come writes");

    insist(&reader, &office(1)).await;
    let answer = insist(&second, &scan(1)).await;
    assert_eq!((&answer["accepted"], &answer["position"]), (&json!(1), &json!(2)));
    let again = insist(&reader, &scan(1)).await;
    assert_eq!(again["duplicate"], 1, "whichever node is asked");
    for node in [&first, &second, &reader] {
        assert_eq!(scans(node, &json!(2)).await, 1);
        assert_eq!(node.get("/v1/sources/s-1").await["highest_seq"], 1);
        let (status, refused) = read(node.send("application/json", "[{").await).await;
        assert_eq!((status, &refused["code"]), (StatusCode::BAD_REQUEST, &json!("unparseable")));
        assert_eq!(node.get("/readyz").await["status"], "ready");
    }
    let rebuilt = reader
        .http
        .post(format!("{}/v1/rebuilds", reader.url))
        .json(&json!({"models": ["footfall"]}))
        .send()
        .await
        .unwrap();
    assert_eq!(rebuilt.status(), StatusCode::ACCEPTED, "its own read models are a reading node's own affair");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_node_takes_over_from_one_that_dies_hangs_or_leaves() {
    let mut first = TestApp::start_with(Engine::cluster().await, &[]).await;
    let second = TestApp::start_beside(&first, &[]).await;
    insist(&second, &office(1)).await;

    first.kill();
    let answer = insist(&second, &scan(1)).await;
    assert!(writes(&second).await);
    first.restart().await;
    assert!(!writes(&first).await, "who comes back follows");
    assert_eq!(scans(&first, &answer["position"]).await, 1);

    second.signal(Signal::STOP);
    let answer = insist(&first, &scan(2)).await;
    assert_eq!(answer["position"], 3, "gapless");
    second.signal(Signal::CONT);
    let answer = insist(&second, &scan(3)).await;
    assert!(!writes(&second).await, "who was paused past his lease follows");
    assert_eq!(scans(&second, &answer["position"]).await, 3);

    first.stop();
    let answer = insist(&second, &scan(4)).await;
    assert!(writes(&second).await);
    assert_eq!(scans(&second, &answer["position"]).await, 4);
}

/// Somebody sends slowly, or went away in the middle: the others do not wait for him.
#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_gives_up_writing_before_his_last_request_is_done() {
    let first = TestApp::start_with(Engine::cluster().await, &[]).await;
    let second = TestApp::start_beside(&first, &[]).await;
    insist(&second, &office(1)).await;

    let address = first.url.strip_prefix("http://").unwrap();
    let body = json!([scan(1)]).to_string();
    let mut slow = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /v1/events HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut asked = [0; 25];
    slow.read_exact(&mut asked).await.unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n", "it waits for the body");

    first.signal(Signal::TERM);
    while !writes(&second).await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(insist(&second, &scan(1)).await["position"], 2);
    slow.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("\r\nretry-after: "), "{answer}");
    assert_eq!(insist(&second, &scan(1)).await["duplicate"], 1);
}

fn till(seq: u64, event_type: &str, data: &Value) -> Value {
    json!({"source": "till", "seq": seq, "store": "S", "occurred_at": "2026-01-02T10:00:00Z", "type": event_type, "data": data})
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_outlives_the_node_that_refused_it() {
    let mut first = TestApp::start_with(Engine::cluster().await, &[]).await;
    let second = TestApp::start_beside(&first, &[]).await;
    insist(&first, &office(1)).await;
    let returned = till(
        2,
        "SaleReturned",
        &json!({"return": "R-1", "sale": "T-1", "currency": "EUR",
        "lines": [{"line": 1, "quantity": 1, "refund_minor": 500}], "tenders": [{"kind": "cash", "amount_minor": 500}]}),
    );
    let early = insist(&first, &returned).await;
    assert_eq!(early["results"][0]["code"], "unknown_sale");
    let wrong = insist(&first, &json!({"source": "s-9", "seq": 1, "type": "ScanCaptured"})).await;
    assert_eq!(wrong["rejected"], 1);
    let kept = first.get("/v1/quarantine").await;
    assert_eq!(kept["entries"].as_array().map(Vec::len), Some(2));

    first.kill();
    let sold = insist(
        &second,
        &till(
            1,
            "SaleValidated",
            &json!({"sale": "T-1", "till": "1", "channel": "store", "currency": "EUR",
        "lines": [{"line": 1, "sku": "A", "quantity": 1, "gross_minor": 500}],
        "tenders": [{"kind": "cash", "amount_minor": 500}]}),
        ),
    )
    .await;
    assert_eq!(sold["accepted"], 1, "{sold}");
    let repeated = insist(&second, &returned).await;
    assert_eq!(repeated["duplicate"], 1, "it waited for its sale, with whoever writes: {repeated}");
    let left = second.get("/v1/quarantine").await;
    assert_eq!(left["entries"].as_array().map(Vec::len), Some(1), "{left}");
    assert_eq!(left["entries"][0]["source"], kept["entries"][1]["source"]);

    first.restart().await;
    let seen = first.get("/v1/quarantine").await;
    assert_eq!(seen["entries"], left["entries"], "asked anywhere");
}
