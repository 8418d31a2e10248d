//! A basket is priced without selling it: the most that one rule, or the customer's VIP card, takes off each line.

use storefold_events::{Currency, Event, sale::SaleLine, stored_value::VipCardUsed};

use super::kept::{PriceRule, PriceRules, Prices};
use crate::{Denied, Knowledge, Store, stored_value::vip_rate};

/// A basket that is to be priced.
#[derive(Clone, Copy, Debug)]
pub struct Pricing<'e> {
    /// When and where.
    pub event: &'e Event<'e>,
    /// Currency of all amounts.
    pub currency: Currency,
    /// What is bought. A line without a price of its own article keeps `gross_minor`.
    pub lines: &'e [SaleLine<'e>],
    /// The VIP card that is shown, with whose it is.
    pub vip: Option<&'e VipCardUsed<'e>>,
}

/// What a basket costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedBasket {
    /// Its lines, in the order sent.
    pub lines: Vec<PricedLine>,
}

/// What a line costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedLine {
    /// Number of the line.
    pub line: u32,
    /// Before anything is taken off, in minor units.
    pub gross_minor: i64,
    /// What is taken off.
    pub discount_minor: i64,
    /// Which rule takes it off; `None` where none does, or the VIP card.
    pub rule: Option<String>,
    /// Whether the VIP card takes it off.
    pub by_vip_card: bool,
}

/// What each line costs. Of all that applies to a line, what takes off most holds; nothing is added up. What is taken
/// off is rounded half up to the minor unit, once for each line.
///
/// # Errors
/// [`Denied::Refused`] for a VIP card that does not hold; [`Denied::Failed`] when what is known could not be read.
pub fn price<K: Knowledge>(asked: &Pricing<'_>, known: &mut K) -> Result<PricedBasket, Denied<K::Error>> {
    let store_id = asked.event.store.as_deref().unwrap_or_default();
    let store: Option<Store> = known.get(store_id).map_err(Denied::Failed)?;
    let at_ms = asked.event.occurred_at_ms;
    let day = store.as_ref().map_or(crate::calendar::Calendar::of(None), Store::calendar).day(at_ms);
    let vip_e4 = match asked.vip {
        Some(vip) => vip_rate(at_ms, vip, known)?,
        None => 0,
    };
    let mut lines = Vec::with_capacity(asked.lines.len());
    for line in asked.lines {
        let prices: Prices = known.get(&line.sku).map_err(Denied::Failed)?.unwrap_or_default();
        let unit_minor = prices.unit_minor(asked.currency, at_ms, day, store_id);
        let gross_minor = unit_minor.and_then(|unit| unit.checked_mul(line.quantity)).unwrap_or(line.gross_minor);
        let discount_minor = share(gross_minor, vip_e4, line.quantity, line.quantity);
        let by_vip_card = discount_minor > 0;
        lines.push(PricedLine { line: line.line, gross_minor, discount_minor, rule: None, by_vip_card });
    }
    let rules = PriceRules::of(known).map_err(Denied::Failed)?;
    for rule in rules.holding(at_ms, day, store_id) {
        for (at, units) in reduced(rule, asked.lines, &lines) {
            let line = &mut lines[at];
            let discount_minor = share(line.gross_minor, rule.rate_e4, units, asked.lines[at].quantity);
            if discount_minor > line.discount_minor {
                *line =
                    PricedLine { discount_minor, rule: Some(rule.name.clone()), by_vip_card: false, ..line.clone() };
            }
        }
    }
    Ok(PricedBasket { lines })
}

/// How many units of which lines a rule reduces: all of its families, or of every so many the cheapest.
fn reduced(rule: &PriceRule, sold: &[SaleLine<'_>], priced: &[PricedLine]) -> Vec<(usize, i64)> {
    let of_family = |at: &usize| crate::points::is_of(&rule.families, sold[*at].family.as_deref());
    let mut places: Vec<usize> = (0..sold.len()).filter(of_family).collect();
    let Some(nth) = rule.nth.map(i64::from) else {
        return places.into_iter().map(|at| (at, sold[at].quantity)).collect();
    };
    // The dearest unit first: prices of units are compared as fractions, without dividing.
    let dearer = |a: &usize, b: &usize| {
        let times = |of: usize, by: usize| i128::from(priced[of].gross_minor) * i128::from(sold[by].quantity);
        times(*b, *a).cmp(&times(*a, *b)).then(a.cmp(b))
    };
    places.sort_by(dearer);
    let mut before = 0_i64;
    places
        .into_iter()
        .map(|at| {
            let after = before.saturating_add(sold[at].quantity);
            let units = after / nth - before / nth;
            before = after;
            (at, units)
        })
        .collect()
}

/// A rate of the price of some units of a line, rounded half up; nothing where it is too large to be told exactly.
fn share(gross_minor: i64, rate_e4: u32, units: i64, quantity: i64) -> i64 {
    if quantity == 0 || units == 0 {
        return 0;
    }
    let (units, quantity) = if units == quantity { (1, 1) } else { (units, quantity) };
    let whole = 10_000 * i128::from(quantity);
    let part = i128::from(rate_e4) * i128::from(units);
    // Whole multiples first, so that what is left stays small.
    let (times, rest) = (i128::from(gross_minor) / whole, i128::from(gross_minor) % whole);
    let exact = rest.checked_mul(2 * part).map(|product| times * part + (product + whole) / (2 * whole));
    exact.and_then(|exact| i64::try_from(exact).ok()).unwrap_or(0).min(gross_minor)
}
