//! The arithmetic of points: what a sale earns, and what its returns take back (rows 2.25, 2.26, B7, B13, decision 3).

use serde::{Deserialize, Serialize};
use storefold_events::{
    Event,
    loyalty::{self, LotPart, PointsEarned, Rounding},
    sale::{SaleLine, SaleValidated},
};

use crate::{Account, Rule, lots::LotTimes};

/// What one sale has earned in one programme, by the rule that was in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Accrual {
    pub(crate) programme: String,
    /// Whose account got the points.
    pub(crate) customer: String,
    minor_per_point: i64,
    rounding: Rounding,
    pub(crate) without_tax: bool,
    /// Lines that earn.
    pub(crate) lines: Vec<u32>,
    /// What of the sale was paid by means that do not earn.
    pub(crate) excluded_minor: i64,
    /// The part of the base that has not come back.
    pub(crate) base_left_minor: i64,
    /// Points that the sale was given.
    given: i64,
    /// Points that it still holds.
    pub(crate) points: i64,
    pub(crate) lot: LotTimes,
}

/// Points for an amount, and the customer's remainder after it.
pub(crate) struct Earned {
    pub(crate) points: i64,
    pub(crate) remainder_minor: i64,
}

/// Values the part of a sale that earns. `remainder_minor` is what the customer carries.
pub(crate) fn earn(rule: &Rule, base_minor: i64, remainder_minor: i64) -> Earned {
    match rule.rounding {
        Rounding::FloorPerSale => Earned { points: base_minor.div_euclid(rule.minor_per_point), remainder_minor },
        Rounding::CarryRemainder => {
            let spent_minor = base_minor.saturating_add(remainder_minor);
            Earned {
                points: spent_minor.div_euclid(rule.minor_per_point),
                remainder_minor: spent_minor.rem_euclid(rule.minor_per_point),
            }
        }
    }
}

impl Accrual {
    /// What a rule gave for a sale.
    pub(crate) fn new(rule: &Rule, customer: &str, base: Base, points: i64, lot: LotTimes) -> Self {
        Self {
            programme: rule.programme.clone(),
            customer: customer.to_owned(),
            minor_per_point: rule.minor_per_point,
            rounding: rule.rounding,
            without_tax: rule.without_tax,
            lines: base.lines,
            excluded_minor: base.excluded_minor,
            base_left_minor: base.amount_minor,
            given: points,
            points,
            lot,
        }
    }

    /// What has to be taken back when only `base_left_minor` of the base is left, and the customer's new remainder.
    ///
    /// Floored per sale, the sale keeps the points of what is left of it, so that returning all of it in any number of
    /// steps takes back exactly what was given. With a carried remainder the account as a whole keeps the points of
    /// all that was spent and kept, so buying and returning leaves it as it was.
    pub(crate) fn to_take_back(&self, base_left_minor: i64, remainder_minor: i64) -> Earned {
        match self.rounding {
            Rounding::FloorPerSale => {
                let kept = base_left_minor.div_euclid(self.minor_per_point).min(self.given);
                Earned { points: (self.points - kept).max(0), remainder_minor }
            }
            Rounding::CarryRemainder => {
                let refund_minor = self.base_left_minor - base_left_minor;
                let left_minor = remainder_minor.saturating_sub(refund_minor);
                Earned {
                    points: -left_minor.div_euclid(self.minor_per_point),
                    remainder_minor: left_minor.rem_euclid(self.minor_per_point),
                }
            }
        }
    }

    /// Whether the customer carries a remainder by it.
    pub(crate) fn carries(&self) -> bool {
        self.rounding == Rounding::CarryRemainder
    }
}

/// The part of a sale that earns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base {
    pub(crate) lines: Vec<u32>,
    pub(crate) excluded_minor: i64,
    pub(crate) amount_minor: i64,
}

/// `part / whole` of an amount, rounded down; nothing of nothing.
pub(crate) fn share(amount_minor: i64, part_minor: i64, whole_minor: i64) -> i64 {
    if whole_minor == 0 || part_minor == whole_minor {
        return amount_minor;
    }
    let share = i128::from(amount_minor) * i128::from(part_minor) / i128::from(whole_minor);
    i64::try_from(share).expect("a part of an i64 amount fits an i64")
}

/// What a sale earns by a rule; nothing when it moves neither points nor a remainder.
pub(crate) fn earned_by(
    event: &Event<'_>,
    sale: &SaleValidated<'_>,
    rule: &Rule,
    account: &Account,
) -> Option<PointsEarned<'static>> {
    let base = base_of(sale, rule);
    let earned = earn(rule, base.amount_minor, account.remainder_minor);
    let points = limited(rule, event.occurred_at_ms, account, earned.points);
    let carries = rule.rounding == Rounding::CarryRemainder;
    if points == 0 && !(carries && base.amount_minor > 0) {
        return None;
    }
    let times = rule.lot_of_sale(event.occurred_at_ms);
    let movement = account.lots.credit(points, times);
    let empty = LotPart { points: 0, expires_at_ms: times.expires_at_ms, active_from_ms: times.active_from_ms };
    let accrual = loyalty::Accrual {
        rule_position: rule.position,
        factor_e4: 10_000,
        carried_minor: carries.then_some(account.remainder_minor),
        remainder_minor: carries.then_some(earned.remainder_minor),
        points_before_limit: (points < earned.points).then_some(earned.points),
        lot: movement.parts.first().copied().unwrap_or(empty),
        repaid: -movement.owed,
        balance: movement.balance,
        pending: movement.pending,
        ..loyalty::Accrual::default()
    };
    Some(PointsEarned {
        programme: rule.programme.clone().into(),
        customer: sale.customer.as_ref().map(ToString::to_string).unwrap_or_default().into(),
        points,
        reason: "sale".into(),
        sale: Some(sale.sale.to_string().into()),
        base_minor: Some(base.amount_minor),
        minor_per_point: Some(rule.minor_per_point),
        accrual: Some(Box::new(accrual)),
    })
}

/// The part of a sale that earns by a rule (row B13).
fn base_of(sale: &SaleValidated<'_>, rule: &Rule) -> Base {
    let earning = || sale.lines.iter().filter(|line| rule.line_earns(line));
    let tax = |line: &SaleLine<'_>| if rule.without_tax { line.tax_minor } else { 0 };
    let earning_minor = earning().map(|line| line.net_minor() - tax(line)).sum();
    let (excluded_minor, total_minor) = (rule.excluded_minor(sale), sale.total_minor());
    let amount_minor = share(earning_minor, total_minor - excluded_minor, total_minor);
    Base { lines: earning().map(|line| line.line).collect(), excluded_minor, amount_minor }
}

/// Points within what a sale and a day may earn (row B14).
fn limited(rule: &Rule, at_ms: i64, account: &Account, points: i64) -> i64 {
    let today = |max: i64| {
        let earned = if account.earned_on.0 == rule.day_number(at_ms) { account.earned_on.1 } else { 0 };
        (max - earned).max(0)
    };
    let of_day = rule.points_per_day_max.map_or(i64::MAX, today);
    points.min(rule.points_per_sale_max.unwrap_or(i64::MAX)).min(of_day)
}
