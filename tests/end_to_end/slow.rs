//! Whoever is slow is slow alone: the writing goes on beside him.

use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{engine::Engine, test_app::TestApp};

const EVENTS: u64 = 4_000;

/// How many are slow at a time, in each manner.
const SLOW: usize = 24;

fn scans(from: u64, count: u64) -> Vec<Value> {
    let scan = |seq| {
        json!({"source": "scanner", "seq": seq, "store": "S1", "occurred_at": "2026-02-01T12:00:00+01:00",
            "type": "ScanCaptured", "data": {"scan": format!("s-{seq}"), "scanner": "1", "outcome": "succeeded"}})
    };
    (from..from + count).map(scan).collect()
}

async fn configure(app: &TestApp) {
    let store = json!({"source": "office", "seq": 1, "store": "S1", "occurred_at": "2026-01-01T00:00:00Z",
        "type": "StoreConfigured", "data": {"name": "S1", "zone": "Europe/Paris", "currency": "EUR"}});
    assert_eq!(app.post(&[store]).await["accepted"], 1);
}

/// A connection on which a request is sent; what comes back is not read.
async fn sends(app: &TestApp, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(app.url.trim_start_matches("http://")).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn who_never_reads_and_who_never_finishes_sending_hold_nobody_up(engine: Engine) {
    let app = TestApp::start(engine).await;
    configure(&app).await;
    app.post(&scans(1, EVENTS)).await;
    let mut slow = Vec::new();
    for _ in 0..SLOW {
        slow.push(sends(&app, "GET /v1/changes HTTP/1.1\r\nhost: t\r\n\r\n").await);
        slow.push(sends(&app, "GET /v1/log/blocks?after=0 HTTP/1.1\r\nhost: t\r\n\r\n").await);
        let rows = "GET /v1/read-models/scanners/rows?format=json HTTP/1.1\r\nhost: t\r\n\r\n";
        slow.push(sends(&app, rows).await);
        let begun =
            "POST /v1/events HTTP/1.1\r\nhost: t\r\ncontent-type: application/json\r\ncontent-length: 8000000\r\n\r\n[";
        slow.push(sends(&app, begun).await);
    }
    for round in 1..=20 {
        let first = round * EVENTS + 1;
        assert_eq!(app.post(&scans(first, 200)).await["accepted"], 200, "round {round}");
    }
    let position = 1 + EVENTS + 20 * 200;
    let found = app.get(&format!("/v1/stores/S1/performance?window=all&at_least={position}")).await;
    assert_eq!(found["totals"]["scans"]["succeeded"], position - 1);
    // They were served all the while, and are told where things are when they read at last.
    let mut told = vec![0; 4_096];
    let bytes = slow[0].read(&mut told).await.unwrap();
    assert!(told[..bytes].starts_with(b"HTTP/1.1 200 OK"), "{}", String::from_utf8_lossy(&told[..bytes]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_read_models_stand_still_holds_up_no_writer_and_catches_up() {
    let writer = TestApp::start_with(Engine::jetstream().await, &["--role", "write"]).await;
    configure(&writer).await;
    let reader = TestApp::start_beside(&writer, &["--role", "read"]).await;
    let asked = |position: u64| format!("/v1/stores/S1/performance?window=all&at_least={position}");
    writer.post(&scans(1, 100)).await;
    assert_eq!(reader.get(&asked(101)).await["totals"]["scans"]["succeeded"], 100);
    reader.signal(Signal::STOP);
    for round in 0..20 {
        assert_eq!(writer.post(&scans(101 + round * EVENTS, EVENTS)).await["accepted"], EVENTS);
    }
    reader.signal(Signal::CONT);
    let all = 100 + 20 * EVENTS;
    assert_eq!(reader.get(&asked(all + 1)).await["totals"]["scans"]["succeeded"], all);
}

on_both_engines! {
    who_never_reads_and_who_never_finishes_sending_hold_nobody_up,
}
