//! What an append must refuse, without having written.

use crate::{AppendError, EVENTS_PER_RECORD_MAX, Hash, Head, RECORD_BYTES_MAX, Record, RecordTooLarge, Tenant};

use super::{
    Bench, Script,
    script::{encode_scan, soon},
};

/// A log of three records, for a claim to fail on.
async fn three_records(bench: &dyn Bench) -> (Script, Vec<Record>) {
    let mut script = Script::new(bench, bench.open().await).await;
    let records = script.append_each(&[2, 1, 3]).await;
    (script, records)
}

async fn refusal(script: &Script, expected: &Head, record: &Record) -> AppendError {
    soon("a refusal", script.log.append(expected, record)).await.expect_err("the append must be refused")
}

fn assert_conflict(error: &AppendError, writer_expected: u64, log_has: u64) {
    let AppendError::Conflict { expected, found } = error else { panic!("a conflict, not: {error}") };
    assert_eq!((*expected, *found), (writer_expected, log_has));
}

/// A writer that still holds the head of before (invariant 3).
pub async fn a_stale_expectation_conflicts_and_writes_nothing(bench: &dyn Bench) {
    let mut script = Script::new(bench, bench.open().await).await;
    let stale = script.head;
    let for_stale = script.record(2);
    let records = script.append_each(&[2, 1, 3]).await;
    assert_conflict(&refusal(&script, &stale, &for_stale).await, 0, 3);
    script.assert_log_is(&records).await;
}

/// The right position and hash do not help a sequence that is too low.
pub async fn an_expectation_too_low_conflicts_and_writes_nothing(bench: &dyn Bench) {
    let (script, records) = three_records(bench).await;
    let low = Head { sequence: script.head.sequence - 1, ..script.head };
    assert_conflict(&refusal(&script, &low, &script.record(1)).await, 2, 3);
    script.assert_log_is(&records).await;
}

/// Nor one that is too high; on an empty log neither.
pub async fn an_expectation_too_high_conflicts_and_writes_nothing(bench: &dyn Bench) {
    let mut script = Script::new(bench, bench.open().await).await;
    let high = Head { sequence: 1, ..script.head };
    assert_conflict(&refusal(&script, &high, &script.record(1)).await, 1, 0);
    script.assert_log_is(&[]).await;
    let records = script.append_each(&[2, 1, 3]).await;
    let high = Head { sequence: script.head.sequence + 1, ..script.head };
    assert_conflict(&refusal(&script, &high, &script.record(1)).await, 4, 3);
    script.assert_log_is(&records).await;
}

/// A gap or an overlap of positions.
pub async fn a_record_at_another_position_is_refused(bench: &dyn Bench) {
    let (script, records) = three_records(bench).await;
    for first_position in [1, script.head.position, script.head.position + 2] {
        let mut header = script.header();
        header.first_position = first_position;
        let error = refusal(&script, &script.head, &Script::sealed(header, 1)).await;
        assert!(matches!(error, AppendError::DoesNotFollow(_)), "first position {first_position}: {error}");
    }
    script.assert_log_is(&records).await;
}

/// A break of the chain of hashes.
pub async fn a_record_that_names_another_record_before_it_is_refused(bench: &dyn Bench) {
    let (script, records) = three_records(bench).await;
    for previous_hash in [Hash::default(), records[1].hash()] {
        let mut header = script.header();
        header.previous_hash = previous_hash;
        let error = refusal(&script, &script.head, &Script::sealed(header, 1)).await;
        assert!(matches!(error, AppendError::DoesNotFollow(_)), "previous hash {previous_hash}: {error}");
    }
    script.assert_log_is(&records).await;
}

/// Tenants never mix.
pub async fn a_record_of_another_tenant_is_refused(bench: &dyn Bench) {
    let (script, records) = three_records(bench).await;
    let mut header = script.header();
    header.tenant = Tenant::new("another").expect("the name fits");
    let error = refusal(&script, &script.head, &Script::sealed(header, 1)).await;
    assert!(matches!(error, AppendError::DoesNotFollow(_)), "{error}");
    script.assert_log_is(&records).await;
}

/// Whether it is stopped where it is sealed or, read from elsewhere, by the engine.
pub async fn an_oversized_record_is_refused_with_its_limit(bench: &dyn Bench) {
    let (script, records) = three_records(bench).await;
    let mut encoded = Vec::new();
    for position in (script.head.position + 1..).take(1_000) {
        encode_scan(position, 600, &mut encoded);
    }
    let refused = Record::seal(script.header(), 1_000, &encoded).expect_err("it is too large");
    assert_limits_named(&refused);
    let refused = Record::seal(script.header(), EVENTS_PER_RECORD_MAX + 1, &[]).expect_err("it is too long");
    assert_limits_named(&refused);

    let within = Record::seal(script.header(), 700, &encoded[..400_000]).expect("it is within the limits");
    let oversized = [within.bytes(), &encoded[400_000..]].concat();
    let oversized = Record::read(oversized.into()).expect("reading checks the form alone");
    let error = refusal(&script, &script.head, &oversized).await;
    let AppendError::TooLarge(refused) = error else { panic!("too large, not: {error}") };
    assert_eq!((refused.events, refused.bytes), (700, oversized.bytes().len()));
    assert_limits_named(&refused);
    script.assert_log_is(&records).await;
}

fn assert_limits_named(refused: &RecordTooLarge) {
    let message = refused.to_string();
    for limit in [EVENTS_PER_RECORD_MAX, RECORD_BYTES_MAX] {
        assert!(message.contains(&limit.to_string()), "`{message}` must name {limit}");
    }
}
