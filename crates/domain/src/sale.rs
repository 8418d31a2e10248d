//! A sale and what becomes of it: returns, a void, and the points they move.

use serde::{Deserialize, Serialize};
use storefold_events::{
    Currency, Event,
    loyalty::{PointsEarned, PointsReversed},
    sale::{ReturnValued, SaleReturned, SaleReversed, SaleValidated, SaleVoided},
};

use crate::{
    Account, Aggregate, Caused, Denied, Knowledge, Programmes, Refusal,
    account::account_id,
    points::{Accrual, accrue},
    programme::PROGRAMMES,
};

/// What decisions need of a sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sale {
    store: String,
    occurred_at_ms: i64,
    currency: Currency,
    customer: Option<String>,
    lines: Vec<Line>,
    accruals: Vec<Accrual>,
    voided: bool,
}

/// A line as sold, and what of it has come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    number: u32,
    discounted: bool,
    quantity: i64,
    net_minor: i64,
    tax_minor: i64,
    returned: i64,
    refunded_minor: i64,
    tax_returned_minor: i64,
}

impl Aggregate for Sale {
    const KIND: u8 = b't';
}

pub(crate) fn decide_validated<K: Knowledge>(
    event: &Event<'_>,
    sale: &SaleValidated<'_>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    if known.get::<Sale>(&sale.sale).map_err(Denied::Failed)?.is_some() {
        return Err(Refusal::SaleAlreadyValidated { sale: sale.sale.to_string() }.into());
    }
    let accruals = accruals_of(event, sale, known).map_err(Denied::Failed)?;
    let earned = accruals.into_iter().filter(|(accrual, _)| accrual.points > 0);
    Ok(earned.map(|(accrual, _)| Caused::beside(event, earned_by(sale, accrual))).collect())
}

fn earned_by(sale: &SaleValidated<'_>, accrual: Accrual) -> PointsEarned<'static> {
    PointsEarned {
        programme: accrual.programme.into(),
        customer: sale.customer.as_ref().map(ToString::to_string).unwrap_or_default().into(),
        points: accrual.points,
        reason: "sale".into(),
        sale: Some(sale.sale.to_string().into()),
        base_minor: Some(accrual.base_minor),
        minor_per_point: Some(accrual.minor_per_point),
        accrual: None,
    }
}

/// What the sale earns in each programme, with the customer's remainder after it. A sale nobody is known by earns nothing.
fn accruals_of<K: Knowledge>(
    event: &Event<'_>,
    sale: &SaleValidated<'_>,
    known: &mut K,
) -> Result<Vec<(Accrual, i64)>, K::Error> {
    let Some(customer) = &sale.customer else { return Ok(Vec::new()) };
    let Some(programmes) = known.get::<Programmes>(PROGRAMMES)? else { return Ok(Vec::new()) };
    let mut accruals = Vec::new();
    for rule in programmes.in_force(event.occurred_at_ms, sale.currency) {
        let account = known.get::<Account>(&account_id(&rule.programme, customer))?.unwrap_or_default();
        let earning = sale.lines.iter().filter(|line| rule.earn_on_discounted || line.discount_minor == 0);
        let base_minor = earning.map(storefold_events::sale::SaleLine::net_minor).sum();
        accruals.push(accrue(rule, base_minor, account.remainder_minor));
    }
    Ok(accruals)
}

pub(crate) fn evolve_validated<K: Knowledge>(
    event: &Event<'_>,
    sale: &SaleValidated<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    let mut accruals = Vec::new();
    for (accrual, remainder_minor) in accruals_of(event, sale, known)? {
        keep_remainder(&accrual.programme, sale.customer.as_deref(), remainder_minor, known)?;
        accruals.push(accrual);
    }
    let lines = sale.lines.iter().map(|line| Line {
        number: line.line,
        discounted: line.discount_minor > 0,
        quantity: line.quantity,
        net_minor: line.net_minor(),
        tax_minor: line.tax_minor,
        returned: 0,
        refunded_minor: 0,
        tax_returned_minor: 0,
    });
    let state = Sale {
        store: event.store.as_ref().map(ToString::to_string).unwrap_or_default(),
        occurred_at_ms: event.occurred_at_ms,
        currency: sale.currency,
        customer: sale.customer.as_ref().map(ToString::to_string),
        lines: lines.collect(),
        accruals,
        voided: false,
    };
    known.put(&sale.sale, &state)
}

fn keep_remainder<K: Knowledge>(
    programme: &str,
    customer: Option<&str>,
    remainder_minor: i64,
    known: &mut K,
) -> Result<(), K::Error> {
    let Some(customer) = customer else { return Ok(()) };
    let id = account_id(programme, customer);
    let mut account = known.get::<Account>(&id)?.unwrap_or_default();
    if account.remainder_minor == remainder_minor {
        return Ok(());
    }
    account.remainder_minor = remainder_minor;
    known.put(&id, &account)
}

/// A sale that something is to happen to.
fn standing<K: Knowledge>(id: &str, known: &mut K) -> Result<Sale, Denied<K::Error>> {
    let sale = known.get::<Sale>(id).map_err(Denied::Failed)?;
    sale.ok_or_else(|| Refusal::UnknownSale { sale: id.to_owned() }.into())
}

pub(crate) fn decide_returned<K: Knowledge>(
    event: &Event<'_>,
    returned: &SaleReturned<'_>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let mut sale = standing(&returned.sale, known)?;
    let id = || returned.sale.to_string();
    if sale.voided {
        return Err(Refusal::SaleVoided { sale: id() }.into());
    }
    if sale.currency != returned.currency {
        return Err(Refusal::ReturnCurrencyDiffers { sale: id(), sold: sale.currency }.into());
    }
    for asked in &returned.lines {
        let Some(line) = sale.lines.iter().find(|line| line.number == asked.line) else {
            return Err(Refusal::UnknownLine { sale: id(), line: asked.line }.into());
        };
        let left = line.quantity - line.returned;
        if asked.quantity > left {
            return Err(Refusal::ReturnExceedsSale { sale: id(), line: asked.line, left, asked: asked.quantity }.into());
        }
        let left_minor = line.net_minor - line.refunded_minor;
        if asked.refund_minor > left_minor {
            let asked_minor = asked.refund_minor;
            return Err(Refusal::RefundExceedsSale { sale: id(), line: asked.line, left_minor, asked_minor }.into());
        }
    }
    let tax_minor = sale.take_back_lines(returned);
    let valued = ReturnValued {
        return_id: returned.return_id.to_string().into(),
        sale: id().into(),
        currency: sale.currency,
        units: returned.lines.iter().map(|line| line.quantity).sum(),
        refund_minor: returned.lines.iter().map(|line| line.refund_minor).sum(),
        tax_minor,
        sold_at_ms: sale.occurred_at_ms,
    };
    let mut caused = vec![Caused::beside(event, valued)];
    let reversed = sale.take_back_points(&refunds(returned), known).map_err(Denied::Failed)?;
    let return_id = Some(returned.return_id.as_str());
    caused.extend(sale.reversals(event, &returned.sale, return_id, &reversed));
    Ok(caused)
}

pub(crate) fn evolve_returned<K: Knowledge>(returned: &SaleReturned<'_>, known: &mut K) -> Result<(), K::Error> {
    let Some(mut sale) = known.get::<Sale>(&returned.sale)? else { return Ok(()) };
    sale.take_back_lines(returned);
    let reversed = sale.take_back_points(&refunds(returned), known)?;
    sale.keep_remainders(&reversed, known)?;
    known.put(&returned.sale, &sale)
}

/// A void strikes out a sale that nothing has come back of.
pub(crate) fn decide_voided<K: Knowledge>(
    event: &Event<'_>,
    voided: &SaleVoided<'_>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let mut sale = standing(&voided.sale, known)?;
    if sale.voided {
        return Err(Refusal::SaleAlreadyVoided { sale: voided.sale.to_string() }.into());
    }
    if sale.lines.iter().any(|line| line.returned > 0) {
        return Err(Refusal::SaleAlreadyReturned { sale: voided.sale.to_string() }.into());
    }
    let reversed = SaleReversed {
        sale: voided.sale.to_string().into(),
        currency: sale.currency,
        units: sale.lines.iter().map(|line| line.quantity).sum(),
        turnover_minor: sale.lines.iter().map(|line| line.net_minor).sum(),
        tax_minor: sale.lines.iter().map(|line| line.tax_minor).sum(),
    };
    let (store, occurred_at_ms) = (Some(sale.store.clone()), sale.occurred_at_ms);
    let mut caused = vec![Caused { store, occurred_at_ms, payload: reversed.into() }];
    let everything = sale.everything();
    let points = sale.take_back_points(&everything, known).map_err(Denied::Failed)?;
    caused.extend(sale.reversals(event, &voided.sale, None, &points));
    Ok(caused)
}

pub(crate) fn evolve_voided<K: Knowledge>(voided: &SaleVoided<'_>, known: &mut K) -> Result<(), K::Error> {
    let Some(mut sale) = known.get::<Sale>(&voided.sale)? else { return Ok(()) };
    sale.voided = true;
    let everything = sale.everything();
    let reversed = sale.take_back_points(&everything, known)?;
    sale.keep_remainders(&reversed, known)?;
    known.put(&voided.sale, &sale)
}

/// Points taken back from one accrual, with the customer's remainder after it.
struct Reversed {
    programme: String,
    points: i64,
    remainder_minor: i64,
}

/// What is refunded, by number of the line.
fn refunds(returned: &SaleReturned<'_>) -> Vec<(u32, i64)> {
    returned.lines.iter().map(|line| (line.line, line.refund_minor)).collect()
}

impl Sale {
    fn everything(&self) -> Vec<(u32, i64)> {
        self.lines.iter().map(|line| (line.number, line.net_minor)).collect()
    }

    /// Marks lines as returned and answers the tax in what was refunded: pro rata, rounded half up on each line's
    /// running total.
    fn take_back_lines(&mut self, returned: &SaleReturned<'_>) -> i64 {
        let mut tax_minor = 0;
        for asked in &returned.lines {
            let Some(line) = self.lines.iter_mut().find(|line| line.number == asked.line) else { continue };
            line.returned += asked.quantity;
            line.refunded_minor += asked.refund_minor;
            let due_minor = pro_rata_half_up(line.tax_minor, line.refunded_minor, line.net_minor);
            tax_minor += due_minor - line.tax_returned_minor;
            line.tax_returned_minor = due_minor;
        }
        tax_minor
    }

    fn take_back_points<K: Knowledge>(
        &mut self,
        refunds: &[(u32, i64)],
        known: &mut K,
    ) -> Result<Vec<Reversed>, K::Error> {
        let Some(customer) = &self.customer else { return Ok(Vec::new()) };
        let mut reversed = Vec::new();
        for accrual in &mut self.accruals {
            let earns = |number: u32| {
                let line = self.lines.iter().find(|line| line.number == number);
                line.is_some_and(|line| accrual.earn_on_discounted || !line.discounted)
            };
            let refund_minor = refunds.iter().filter(|(line, _)| earns(*line)).map(|(_, refund)| refund).sum();
            let account = known.get::<Account>(&account_id(&accrual.programme, customer))?.unwrap_or_default();
            let (points, remainder_minor) = accrual.take_back(refund_minor, account.remainder_minor);
            reversed.push(Reversed { programme: accrual.programme.clone(), points, remainder_minor });
        }
        Ok(reversed)
    }

    fn keep_remainders<K: Knowledge>(&self, reversed: &[Reversed], known: &mut K) -> Result<(), K::Error> {
        let customer = self.customer.as_deref();
        reversed
            .iter()
            .try_for_each(|reversed| keep_remainder(&reversed.programme, customer, reversed.remainder_minor, known))
    }

    fn reversals(&self, event: &Event<'_>, sale: &str, return_id: Option<&str>, reversed: &[Reversed]) -> Vec<Caused> {
        let customer = self.customer.clone().unwrap_or_default();
        let moved = reversed.iter().filter(|reversed| reversed.points > 0);
        let reversals = moved.map(|reversed| PointsReversed {
            programme: reversed.programme.clone().into(),
            customer: customer.clone().into(),
            points: reversed.points,
            reason: if return_id.is_some() { "return" } else { "void" }.into(),
            sale: Some(sale.to_owned().into()),
            return_id: return_id.map(|id| id.to_owned().into()),
            taken: None,
        });
        reversals.map(|reversal| Caused::beside(event, reversal)).collect()
    }
}

/// `part / whole` of an amount, rounded half up; nothing of nothing.
fn pro_rata_half_up(amount_minor: i64, part_minor: i64, whole_minor: i64) -> i64 {
    if whole_minor == 0 {
        return 0;
    }
    let (amount, part, whole) = (i128::from(amount_minor), i128::from(part_minor), i128::from(whole_minor));
    let rounded = (2 * amount * part + whole).div_euclid(2 * whole);
    i64::try_from(rounded).expect("a part of an i64 amount fits an i64")
}
