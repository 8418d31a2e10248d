//! A machine that loses power: what was not synced is there in part, or not at all.
//!
//! An append is durable by its sync, so what a disk held before it, and what it holds after it, are known: the files then. A
//! disk that loses power in between holds of every sector the one or the other, in no order; of the count of what was
//! acknowledged, which is never synced, any older one; of files that were made or removed, those that no sync of the directory
//! was behind, or not.

use std::{collections::BTreeMap, fs, path::Path};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use storefold_event_log::{
    Record,
    conformance::Bench,
};
use storefold_event_log_embedded::Settings;

use crate::place::Place;

/// What a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

const ROUNDS: u64 = 60;

/// Losses of power in each moment.
const LOSSES: usize = 4;

type Files = BTreeMap<String, Vec<u8>>;

fn files_of(place: &Place) -> Files {
    let named = |file: std::path::PathBuf| {
        (file.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&file).unwrap())
    };
    place.files().into_iter().map(named).collect()
}

/// Of every sector the old or the new one; of the length as well.
fn torn(old: &[u8], new: &[u8], chance: &mut StdRng) -> Vec<u8> {
    let length = if chance.random() { old.len() } else { new.len() };
    let kept = chance.random_range(0.0..=1.0);
    let mut torn = vec![0; length];
    for at in (0..length).step_by(SECTOR_BYTES) {
        let version = if chance.random_bool(kept) { new } else { old };
        let end = (at + SECTOR_BYTES).min(length).min(version.len());
        if at < end {
            torn[at..end].copy_from_slice(&version[at..end]);
        }
    }
    torn
}

/// What is there after the power was lost between two moments; `counts` are the older counts of what was acknowledged.
fn left(before: &Files, after: &Files, counts: &[Vec<u8>], chance: &mut StdRng) -> Files {
    let mut left = Files::new();
    for (name, old) in before {
        match after.get(name) {
            _ if name == "acknowledged" => drop(left.insert(name.clone(), counts[chance.random_range(0..counts.len())].clone())),
            Some(new) => drop(left.insert(name.clone(), torn(old, new, chance))),
            // It was packed; whether the directory was synced after it was removed, nobody knows.
            None => drop(chance.random::<bool>().then(|| left.insert(name.clone(), old.clone()))),
        }
    }
    for (name, new) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
        let loose = name.replace(".packed", ".redb");
        let is_packing = name.ends_with(".packed");
        // What takes another's place is there when the other is gone.
        if is_packing && before.contains_key(&loose) && !left.contains_key(&loose) {
            left.insert(name.clone(), new.clone());
            continue;
        }
        match chance.random_range(0..3) {
            0 => drop(left.insert(name.clone(), new.clone())),
            1 => drop(left.insert(format!("{name}.new"), torn(&[], new, chance))),
            _ => {}
        }
    }
    left
}

fn put(files: &Files, dir: &Path) {
    fs::create_dir_all(dir).unwrap();
    for (name, content) in files {
        fs::write(dir.join(name), content).unwrap();
    }
}

/// Opens what is left; holds that everything that was acknowledged is there, byte by byte, and that the log goes on.
async fn goes_on(left: &Files, written: &[Record], settings: Settings) -> bool {
    let place = Place::new(settings);
    put(left, &place.log_dir());
    let mut found = place.script().await;
    let (acknowledged, all) = (written.len() - 1, written.len());
    let count = found.head.sequence as usize;
    assert!((acknowledged..=all).contains(&count), "{acknowledged} records were acknowledged, {count} are there");
    let mut tail = found.log.tail(0).await.unwrap();
    let mut read = Vec::new();
    while read.len() < count {
        read.extend(tail.next().await.unwrap());
    }
    assert!(read.iter().zip(written).all(|(read, written)| read.bytes() == written.bytes()), "other bytes than were written");
    found.append(3).await;
    drop((tail, found));
    let reopened = place.reopen().await.head().await.unwrap();
    assert_eq!(reopened.sequence as usize, count + 1);
    count == all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_outlives_a_loss_of_power_at_any_moment() {
    let (mut whole, mut dropped) = (0, 0);
    for is_packed in [false, true] {
        let settings = Settings { segment_bytes_max: 300 * 1_024, is_packed };
        let place = Place::new(settings);
        let mut script = place.script().await;
        let mut chance = StdRng::seed_from_u64(20_261_128);
        let (mut written, mut counts) = (Vec::new(), vec![Vec::new()]);
        let mut before = files_of(&place);
        for _ in 0..ROUNDS {
            let events = chance.random_range(1..=400);
            written.push(script.append(events).await);
            place.pack().await;
            let after = files_of(&place);
            for _ in 0..LOSSES {
                let left = left(&before, &after, &counts, &mut chance);
                if goes_on(&left, &written, settings).await { whole += 1 } else { dropped += 1 }
            }
            counts.push(after["acknowledged"].clone());
            before = after;
        }
        assert!(place.segments().len() + place.packed().len() > 3, "segments have ended meanwhile");
    }
    // Otherwise nothing was torn, or nothing survived.
    assert!(whole > 10 && dropped > 100, "{whole} records survived, {dropped} were dropped");
}
