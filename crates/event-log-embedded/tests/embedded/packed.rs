//! Closed segments are packed: smaller, whole whatever happens, and read like the others.

use std::{
    fs,
    path::{Path, PathBuf},
};

use storefold_event_log::{
    BLOCK_EVENTS, EventLog, ReadError, Record,
    conformance::{Bench, Script, read_to},
};
use storefold_event_log_embedded::{OpenError, Settings};

use crate::place::{Place, contents};

const PACKED: Settings = Settings { segment_bytes_max: 1_024 * 1_024, is_packed: true };
const LOOSE: Settings = Settings { is_packed: false, ..PACKED };

/// 240 records of 1 to 500 events.
async fn some_history(place: &Place) -> (Script, Vec<Record>) {
    let mut script = place.script().await;
    let mut records = Vec::new();
    for _ in 0..240 {
        let events = 1 + script.draw(500);
        records.push(script.append(events).await);
    }
    (script, records)
}

/// The history, and every record of it, read slab by slab.
fn records_of(log: &dyn EventLog) -> Vec<Record> {
    let history = log.history().unwrap();
    let (mut records, mut after): (Vec<Record>, _) = (Vec::new(), 0);
    while let Some(slab) = history.slab(after).unwrap() {
        assert_eq!(slab.first_position(), after + 1, "the border of a slab is where the last one ended");
        let (until, hash) = (slab.last_position(), slab.last_hash());
        records.extend(slab.unpack().unwrap());
        let last = records.last().unwrap();
        assert_eq!((last.last_position(), last.hash()), (until, hash));
        after = until;
    }
    assert_eq!(after, history.position());
    records
}

#[tokio::test]
async fn a_closed_segment_is_packed_small_and_read_as_before() {
    let place = Place::new(PACKED);
    let (script, records) = some_history(&place).await;
    place.pack().await;
    assert_eq!(place.segments().len(), 1, "only the one that is appended to is loose");
    let packed_bytes: u64 = place.packed().iter().map(|file| fs::metadata(file).unwrap().len()).sum();
    let loose_bytes = records.iter().map(|record| record.bytes().len() as u64).sum::<u64>();
    assert!(packed_bytes * 5 < loose_bytes, "{packed_bytes} bytes of {loose_bytes}");
    script.assert_log_is(&records).await;
    assert_eq!(records_of(&*script.log), records);
}

#[tokio::test]
async fn packed_history_is_read_after_a_restart_and_a_kill() {
    let place = Place::new(PACKED);
    let (script, records) = some_history(&place).await;
    place.pack().await;
    let killed = place.killed();
    let found = killed.script().await;
    assert_eq!(found.head, script.head);
    found.assert_log_is(&records).await;
    assert_eq!(records_of(&*place.reopen().await), records);
}

#[tokio::test]
async fn a_slab_begins_at_or_before_the_position_and_holds_about_a_block() {
    let place = Place::new(PACKED);
    let (script, _) = some_history(&place).await;
    place.pack().await;
    let history = script.log.history().unwrap();
    for after in (0..script.head.position).step_by(37) {
        let slab = history.slab(after).unwrap().unwrap();
        assert!((slab.first_position()..=slab.last_position()).contains(&(after + 1)), "{after}");
        assert!(slab.last_position() - slab.first_position() < BLOCK_EVENTS as u64 + 500);
    }
    assert!(history.slab(script.head.position).unwrap().is_none());
    assert!(history.slab(u64::MAX).unwrap().is_none());
}

#[tokio::test]
async fn segments_left_loose_are_packed_by_the_next_opening() {
    let loose = Place::new(LOOSE);
    let (script, records) = some_history(&loose).await;
    let place = loose.killed_with(PACKED);
    let found = place.script().await;
    place.pack().await;
    assert!(place.packed().len() > 2, "{:?}", place.files());
    assert_eq!(place.segments().len(), 1);
    assert_eq!(found.head, script.head);
    found.assert_log_is(&records).await;
}

/// A log with packed segments, and the same log loose.
async fn twice() -> (Place, Place, Vec<Record>) {
    let loose = Place::new(LOOSE);
    let (_, records) = some_history(&loose).await;
    loose.close().await;
    let packed = loose.killed_with(PACKED);
    drop(packed.open().await);
    packed.pack().await;
    packed.close().await;
    (loose, packed, records)
}

fn put_beside(place: &Place, file: &Path, name: &str) -> PathBuf {
    let to = place.log_dir().join(name);
    fs::copy(file, &to).unwrap();
    to
}

fn name_of(file: &Path) -> &str {
    file.file_name().unwrap().to_str().unwrap()
}

#[tokio::test]
async fn a_crash_at_any_point_of_the_exchange_is_harmless() {
    let (loose, packed, records) = twice().await;
    let first = packed.packed()[0].clone();
    let whole = fs::read(&first).unwrap();

    let unfinished = loose.killed();
    let torn = put_beside(&unfinished, &first, &format!("{}.1-0.packed.new", "0".repeat(19) + "1"));
    fs::OpenOptions::new().write(true).open(&torn).unwrap().set_len(whole.len() as u64 / 2).unwrap();
    unfinished.script().await.assert_log_is(&records).await;
    assert!(!torn.exists());

    let both = loose.killed();
    put_beside(&both, &first, name_of(&first));
    both.script().await.assert_log_is(&records).await;
    assert_eq!((both.packed().len(), both.segments().len()), (1, loose.segments().len() - 1), "the loose one is gone");

    let both_and_torn = loose.killed();
    let torn = put_beside(&both_and_torn, &first, name_of(&first));
    fs::OpenOptions::new().write(true).open(&torn).unwrap().set_len(whole.len() as u64 - 1).unwrap();
    both_and_torn.script().await.assert_log_is(&records).await;
    assert_eq!(both_and_torn.segments().len(), loose.segments().len(), "the loose one stays, the torn one goes");
    assert_eq!(both_and_torn.packed().len(), 0);
}

#[tokio::test]
async fn a_log_that_is_packed_to_its_end_goes_on() {
    let (_, packed, records) = twice().await;
    let to = records
        .iter()
        .position(|record| name_of(&packed.segments()[0]).contains(&format!("{:020}", record.header().first_position)));
    fs::remove_file(&packed.segments()[0]).unwrap();
    fs::remove_file(packed.log_dir().join("acknowledged")).unwrap();
    let mut found = packed.script().await;
    assert_eq!(found.head.hash, records[to.unwrap() - 1].hash());
    for record in &records[to.unwrap()..] {
        found.append_record(record).await;
    }
    found.assert_log_is(&records).await;
}

#[tokio::test]
async fn a_lost_packed_segment_is_missed() {
    let (_, packed, records) = twice().await;
    let lost = &packed.packed()[1];
    let begins: u64 = lost.file_stem().unwrap().to_str().unwrap().parse().unwrap();
    fs::remove_file(lost).unwrap();
    let before = contents(&packed);
    let Err(OpenError::Damaged { after, .. }) = packed.try_open() else { panic!("a log with a hole was opened") };
    assert_eq!(after, begins - 1);
    assert!(before == contents(&packed));
    assert!(records.iter().any(|record| record.header().first_position == begins));
}

#[tokio::test]
async fn whatever_bit_of_a_packed_segment_flips_it_is_named() {
    let (_, packed, records) = twice().await;
    let mut draw = Place::usual().script().await;
    let file = packed.packed()[0].clone();
    let sound = fs::read(&file).unwrap();
    for round in 0..200 {
        let at = if round < 100 { draw.draw(sound.len()) } else { sound.len() - 1 - draw.draw(400) };
        let bit = draw.draw(8);
        let mut content = sound.clone();
        content[at] ^= 1 << bit;
        fs::write(&file, content).unwrap();
        match packed.try_open() {
            Err(OpenError::Damaged { file: named, .. }) => assert_eq!(named, file),
            Err(error) => panic!("bit {bit} of byte {at}: {error}"),
            Ok(log) => {
                let history = log.history().unwrap();
                let mut after = 0;
                let error = loop {
                    match history.slab(after).and_then(|slab| {
                        let slab = slab.unwrap();
                        after = slab.last_position();
                        slab.unpack()
                    }) {
                        Ok(_) => assert!(after < records.last().unwrap().last_position(), "byte {at} was not found"),
                        Err(error) => break error,
                    }
                };
                let mut tail = log.tail(0).await.unwrap();
                let told = loop {
                    match tail.next().await {
                        Ok(_) => {}
                        Err(told) => break told,
                    }
                };
                let (ReadError::Damaged { after: of_slab, detail }, ReadError::Damaged { after: of_tail, .. }) =
                    (&error, &told)
                else {
                    panic!("byte {at}: {error}, {told}")
                };
                assert_eq!(of_slab, of_tail);
                assert!(detail.contains(&format!("the block of positions {}", of_slab + 1)), "{detail}");
                log.close().await.unwrap();
            }
        }
    }
    fs::write(&file, sound).unwrap();
    packed.script().await.assert_log_is(&records).await;
}

#[tokio::test]
async fn a_damaged_segment_is_not_packed_and_stays_as_it_is() {
    let (loose, ..) = twice().await;
    let file = loose.segments()[0].clone();
    let mut content = fs::read(&file).unwrap();
    let at = content.windows(8).position(|window| window == b"scan-300").unwrap();
    content[at + 5] ^= 1;
    fs::write(&file, &content).unwrap();
    let place = loose.killed_with(PACKED);
    let log = place.open().await;
    place.pack().await;
    let first = &place.segments()[0];
    assert_eq!((name_of(first), fs::read(first).unwrap() == content), (name_of(&file), true));
    assert_eq!(place.packed().len(), loose.segments().len() - 2, "the others are packed");
    let mut tail = log.tail(0).await.unwrap();
    let told = loop {
        match tail.next().await {
            Ok(_) => {}
            Err(told) => break told,
        }
    };
    assert!(matches!(told, ReadError::Damaged { .. }), "{told}");
}

#[tokio::test]
async fn readers_of_a_segment_that_is_packed_meanwhile_miss_nothing() {
    let place = Place::new(PACKED);
    let mut script = place.script().await;
    let mut tails = Vec::new();
    for round in 0..200_u64 {
        if round % 20 == 0 {
            tails.push(script.log.tail(0).await.unwrap());
        }
        script.append(400).await;
        if round % 30 == 29 {
            place.pack().await;
        }
    }
    for mut tail in tails {
        read_to(&mut tail, 0, script.head.position).await;
    }
}
