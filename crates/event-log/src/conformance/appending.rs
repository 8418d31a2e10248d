//! What an append leaves behind.

use storefold_events::TEXT_BYTES_MAX;

use super::{
    Bench, Script, read_to,
    script::{encode_scan, soon},
};
use crate::{EVENTS_PER_RECORD_MAX, Head, RECORD_BYTES_MAX, Record};

/// An empty log can be asked and read; a reader that waits on it gets the first record.
pub async fn an_empty_log_ends_at_zero_and_gives_its_first_record_to_those_who_wait(bench: &dyn Bench) {
    let mut script = Script::new(bench, bench.open().await).await;
    assert_eq!(script.head, Head::default());
    let mut tail = script.log.tail(0).await.expect("an empty log can be read");
    let waiting = tokio::spawn(async move { read_to(&mut tail, 0, 3).await });
    let first = script.append(3).await;
    assert_eq!(soon("the waiting reader", waiting).await.expect("the reader ends"), [first]);
}

/// Order, and the bytes that were sealed.
pub async fn records_are_read_back_in_order_and_byte_for_byte(bench: &dyn Bench) {
    let mut script = Script::new(bench, bench.open().await).await;
    let mut written = Vec::new();
    for _ in 0..40 {
        let events = 1 + script.draw(200);
        written.push(script.append(events).await);
    }
    script.assert_log_is(&written).await;
    let mut tail = script.log.tail(0).await.expect("the log can be read");
    let read = read_to(&mut tail, 0, script.head.position).await;
    for (read, written) in read.iter().zip(&written) {
        assert_eq!(read.bytes(), written.bytes());
    }
}

/// Positions are 1, 2, 3, … and sequences count records (invariant 2).
pub async fn positions_and_sequences_have_no_gaps(bench: &dyn Bench) {
    let mut script = Script::new(bench, bench.open().await).await;
    let mut position = 0;
    for (sequence, events) in (1..).zip([1, 1, 2, 64, 1, 1_000, 3, EVENTS_PER_RECORD_MAX, 1]) {
        script.append(events).await;
        position += events as u64;
        let head = script.log.head().await.expect("the head is known");
        assert_eq!((head.position, head.sequence), (position, sequence));
    }
    let mut tail = script.log.tail(0).await.expect("the log can be read");
    read_to(&mut tail, 0, position).await;
}

/// A record of exactly the limit of bytes, and one of exactly the limit of events.
pub async fn the_largest_records_fit(bench: &dyn Bench) {
    let mut script = Script::new(bench, bench.open().await).await;
    let widest = widest_record(&script);
    assert_eq!(widest.bytes().len(), RECORD_BYTES_MAX);
    script.append_record(&widest).await;
    let longest = script.append(EVENTS_PER_RECORD_MAX).await;
    script.assert_log_is(&[widest, longest]).await;
}

/// Scans of some 700 bytes, and a last one that fills the record to the byte.
fn widest_record(script: &Script) -> Record {
    let header = script.header();
    let (mut encoded, mut events) = (Vec::new(), 0);
    let bytes_left = |encoded: &Vec<u8>, events: usize| {
        let record = Record::seal(header.clone(), events.max(1), encoded).expect("the record is within the limits");
        RECORD_BYTES_MAX - record.bytes().len()
    };
    // The head of an array grows with its length; from 16 events on it no longer does.
    let mut scan = |padding_bytes, encoded: &mut Vec<u8>| {
        encode_scan(header.first_position + events as u64, padding_bytes, encoded);
        events += 1;
        events
    };
    let mut written = 0;
    while written < 16 || bytes_left(&encoded, written) > TEXT_BYTES_MAX {
        written = scan(600, &mut encoded);
    }
    let mut probe = Vec::new();
    encode_scan(header.first_position + written as u64, 300, &mut probe);
    let padding_bytes = 300 + bytes_left(&encoded, written) - probe.len();
    written = scan(padding_bytes, &mut encoded);
    Record::seal(header.clone(), written, &encoded).expect("the record is exactly at the limit")
}

/// Whoever waits for a position is woken by the append that brings it.
pub async fn the_watch_moves_with_every_append(bench: &dyn Bench) {
    let mut script = Script::new(bench, bench.open().await).await;
    let mut watch = script.log.watch();
    for events in [1, 5, 1, 100] {
        let to = script.head.position + events as u64;
        let mut waiting = script.log.watch();
        let waiting = tokio::spawn(async move { waiting.wait_for(|heard| *heard >= to).await.map(|heard| *heard) });
        script.append(events).await;
        assert_eq!(*watch.borrow_and_update(), to, "what was answered is heard of");
        let heard = soon("the watch", waiting).await.expect("the waiting task ends");
        assert_eq!(heard.expect("the log is open"), to);
    }
}
