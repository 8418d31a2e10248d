//! An event survives every form it takes, and what is wrong with it is named.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "reading/log.rs"]
mod log;

use serde_json::json;
use storefold_events::{Event, Key, Malformed, Payload, StoreCalendar, codec, wire};

const SCAN: &str = r#"{"source": "scanner-0012", "seq": 184, "store": "FR-PAR-01", "occurred_at": "2026-11-23T10:15:00+01:00", "type": "ScanCaptured",
 "data": {"scan": "0012-184", "scanner": "0012", "outcome": "succeeded", "gender": "female", "size_mondo_mm": 245, "email": "a@example.com"}}"#;

const SALE: &str = r#"{"source": "till-FR-PAR-01-1", "seq": 9, "store": "FR-PAR-01", "occurred_at": "2026-11-23T10:20:00+01:00", "type": "SaleValidated",
 "data": {"sale": "T1-000009", "till": "1", "channel": "store", "customer": "C-77", "currency": "EUR",
  "lines": [{"line": 1, "sku": "BOOT-42", "family": "boots", "quantity": 2, "gross_minor": 12000, "discount_minor": 2000, "tax_minor": 1667, "cost_minor": 5000}],
  "tenders": [{"kind": "card", "amount_minor": 10000}]}}"#;

fn encoded(event: &Event<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    codec::encode(event, &mut bytes);
    bytes
}

#[test]
fn an_event_is_the_same_in_json_messagepack_and_the_log() {
    for json in [SCAN, SALE] {
        let event = wire::read_json(json.as_bytes()).unwrap();
        let value: serde_json::Value = serde_json::from_str(json).unwrap();
        let msgpack = rmp_serde::to_vec_named(&value).unwrap();
        assert_eq!(wire::read_msgpack(&msgpack).unwrap(), event);
        let bytes = encoded(&event);
        assert_eq!(codec::decode(&bytes).unwrap(), event);
        assert_eq!(wire::read_value(wire::show_sent(&event)).unwrap(), event);
        assert!(bytes.len() < 160, "{} bytes", bytes.len());
    }
}

#[test]
fn the_order_of_fields_makes_no_difference() {
    let value: serde_json::Value = serde_json::from_str(SCAN).unwrap();
    let fields = value.as_object().unwrap();
    let reversed: Vec<String> = fields.iter().rev().map(|(name, value)| format!("{name:?}: {value}")).collect();
    let reversed = format!("{{{}}}", reversed.join(","));
    assert_eq!(wire::read_json(reversed.as_bytes()).unwrap(), wire::read_json(SCAN.as_bytes()).unwrap());
}

#[test]
fn several_events_are_read_one_after_the_other() {
    let scan = wire::read_json(SCAN.as_bytes()).unwrap();
    let sale = wire::read_json(SALE.as_bytes()).unwrap();
    let bytes = [encoded(&scan), encoded(&sale)].concat();
    let read: Vec<_> = codec::decode_all(&bytes, 2).map(Result::unwrap).collect();
    assert_eq!(read, [scan, sale]);
    assert!(codec::decode_all(&bytes[..bytes.len() - 1], 2).nth(1).unwrap().is_err());
}

/// What is refused when the value at a JSON pointer into the sale is another one.
fn refusal(pointer: &str, value: serde_json::Value) -> (String, String) {
    let mut sale: serde_json::Value = serde_json::from_str(SALE).unwrap();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = sale.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        serde_json::Value::Null => drop(parent.remove(name)),
        value => drop(parent.insert(name.to_owned(), value)),
    }
    let malformed = wire::read_json(sale.to_string().as_bytes()).unwrap_err();
    (malformed.code().to_owned(), malformed.field().unwrap_or("").to_owned())
}

#[test]
fn what_is_wrong_is_named_with_its_field() {
    let absent = || serde_json::Value::Null;
    for (code, field, pointer, value) in [
        ("unknown_type", "type", "/type", json!("ScanDreamt")),
        ("unknown_version", "version", "/version", json!(7)),
        ("wrong_type", "seq", "/seq", json!("nine")),
        ("seq_zero", "seq", "/seq", json!(0)),
        ("seq_and_id", "seq", "/id", json!("9f2d7bd0-8f0f-4d0e-9f6e-111111111111")),
        ("neither_seq_nor_id", "seq", "/seq", absent()),
        ("occurred_at_without_offset", "occurred_at", "/occurred_at", json!("2026-11-23T10:15:00")),
        ("invalid_value", "occurred_at", "/occurred_at", json!("yesterday")),
        ("invalid_value", "occurred_at", "/occurred_at", json!("0000-01-01T00:00:00+01:00")),
        ("invalid_value", "occurred_at", "/occurred_at", json!("9999-12-31T23:59:59-01:00")),
        ("unknown_field", "colour", "/colour", json!("red")),
        ("unknown_field", "data.colour", "/data/colour", json!("red")),
        ("missing_field", "store", "/store", absent()),
        ("missing_field", "data.till", "/data/till", absent()),
        ("wrong_type", "data.lines[0].quantity", "/data/lines/0/quantity", json!("two")),
        ("quantity_not_positive", "data.lines[0].quantity", "/data/lines/0/quantity", json!(-2)),
        ("amount_out_of_range", "data.lines[0].discount_minor", "/data/lines/0/discount_minor", json!(12_001)),
        ("tenders_differ", "data.tenders", "/data/tenders/0/amount_minor", json!(9_999)),
        ("unknown_currency", "data.currency", "/data/currency", json!("EUX")),
        ("string_too_long", "data.lines[0].sku", "/data/lines/0/sku", json!("x".repeat(1 << 20))),
        ("invalid_value", "data.lines", "/data/lines", json!([])),
    ] {
        assert_eq!(refusal(pointer, value), (code.to_owned(), field.to_owned()));
    }
}

#[test]
fn bytes_that_are_no_event_are_refused() {
    let nested = "[".repeat(100_000);
    for (bytes, code) in [
        (b"{" as &[u8], "unparseable"),
        (nested.as_bytes(), "unparseable"),
        (b"{\"source\": \"\xff\xfe\"}", "unparseable"),
        (b"17", "not_an_event"),
        (b"{\"source\": \"a\", \"source\": \"b\"}", "invalid_value"),
    ] {
        assert_eq!(wire::read_json(bytes).unwrap_err().code(), code);
    }
    let nested = [vec![0x91; 100_000], vec![0xc0]].concat();
    assert_eq!(wire::read_msgpack(&nested).unwrap_err().code(), "unparseable");
    let repeated = SCAN.replacen("\"seq\": 184", "\"seq\": 184, \"seq\": 185", 1);
    let malformed = wire::read_json(repeated.as_bytes()).unwrap_err();
    assert_eq!((malformed.code(), malformed.field()), ("invalid_value", Some("seq")));
}

#[test]
fn what_is_decided_here_cannot_be_sent() {
    let sent = SCAN
        .replace("ScanCaptured", "ScanIdentified")
        .replace(r#""outcome": "succeeded", "gender": "female", "size_mondo_mm": 245, "email": "a@example.com""#, "");
    let sent = sent.replace(r#""0012", }"#, r#""0012"}"#);
    assert!(matches!(wire::read_json(sent.as_bytes()), Err(Malformed::InvalidValue { field, .. }) if field == "type"));
}

#[test]
fn a_zone_that_does_not_exist_is_refused() {
    let json = r#"{"source": "b", "id": "9f2d7bd0-8f0f-4d0e-9f6e-111111111111", "store": "S", "occurred_at": "2026-01-02T08:00:00Z",
        "type": "StoreConfigured", "data": {"name": "S", "zone": "Europe/Pariss", "currency": "EUR"}}"#;
    assert_eq!(wire::read_json(json.as_bytes()).unwrap_err().code(), "unknown_zone");
    let event = json.replace("Pariss", "Paris");
    let event = wire::read_json(event.as_bytes()).unwrap();
    assert!(matches!(event.key, Key::Id(_)));
    assert!(matches!(event.payload, Payload::StoreConfigured(store) if store.business_day_start.as_str() == "00:00"));
}

fn day(zone: &str, start: &str, at: &str) -> (String, i64) {
    let start = chrono::NaiveTime::parse_from_str(start, "%H:%M").unwrap();
    let at = chrono::DateTime::parse_from_rfc3339(at).unwrap().timestamp_millis();
    let span = StoreCalendar::new(zone, start).unwrap().day_at(at);
    assert!((span.start_ms..span.end_ms).contains(&at));
    (span.day.to_string(), (span.end_ms - span.start_ms) / 3_600_000)
}

#[test]
fn the_day_is_the_stores_day_over_clock_changes() {
    let cases = [
        ("Europe/Paris", "00:00", "2026-11-22T23:30:00Z", "2026-11-23", 24),
        ("Europe/Paris", "00:00", "2026-03-29T12:00:00+02:00", "2026-03-29", 23),
        ("Europe/Paris", "00:00", "2026-10-25T02:30:00+01:00", "2026-10-25", 25),
        ("Europe/Paris", "04:00", "2026-10-25T03:59:59+01:00", "2026-10-24", 25),
        ("Europe/Paris", "04:00", "2026-10-25T04:00:00+01:00", "2026-10-25", 24),
        ("Europe/Paris", "02:30", "2026-03-29T03:00:00+02:00", "2026-03-29", 23),
        ("Pacific/Auckland", "00:00", "2026-09-26T23:30:00+12:00", "2026-09-26", 24),
        ("America/Los_Angeles", "00:00", "2026-11-01T23:30:00-08:00", "2026-11-01", 25),
        ("Asia/Kathmandu", "00:00", "2026-11-01T18:14:59Z", "2026-11-01", 24),
        ("Asia/Kathmandu", "00:00", "2026-11-01T18:15:00Z", "2026-11-02", 24),
        ("America/Sao_Paulo", "00:00", "2018-11-04T01:00:00-02:00", "2018-11-04", 23),
    ];
    for (zone, start, at, expected, hours) in cases {
        let (found, length) = day(zone, start, at);
        assert_eq!((found.as_str(), zone, at), (expected, zone, at));
        if !(zone == "Europe/Paris" && start == "02:30") {
            assert_eq!(length, hours, "{zone} {at}");
        }
    }
}
