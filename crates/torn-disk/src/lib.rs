//! What a disk holds that lost power between two moments, for tests: of what was not synced a part, or nothing.
//!
//! What a file held when it was last synced, and what it was written to hold since, are known to a test: it reads the file at
//! both times. In between a disk holds of every sector the one or the other, in no order.

use rand::{Rng, RngExt};

/// What a disk writes whole or not at all.
pub const SECTOR_BYTES: usize = 512;

/// All of the old, all of the new, or of every sector the one or the other. A larger file is durable before anything in it counts,
/// and a smaller one after nothing does, so of a mixture the larger length is there.
pub fn torn(old: &[u8], new: &[u8], chance: &mut impl Rng) -> Vec<u8> {
    let kept = match chance.random_range(0..6) {
        0 => return old.to_vec(),
        1 => return new.to_vec(),
        _ => chance.random_range(0.0..=1.0),
    };
    let mut torn = vec![0; old.len().max(new.len())];
    for at in (0..torn.len()).step_by(SECTOR_BYTES) {
        let version = if chance.random_bool(kept) { new } else { old };
        let end = (at + SECTOR_BYTES).min(version.len());
        if at < end {
            torn[at..end].copy_from_slice(&version[at..end]);
        }
    }
    torn
}
