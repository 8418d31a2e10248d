//! Load that does not fit: who comes beyond it is sent away, and what was taken is as if he had never come.

use std::{fs, time::Duration};

use reqwest::{StatusCode, header::RETRY_AFTER};
use serde_json::{Value, json};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{engine::Engine, test_app::TestApp};

/// Senders that send large requests without waiting for answers, and small ones.
const LARGE: u64 = 12;
const SMALL: u64 = 40;

/// How many requests each sends, as many at once as it likes.
const REQUESTS: u64 = 10;

/// Events of a large request.
const EVENTS: u64 = 1_500;

/// What the server may hold: far less than what is sent, with all that is made of it.
const MEMORY_BYTES_MAX: u64 = 700 << 20;

fn scan(source: &str, seq: u64) -> Value {
    json!({"source": source, "seq": seq, "store": "S1", "occurred_at": "2026-02-01T12:00:00+01:00", "type": "ScanCaptured",
        "data": {"scan": format!("{source}-{seq}"), "scanner": source, "outcome": "succeeded"}})
}

/// The `number`-th request of a source, and how many events it has.
fn request(source: &str, number: u64) -> (Vec<u8>, u64) {
    let count = if source.starts_with("large") { EVENTS } else { 1 };
    let events: Vec<Value> = (number * count + 1..=(number + 1) * count).map(|seq| scan(source, seq)).collect();
    (serde_json::to_vec(&events).unwrap(), count)
}

/// What is answered at once: whether all of it was taken; else it was sent away with a time to come again.
async fn ask(http: reqwest::Client, url: String, body: Vec<u8>, count: u64) -> bool {
    let sent = http.post(url).header("content-type", "application/json").body(body).send().await.unwrap();
    let (status, again) = (sent.status(), sent.headers().get(RETRY_AFTER).cloned());
    let answer: Value = sent.json().await.unwrap();
    match status {
        StatusCode::OK => {
            assert_eq!((&answer["accepted"], &answer["duplicate"]), (&json!(count), &json!(0)), "{answer}");
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            let again: u32 = again.expect("Retry-After").to_str().unwrap().parse().unwrap();
            assert!((1..=3).contains(&again), "{again}");
            assert_eq!((&answer["code"], &answer["retry_after_s"]), (&json!("overloaded"), &json!(again)));
        }
        _ => panic!("{status}: {answer}"),
    }
    status == StatusCode::OK
}

fn memory_bytes_max(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

async fn whoever_comes_beyond_what_fits_is_sent_away_and_everything_else_is_there_once(engine: Engine) {
    let app = TestApp::start(engine).await;
    let store = json!({"source": "office", "seq": 1, "store": "S1", "occurred_at": "2026-01-01T00:00:00Z",
        "type": "StoreConfigured", "data": {"name": "S1", "zone": "Europe/Paris", "currency": "EUR"}});
    assert_eq!(app.post(&[store]).await["accepted"], 1);
    let url = format!("{}/v1/events", app.url);
    let sources: Vec<String> =
        (0..LARGE).map(|n| format!("large-{n}")).chain((0..SMALL).map(|n| format!("small-{n}"))).collect();

    let mut asked = JoinSet::new();
    for number in 0..REQUESTS {
        for source in &sources {
            let (http, url, source) = (app.http.clone(), url.clone(), source.clone());
            asked.spawn(async move {
                let (body, count) = request(&source, number);
                let was_taken = ask(http, url, body, count).await;
                (source, number, count, was_taken)
            });
        }
    }
    let answers = asked.join_all().await;
    let away: Vec<_> = answers.iter().filter(|(.., was_taken)| !was_taken).collect();
    assert!(!away.is_empty(), "it all fitted");
    assert!(away.len() < answers.len(), "nothing was taken");
    let memory = memory_bytes_max(app.pid());
    assert!(memory < MEMORY_BYTES_MAX, "{memory} bytes");

    let mut taken = 1;
    for (source, ..) in &answers {
        let of_source = answers.iter().filter(|(of, ..)| of == source);
        let accepted: u64 = of_source.filter(|(.., was_taken)| *was_taken).map(|(_, _, count, _)| count).sum();
        if accepted > 0 {
            assert_eq!(app.get(&format!("/v1/sources/{source}")).await["accepted"], accepted, "{source}");
        }
    }
    taken += answers.iter().filter(|(.., was_taken)| *was_taken).map(|(_, _, count, _)| count).sum::<u64>();
    assert_eq!(scans(&app, taken).await, (taken, json!(taken - 1)));

    // It recovers by itself: whoever comes again, one after the other, is not sent away any more.
    let give_up = Instant::now() + Duration::from_secs(10);
    for (source, number, count, _) in away {
        let (body, _) = request(source, *number);
        while !ask(app.http.clone(), url.clone(), body.clone(), *count).await {
            assert!(Instant::now() < give_up, "it does not recover");
            sleep(Duration::from_millis(10)).await;
        }
        taken += count;
    }
    let all = REQUESTS * (LARGE * EVENTS + SMALL);
    assert_eq!((taken, scans(&app, taken).await), (all + 1, (all + 1, json!(all))));
}

/// The position, and the scans that the store has up to there.
async fn scans(app: &TestApp, at_least: u64) -> (u64, Value) {
    let asked = app.http.get(format!("{}/v1/stores/S1/performance?window=all&at_least={at_least}", app.url));
    let answer = asked.send().await.unwrap();
    let position = answer.headers()["x-storefold-position"].to_str().unwrap().parse().unwrap();
    let found: Value = answer.json().await.unwrap();
    (position, found["totals"]["scans"]["succeeded"].clone())
}

on_both_engines! {
    whoever_comes_beyond_what_fits_is_sent_away_and_everything_else_is_there_once,
}
