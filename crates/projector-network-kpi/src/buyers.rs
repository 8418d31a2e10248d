//! Different buyers, counted exactly as far as room allows, and estimated beyond (rows 1.10, 1.11).
//!
//! Kept are the customers whose hashes are the smallest, with the number of their purchases; whoever has voided all of them
//! stays in the list, with zero. So what is kept does not depend on the order in which purchases came, nor on how they were
//! dealt to parts, and lists of days can be put together. Beyond the room, the largest hash kept tells how dense customers
//! are: Bar-Yossef et al., Counting distinct elements in a data stream (2002); standard error 1/√(room − 2), 1.6 %.

use serde::{Deserialize, Serialize};

/// As many customers are kept of a day or a month.
const ROOM: usize = 4_096;

/// Buyers of a day or a month, by hash of the customer, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buyers {
    hashes: Vec<u64>,
    purchases: Vec<i32>,
    /// Whether some were left out for want of room.
    cut: bool,
}

impl Buyers {
    /// Enters a purchase of a customer, or takes one back.
    pub fn count(&mut self, customer: u64, purchases: i32) {
        match self.hashes.binary_search(&customer) {
            Ok(at) => self.purchases[at] = self.purchases[at].saturating_add(purchases),
            Err(at) if at >= ROOM => self.cut = true,
            Err(at) => {
                self.hashes.insert(at, customer);
                self.purchases.insert(at, purchases);
                self.shorten();
            }
        }
    }

    /// Puts another list of the same day or month in, kept in parts.
    pub fn merge(&mut self, other: &Self) {
        self.join(other);
        self.shorten();
    }

    /// Puts the buyers of other days in, for an answer. Where either was cut, what stands beyond its largest hash is not
    /// complete and is left out.
    pub fn join(&mut self, other: &Self) {
        let bound =
            [&*self, other].iter().filter(|buyers| buyers.cut).filter_map(|buyers| buyers.hashes.last()).min().copied();
        let (mut hashes, mut purchases) = (Vec::new(), Vec::new());
        let (mut ours, mut theirs) = (0, 0);
        loop {
            let (a, b) = (self.hashes.get(ours).copied(), other.hashes.get(theirs).copied());
            let Some(next) = a.into_iter().chain(b).min().filter(|next| bound.is_none_or(|bound| *next <= bound))
            else {
                break;
            };
            let mut sum = 0_i32;
            if a == Some(next) {
                sum = sum.saturating_add(self.purchases[ours]);
                ours += 1;
            }
            if b == Some(next) {
                sum = sum.saturating_add(other.purchases[theirs]);
                theirs += 1;
            }
            hashes.push(next);
            purchases.push(sum);
        }
        *self = Self { hashes, purchases, cut: self.cut || other.cut };
    }

    fn shorten(&mut self) {
        if self.hashes.len() > ROOM {
            self.hashes.truncate(ROOM);
            self.purchases.truncate(ROOM);
            self.cut = true;
        }
    }

    /// Every customer kept, with the number of purchases.
    pub fn each(&self) -> impl Iterator<Item = (u64, i32)> {
        self.hashes.iter().copied().zip(self.purchases.iter().copied())
    }

    /// Whether the count is an estimate.
    pub fn is_estimate(&self) -> bool {
        self.cut
    }

    /// How many different customers bought.
    pub fn distinct(&self) -> i64 {
        let buying = self.purchases.iter().filter(|purchases| **purchases > 0).count() as i64;
        match (self.cut, self.hashes.last()) {
            // (kept − 1) of all are below the largest hash kept, which stands for the part (largest / 2⁶⁴) of all hashes.
            (true, Some(&largest)) if self.hashes.len() > 1 => {
                let kept = self.hashes.len() as i128;
                let all = ((kept - 1) << 64) / i128::from(largest.max(1));
                i64::try_from(all * i128::from(buying) / kept).unwrap_or(i64::MAX)
            }
            _ => buying,
        }
    }
}

/// A customer's hash: evenly spread, the same in every process and release.
pub fn hash(customer: &str) -> u64 {
    // FNV-1a, then the finisher of SplitMix64, since the upper bits of FNV alone are not even for short texts.
    let fnv = customer
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let mixed = (fnv ^ (fnv >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::{Buyers, hash};

    fn of(customers: impl Iterator<Item = u32>) -> Buyers {
        let mut buyers = Buyers::default();
        customers.for_each(|customer| buyers.count(hash(&format!("C-{customer}")), 1));
        buyers
    }

    #[test]
    fn counts_are_exact_up_to_the_room_and_near_beyond() {
        for count in [0, 1, 4_096] {
            let buyers = of(0..count);
            assert_eq!((buyers.distinct(), buyers.is_estimate()), (i64::from(count), false));
        }
        for count in [4_097, 50_000, 200_000] {
            let buyers = of(0..count);
            let off = (buyers.distinct() as f64 / f64::from(count) - 1.0).abs();
            assert!(buyers.is_estimate() && off < 0.05, "{count}: {}", buyers.distinct());
        }
    }

    #[test]
    fn order_and_parts_do_not_matter_and_days_overlap() {
        let (all, backwards) = (of(0..20_000), of((0..20_000).rev()));
        assert_eq!(all, backwards);
        let mut parts = of((0..20_000).filter(|customer| customer % 3 == 0));
        parts.merge(&of((0..20_000).filter(|customer| customer % 3 != 0)));
        assert_eq!(parts, all);
        let mut days = of(0..3_000);
        days.join(&of(2_000..5_000));
        assert_eq!((days.distinct(), days.is_estimate()), (5_000, false));
    }

    #[test]
    fn a_voided_purchase_is_taken_back() {
        let mut buyers = of(0..10);
        buyers.count(hash("C-3"), -1);
        buyers.count(hash("C-4"), 1);
        buyers.count(hash("C-4"), -1);
        assert_eq!(buyers.distinct(), 9);
    }
}
