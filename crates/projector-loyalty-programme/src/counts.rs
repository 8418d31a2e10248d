//! What is counted, and how counts add up.

use serde::{Deserialize, Serialize};

/// Members and points. Points of a kind are at 0 or above; those moved, and changes of what is held, may be below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Accounts that got their first points, and those that came from another tier less those that left.
    pub members: i64,
    pub earned: i64,
    pub given_back: i64,
    pub moved: i64,
    pub spent: i64,
    pub expired: i64,
    pub reversed: i64,
    /// Points that came with accounts from other tiers less those that left.
    pub tier_changed: i64,
    /// By how much the pending points have changed.
    pub pending: i64,
}

/// What cannot be counted in 64 bits.
#[derive(Debug, PartialEq, Eq)]
pub struct OutOfRange;

impl Counts {
    /// Adds others.
    pub fn add(&mut self, other: &Self) -> Result<(), OutOfRange> {
        let sum = |a: i64, b: i64| a.checked_add(b).ok_or(OutOfRange);
        *self = Self {
            members: sum(self.members, other.members)?,
            earned: sum(self.earned, other.earned)?,
            given_back: sum(self.given_back, other.given_back)?,
            moved: sum(self.moved, other.moved)?,
            spent: sum(self.spent, other.spent)?,
            expired: sum(self.expired, other.expired)?,
            reversed: sum(self.reversed, other.reversed)?,
            tier_changed: sum(self.tier_changed, other.tier_changed)?,
            pending: sum(self.pending, other.pending)?,
        };
        Ok(())
    }

    /// What accounts hold more by it: active and pending points less those owed.
    pub fn outstanding(&self) -> Result<i64, OutOfRange> {
        let added = [self.earned, self.given_back, self.moved, self.tier_changed].map(i128::from);
        let taken = [self.spent, self.expired, self.reversed].map(i128::from);
        i64::try_from(added.iter().sum::<i128>() - taken.iter().sum::<i128>()).map_err(|_| OutOfRange)
    }
}
