//! Which numbers of a source have been seen, and which are missing below the highest.

use serde::{Deserialize, Serialize};

/// How many ranges of missing numbers of one source are kept; the lowest are given up first.
pub const MISSING_RANGES_MAX: usize = 256;

/// The numbers of one source. The log holds each at most once (invariant 4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    pub highest: u64,
    /// How many have been seen.
    pub seen: u64,
    /// Missing below the highest: first and last number, both inclusive, in order.
    missing: Vec<(u64, u64)>,
    /// Missing numbers below it are counted, not listed.
    pub listed_from: u64,
}

impl Sequence {
    /// A number was seen, in whatever order they come.
    pub fn see(&mut self, seq: u64) {
        self.seen += 1;
        if seq <= self.highest {
            return self.fill(seq);
        }
        if seq - self.highest > 1 {
            self.missing.push((self.highest + 1, seq - 1));
            self.give_up_lowest();
        }
        self.highest = seq;
    }

    /// How many numbers below the highest have not been seen, listed or not.
    pub fn missing_count(&self) -> u64 {
        self.highest.saturating_sub(self.seen)
    }

    /// The ranges of missing numbers that are listed.
    pub fn missing(&self) -> &[(u64, u64)] {
        &self.missing
    }

    fn fill(&mut self, seq: u64) {
        let at = self.missing.partition_point(|(_, last)| *last < seq);
        let Some(&(first, last)) = self.missing.get(at).filter(|(first, _)| *first <= seq) else { return };
        let left = [(first, seq - 1), (seq + 1, last)].into_iter().filter(|(first, last)| first <= last);
        self.missing.splice(at..=at, left);
        self.give_up_lowest();
    }

    fn give_up_lowest(&mut self) {
        while self.missing.len() > MISSING_RANGES_MAX {
            let (_, last) = self.missing.remove(0);
            self.listed_from = last + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(numbers: impl IntoIterator<Item = u64>) -> Sequence {
        let mut sequence = Sequence::default();
        numbers.into_iter().for_each(|seq| sequence.see(seq));
        sequence
    }

    #[test]
    fn what_is_missing_does_not_depend_on_the_order_in_which_numbers_come() {
        for (order, missing) in [
            (vec![1, 2, 3], vec![]),
            (vec![3, 1, 2], vec![]),
            (vec![4, 9], vec![(1, 3), (5, 8)]),
            (vec![9, 4], vec![(1, 3), (5, 8)]),
            (vec![9, 4, 5, 8, 1], vec![(2, 3), (6, 7)]),
            (vec![1, 5, 8, 4, 9], vec![(2, 3), (6, 7)]),
        ] {
            let sequence = seen(order.clone());
            assert_eq!(sequence.missing(), missing, "{order:?}");
            let count: u64 = missing.iter().map(|(first, last)| last - first + 1).sum();
            assert_eq!(sequence.missing_count(), count, "{order:?}");
        }
    }

    #[test]
    fn beyond_the_limit_the_lowest_ranges_are_counted_and_not_listed() {
        let odd = |count: usize| (0..count as u64).map(|number| 2 * number + 1);
        let full = seen(odd(MISSING_RANGES_MAX + 1));
        assert_eq!((full.missing().len(), full.listed_from), (MISSING_RANGES_MAX, 0));
        let mut more = seen(odd(MISSING_RANGES_MAX + 3));
        assert_eq!((more.missing().len(), more.listed_from), (MISSING_RANGES_MAX, 5));
        assert_eq!((more.missing()[0], more.missing_count()), ((6, 6), MISSING_RANGES_MAX as u64 + 2));
        // One that is not listed comes after all.
        more.see(2);
        assert_eq!((more.missing()[0], more.missing_count()), ((6, 6), MISSING_RANGES_MAX as u64 + 1));
    }
}
