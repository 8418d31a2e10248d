//! A disk that is full, and has room again: nothing is lost, reading goes on, and nobody has to start anything anew.

use reqwest::StatusCode;
use rustix::process::{Pid, Resource, Rlimit, Signal, prlimit};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{program::Running, test_app::read};

/// What a file may grow to at first.
const FILE_BYTES_MAX: u64 = 8 << 20;

const EVENTS_A_REQUEST: u64 = 1_000;

fn scans(first: u64) -> Vec<Value> {
    let scan = |seq: u64| {
        json!({"source": "s-1", "seq": seq, "store": "S", "occurred_at": "2026-01-02T10:00:00Z", "type": "ScanCaptured",
               "data": {"scan": format!("1-{seq}"), "scanner": "1", "outcome": "succeeded"}})
    };
    (first..first + EVENTS_A_REQUEST).map(scan).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_disk_is_full_goes_on_by_itself_when_there_is_room() {
    let data = TempDir::new().unwrap();
    let order = ["serve", "--listen", "127.0.0.1:0", "--data", data.path().to_str().unwrap()];
    let mut server = Running::start_on_a_small_disk(order);
    let url = server.says("Serving ").await.split(';').next().unwrap().to_owned();
    let http = reqwest::Client::new();
    let send =
        async |events: &[Value]| read(http.post(format!("{url}/v1/events")).json(&events).send().await.unwrap()).await;
    let office = json!({"source": "office", "seq": 1, "store": "S", "occurred_at": "2026-01-01T00:00:00Z", "type": "StoreConfigured",
                        "data": {"name": "S", "zone": "Europe/Paris", "currency": "EUR"}});
    assert_eq!(send(&[office]).await.1["accepted"], 1);

    let pid = Pid::from_raw(server.pid().cast_signed()).unwrap();
    let room = |current| prlimit(Some(pid), Resource::Fsize, Rlimit { current, maximum: None }).unwrap();
    room(Some(FILE_BYTES_MAX));
    let (mut next, refused) = loop_until_refused(&send).await;
    assert!(next > 1, "some are taken");
    assert!(matches!(refused.0, StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT), "{refused:?}");
    let (status, ready) = read(http.get(format!("{url}/readyz")).send().await.unwrap()).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(ready["detail"].as_str().unwrap().contains("see to the disk"), "{ready}");
    let performance = format!("{url}/v1/stores/S/performance?window=all");
    let (status, _) = read(http.get(&performance).send().await.unwrap()).await;
    assert_eq!(status, StatusCode::OK, "what is there is answered");

    room(None);
    let mut position = Value::Null;
    for _ in 0..3 {
        // What was under way is repeated, as every sender does; it is counted once, whichever became of it.
        let (status, answer) = send(&scans(next)).await;
        assert_eq!((status, answer["rejected"].as_u64()), (StatusCode::OK, Some(0)), "{answer}");
        next += EVENTS_A_REQUEST;
        position = answer["position"].clone();
    }
    assert_eq!(position, json!(next), "gapless: the store, and each scan once");
    let (_, found) = read(http.get(format!("{performance}&at_least={position}")).send().await.unwrap()).await;
    assert_eq!(found["totals"]["scans"]["succeeded"], json!(next - 1));
    assert!(server.stop(Signal::TERM).success());
}

/// Sends until something is not answered as taken; gives the first number that was not, and the answer.
async fn loop_until_refused(send: &impl AsyncFn(&[Value]) -> (StatusCode, Value)) -> (u64, (StatusCode, Value)) {
    let mut next = 1;
    loop {
        let answer = send(&scans(next)).await;
        if answer.0 != StatusCode::OK {
            return (next, answer);
        }
        assert_eq!(answer.1["accepted"], EVENTS_A_REQUEST, "{}", answer.1);
        next += EVENTS_A_REQUEST;
    }
}
