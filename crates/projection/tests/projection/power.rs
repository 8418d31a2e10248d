//! A machine that loses power between rows and their checkpoint: both are there as of one batch, or the rows do not open and are
//! folded again.

use std::{collections::BTreeMap, fs};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use storefold_projection::{Batch, RedbOptions, RedbStore, RowStore, RowView};
use storefold_torn_disk::{SECTOR_BYTES, torn};
use tempfile::TempDir;

const BATCHES: u64 = 120;
const BATCHES_PER_SYNC: u64 = 5;

/// Losses of power after each batch.
const LOSSES: usize = 3;

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

/// Everything in a view.
fn all(view: &dyn RowView) -> Rows {
    let mut rows = Rows::new();
    view.scan(&[], None, &mut |key, row| {
        rows.insert(key.to_vec(), row.to_vec());
        true
    })
    .unwrap();
    rows
}

/// What is left of what was written. Pages are durable before the first sector says that they count.
fn lost(synced: &[u8], written: &[u8], chance: &mut ChaCha8Rng) -> Vec<u8> {
    let left = torn(synced, written, chance);
    if left[..SECTOR_BYTES] != synced[..SECTOR_BYTES] {
        return written.to_vec();
    }
    left
}

#[test]
fn rows_and_checkpoint_outlive_a_loss_of_power_together() {
    let options = RedbOptions { batches_per_sync: BATCHES_PER_SYNC, ..RedbOptions::default() };
    let dir = TempDir::new().unwrap();
    let content = || fs::read(dir.path().join("rows.redb")).unwrap();
    let store = RedbStore::open(dir.path(), options).unwrap();
    let mut chance = ChaCha8Rng::seed_from_u64(20_261_128);
    // The rows at each position, and what the disk is known to hold.
    let mut rows = vec![Rows::new()];
    let (mut synced, mut is_newer, mut is_older) = (content(), 0, 0);
    for position in 1..=BATCHES {
        let mut next = rows[rows.len() - 1].clone();
        let mut changed = BTreeMap::new();
        for _ in 0..chance.random_range(1..60) {
            let key = chance.random_range(0..400_u32).to_be_bytes().to_vec();
            let row = chance.random_bool(0.8).then(|| vec![position as u8; chance.random_range(1..300)]);
            match row.clone() {
                Some(row) => next.insert(key.clone(), row),
                None => next.remove(&key),
            };
            changed.insert(key, row);
        }
        store.write(Batch { rows: changed.into_iter().collect(), position }).unwrap();
        rows.push(next);
        let written = content();
        for _ in 0..LOSSES {
            let left = TempDir::new().unwrap();
            fs::write(left.path().join("rows.redb"), lost(&synced, &written, &mut chance)).unwrap();
            let found = RedbStore::open(left.path(), options).unwrap();
            found
                .view(&mut |view| {
                    let at = view.position();
                    assert!(at <= position && at + BATCHES_PER_SYNC >= position, "{at} after {position}");
                    assert_eq!(
                        all(view),
                        rows[at as usize],
                        "the rows at the checkpoint {at}, written up to {position}"
                    );
                    if at == position { is_newer += 1 } else { is_older += 1 }
                })
                .unwrap();
        }
        if position % BATCHES_PER_SYNC == 0 {
            synced = written;
        }
    }
    // Otherwise nothing was torn, or nothing survived.
    assert!(is_newer > 10 && is_older > 100, "{is_newer} batches survived, {is_older} were lost");
}
