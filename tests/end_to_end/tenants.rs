//! One tenant never sees another: every route of the document, with the other's ids, its tokens and its sessions, where
//! both are on the same NATS servers.

use std::io::{self, Write};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    engine::Engine,
    guarded::{As, Guarded},
    test_app::{TestApp, read},
};

/// What is the other tenant's: stores, organisations, scanners, customers, producers, names, figures.
const THEIRS: [&str; 12] =
    ["FR-1", "FR-2", "IT-1", "acme/fr", "acme/it", "Shop", "N-FR", "N-IT", "C-FR", "C-IT", "scanner-IT", "6000"];

/// The parameters of paths, with ids of the other tenant.
fn filled(path: &str) -> String {
    let mut filled = path.to_owned();
    for (name, value) in [
        ("{store}", "IT-1"),
        ("{scanner}", "N-IT-1"),
        ("{customer}", "C-IT-1"),
        ("{source}", "scanner-IT-1"),
        ("{organisation}", "acme/it"),
        ("{kpi}", "turnover"),
        ("{model}", "store-performance"),
        ("{programme}", "brand"),
        ("{token}", "till"),
        ("{user}", "fr@acme.example"),
    ] {
        filled = filled.replace(name, value);
    }
    filled.replace(['{', '}'], "")
}

/// Whether a text has a mark in it; one that is a number by itself, since times have any digits.
pub fn tells(text: &str, mark: &str) -> bool {
    let is_number = |letter: char| letter.is_ascii_digit() || letter == '.';
    let stands_alone = |at: usize| {
        let (before, after) = (text[..at].chars().next_back(), text[at + mark.len()..].chars().next());
        !before.is_some_and(is_number) && !after.is_some_and(is_number)
    };
    text.match_indices(mark).any(|(at, _)| !mark.starts_with(is_number) || stands_alone(at))
}

#[test]
fn digits_of_a_time_are_no_amount_of_anybody() {
    assert!(tells(r#"{"amount":6000,"currency":"EUR"}"#, "6000"));
    assert!(!tells("storefold_http_request_duration_seconds_sum 0.0012376660000000002", "6000"));
    assert!(!tells("position 16000, 60001 or 6000.5", "6000"));
    assert!(tells("of N-IT-1", "N-IT"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_is_not_there_in_any_route() {
    let engine = Engine::jetstream().await;
    let Engine::JetStream(nats) = &engine else { unreachable!("it was made so") };
    let nats = async_nats::connect(nats.url()).await.unwrap();
    let theirs = TestApp::start_with(engine, &["--tenant", "theirs", "--access", "required"]).await;
    let ours = TestApp::start_beside(&theirs, &["--tenant", "ours", "--access", "required"]).await;
    let theirs = Guarded::with_history(theirs).await;
    let their_manager =
        theirs.user(&theirs.head, "fr@acme.example", "manager", json!({"organisation": "acme/fr"})).await;
    let ours = Guarded::empty(ours).await;
    let head = As::Session(&ours.head);
    let (_, document) = ours.get(&head, "/openapi.json").await;
    let (mut routes, mut requests) = (0, 0);
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            routes += 1;
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let route = filled(path);
            // What opens the other tenant's door opens none here.
            let open = ["/healthz", "/readyz", "/metrics", "/v1/access/session", "/v1/access/first-administrator"];
            if !open.contains(&path.as_str()) {
                for who in [As::Token(&theirs.token), As::Session(&theirs.head), As::Session(&their_manager)] {
                    let answer = ours.send(&who, method.clone(), &route, None).await;
                    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{method} {path}");
                    requests += 1;
                }
            }
            if method != Method::GET || path == "/v1/changes" {
                continue;
            }
            // Who may see everything here sees nothing of it.
            let queries =
                ["", "?store=IT-1", "?organisation=acme/it", "?scanner=N-IT-1", "?customer=C-IT-1", "?window=all"];
            for query in queries {
                let asked = format!("{route}{query}");
                let (status, answer) = ours.get(&head, &asked).await;
                requests += 1;
                assert!(!status.is_server_error(), "{asked}: {answer}");
                let text = answer.to_string();
                let told = THEIRS.iter().filter(|mark| !asked.contains(**mark)).find(|mark| tells(&text, mark));
                assert_eq!(told, None, "{asked} tells: {text}");
            }
        }
    }
    drop(writeln!(io::stderr(), "{routes} routes walked for isolation, {requests} requests"));
    assert!(routes > 100 && requests > 700, "{routes} routes, {requests} requests");

    // Nor is anything taken in for it: neither over HTTP nor by the inbox of one's own.
    let scan = json!({"source": "scanner-IT-1", "seq": 2, "store": "IT-1", "occurred_at": "2026-11-20T10:00:00+01:00",
                      "type": "ScanCaptured", "data": {"scan": "x", "scanner": "N-IT-1", "outcome": "succeeded"}});
    let (_, answer) = read(ours.send(&As::Token(&ours.token), Method::POST, "/v1/events", Some(&scan)).await).await;
    assert_eq!(answer["results"][0]["code"], "unknown_store", "{answer}");
    let jetstream = async_nats::jetstream::new(nats);
    let mut published = scan.clone();
    published["seq"] = json!(3);
    let published = jetstream.publish("storefold.in.ours.scanner-IT-1", published.to_string().into()).await;
    published.unwrap().await.unwrap();
    let mut kept = Value::Null;
    while kept["entries"].as_array().map_or(0, Vec::len) < 2 {
        kept = ours.get(&head, "/v1/quarantine").await.1;
    }
    let (_, seen) = theirs.get(&As::Session(&theirs.head), "/v1/sources/scanner-IT-1").await;
    assert_eq!(seen["highest_seq"], 1, "{seen}");
    assert_eq!(theirs.get(&As::Session(&theirs.head), "/v1/quarantine").await.1["entries"], json!([]));
}
