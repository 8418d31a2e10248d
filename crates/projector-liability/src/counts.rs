//! Amounts that are counted, in minor units, and how they add up.

use serde::{Deserialize, Serialize};

/// What became of the money on instruments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub issued: i64,
    pub loaded: i64,
    pub refunded: i64,
    pub redeemed: i64,
    pub forfeited: i64,
    pub expired: i64,
    pub cancelled: i64,
}

/// What cannot be counted in 64 bits.
#[derive(Debug, PartialEq, Eq)]
pub struct OutOfRange;

impl Counts {
    /// Adds others.
    pub fn add(&mut self, other: &Self) -> Result<(), OutOfRange> {
        let sum = |a: i64, b: i64| a.checked_add(b).ok_or(OutOfRange);
        *self = Self {
            issued: sum(self.issued, other.issued)?,
            loaded: sum(self.loaded, other.loaded)?,
            refunded: sum(self.refunded, other.refunded)?,
            redeemed: sum(self.redeemed, other.redeemed)?,
            forfeited: sum(self.forfeited, other.forfeited)?,
            expired: sum(self.expired, other.expired)?,
            cancelled: sum(self.cancelled, other.cancelled)?,
        };
        Ok(())
    }

    /// What is on the instruments more by it.
    pub fn outstanding(&self) -> Result<i64, OutOfRange> {
        let more = [self.issued, self.loaded, self.refunded].map(i128::from);
        let less = [self.redeemed, self.forfeited, self.expired, self.cancelled].map(i128::from);
        i64::try_from(more.iter().sum::<i128>() - less.iter().sum::<i128>()).map_err(|_| OutOfRange)
    }
}
