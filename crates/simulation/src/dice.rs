//! Chance that falls alike on every machine: a seeded `ChaCha` stream and integer arithmetic only, since a float's `ln` or
//! `exp` may differ in its last bit from one platform to the next.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// One stream of chance. Streams of one seed do not touch each other, so that what happens in one store does not hang
/// on how much happens in another.
#[derive(Clone, Debug)]
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    /// From 0 to below `sides`; 0 when there are none.
    pub(crate) fn below(&mut self, sides: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(sides)) >> 32) as u32
    }

    /// From `low` to `high`, both inclusive; `low` must not be above `high`.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let sides = u128::from(high.abs_diff(low)) + 1;
        low + ((u128::from(self.0.next_u64()) * sides) >> 64) as i64
    }

    pub(crate) fn chance(&mut self, per_mille: i64) -> bool {
        i64::from(self.below(1_000)) < per_mille
    }

    /// One of `from`, which must not be empty.
    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u32) as usize]
    }

    /// An index into `weights`, each as likely as its share of the sum, which must be positive.
    pub(crate) fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let mut left = self.below(weights.clone().sum());
        for (index, weight) in weights.enumerate() {
            match left.checked_sub(weight) {
                Some(rest) => left = rest,
                None => return index,
            }
        }
        0
    }

    /// `per_mille` thousandths of a whole, as a whole number: the rest is rounded up as often as it is large.
    pub(crate) fn about(&mut self, per_mille: i64) -> u32 {
        (per_mille / 1_000) as u32 + u32::from(self.chance(per_mille % 1_000))
    }
}

/// A level that chance keeps over time: single outcomes are random and days differ, but a store that is meant to succeed
/// in 62 % of its scans is never far from it over a few weeks.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    per_mille: i64,
    /// Outcomes owed to the level, in thousandths.
    owed: i64,
}

/// An outcome owed changes the chance by `1 / PATIENCE`: one owed shifts the next outcomes by about 3 %.
const PATIENCE: i64 = 32;

impl Level {
    pub(crate) fn new(per_mille: u32) -> Self {
        Self { per_mille: i64::from(per_mille), owed: 0 }
    }

    /// Whether it happens this time, when circumstances shift the chance by `shift_per_mille`.
    pub(crate) fn reached(&mut self, dice: &mut Dice, shift_per_mille: i64) -> bool {
        let reached = dice.chance(self.per_mille + shift_per_mille + self.owed / PATIENCE);
        self.owed += self.per_mille - if reached { 1_000 } else { 0 };
        reached
    }
}
