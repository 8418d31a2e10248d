//! Every kind of bad input against one running server: it is refused by a stable code, its good neighbours come in, it is
//! in quarantine, and the server goes on.

use serde_json::{Value, json};

use crate::{
    engine::Engine,
    test_app::{TestApp, read},
};

/// A good sale with this number.
fn sale(seq: u64) -> Value {
    json!({
        "source": "till-1", "seq": seq, "store": "S", "occurred_at": "2026-03-02T10:00:00+01:00",
        "type": "SaleValidated", "version": 1,
        "data": {
            "sale": seq.to_string(), "till": "1", "channel": "store", "currency": "EUR",
            "lines": [{"line": 1, "sku": "A", "quantity": 1, "gross_minor": 1_000}],
            "tenders": [{"kind": "card", "amount_minor": 1_000}],
        },
    })
}

fn store(name: &str, zone: &str) -> Value {
    json!({"source": "office", "seq": 1, "store": name, "occurred_at": "2026-01-01T00:00:00Z",
           "type": "StoreConfigured", "data": {"name": name, "zone": zone, "currency": "EUR"}})
}

/// The same event, otherwise at one place.
fn with(mut event: Value, pointer: &str, value: Value) -> Vec<u8> {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match event.pointer_mut(parent).unwrap() {
        Value::Object(fields) => drop(fields.insert(name.to_owned(), value)),
        parent => parent[name.parse::<usize>().unwrap()] = value,
    }
    event.to_string().into()
}

fn without(mut event: Value, name: &str) -> Vec<u8> {
    event.as_object_mut().unwrap().remove(name);
    event.to_string().into()
}

/// Bad events by what is wrong with them: the event, its code, and the field that is named.
fn bad_events() -> Vec<(&'static str, Vec<u8>, &'static str, Option<&'static str>)> {
    let nested = format!("{{\"source\": {}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let not_utf_8 = [&b"{\"source\": \"\xff\xfe\""[..], &without(sale(2), "source")[1..]].concat();
    let both = with(sale(2), "/id", json!("0190a6f0-0000-7000-8000-000000000001"));
    vec![
        ("no json", b"{\"source\": ".to_vec(), "unparseable", None),
        ("unknown type", with(sale(2), "/type", json!("SaleImagined")), "unknown_type", Some("type")),
        ("unknown version", with(sale(2), "/version", json!(7)), "unknown_version", Some("version")),
        ("wrong field type", with(sale(2), "/data/sale", json!(7)), "wrong_type", Some("data.sale")),
        ("missing field", without(sale(2), "occurred_at"), "missing_field", Some("occurred_at")),
        (
            "negative quantity",
            with(sale(2), "/data/lines/0/quantity", json!(-1)),
            "quantity_not_positive",
            Some("data.lines[0].quantity"),
        ),
        ("unknown currency", with(sale(2), "/data/currency", json!("XYZ")), "unknown_currency", Some("data.currency")),
        ("foreign currency", with(sale(2), "/data/currency", json!("USD")), "foreign_currency", Some("data.currency")),
        ("unknown store", with(sale(2), "/store", json!("T")), "unknown_store", Some("store")),
        ("unknown zone", store("T", "Europe/Atlantis").to_string().into(), "unknown_zone", Some("data.zone")),
        (
            "no offset",
            with(sale(2), "/occurred_at", json!("2026-03-02T10:00:00")),
            "occurred_at_without_offset",
            Some("occurred_at"),
        ),
        (
            "in the future",
            with(sale(2), "/occurred_at", json!("2999-03-02T10:00:00Z")),
            "occurred_at_in_future",
            Some("occurred_at"),
        ),
        ("seq 0", with(sale(2), "/seq", json!(0)), "seq_zero", Some("seq")),
        ("seq and id", both, "seq_and_id", Some("seq")),
        (
            "a string of 1 MiB",
            with(sale(2), "/data/sale", json!("x".repeat(1 << 20))),
            "string_too_long",
            Some("data.sale"),
        ),
        ("deep nesting", nested.into(), "unparseable", None),
        ("invalid UTF-8", not_utf_8, "unparseable", None),
        ("another body", with(sale(1), "/data/till", json!("2")), "idempotency_mismatch", Some("seq")),
    ]
}

/// How many entries of a code are in quarantine.
async fn kept(app: &TestApp, code: &str) -> usize {
    let page = app.get(&format!("/v1/quarantine?limit=1000&code={code}")).await;
    page["entries"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_events_are_refused_alone_kept_and_named() {
    let app = TestApp::start(Engine::embedded()).await;
    app.post(&[store("S", "Europe/Paris"), sale(1)]).await;
    for (seq, (what, bad, code, field)) in (100..).zip(bad_events()) {
        let before = kept(&app, code).await;
        let body = [sale(seq).to_string().as_bytes(), b"\n", &bad, b"\n"].concat();
        let (status, answer) = read(app.send("application/x-ndjson", body).await).await;
        assert_eq!(status, 200, "{what}: {answer}");
        assert_eq!((&answer["accepted"], &answer["rejected"]), (&json!(1), &json!(1)), "{what}: {answer}");
        let [good, refused] = &answer["results"].as_array().unwrap()[..] else { panic!("{what}: {answer}") };
        assert_eq!(good["status"], "accepted", "{what}");
        assert_eq!((&refused["code"], refused["field"].as_str()), (&json!(code), field), "{what}: {refused}");
        assert!(refused["detail"].as_str().unwrap().len() > 20, "{what} says what to do: {refused}");
        assert_eq!(kept(&app, code).await, before + 1, "{what} is in quarantine");
    }
    let count = 1 + bad_events().len();
    let position = app.post(&[]).await["position"].as_u64().unwrap();
    let path = format!("/v1/stores/S/performance?window=all&at_least={position}");
    assert_eq!(app.get(&path).await["totals"]["sales"], count, "the good ones are counted, and nothing else");
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_too_large_or_cannot_be_read_are_refused_whole_and_kept() {
    let app = TestApp::start(Engine::embedded()).await;
    app.post(&[store("S", "Europe/Paris")]).await;
    let events: Vec<Value> = (1..=10_001).map(|seq| json!({"source": "a", "seq": seq})).collect();
    let large = b" ".repeat(9 << 20);
    for (what, body, status, code, limit) in [
        ("unparseable", b"{\"source\": ".to_vec(), 400, "unparseable", Value::Null),
        ("invalid UTF-8", b"[\"\xff\"]".to_vec(), 400, "unparseable", Value::Null),
        ("10,001 events", json!(events).to_string().into(), 413, "too_many_events", json!(10_000)),
        ("9 MiB", large, 413, "body_too_large", json!(8 << 20)),
    ] {
        let before = kept(&app, code).await;
        let answer = app.send("application/json", body).await;
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{what}");
        let (found, problem) = read(answer).await;
        assert_eq!((found.as_u16(), &problem["code"], &problem["limit"]), (status, &json!(code), &limit), "{what}");
        assert_eq!(kept(&app, code).await, before + 1, "{what} is in quarantine");
    }
    let (found, problem) = read(app.send("text/plain", "a,b").await).await;
    assert_eq!((found.as_u16(), &problem["code"]), (415, &json!("unsupported_media_type")));
    assert_eq!(app.post(&[sale(1)]).await["accepted"], 1, "the server goes on");
}
