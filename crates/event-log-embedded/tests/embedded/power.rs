//! A machine that loses power: what was not synced is there in part, or not at all.
//!
//! An append is durable by its sync, so what a disk held before it, and what it holds after it, are known: the files then. A
//! disk that loses power in between holds of every sector the one or the other, in no order; of the count of what was
//! acknowledged, which is never synced, any older one; of files that were made or removed, those that no sync of the directory
//! was behind, or not.

use std::{collections::BTreeMap, fs, path::Path};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use storefold_event_log::{Record, conformance::Bench};
use storefold_event_log_embedded::Settings;
use storefold_torn_disk::torn;

use crate::place::Place;

const ROUNDS: u64 = 30;

/// Losses of power in each moment.
const LOSSES: usize = 3;

type Files = BTreeMap<String, Vec<u8>>;

fn files_of(place: &Place) -> Files {
    let named =
        |file: std::path::PathBuf| (file.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&file).unwrap());
    place.files().into_iter().map(named).collect()
}

/// What is there after the power was lost between two moments; `counts` are the older counts of what was acknowledged. A segment
/// is closed, durably, before the next one is put in its place, and packed only after that.
fn left(before: &Files, after: &Files, counts: &[Vec<u8>], chance: &mut StdRng) -> Files {
    let mut left = Files::new();
    let is_new = |name: &String| !before.contains_key(name);
    let has_begun_another =
        after.keys().any(|name| is_new(name) && Path::new(name).extension().is_some_and(|kind| kind == "redb"))
            && chance.random();
    for (name, old) in before {
        let content = match after.get(name) {
            _ if name == "acknowledged" => counts[chance.random_range(0..counts.len())].clone(),
            Some(new) if has_begun_another => new.clone(),
            Some(new) => torn(old, new, chance),
            // It is packed; whether the directory was synced after it was removed, nobody knows.
            None if has_begun_another && chance.random() => continue,
            None => old.clone(),
        };
        left.insert(name.clone(), content);
    }
    for (name, new) in after.iter().filter(|(name, _)| is_new(name)) {
        if has_begun_another {
            left.insert(name.clone(), new.clone());
        } else if chance.random() {
            left.insert(format!("{name}.new"), torn(&[], new, chance));
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
    assert!(
        read.iter().zip(written).all(|(read, written)| read.bytes() == written.bytes()),
        "other bytes than were written"
    );
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
        assert!(place.segments().len() + place.packed().len() > 1, "segments have ended meanwhile");
    }
    // Otherwise nothing was torn, or nothing survived.
    assert!(whole > 10 && dropped > 40, "{whole} records survived, {dropped} were dropped");
}
