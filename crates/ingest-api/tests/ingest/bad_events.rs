//! One bad event between two good ones, in every form: it alone is refused, with a code, the field and what to do, and
//! it is in quarantine.

use serde_json::{Value, json};

use crate::{
    facts::{msgpack, sale_with, scan},
    world::{Answer, World},
};

/// What is expected of a refusal.
struct Refusal<'r> {
    code: &'r str,
    field: Option<&'r str>,
    says: &'r str,
}

fn with<'r>(code: &'r str, field: &'r str, says: &'r str) -> Refusal<'r> {
    Refusal { code, field: Some(field), says }
}

/// Sends the event between two good ones in each form.
async fn is_refused(bad: &Value, expected: Refusal<'_>) {
    let json = bad.to_string();
    let events = [scan(1), bad.clone(), scan(2)];
    for (content_type, body) in [
        ("application/x-ndjson", ndjson_around(json.as_bytes())),
        ("application/json", array_around(json.as_bytes())),
        ("application/msgpack", msgpack(&events)),
    ] {
        let world = World::start().await;
        let answer = world.post(content_type, body).await;
        let entry = refused_alone(&world, &answer, &expected).await;
        if json.len() < 1_000 {
            assert_eq!((&entry["sent"], &entry["retriable"]), (bad, &json!(true)));
        }
    }
}

/// The same for bytes that are no JSON value, which only the forms of text can hold.
async fn line_is_refused(bad: &[u8], expected: Refusal<'_>) {
    let world = World::start().await;
    let answer = world.post("application/x-ndjson", ndjson_around(bad)).await;
    let entry = refused_alone(&world, &answer, &expected).await;
    assert_eq!(entry["sent_bytes"], bad.trim_ascii().len());
}

fn ndjson_around(bad: &[u8]) -> Vec<u8> {
    [scan(1).to_string().as_bytes(), bad, scan(2).to_string().as_bytes()].join(&b'\n')
}

fn array_around(bad: &[u8]) -> Vec<u8> {
    let inner = [scan(1).to_string().as_bytes(), bad, scan(2).to_string().as_bytes()].join(&b',');
    [b"[", inner.as_slice(), b"]"].concat()
}

async fn refused_alone(world: &World, answer: &Answer, expected: &Refusal<'_>) -> Value {
    let Refusal { code, field, says } = expected;
    assert_eq!((answer.status, answer.position), (200, Some(3)), "{code}: {answer:?}");
    assert_eq!((&answer.json["accepted"], &answer.json["rejected"]), (&json!(2), &json!(1)), "{code}: {answer:?}");
    let result = &answer.json["results"][1];
    assert_eq!((&result["code"], &result["field"]), (&json!(code), &json!(field)), "{result}");
    let detail = result["detail"].as_str().unwrap();
    assert!(detail.contains(says), "`{says}` is not in `{detail}`");
    assert_eq!(
        (&answer.json["results"][0]["position"], &answer.json["results"][2]["position"]),
        (&json!(2), &json!(3))
    );
    let entries = world.quarantined(code).await;
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert_eq!((&entries[0]["code"], &entries[0]["detail"]), (&json!(code), &json!(detail)));
    assert_eq!(entries[0].get("field"), field.map(|field| json!(field)).as_ref());
    assert_eq!(entries[0]["refused_at"], "2026-11-23T09:30:00.000Z");
    // The server goes on.
    assert_eq!(world.post("application/json", scan(3).to_string()).await.position, Some(4));
    entries[0].clone()
}

#[tokio::test]
async fn an_unknown_type_is_refused() {
    let bad = sale_with("/type", json!("SaleDreamt"));
    is_refused(&bad, with("unknown_type", "type", "`SaleDreamt` is not an event type; the types are listed in")).await;
}

#[tokio::test]
async fn an_unknown_version_is_refused() {
    let bad = sale_with("/version", json!(9));
    is_refused(&bad, with("unknown_version", "version", "version 9 of SaleValidated is unknown here; send version 1"))
        .await;
}

#[tokio::test]
async fn a_wrong_field_type_is_refused() {
    let bad = sale_with("/data/lines/0/quantity", json!("two"));
    is_refused(&bad, with("wrong_type", "data.lines[0].quantity", "has the wrong type")).await;
}

#[tokio::test]
async fn a_missing_field_is_refused() {
    let bad = sale_with("/data/till", Value::Null);
    is_refused(&bad, with("missing_field", "data.till", "`data.till` is missing; send it")).await;
}

#[tokio::test]
async fn a_negative_quantity_is_refused() {
    let bad = sale_with("/data/lines/0/quantity", json!(-2));
    is_refused(&bad, with("quantity_not_positive", "data.lines[0].quantity", "is -2; a quantity is 1 or more")).await;
}

#[tokio::test]
async fn an_unknown_currency_is_refused() {
    let bad = sale_with("/data/currency", json!("EUX"));
    is_refused(&bad, with("unknown_currency", "data.currency", "`EUX` is not a currency of ISO 4217; send a code"))
        .await;
}

#[tokio::test]
async fn a_foreign_currency_is_refused() {
    let bad = sale_with("/data/currency", json!("USD"));
    is_foreign(&bad, with("foreign_currency", "data.currency", "send them in EUR")).await;
}

#[tokio::test]
async fn an_unknown_store_is_refused() {
    let bad = sale_with("/store", json!("FR-PAR-99"));
    is_foreign(&bad, with("unknown_store", "store", "send its StoreConfigured first")).await;
}

/// What only the books can tell: the quarantine shows the event as the log would hold it, not as it was written.
async fn is_foreign(bad: &Value, expected: Refusal<'_>) {
    let world = World::start().await;
    let answer = world.post("application/x-ndjson", ndjson_around(bad.to_string().as_bytes())).await;
    let entry = refused_alone(&world, &answer, &expected).await;
    assert_eq!((&entry["sent"]["data"]["sale"], &entry["source"]), (&bad["data"]["sale"], &bad["source"]));
}

#[tokio::test]
async fn an_unknown_zone_is_refused() {
    let mut bad = crate::facts::store();
    bad["seq"] = json!(2);
    bad["data"]["zone"] = json!("Europe/Pariss");
    is_refused(&bad, with("unknown_zone", "data.zone", "send a name such as Europe/Paris")).await;
}

#[tokio::test]
async fn a_time_without_offset_is_refused() {
    let bad = sale_with("/occurred_at", json!("2026-11-23T10:20:00"));
    is_refused(&bad, with("occurred_at_without_offset", "occurred_at", "has no offset from UTC; send it as")).await;
}

#[tokio::test]
async fn a_time_more_than_five_minutes_ahead_is_refused() {
    let bad = sale_with("/occurred_at", json!("2026-11-23T10:35:00.001+01:00"));
    let says = "`occurred_at` is 2026-11-23T09:35:00.001Z, more than 300 s ahead of this server's clock, \
        2026-11-23T09:30:00.000Z; set the producer's clock right";
    is_refused(&bad, with("occurred_at_in_future", "occurred_at", says)).await;
    let world = World::start().await;
    let just = sale_with("/occurred_at", json!("2026-11-23T10:35:00+01:00"));
    assert_eq!(world.post("application/json", just.to_string()).await.json["accepted"], 1);
}

#[tokio::test]
async fn sequence_number_zero_is_refused() {
    is_refused(&sale_with("/seq", json!(0)), with("seq_zero", "seq", "`seq` is 0; count from 1")).await;
}

#[tokio::test]
async fn both_keys_at_once_are_refused() {
    let bad = sale_with("/id", json!("9f2d7bd0-8f0f-4d0e-9f6e-111111111111"));
    is_refused(&bad, with("seq_and_id", "seq", "has both `seq` and `id`; send `seq` when")).await;
}

#[tokio::test]
async fn a_string_of_a_mebibyte_is_refused() {
    let bad = sale_with("/data/lines/0/sku", json!("x".repeat(1 << 20)));
    is_refused(&bad, with("string_too_long", "data.lines[0].sku", "is a string of 1048576 bytes; send at most 1024"))
        .await;
}

#[tokio::test]
async fn something_other_than_an_object_is_refused() {
    for bad in [json!(17), json!("event"), json!(null), json!([])] {
        let expected = Refusal { code: "not_an_event", field: None, says: "an event is an object with source" };
        is_refused(&bad, expected).await;
    }
}

#[tokio::test]
async fn deep_nesting_is_refused() {
    let unclosed = "[".repeat(100_000);
    let says = "this cannot be read (recursion limit exceeded";
    line_is_refused(unclosed.as_bytes(), Refusal { code: "unparseable", field: None, says }).await;
    let closed = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let world = World::start().await;
    let answer = world.post("application/json", array_around(closed.as_bytes())).await;
    refused_alone(&world, &answer, &Refusal { code: "unparseable", field: None, says }).await;
    let world = World::start().await;
    let deep = [vec![0x91; 20_000], vec![0xc0]].concat();
    let array = [vec![0x93], msgpack(&[scan(1)])[1..].to_vec(), deep, msgpack(&[scan(2)])[1..].to_vec()].concat();
    let answer = world.post("application/msgpack", array).await;
    let says = "depth limit exceeded";
    refused_alone(&world, &answer, &Refusal { code: "unparseable", field: None, says }).await;
}

#[tokio::test]
async fn invalid_utf_8_is_refused() {
    let says = "this cannot be read";
    let bad = b"{\"source\": \"till-\xff\xfe\", \"seq\": 1}";
    line_is_refused(bad, Refusal { code: "unparseable", field: None, says }).await;
}

#[tokio::test]
async fn a_line_that_is_no_json_is_refused() {
    let expected = Refusal { code: "unparseable", field: None, says: "send one well-formed event" };
    line_is_refused(b"{\"source\": \"till-1\", ", expected).await;
}
