//! The first event under a key: where it stands, and the digest that tells a repeat from a mismatch.

use storefold_events::Position;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct First {
    pub(crate) position: Position,
    pub(crate) digest: u64,
}

pub(crate) const FIRST_BYTES: usize = 16;

impl First {
    pub(crate) fn to_bytes(self) -> [u8; FIRST_BYTES] {
        let mut bytes = [0; FIRST_BYTES];
        bytes[..8].copy_from_slice(&self.position.to_le_bytes());
        bytes[8..].copy_from_slice(&self.digest.to_le_bytes());
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (position, digest) = bytes.split_first_chunk()?;
        let position = u64::from_le_bytes(*position);
        Some(Self { position, digest: u64::from_le_bytes(*digest.first_chunk()?) })
    }
}

/// First events of one source since a snapshot, by sequence number.
#[derive(Debug, Default)]
pub(crate) struct Firsts {
    entries: Vec<(u64, First)>,
    unsorted: bool,
}

impl Firsts {
    pub(crate) fn push(&mut self, seq: u64, first: First) {
        self.unsorted |= self.entries.last().is_some_and(|(last, _)| *last > seq);
        self.entries.push((seq, first));
    }

    /// Sorts by sequence number, once after any number of pushes out of order.
    pub(crate) fn sort(&mut self) {
        if std::mem::take(&mut self.unsorted) {
            self.entries.sort_unstable_by_key(|(seq, _)| *seq);
        }
    }

    /// Finds a number in sorted entries.
    pub(crate) fn find(&self, seq: u64) -> Option<First> {
        let at = self.entries.binary_search_by_key(&seq, |(seq, _)| *seq).ok()?;
        Some(self.entries[at].1)
    }

    /// Sorted entries in runs of consecutive numbers, each at most `run_max` long.
    pub(crate) fn runs(&self, run_max: usize) -> impl Iterator<Item = &[(u64, First)]> {
        self.entries.chunk_by(|(a, _), (b, _)| a + 1 == *b).flat_map(move |run| run.chunks(run_max))
    }
}
