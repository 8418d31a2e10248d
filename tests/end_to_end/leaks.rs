//! What is secret or about a person is in no line of the log, no metric and no error, whatever way it comes in.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
};

use reqwest::{Client, Method, Response, StatusCode, redirect::Policy};
use serde_json::{Value, json};

use crate::{
    engine::Engine,
    guarded::{As, Guarded},
    test_app::TestApp,
};

/// What nobody may find: an address of email, a name, a telephone number, the code of a card, a password, a token.
const MARKED: [&str; 6] = [
    "zq-marked@leaks.example",
    "Zqmarkedname",
    "+41795550177",
    "GC-ZQMK-7731",
    "zq-marked password 99",
    "7a71a6b1c2d3e4f5060708090a0b0c0d0e0f101112131415161718191a1b1c1d",
];

/// A text with every sign escaped.
fn in_url(text: &str) -> String {
    text.bytes().flat_map(|byte| ['%'.to_string(), format!("{byte:02x}")]).collect()
}

/// How a text may be written in a URL, a log, or JSON.
fn spellings(marked: &str) -> [String; 4] {
    let escaped = in_url(marked);
    let usual = marked.replace('@', "%40").replace(' ', "%20").replace('+', "%2b");
    [marked, &escaped, &usual, &marked.replace('-', "")].map(str::to_lowercase)
}

#[track_caller]
fn holds_none(what: &str, text: &str) {
    let lower = text.to_lowercase();
    for marked in MARKED {
        for spelled in spellings(marked) {
            if let Some(at) = lower.find(&spelled) {
                let line = lower[..at].rfind('\n').map_or(0, |at| at + 1);
                let around: String = lower[line..].chars().take(600).collect();
                panic!("{what} tells {marked}: {around}");
            }
        }
    }
}

fn sent(http: &Client, method: &Method, url: &str, token: Option<&str>) -> reqwest::RequestBuilder {
    let request = http.request(method.clone(), url);
    match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    }
}

/// Holds that an answer which is an error tells nothing; a path that is asked for is shown again to who asks, as `repeats`
/// says.
async fn looked_at(what: String, answer: Response, repeats: bool) {
    let status = answer.status();
    let headers = format!("{:?}", answer.headers());
    let body = answer.text().await.unwrap_or_default();
    if status.is_client_error() || status.is_server_error() {
        holds_none(&format!("the headers of {what} ({status})"), &headers);
        if !repeats {
            holds_none(&format!("the body of {what} ({status})"), &body);
        }
    }
    assert!(status != StatusCode::INTERNAL_SERVER_ERROR, "{what}: {body}");
}

/// Bodies that are wrong in many ways, with a mark in each place.
fn bodies(marked: &str) -> Vec<(&'static str, String)> {
    let event = |event_type: &str, data: Value| {
        json!({"source": "till-1", "seq": 7, "store": "FR-1", "occurred_at": "2026-11-20T10:00:00+01:00",
               "type": event_type, "data": data})
    };
    let scan = event("ScanCaptured", json!({"scan": marked, "scanner": marked, "outcome": marked, "email": marked}));
    let customer = event("CustomerCreated", json!({"customer": "C-9", "name": [marked], "email": marked}));
    let sale = event(
        "SaleValidated",
        json!({"sale": "Z", "till": "1", "channel": "store", "currency": "EUR",
        "lines": [{"line": 1, "sku": "A", "quantity": 1, "gross_minor": 100}],
        "tenders": [{"kind": "gift_card", "amount_minor": 100, "instrument": marked, "code": marked}]}),
    );
    let quote = json!({"store": "FR-1", "currency": "EUR", "instruments": [marked, marked], "codes": marked, "customer": [marked],
        "lines": [{"line": 1, "sku": marked, "quantity": 1, "gross_minor": marked}]});
    let access = json!({"user": marked, "password": marked, "setup_key": marked, "name": marked, "level": marked,
        "rights": [marked], "organisation": marked, "store": marked, "days": marked});
    vec![
        ("application/json", scan.to_string()),
        ("application/json", customer.to_string()),
        ("application/json", sale.to_string()),
        ("application/json", event(marked, json!({})).to_string()),
        ("application/json", quote.to_string()),
        ("application/json", access.to_string()),
        ("application/json", json!({"user": "head@acme.example", "password": marked}).to_string()),
        ("application/json", json!({ marked: marked }).to_string()),
        ("application/json", format!("{{\"password\": \"{marked}\", \"{marked}")),
        ("application/x-ndjson", format!("{marked}\n{{\"email\": {marked}}}\n")),
        ("application/msgpack", format!("\u{1}{marked}")),
        ("application/x-www-form-urlencoded", format!("user={marked}&password={marked}&{marked}={marked}")),
        ("text/plain", marked.to_owned()),
    ]
}

async fn walk(guarded: &Guarded, document: &Value, marked: &str, token: &str) -> usize {
    let (http, url) = (&guarded.app.http, &guarded.app.url);
    let mut requests = 0;
    let in_path = in_url(marked);
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let filled: String = path
                .split('/')
                .map(|part| if part.starts_with('{') { in_path.clone() } else { part.to_owned() })
                .collect::<Vec<_>>()
                .join("/");
            let queries = ["", "store=", "from=", "window=", "customer=", "code=", "last_four=", "model="];
            if method == Method::GET {
                if path == "/v1/changes" {
                    continue;
                }
                for query in queries {
                    let asked = if query.is_empty() { filled.clone() } else { format!("{filled}?{query}{in_path}") };
                    let others: &[_] = if query.is_empty() { &[Some(MARKED[5]), None] } else { &[] };
                    for who in [Some(token)].iter().chain(others).copied() {
                        let answer = sent(http, &method, &format!("{url}{asked}"), who).send().await.unwrap();
                        looked_at(format!("{method} {path} ({query})"), answer, true).await;
                        requests += 1;
                    }
                }
                continue;
            }
            // A marked key in a query string, and a session that is none.
            let cookie = format!("storefold_session={marked}");
            let asked =
                sent(http, &method, &format!("{url}{filled}?{in_path}={in_path}"), None).header("cookie", cookie);
            looked_at(format!("{method} {path} with a cookie"), asked.send().await.unwrap(), true).await;
            for (content_type, body) in bodies(marked) {
                let asked = sent(http, &method, &format!("{url}{}", path.replace(['{', '}'], "")), Some(token));
                let answer = asked.header("content-type", content_type).body(body.clone()).send().await.unwrap();
                let what = format!("{method} {path} of {content_type} {}", &body[..body.len().min(60)]);
                // A command names the field that it does not know.
                let is_name = body.starts_with(&format!("{{\"{marked}"));
                looked_at(what, answer, is_name && path.starts_with("/v1/commands/")).await;
                requests += 1;
            }
        }
    }
    requests
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_secret_or_of_a_person_is_in_no_log_metric_or_error() {
    let engine = Engine::jetstream().await;
    let Engine::JetStream(nats) = &engine else { unreachable!("it was made so") };
    let nats = async_nats::connect(nats.url()).await.unwrap();
    let mut app = TestApp::not_started(engine.into(), &["--access", "required"]);
    app.http = Client::builder().redirect(Policy::none()).build().unwrap();
    app.variables.push(("RUST_LOG", "trace".to_owned()));
    app.restart().await;
    let guarded = Guarded::with_history(app).await;
    let rights = json!({"rights": ["produce", "read", "operate", "administer"]});
    let token = guarded.issue("all", rights).await;
    let (_, document) = guarded.get(&As::Session(&guarded.head), "/openapi.json").await;
    let mut requests = 0;
    for marked in MARKED {
        requests += walk(&guarded, &document, marked, &token).await;
        // Paths that nobody serves, pages, and methods that nobody takes.
        for path in ["/nowhere/", "/stores/", "/customers/", "/v1/", "/sign-in?next=", "/instruments/"] {
            for method in [Method::GET, Method::POST, Method::DELETE] {
                let asked = format!("{}{path}{}", guarded.app.url, marked.replace(' ', "%20").replace('+', "%2b"));
                let answer = sent(&guarded.app.http, &method, &asked, Some(&token)).send().await.unwrap();
                looked_at(format!("{method} {path}"), answer, true).await;
                requests += 1;
            }
        }
        let jetstream = async_nats::jetstream::new(nats.clone());
        for (_, body) in bodies(marked) {
            jetstream.publish("storefold.in.demo.till-1", body.into()).await.unwrap().await.unwrap();
        }
    }
    // The inbox has been worked off once the last of it is kept.
    let mut kept = Value::Null;
    while !kept.to_string().contains("till-1") {
        kept = guarded.get(&As::Session(&guarded.head), "/v1/quarantine").await.1;
    }
    let metrics =
        guarded.app.http.get(format!("{}/metrics", guarded.app.url)).send().await.unwrap().text().await.unwrap();
    holds_none("a metric", &metrics);
    // What is no request ends its connection, which is said to who wants to know everything.
    let mut rubbish = TcpStream::connect(guarded.app.url.trim_start_matches("http://")).unwrap();
    rubbish.write_all(format!("{} {}\r\n\r\n", MARKED[0], MARKED[4]).as_bytes()).unwrap();
    drop(rubbish.read_to_end(&mut Vec::new()));
    while !guarded.app.said().contains("a connection ended early") {
        tokio::task::yield_now().await;
    }
    for secret in [&token, &guarded.token, &guarded.head] {
        assert!(
            !metrics.contains(secret.as_str()) && !guarded.app.said().contains(secret.as_str()),
            "a secret is told"
        );
    }
    let said = guarded.app.said();
    holds_none("a line of the log", &said);
    drop(writeln!(io::stderr(), "{requests} requests with marked values; {} lines of the log", said.lines().count()));
    assert!(requests > 5_000, "{requests} requests");
}
