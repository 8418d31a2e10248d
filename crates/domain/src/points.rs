//! The arithmetic of points: what a sale earns, and what its returns take back (rows 2.25, 2.26, B7, decision 3).

use serde::{Deserialize, Serialize};
use storefold_events::loyalty::Rounding;

use crate::Rule;

/// What one sale has earned in one programme, by the rule that was in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Accrual {
    pub(crate) programme: String,
    pub(crate) minor_per_point: i64,
    pub(crate) rounding: Rounding,
    pub(crate) earn_on_discounted: bool,
    /// The part of the sale that earned.
    pub(crate) base_minor: i64,
    /// The part of the base that has not come back.
    pub(crate) base_left_minor: i64,
    /// Points that the sale still holds.
    pub(crate) points: i64,
}

/// Values a sale. `remainder_minor` is the customer's, before and, in the second part of the answer, after it.
pub(crate) fn accrue(rule: &Rule, base_minor: i64, remainder_minor: i64) -> (Accrual, i64) {
    let (spent_minor, carries) = match rule.rounding {
        Rounding::FloorPerSale => (base_minor, false),
        Rounding::CarryRemainder => (base_minor.saturating_add(remainder_minor), true),
    };
    let points = spent_minor.div_euclid(rule.minor_per_point);
    let remainder_minor = if carries { spent_minor.rem_euclid(rule.minor_per_point) } else { remainder_minor };
    let accrual = Accrual {
        programme: rule.programme.clone(),
        minor_per_point: rule.minor_per_point,
        rounding: rule.rounding,
        earn_on_discounted: rule.earn_on_discounted,
        base_minor,
        base_left_minor: base_minor,
        points,
    };
    (accrual, remainder_minor)
}

impl Accrual {
    /// Takes back what `refund_minor` of the base had earned; answers the points and the customer's new remainder.
    ///
    /// Floored per sale, the sale keeps the points of what is left of it, so that returning all of it in any number of
    /// steps takes back exactly what was earned. With a carried remainder the account as a whole keeps the points of
    /// all that was spent and kept, so buying and returning leaves it as it was.
    pub(crate) fn take_back(&mut self, refund_minor: i64, remainder_minor: i64) -> (i64, i64) {
        self.base_left_minor -= refund_minor;
        let (points, remainder_minor) = match self.rounding {
            Rounding::FloorPerSale => {
                (self.points - self.base_left_minor.div_euclid(self.minor_per_point), remainder_minor)
            }
            Rounding::CarryRemainder => {
                let left_minor = remainder_minor.saturating_sub(refund_minor);
                (-left_minor.div_euclid(self.minor_per_point), left_minor.rem_euclid(self.minor_per_point))
            }
        };
        self.points -= points;
        (points, remainder_minor)
    }
}
