//! Machines are known by tokens, which do what they are for and nothing else (rows 0.18, 0.19, B82).

use std::ffi::OsStr;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    guarded::{As, Guarded, PASSWORD},
    program::{Ended, storefold_with},
    test_app::read,
};

/// Runs a command against the server, in the name of a token or of nobody.
fn run(guarded: &Guarded, arguments: &[&str], token: Option<&str>) -> Ended {
    let variables: Vec<_> = token.map(|token| ("STOREFOLD_TOKEN", OsStr::new(token))).into_iter().collect();
    storefold_with(arguments.iter().chain(&["--url", &guarded.app.url]), &[], &variables)
}

/// The same in the name of the administrator, who signs in.
fn as_head(guarded: &Guarded, arguments: &[&str]) -> Ended {
    let signed_in = ["--user", "head@acme.example", "--url", &guarded.app.url];
    storefold_with(arguments.iter().chain(&signed_in), format!("{PASSWORD}\n").as_bytes(), &[])
}

fn scan(source: &str, seq: u64, store: &str) -> Value {
    json!({
        "source": source, "seq": seq, "store": store, "occurred_at": "2026-11-20T11:00:00+01:00", "type": "ScanCaptured",
        "data": {"scan": format!("{source}-{seq}"), "scanner": source, "outcome": "succeeded"},
    })
}

async fn send(guarded: &Guarded, token: &str, path: &str, body: &Value) -> (StatusCode, Value) {
    read(guarded.send(&As::Token(token), Method::POST, path, Some(body)).await).await
}

#[tokio::test]
async fn a_token_is_made_listed_and_revoked_on_the_command_line() {
    let guarded = Guarded::start().await;
    let said = run(&guarded, &["token", "list"], None).fails();
    assert!(said.contains("sign in, or send a token"), "{said}");
    let arguments = ["token", "make", "ops/1", "--right", "administer", "--days", "30", "--json"];
    let made = as_head(&guarded, &arguments).json();
    let administers = made["secret"].as_str().unwrap();
    assert_eq!((&made["token"], administers.len()), (&json!("ops/1"), 64));
    // It makes others, in its own name; what it is for is said.
    let arguments = ["token", "make", "scanner-9", "--right", "produce", "--source", "scanner-9", "--store", "FR-1"];
    let secret = run(&guarded, &arguments, Some(administers)).ok();
    assert_eq!(send(&guarded, secret.trim(), "/v1/events", &scan("scanner-9", 1, "FR-1")).await.0, StatusCode::OK);
    let table = run(&guarded, &["token", "list"], Some(administers)).ok();
    for expected in ["scanner-9", "FR-1", "token:ops/1", "head@acme.example", "anybody", "the network"] {
        assert!(table.contains(expected), "{expected}: {table}");
    }
    assert!(!table.contains(secret.trim()), "a secret is shown once");
    assert!(run(&guarded, &["token", "revoke", "scanner-9"], Some(administers)).ok().is_empty());
    let (status, _) = send(&guarded, secret.trim(), "/v1/events", &scan("scanner-9", 2, "FR-1")).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "at once");
    let listed = run(&guarded, &["token", "list", "--json"], Some(administers)).json();
    let of = |name: &str| listed["tokens"].as_array().unwrap().iter().find(|token| token["token"] == name).cloned();
    assert!(of("scanner-9").unwrap()["revoked_at"].is_string());
    assert!(of("ops/1").unwrap()["until"].is_string());
    // A token makes no users, and one that does not administer makes no tokens.
    let body = json!({"name": "T", "level": "standard"});
    let (status, _) = guarded.put(&As::Token(administers), "/v1/access/users/thief@acme.example", body).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let said = run(&guarded, &["token", "make", "x", "--right", "read"], Some(&guarded.token)).fails();
    assert!(said.contains("right `administer`"), "{said}");
    for wrong in [&["--right", "read", "--source", "s"][..], &["--right", "administer", "--store", "FR-1"]] {
        let said = as_head(&guarded, &[&["token", "make", "wrong"], wrong].concat()).fails();
        assert!(said.contains("the right") || said.contains("is for the network"), "{said}");
    }
    // Who signed in for a command has signed out after it.
    let audit = run(&guarded, &["audit", "--by", "head@acme.example", "--json"], Some(administers)).json();
    assert_eq!(audit["entries"][0]["detail"], "signed out", "{audit}");
    let day = audit["entries"][0]["at"].as_str().unwrap()[..10].to_owned();
    let table = run(&guarded, &["audit", "--from", &day, "--of", "scanner-9"], Some(administers)).ok();
    let lines: Vec<_> = table.lines().filter(|line| line.contains("the token")).collect();
    assert!(
        lines[0].contains("revoked the token") && lines[1].contains("issued the token to produce as scanner-9"),
        "{table}"
    );
    assert_eq!(run(&guarded, &["audit", "--to", "2000-01-01"], Some(administers)).ok(), "Nothing like it was done.\n");
}

#[tokio::test]
async fn a_token_of_a_source_sends_as_that_source_alone() {
    let guarded = Guarded::start().await;
    let token = guarded.issue("s1", json!({"rights": ["produce"], "sources": ["s1"]})).await;
    let stored = guarded.issue("shop", json!({"rights": ["produce"], "store": "FR-1"})).await;
    let quarantined = async || guarded.get(&As::Session(&guarded.head), "/v1/quarantine").await.1["entries"].clone();
    assert_eq!(send(&guarded, &token, "/v1/events", &scan("s1", 1, "FR-1")).await.0, StatusCode::OK);
    assert_eq!(send(&guarded, &stored, "/v1/events", &scan("any", 1, "FR-1")).await.0, StatusCode::OK);
    let unreadable = json!({"source": "s2", "seq": 1, "type": "ScanDreamt"});
    for (who, path, body, said) in [
        (&token, "/v1/events", scan("s2", 1, "FR-1"), "`source` is `s2`, and this token sends as `s1` alone"),
        (&token, "/v1/events", json!([scan("s1", 2, "FR-1"), scan("s2", 1, "FR-1")]), "event 2 of 2"),
        (&token, "/v1/events", unreadable, "sends as `s1` alone"),
        (&stored, "/v1/events", scan("any", 2, "FR-2"), "`store` is `FR-2`, and this token sends events of `FR-1`"),
        (&token, "/v1/commands/validate-sale", sale("s2", "FR-1"), "sends as `s1` alone"),
        (&stored, "/v1/commands/validate-sale", sale("any", "FR-2"), "sends events of `FR-1` alone"),
        (&stored, "/v1/baskets/price", json!({"store": "FR-2", "currency": "EUR", "lines": []}), "of `FR-1` alone"),
    ] {
        let (status, answer) = send(&guarded, who, path, &body).await;
        let detail = answer["detail"].as_str().unwrap_or_default();
        assert!(status == StatusCode::FORBIDDEN && detail.contains(said), "{path} {body}: {status} {answer}");
    }
    assert_eq!(quarantined().await, json!([]), "whoever has no right does not fill the quarantine");
    // Nothing of a body was taken that held somebody else's event.
    let (_, answer) = guarded.get(&As::Token(&token), "/v1/sources/s1").await;
    assert_eq!(answer["highest_seq"], 1, "{answer}");
    assert_eq!(guarded.get(&As::Token(&token), "/v1/sources/any").await.0, StatusCode::FORBIDDEN);
    // What cannot be read of one's own is kept, as ever.
    let (status, _) =
        send(&guarded, &token, "/v1/events", &json!({"source": "s1", "seq": 3, "type": "ScanDreamt"})).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(quarantined().await[0]["source"], "s1");
}

#[tokio::test]
async fn a_token_looks_at_the_place_and_the_read_models_that_it_is_for() {
    let guarded = Guarded::start().await;
    let body = json!({"rights": ["read"], "store": "FR-1", "models": ["store-performance"]});
    let token = guarded.issue("reader", body).await;
    for (path, expected) in [
        ("/v1/stores/FR-1/performance", StatusCode::OK),
        ("/v1/stores/FR-2/performance", StatusCode::NOT_FOUND),
        ("/v1/kpis/turnover?store=FR-1", StatusCode::NOT_FOUND),
        ("/v1/read-models/store-performance/rows", StatusCode::OK),
        ("/v1/read-models/network-kpi/rows", StatusCode::NOT_FOUND),
        ("/v1/access/audit", StatusCode::FORBIDDEN),
    ] {
        assert_eq!(guarded.get(&As::Token(&token), path).await.0, expected, "{path}");
    }
    let unknown = json!({"rights": ["read"], "models": ["weather"]});
    let (status, answer) = guarded.put(&As::Session(&guarded.head), "/v1/access/tokens/other", unknown).await;
    assert_eq!((status, &answer["code"]), (StatusCode::NOT_FOUND, &json!("unknown_read_model")));
}

fn sale(source: &str, store: &str) -> Value {
    json!({
        "source": source, "seq": 1, "store": store, "occurred_at": "2026-11-20T11:00:00+01:00",
        "data": {
            "sale": "S-9", "till": "1", "channel": "store", "currency": "EUR",
            "lines": [{"line": 1, "sku": "A", "quantity": 1, "gross_minor": 100}],
            "tenders": [{"kind": "cash", "amount_minor": 100}],
        },
    })
}

#[tokio::test]
async fn a_machine_whose_token_is_none_is_told_so_and_not_sent_to_sign_in() {
    let guarded = Guarded::start().await;
    for path in ["/metrics", "/healthz", "/sign-in", "/stores/FR-1", "/v1/stores"] {
        let (status, answer) = guarded.get(&As::Token("0000"), path).await;
        assert_eq!((status, &answer["code"]), (StatusCode::UNAUTHORIZED, &json!("not_signed_in")), "{path}");
    }
}
