//! Segments: they end, stay as they are, and together are the log.

use std::fs;

use storefold_event_log::conformance::{Script, read_to};
use storefold_event_log_embedded::Settings;

use crate::place::{Place, contents};

const SMALL: Settings = Settings { segment_bytes_max: 1_024 * 1_024, is_packed: false };

/// 120 records of 500 events, some 6 MB.
async fn several_segments(place: &Place) -> Script {
    let mut script = place.script().await;
    for _ in 0..120 {
        script.append(500).await;
    }
    script
}

#[tokio::test]
async fn a_full_segment_is_closed_and_never_changes_again() {
    let place = Place::new(SMALL);
    let mut script = several_segments(&place).await;
    let segments = place.segments();
    assert!(segments.len() > 3, "{} segments", segments.len());
    let sealed = &segments[..segments.len() - 1];
    let before: Vec<_> = sealed.iter().map(|file| fs::read(file).unwrap()).collect();
    for _ in 0..40 {
        script.append(500).await;
    }
    place.close().await;
    drop(place.try_open().unwrap());
    let after: Vec<_> = sealed.iter().map(|file| fs::read(file).unwrap()).collect();
    assert!(before == after, "a closed segment has changed");
}

#[tokio::test]
async fn a_segment_is_named_after_its_first_position() {
    let place = Place::new(SMALL);
    let script = several_segments(&place).await;
    let mut tail = script.log.tail(0).await.unwrap();
    let records = read_to(&mut tail, 0, script.head.position).await;
    for segment in place.segments() {
        let name = segment.file_stem().unwrap().to_str().unwrap();
        assert_eq!(name.len(), 20);
        let first_position: u64 = name.parse().unwrap();
        assert!(records.iter().any(|record| record.header().first_position == first_position), "{first_position}");
    }
}

#[tokio::test]
async fn a_large_log_is_found_whole_after_a_kill() {
    let place = Place::new(SMALL);
    let script = several_segments(&place).await;
    let killed = place.killed();
    let found = killed.script().await;
    assert_eq!(found.head, script.head);
    for after in [0, 1, 29_999, 30_000, script.head.position - 1] {
        let mut tail = found.log.tail(after).await.unwrap();
        read_to(&mut tail, after, script.head.position).await;
    }
}

#[tokio::test]
async fn a_segment_that_a_kill_left_unfinished_was_never_there() {
    let place = Place::new(Settings { segment_bytes_max: 0, is_packed: false });
    let mut script = place.script().await;
    script.append(5).await;
    let expected = script.head;
    let record = script.append(6).await;

    let killed = place.killed();
    let last = killed.segments().pop().unwrap();
    fs::rename(&last, last.with_extension("redb.new")).unwrap();
    fs::write(killed.log_dir().join("acknowledged"), format!("{:020}\n", 1)).unwrap();
    fs::write(killed.log_dir().join("00000000000000000099.redb.new"), "half a segment").unwrap();

    let found = killed.script().await;
    assert_eq!(found.head, expected);
    assert_eq!(found.log.append(&expected, &record).await.unwrap(), script.head);
    assert_eq!(contents(&killed).len(), 3, "two segments and the count");
}
