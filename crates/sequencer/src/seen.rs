//! Which sequence numbers of one source have been accepted, for ever and in little memory.

use roaring::RoaringTreemap;

/// Everything up to a mark, and a compressed bitmap of what came out of order above it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Seen {
    /// All of 1..=contiguous are accepted.
    contiguous: u64,
    /// Accepted numbers above `contiguous + 1`.
    above: RoaringTreemap,
}

impl Seen {
    pub(crate) fn contains(&self, seq: u64) -> bool {
        seq <= self.contiguous || (!self.above.is_empty() && self.above.contains(seq))
    }

    /// Marks a number; marking it again changes nothing.
    pub(crate) fn insert(&mut self, seq: u64) {
        if seq != self.contiguous + 1 {
            if seq > self.contiguous {
                self.above.insert(seq);
            }
            return;
        }
        self.contiguous = seq;
        while !self.above.is_empty() && self.above.remove(self.contiguous + 1) {
            self.contiguous += 1;
        }
    }

    pub(crate) fn highest(&self) -> u64 {
        self.above.max().unwrap_or(self.contiguous)
    }

    pub(crate) fn count(&self) -> u64 {
        self.contiguous + self.above.len()
    }

    /// Numbers below the highest that have not come, as ranges (both inclusive), at most `ranges_max` of them.
    pub(crate) fn missing(&self, ranges_max: usize) -> Vec<(u64, u64)> {
        let mut missing = Vec::new();
        let mut last = self.contiguous;
        for seq in &self.above {
            if missing.len() == ranges_max {
                break;
            }
            if seq > last + 1 {
                missing.push((last + 1, seq - 1));
            }
            last = seq;
        }
        missing
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.contiguous.to_le_bytes().to_vec();
        self.above.serialize_into(&mut bytes).expect("writing to a Vec cannot fail");
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (contiguous, above) = bytes.split_first_chunk()?;
        let above = RoaringTreemap::deserialize_from(above).ok()?;
        Some(Self { contiguous: u64::from_le_bytes(*contiguous), above })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::Seen;

    proptest! {
        /// Model: a set of numbers.
        #[test]
        fn it_remembers_exactly_what_came_in_any_order(seqs in prop::collection::vec(1_u64..60, 0..80)) {
            let mut seen = Seen::default();
            let mut model = BTreeSet::new();
            for seq in seqs {
                seen.insert(seq);
                model.insert(seq);
                let seen = Seen::from_bytes(&seen.to_bytes()).unwrap();
                prop_assert!((0..62).all(|seq| seq == 0 || seen.contains(seq) == model.contains(&seq)));
                prop_assert_eq!(seen.count(), model.len() as u64);
                prop_assert_eq!(seen.highest(), *model.last().unwrap());
                let missing: Vec<u64> = seen.missing(100).into_iter().flat_map(|(from, to)| from..=to).collect();
                let expected: Vec<u64> = (1..*model.last().unwrap()).filter(|seq| !model.contains(seq)).collect();
                prop_assert_eq!(missing, expected);
            }
        }
    }
}
