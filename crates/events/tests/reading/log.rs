//! Bytes of the log give the event that was written, or an error.

use std::{fs, path::Path};

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use storefold_events::{
    Currency, Event, Key, Payload, Text, codec,
    loyalty::PointsEarned,
    sale::{SaleLine, SaleValidated, Tender},
    scan::{ScanCaptured, ScanOutcome},
};
use uuid::Uuid;

use super::encoded;

/// An event of the log to a general reader of MessagePack that knows the type of the body.
type Plain<'a, B> = (Text<'a>, Option<u64>, Option<Text<'a>>, i64, Option<u64>, Text<'a>, u16, B);

/// What a general reader of MessagePack reads; the key may be a UUID.
fn plain(bytes: &[u8]) -> Plain<'_, serde::de::IgnoredAny> {
    type AnyKey<'a> =
        (Text<'a>, serde::de::IgnoredAny, Option<Text<'a>>, i64, Option<u64>, Text<'a>, u16, serde::de::IgnoredAny);
    let (source, _, store, occurred_at_ms, cause, name, version, body): AnyKey<'_> =
        rmp_serde::from_slice(bytes).unwrap();
    (source, None, store, occurred_at_ms, cause, name, version, body)
}

/// The golden events, at least one of each type.
fn golden() -> Vec<Vec<u8>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto-schemas/golden");
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let bytes: Vec<_> = files.filter(|path| path.extension().is_some_and(|name| name == "msgpack")).collect();
    assert!(bytes.len() >= storefold_events::EVENT_TYPES.len());
    bytes.into_iter().map(|path| fs::read(path).unwrap()).collect()
}

/// The bytes with one of them changed, in every way there is.
fn damaged(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.len()).flat_map(move |at| {
        (1..=u8::MAX).map(move |change| {
            let mut damaged = bytes.to_owned();
            damaged[at] ^= change;
            damaged
        })
    })
}

/// What was read is an event that can be written and read again.
fn assert_whole(event: &Event<'_>) {
    assert_eq!(&codec::decode(&encoded(event)).unwrap(), event);
}

#[test]
fn an_event_is_written_again_as_it_was_read() {
    for bytes in golden() {
        let event = codec::decode(&bytes).unwrap();
        // What an older version lacks is written with its default, in the version of today.
        let (.., version, serde::de::IgnoredAny): Plain<'_, serde::de::IgnoredAny> = plain(&bytes);
        assert_eq!(encoded(&event) == bytes, version == event.payload.info().version);
    }
}

#[test]
fn an_event_that_ends_too_early_is_an_error() {
    for bytes in golden() {
        for length in 0..bytes.len() {
            assert!(codec::decode(&bytes[..length]).is_err(), "{length} bytes of {bytes:02x?}");
        }
    }
}

#[test]
fn a_changed_byte_gives_an_error_or_an_event() {
    for damaged in golden().iter().flat_map(|bytes| damaged(bytes)) {
        if let Ok(event) = codec::decode(&damaged) {
            assert_whole(&event);
        }
    }
}

/// The golden events of one type with one byte changed.
fn damaged_of(name: &str) -> Vec<Vec<u8>> {
    let of_type = |bytes: &Vec<u8>| codec::decode(bytes).unwrap().payload.info().name == name;
    golden().iter().filter(|bytes| of_type(bytes)).flat_map(|bytes| damaged(bytes)).collect()
}

/// Compares what is taken.
fn assert_read_alike<'a, B: Deserialize<'a> + Into<Payload<'a>>>(encoded: &'a [Vec<u8>]) {
    for bytes in encoded {
        let Ok(event) = codec::decode(bytes) else { continue };
        if let Key::Id(_) = event.key {
            continue;
        }
        let (source, seq, store, occurred_at_ms, cause, _, _, body): Plain<'_, B> =
            rmp_serde::from_slice(bytes).unwrap();
        let key = seq.map_or(Key::Caused, Key::Seq);
        assert_eq!(event, Event { source, key, store, occurred_at_ms, cause, payload: body.into() });
    }
}

#[test]
fn what_is_taken_is_what_a_general_reader_reads() {
    assert_read_alike::<ScanCaptured<'_>>(&damaged_of("ScanCaptured"));
    assert_read_alike::<SaleValidated<'_>>(&damaged_of("SaleValidated"));
    assert_read_alike::<PointsEarned<'_>>(&damaged_of("PointsEarned"));
}

/// A scan with this body, which may have fewer or more fields than its type.
fn scan_of(version: u16, body: impl Serialize) -> Vec<u8> {
    rmp_serde::to_vec(&("scanner-1", 1, "FR-PAR-01", 0, (), "ScanCaptured", version, body)).unwrap()
}

#[test]
fn a_field_that_was_not_written_yet_is_absent() {
    let bytes = scan_of(1, ("1-1", "1", "succeeded"));
    let Payload::ScanCaptured(scan) = codec::decode(&bytes).unwrap().payload else { panic!("it is a scan") };
    assert_eq!((scan.outcome, scan.error_code, scan.gender, scan.email), (ScanOutcome::Succeeded, None, None, None));
}

#[test]
fn an_older_version_of_a_type_is_read_with_defaults() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto-schemas/golden");
    let bytes = fs::read(directory.join("TokenIssued.v1.msgpack")).unwrap();
    let Payload::TokenIssued(token) = codec::decode(&bytes).unwrap().payload else { panic!("it is a token") };
    assert_eq!((token.organisation.as_deref(), token.by.as_str()), (Some("acme/fr"), "head@acme.example"));
    assert_eq!((token.sources.len(), token.store, token.models.len()), (0, None, 0));
    let shown = serde_json::from_slice(&fs::read(directory.join("TokenIssued.v1.json")).unwrap()).unwrap();
    assert_eq!(storefold_events::wire::read_shown(shown).unwrap().payload, codec::decode(&bytes).unwrap().payload);
}

#[test]
fn a_body_may_name_its_fields() {
    for bytes in golden() {
        let event = codec::decode(&bytes).unwrap();
        let (source, seq, store) = (&event.source, 1, &event.store);
        let info = event.payload.info();
        let body = serde_json::to_value(&event.payload).unwrap();
        let named = (source, seq, store, event.occurred_at_ms, event.cause, info.name, info.version, body);
        let named = rmp_serde::to_vec(&named).unwrap();
        assert_eq!(codec::decode(&named).unwrap().payload, event.payload);
    }
}

#[test]
fn what_this_release_does_not_know_is_an_error() {
    let none = ();
    for (bytes, message) in [
        (scan_of(1, ("1-1", "1")), "invalid length 2"),
        (scan_of(1, ("1-1", "1", "succeeded", none, none, none, none, "later")), "an array has 1 values more"),
        (scan_of(1, ("1-1", "1", "dreamt")), "unknown variant `dreamt`"),
        (scan_of(1, ("1-1", 1, "succeeded")), "a string belongs where a value begins with 0x01"),
        (scan_of(1, ("1-1", "1", "succeeded", none, none, 70_000)), "invalid value: integer `70000`"),
        (scan_of(1, ("1-1", "1", "succeeded", none, none, -1)), "invalid value: integer `-1`"),
        (scan_of(1, ("1-1", "1".repeat(1_025), "succeeded")), "a string of 1025 bytes"),
        (scan_of(2, ("1-1", "1", "succeeded")), "does not know ScanCaptured version 2"),
        (rmp_serde::to_vec(&("s", 1, "FR", 0, (), "ScanDreamt", 1, ())).unwrap(), "does not know ScanDreamt version 1"),
        (rmp_serde::to_vec(&("s", -1, "FR", 0, (), "ScanCaptured", 1, ())).unwrap(), "out of range"),
        (rmp_serde::to_vec(&("s", 1, "FR", 0)).unwrap(), "an event has 8 fields, not 4"),
    ] {
        let error = codec::decode(&bytes).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn a_string_that_is_not_utf_8_is_an_error() {
    let mut bytes = scan_of(1, ("1-1", "1", "succeeded"));
    let at = bytes.windows(3).position(|window| window == b"1-1").unwrap();
    bytes[at] = 0xff;
    assert!(codec::decode(&bytes).unwrap_err().to_string().contains("invalid utf-8"));
}

fn text() -> impl Strategy<Value = Text<'static>> {
    prop_oneof![".{0,20}", "[a-zA-Z0-9-]{0,40}", "é{100,500}"].prop_map(Text::from)
}

fn key() -> impl Strategy<Value = Key> {
    let id = any::<u128>().prop_map(|id| Key::Id(Uuid::from_u128(id)));
    prop_oneof![any::<u64>().prop_map(Key::Seq), (0..100_u64).prop_map(Key::Seq), id, Just(Key::Caused)]
}

/// Numbers of every length they are written in.
fn amount() -> impl Strategy<Value = i64> {
    (any::<i64>(), 0..64).prop_map(|(amount, shift)| amount >> shift)
}

fn line() -> impl Strategy<Value = SaleLine<'static>> {
    let amounts = (amount(), amount(), amount(), amount(), proptest::option::of(amount()));
    (any::<u32>(), text(), proptest::option::of(text()), amounts).prop_map(|(line, sku, family, amounts)| {
        let (quantity, gross_minor, discount_minor, tax_minor, cost_minor) = amounts;
        SaleLine { line, sku, family, quantity, gross_minor, discount_minor, tax_minor, cost_minor, sells: None }
    })
}

fn sale() -> impl Strategy<Value = SaleValidated<'static>> {
    let tender = (text(), amount()).prop_map(|(kind, amount_minor)| Tender { kind, amount_minor, instrument: None });
    let lists = (proptest::collection::vec(line(), 0..20), proptest::collection::vec(tender, 0..4));
    (text(), text(), text(), proptest::option::of(text()), "[A-Z]{3}", lists).prop_map(
        |(sale, till, channel, customer, currency, (lines, tenders))| {
            let currency = Currency::new(&currency).unwrap();
            SaleValidated { sale, till, channel, customer, currency, lines, tenders }
        },
    )
}

fn event() -> impl Strategy<Value = Event<'static>> {
    let place = (text(), key(), proptest::option::of(text()), amount(), proptest::option::of(any::<u64>()));
    (place, sale()).prop_map(|((source, key, store, occurred_at_ms, cause), sale)| Event {
        source,
        key,
        store,
        occurred_at_ms,
        cause,
        payload: sale.into(),
    })
}

proptest! {
    #[test]
    fn an_event_is_read_as_it_was_written(event in event()) {
        let bytes = encoded(&event);
        prop_assert_eq!(codec::decode(&bytes).unwrap(), event);
    }

    #[test]
    fn any_damage_gives_an_error_or_an_event(
        event in event(),
        from in any::<prop::sample::Index>(),
        cut in 0..8_usize,
        put in proptest::collection::vec(any::<u8>(), 0..8),
    ) {
        let mut bytes = encoded(&event);
        let from = from.index(bytes.len());
        let to = (from + cut).min(bytes.len());
        bytes.splice(from..to, put);
        if let Ok(event) = codec::decode(&bytes) {
            assert_whole(&event);
        }
    }

    #[test]
    fn any_bytes_give_an_error_or_an_event(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(event) = codec::decode(&bytes) {
            assert_whole(&event);
        }
    }
}
