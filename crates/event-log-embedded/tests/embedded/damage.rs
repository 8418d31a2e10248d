//! Files that do not hold what was written to them: a log refuses to open, names the place, and changes nothing.

use std::{fs, path::PathBuf};

use storefold_event_log::{
    EventLog, ReadError, Record,
    conformance::{Script, read_to},
};
use storefold_event_log_embedded::{OpenError, Settings};

use crate::place::{Place, contents, flip_a_bit_of};

/// Holds a log to be refused with its files as they were.
fn refused(place: &Place) -> OpenError {
    let before = contents(place);
    let Err(error) = place.try_open() else { panic!("a damaged log was opened") };
    assert!(before == contents(place), "{error}; but the files have changed");
    error
}

fn assert_damaged(place: &Place, damaged_file: &PathBuf, sound_until: u64) {
    let error = refused(place);
    let OpenError::Damaged { file, after, .. } = &error else { panic!("damaged, not: {error}") };
    assert_eq!((file, *after), (damaged_file, sound_until), "{error}");
}

async fn five_records(settings: Settings) -> (Place, Script, Vec<Record>) {
    let place = Place::new(settings);
    let mut script = place.script().await;
    let records = script.append_each(&[2, 30, 1, 200, 3]).await;
    (place, script, records)
}

fn events_of(record: &Record) -> &[u8] {
    &record.bytes()[record.bytes().len() - 60..]
}

const ONE_SEGMENT: Settings = Settings { segment_bytes_max: u64::MAX, is_packed: false };
const A_SEGMENT_EACH: Settings = Settings { segment_bytes_max: 0, is_packed: false };

#[tokio::test]
async fn a_damaged_record_is_named_after_a_clean_end() {
    for damaged in 0..5 {
        let (place, _, records) = five_records(ONE_SEGMENT).await;
        place.close().await;
        let file = &place.segments()[0];
        flip_a_bit_of(events_of(&records[damaged]), file);
        // The hash of a record stands in the next one: until there, nothing but the file's checksum speaks against it.
        assert_damaged(&place, file, records[damaged].last_position());
    }
}

#[tokio::test]
async fn a_damaged_record_that_was_acknowledged_is_named_after_a_kill() {
    let (place, _, records) = five_records(ONE_SEGMENT).await;
    let killed = place.killed();
    let file = &killed.segments()[0];
    flip_a_bit_of(events_of(&records[4]), file);
    assert_damaged(&killed, file, records[3].last_position());
}

#[tokio::test]
async fn an_older_damaged_record_is_refused_after_a_kill() {
    let (place, _, records) = five_records(ONE_SEGMENT).await;
    let killed = place.killed();
    let file = &killed.segments()[0];
    flip_a_bit_of(events_of(&records[1]), file);
    assert_damaged(&killed, file, 0);
}

#[tokio::test]
async fn a_torn_tail_that_was_never_acknowledged_is_dropped() {
    let (place, script, records) = five_records(ONE_SEGMENT).await;
    let killed = place.killed();
    flip_a_bit_of(events_of(&records[4]), &killed.segments()[0]);
    fs::write(killed.log_dir().join("acknowledged"), format!("{:020}\n", 4)).unwrap();
    let mut found = killed.script().await;
    assert_eq!((found.head.sequence, found.head.hash), (4, records[3].hash()));
    found.append_record(&records[4]).await;
    assert_eq!(found.head, script.head);
    found.assert_log_is(&records).await;
}

#[tokio::test]
async fn a_truncated_segment_is_refused() {
    for killed in [false, true] {
        let (place, ..) = five_records(ONE_SEGMENT).await;
        let place = if killed { place.killed() } else { place };
        place.close().await;
        let file = &place.segments()[0];
        let length = fs::metadata(file).unwrap().len();
        for length in [length - 1, length / 2, 4_096, 100, 0] {
            fs::OpenOptions::new().write(true).open(file).unwrap().set_len(length).unwrap();
            let error = refused(&place);
            assert!(matches!(&error, OpenError::Damaged { file: named, .. } if named == file), "{length}: {error}");
        }
    }
}

#[tokio::test]
async fn a_lost_segment_is_missed() {
    for (lost, sound_until) in [(0, 0), (2, 32)] {
        let (place, ..) = five_records(A_SEGMENT_EACH).await;
        place.close().await;
        let segments = place.segments();
        fs::remove_file(&segments[lost]).unwrap();
        assert_damaged(&place, &segments[lost + 1], sound_until);
    }
    let (place, ..) = five_records(A_SEGMENT_EACH).await;
    place.close().await;
    fs::remove_file(place.segments().pop().unwrap()).unwrap();
    let error = refused(&place);
    assert!(matches!(error, OpenError::AcknowledgedMissing { found: 4, acknowledged: 5, .. }), "{error}");
}

#[tokio::test]
async fn a_segment_of_another_log_is_refused() {
    let (place, ..) = five_records(A_SEGMENT_EACH).await;
    let (other, ..) = five_records(A_SEGMENT_EACH).await;
    place.close().await;
    other.close().await;
    let file = &place.segments()[3];
    fs::copy(&other.segments()[3], file).unwrap();
    assert_damaged(&place, file, 33);
}

#[tokio::test]
async fn a_closed_segment_is_damaged_where_a_tail_meets_it() {
    let place = Place::new(Settings { segment_bytes_max: 300 * 1_024, is_packed: false });
    let mut script = place.script().await;
    let mut records = Vec::new();
    while place.segments().len() < 3 {
        records.push(script.append(100).await);
    }
    place.close().await;
    flip_a_bit_of(events_of(&records[1]), &place.segments()[0]);
    let log = place.try_open().unwrap();
    let mut tail = log.tail(0).await.unwrap();
    for _ in 0..2 {
        let error = tail.next().await.unwrap_err();
        assert!(matches!(error, ReadError::Damaged { after: 200, .. }), "{error}");
    }
}

#[tokio::test]
async fn whatever_bit_flips_a_log_is_refused_or_whole() {
    let (place, script, _) = five_records(ONE_SEGMENT).await;
    let mut draw = place.script().await;
    let killed = place.killed();
    place.close().await;
    for place in [place, killed] {
        let file = &place.segments()[0];
        let sound = contents(&place);
        let size_bytes = fs::metadata(file).unwrap().len() as usize;
        for round in 0..120 {
            // The byte that says which commit is the last, the header that holds both, then anywhere.
            let at = match round {
                0..8 => 9,
                8..40 => draw.draw(320),
                _ => draw.draw(size_bytes),
            };
            let bit = if round < 8 { round } else { draw.draw(8) };
            let mut content = fs::read(file).unwrap();
            content[at] ^= 1 << bit;
            fs::write(file, content).unwrap();
            if let Ok(log) = place.try_open() {
                assert_eq!(log.head().await.unwrap(), script.head, "after a flip of bit {bit} at {at}");
                let mut tail = log.tail(0).await.unwrap();
                read_to(&mut tail, 0, script.head.position).await;
                log.close().await.unwrap();
            }
            for (file, content) in &sound {
                fs::write(file, content).unwrap();
            }
        }
    }
}
