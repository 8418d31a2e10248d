//! The arithmetic of points: what a sale earns, and what its returns take back (rows 2.25, 2.26, B7, B12 to B14,
//! decision 3).

use serde::{Deserialize, Serialize};
use storefold_events::{
    Event,
    loyalty::{self, LotPart, PointsEarned, Rounding},
    sale::{SaleLine, SaleValidated},
};

use crate::{
    Account, Programmes, Rule,
    lots::LotTimes,
    offers::{Offer, Percent, Rate},
};

/// Leaves points as they are, in ten-thousandths.
pub(crate) const AS_THEY_ARE_E4: u64 = 10_000;

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
    base_given_minor: i64,
    /// The part of the base that has not come back.
    pub(crate) base_left_minor: i64,
    /// What promotion and tier multiplied it by.
    factor_e4: u64,
    /// Points that the sale was given.
    given: i64,
    /// Of those, what the customer's spending as a whole does not give at the programme's own rate; only where the
    /// remainder is carried. Below 0 when a limit was met.
    extra: i64,
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

/// Points times a factor in ten-thousandths, rounded down.
fn times(points: i64, factor_e4: u64) -> i64 {
    let product = i128::from(points) * i128::from(factor_e4) / i128::from(AS_THEY_ARE_E4);
    i64::try_from(product).unwrap_or(i64::MAX)
}

impl Accrual {
    /// What a sale was given, of a base that is known again.
    pub(crate) fn new(rule: &Rule, earned: &PointsEarned<'_>, base: Base) -> Self {
        let plain = loyalty::Accrual { factor_e4: AS_THEY_ARE_E4, ..loyalty::Accrual::default() };
        let accrual = earned.accrual.as_deref().unwrap_or(&plain);
        let minor_per_point = earned.minor_per_point.unwrap_or(rule.minor_per_point).max(1);
        let spent_minor = base.amount_minor.saturating_add(accrual.carried_minor.unwrap_or(0));
        Self {
            programme: earned.programme.to_string(),
            customer: earned.customer.to_string(),
            minor_per_point,
            rounding: rule.rounding,
            without_tax: rule.without_tax,
            lines: base.lines,
            excluded_minor: base.excluded_minor,
            base_given_minor: base.amount_minor,
            base_left_minor: base.amount_minor,
            factor_e4: accrual.factor_e4,
            given: earned.points,
            extra: earned.points - spent_minor.div_euclid(minor_per_point),
            points: earned.points,
            lot: LotTimes { expires_at_ms: accrual.lot.expires_at_ms, active_from_ms: accrual.lot.active_from_ms },
        }
    }

    /// What has to be taken back when only `base_left_minor` of the base is left, and the customer's new remainder.
    ///
    /// Floored per sale, the sale keeps the points of what is left of it, so that returning all of it in any number of
    /// steps takes back exactly what was given. With a carried remainder the account as a whole keeps the points of
    /// all that was spent and kept, so buying and returning leaves it as it was; what the sale was given beyond that
    /// goes with the part of it that goes.
    pub(crate) fn to_take_back(&self, base_left_minor: i64, remainder_minor: i64) -> Earned {
        match self.rounding {
            Rounding::FloorPerSale => {
                let kept = times(base_left_minor.div_euclid(self.minor_per_point), self.factor_e4).min(self.given);
                Earned { points: (self.points - kept).max(0), remainder_minor }
            }
            Rounding::CarryRemainder => {
                let refund_minor = self.base_left_minor - base_left_minor;
                let left_minor = remainder_minor.saturating_sub(refund_minor);
                let extra = |left_minor: i64| share(self.extra, left_minor, self.base_given_minor);
                let extra_back = extra(self.base_left_minor) - extra(base_left_minor);
                Earned {
                    points: (extra_back - left_minor.div_euclid(self.minor_per_point)).max(0),
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

/// Everything that values a sale in one programme.
pub(crate) struct Valuation<'p> {
    pub(crate) rule: &'p Rule,
    rates: Vec<&'p Offer<Rate>>,
    promotion: Option<&'p Offer<Percent>>,
    /// The customer's tier, and what sales earn in it.
    tier: Option<(String, u32)>,
}

impl<'p> Valuation<'p> {
    pub(crate) fn new(
        programmes: &'p Programmes,
        rule: &'p Rule,
        event: &'p Event<'_>,
        sale: &'p SaleValidated<'_>,
        account: &Account,
    ) -> Self {
        let judged = programmes.judge(&rule.programme, event.occurred_at_ms, account.standing.as_ref());
        let tier = judged.and_then(|judged| {
            let percent = judged.tiers.earn_percent(judged.rank());
            judged.standing.tier.filter(|_| percent != 100).map(|tier| (tier, percent))
        });
        Self {
            rule,
            rates: programmes.rates.of_sale(rule, event, sale).collect(),
            promotion: programmes.promotions.of_sale(rule, event, sale).max_by_key(|promotion| promotion.position),
            tier,
        }
    }

    /// What promotion and tier together multiply points by.
    fn factor_e4(&self) -> u64 {
        let promotion = self.promotion.map_or(100, |promotion| promotion.gives.0);
        u64::from(promotion) * u64::from(self.tier.as_ref().map_or(100, |(_, percent)| *percent))
    }
}

/// What a sale earns for an account; nothing when it moves neither points nor a remainder. Of the programme's own rate
/// and the further ones, that which gives most points holds, the own first.
pub(crate) fn earned_by(
    event: &Event<'_>,
    sale: &SaleValidated<'_>,
    valued: &Valuation<'_>,
    holder: &str,
    account: &Account,
) -> Option<PointsEarned<'static>> {
    let rule = valued.rule;
    let own_minor = base_minor(sale, rule, &[]);
    let own = earn(rule, own_minor, account.remainder_minor);
    let mut best = (own.points, own_minor, None);
    for rate in &valued.rates {
        let base_minor = base_minor(sale, rule, &rate.gives.families);
        let points = base_minor.div_euclid(rate.gives.minor_per_point);
        if points > best.0 {
            best = (points, base_minor, Some(*rate));
        }
    }
    let (points, base_minor, rate) = best;
    let unlimited = times(points, valued.factor_e4());
    let points = limited(rule, event.occurred_at_ms, account, unlimited);
    let carries = rule.carries();
    if points == 0 && !(carries && own_minor > 0) {
        return None;
    }
    let lot = rule.lot_of_sale(event.occurred_at_ms);
    let movement = account.lots.credit(points, lot);
    let empty = LotPart { points: 0, expires_at_ms: lot.expires_at_ms, active_from_ms: lot.active_from_ms };
    let buyer = sale.customer.as_ref().map(ToString::to_string).unwrap_or_default();
    let accrual = loyalty::Accrual {
        rule_position: rate.map_or(rule.position, |rate| rate.position),
        rule: rate.map(|rate| rate.name.clone().into()),
        promotion: valued.promotion.map(|promotion| promotion.name.clone().into()),
        tier: valued.tier.as_ref().map(|(tier, _)| tier.clone().into()),
        factor_e4: valued.factor_e4(),
        carried_minor: carries.then_some(account.remainder_minor),
        remainder_minor: carries.then_some(own.remainder_minor),
        points_before_limit: (points < unlimited).then_some(unlimited),
        member: (buyer != holder).then(|| buyer.into()),
        lot: movement.parts.first().copied().unwrap_or(empty),
        repaid: -movement.owed,
        balance: movement.balance,
        pending: movement.pending,
    };
    // A remainder that is carried is one of the programme's own rate, whatever valued the sale.
    let (base_minor, minor_per_point) = match rate.filter(|_| !carries) {
        Some(rate) => (base_minor, rate.gives.minor_per_point),
        None => (own_minor, rule.minor_per_point),
    };
    Some(PointsEarned {
        programme: rule.programme.clone().into(),
        customer: holder.to_owned().into(),
        points,
        reason: "sale".into(),
        sale: Some(sale.sale.to_string().into()),
        base_minor: Some(base_minor),
        minor_per_point: Some(minor_per_point),
        accrual: Some(Box::new(accrual)),
    })
}

/// The part of a sale that earns by a rule (row B13), or only that of some families.
fn base_minor(sale: &SaleValidated<'_>, rule: &Rule, families: &[String]) -> i64 {
    let earns = |line: &&SaleLine<'_>| rule.line_earns(line) && is_of(families, line.family.as_deref());
    let tax = |line: &SaleLine<'_>| if rule.without_tax { line.tax_minor } else { 0 };
    let earning_minor = sale.lines.iter().filter(earns).map(|line| line.net_minor() - tax(line)).sum();
    let (excluded_minor, total_minor) = (rule.excluded_minor(sale), sale.total_minor());
    share(earning_minor, total_minor - excluded_minor, total_minor)
}

/// Whether a family is one of those named; every one is when none are.
pub(crate) fn is_of(families: &[String], family: Option<&str>) -> bool {
    families.is_empty() || family.is_some_and(|family| families.iter().any(|name| name == family))
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
