//! A sale and what becomes of it: returns, a void, and the points they move.

mod line;

use line::Line;
use serde::{Deserialize, Serialize};
use storefold_events::{
    Currency, Event,
    loyalty::{PointsEarned, PointsReversed, TakenBack},
    sale::{Costed, ReturnValued, SaleReturned, SaleReversed, SaleValidated, SaleVoided},
};

use crate::{
    Aggregate, Caused, Denied, Knowledge, Programmes, Refusal, Rule, Store,
    account::{account, rule_of},
    giving_back::{Changed, GivenBack, lots_after},
    lots::LotTimes,
    points::{Accrual, Base, Valuation, earned_by, is_of, share},
    programme::PROGRAMMES,
    ranking,
    shared::holder,
    stored_value,
};

/// What decisions need of a sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sale {
    store: String,
    occurred_at_ms: i64,
    currency: Currency,
    customer: Option<String>,
    lines: Vec<Line>,
    tenders: Vec<(String, i64)>,
    accruals: Vec<Accrual>,
    voided: bool,
}

impl Aggregate for Sale {
    const KIND: u8 = b't';
}

pub(crate) fn decide_validated<K: Knowledge>(
    event: &Event<'_>,
    sale: &SaleValidated<'_>,
    at: Option<&Store>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    if known.get::<Sale>(&sale.sale).map_err(Denied::Failed)?.is_some() {
        return Err(Refusal::SaleAlreadyValidated { sale: sale.sale.to_string() }.into());
    }
    // A sale nobody is known by earns nothing.
    let Some(customer) = &sale.customer else { return Ok(Vec::new()) };
    let programmes: Programmes = known.get(PROGRAMMES).map_err(Denied::Failed)?.unwrap_or_default();
    let earns = |rule: &&Rule| rule.currency == sale.currency && rule.takes_part(at);
    let mut caused = Vec::new();
    for rule in programmes.in_force(event.occurred_at_ms).filter(earns) {
        let shared = programmes.shares(&rule.programme);
        let holder = if shared {
            holder(&rule.programme, customer, known).map_err(Denied::Failed)?
        } else {
            customer.to_string()
        };
        let account = account(&rule.programme, &holder, known).map_err(Denied::Failed)?;
        let valued = Valuation::new(&programmes, rule, event, sale, &account);
        let Some(earned) = earned_by(event, sale, &valued, &holder, &account) else { continue };
        let judged = ranking::after_sale(event.occurred_at_ms, &earned, &programmes, &account);
        let risen = judged.and_then(|judged| ranking::risen(event.occurred_at_ms, &judged, &holder));
        caused.push(Caused::beside(event, earned));
        caused.extend(risen.map(|risen| Caused::beside(event, risen)));
    }
    Ok(caused)
}

/// Keeps what a sale was given, for its returns.
pub(crate) fn evolve_earned<K: Knowledge>(
    event: &Event<'_>,
    earned: &PointsEarned<'_>,
    programmes: &Programmes,
    known: &mut K,
) -> Result<(), K::Error> {
    let Some(id) = &earned.sale else { return Ok(()) };
    let Some(mut sale) = known.get::<Sale>(id)? else { return Ok(()) };
    let Some(rule) = programmes.rule(&earned.programme, event.occurred_at_ms) else { return Ok(()) };
    let base_minor = earned.base_minor.unwrap_or(0);
    let named = earned.accrual.as_ref().and_then(|accrual| accrual.rule.as_ref()).filter(|_| !rule.carries());
    let rate = named.and_then(|name| programmes.rates.named(&rule.programme, name, event.occurred_at_ms));
    let base = sale.base(rule, rate.map_or(&[], |rate| &rate.gives.families), base_minor);
    sale.accruals.push(Accrual::new(rule, earned, base));
    known.put(id, &sale)
}

pub(crate) fn evolve_validated<K: Knowledge>(
    event: &Event<'_>,
    sale: &SaleValidated<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    let lines = sale.lines.iter().map(|line| Line {
        number: line.line,
        discounted: line.discount_minor > 0,
        family: line.family.as_ref().map(ToString::to_string),
        quantity: line.quantity,
        net_minor: line.net_minor(),
        tax_minor: line.tax_minor,
        cost_minor: line.cost_minor,
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
        tenders: sale.tenders.iter().map(|tender| (tender.kind.to_string(), tender.amount_minor)).collect(),
        accruals: Vec::new(),
        voided: false,
    };
    known.put(&sale.sale, &state)?;
    stored_value::evolve_sale(event, sale, known)
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
    let (tax_minor, costed) = sale.take_back_lines(returned);
    let valued = ReturnValued {
        return_id: returned.return_id.to_string().into(),
        sale: id().into(),
        currency: sale.currency,
        units: returned.lines.iter().map(|line| line.quantity).sum(),
        refund_minor: returned.lines.iter().map(|line| line.refund_minor).sum(),
        tax_minor,
        sold_at_ms: sale.occurred_at_ms,
        customer: sale.customer.clone().map(Into::into),
        costed,
    };
    let mut caused = vec![Caused::beside(event, valued)];
    let mut changed = Changed::new();
    let return_id = Some(returned.return_id.as_str());
    caused.extend(sale.take_back_points(event, &returned.sale, return_id, &mut changed, known)?);
    let back = (sale.refunded_minor(), sale.total_minor());
    let mut given_back = GivenBack::new(&returned.sale, "return", known)?;
    caused.extend(given_back.give_part(event, back, &mut changed, known)?);
    caused.extend(stored_value::decide_return(event, returned, sale.customer.as_deref(), known)?);
    Ok(caused)
}

pub(crate) fn evolve_returned<K: Knowledge>(returned: &SaleReturned<'_>, known: &mut K) -> Result<(), K::Error> {
    let Some(mut sale) = known.get::<Sale>(&returned.sale)? else { return Ok(()) };
    sale.take_back_lines(returned);
    known.put(&returned.sale, &sale)?;
    stored_value::evolve_return(returned, known)
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
        customer: sale.customer.clone().map(Into::into),
        costed: sale.costed(),
    };
    let (store, occurred_at_ms) = (Some(sale.store.clone()), sale.occurred_at_ms);
    let mut caused = vec![Caused { store, occurred_at_ms, payload: reversed.into() }];
    sale.take_back_everything();
    let mut changed = Changed::new();
    caused.extend(sale.take_back_points(event, &voided.sale, None, &mut changed, known)?);
    caused.extend(GivenBack::new(&voided.sale, "void", known)?.give_all(event, &mut changed, known)?);
    caused.extend(stored_value::decide_void(event, voided, known)?);
    Ok(caused)
}

pub(crate) fn evolve_voided<K: Knowledge>(voided: &SaleVoided<'_>, known: &mut K) -> Result<(), K::Error> {
    let Some(mut sale) = known.get::<Sale>(&voided.sale)? else { return Ok(()) };
    sale.voided = true;
    sale.take_back_everything();
    known.put(&voided.sale, &sale)?;
    stored_value::evolve_void(voided, known)
}

/// Keeps what a sale has lost; answers the lot that its points had gone into, and when it was.
pub(crate) fn evolve_reversed<K: Knowledge>(
    reversed: &PointsReversed<'_>,
    known: &mut K,
) -> Result<Option<(LotTimes, i64)>, K::Error> {
    let (Some(id), Some(taken)) = (&reversed.sale, &reversed.taken) else { return Ok(None) };
    let Some(mut sale) = known.get::<Sale>(id)? else { return Ok(None) };
    let accrual = sale.accruals.iter_mut().find(|accrual| accrual.programme == *reversed.programme);
    let Some(accrual) = accrual else { return Ok(None) };
    accrual.points -= taken.of_sale;
    accrual.base_left_minor -= taken.base_minor;
    let lot = accrual.lot;
    known.put(id, &sale)?;
    Ok(Some((lot, sale.occurred_at_ms)))
}

impl Sale {
    pub(crate) fn is_voided(&self) -> bool {
        self.voided
    }

    fn total_minor(&self) -> i64 {
        self.lines.iter().map(|line| line.net_minor).sum()
    }

    fn refunded_minor(&self) -> i64 {
        self.lines.iter().map(|line| line.refunded_minor).sum()
    }

    fn take_back_everything(&mut self) {
        for line in &mut self.lines {
            (line.returned, line.refunded_minor) = (line.quantity, line.net_minor);
            line.tax_returned_minor = line.tax_minor;
        }
    }

    /// The lines whose purchase price is known, all of them together.
    fn costed(&self) -> Option<Box<Costed>> {
        let known = self.lines.iter().filter_map(|line| Some((line.net_minor - line.tax_minor, line.cost_minor?)));
        known.fold(None, |sum: Option<Box<Costed>>, (net_minor, cost_minor)| {
            let sum = sum.unwrap_or_default();
            Some(Box::new(Costed {
                net_minor: sum.net_minor.saturating_add(net_minor),
                cost_minor: sum.cost_minor.saturating_add(cost_minor),
            }))
        })
    }

    /// The lines that earn by a rule, and what of the sale was paid by means that do not.
    fn base(&self, rule: &Rule, families: &[String], base_minor: i64) -> Base {
        let earns = |line: &&Line| {
            let family = line.family.as_deref();
            rule.earns(line.discounted, family) && is_of(families, family)
        };
        let excluded = self.tenders.iter().filter(|(kind, _)| rule.excludes_tender(kind));
        Base {
            lines: self.lines.iter().filter(earns).map(|line| line.number).collect(),
            excluded_minor: excluded.map(|(_, amount_minor)| amount_minor).sum(),
            amount_minor: base_minor,
        }
    }

    /// The part of the sale that earns and has not come back.
    fn base_left_minor(&self, accrual: &Accrual) -> i64 {
        let left = |line: &Line| {
            let tax_left = if accrual.without_tax { line.tax_minor - line.tax_returned_minor } else { 0 };
            line.net_minor - line.refunded_minor - tax_left
        };
        let earning = self.lines.iter().filter(|line| accrual.lines.contains(&line.number));
        let total_minor = self.total_minor();
        share(earning.map(left).sum(), total_minor - accrual.excluded_minor, total_minor)
    }

    /// Marks lines as returned and answers the tax in what was refunded: pro rata, rounded half up on each line's
    /// running total.
    fn take_back_lines(&mut self, returned: &SaleReturned<'_>) -> (i64, Option<Box<Costed>>) {
        let (mut tax_minor, mut costed) = (0, None);
        for asked in &returned.lines {
            let Some(line) = self.lines.iter_mut().find(|line| line.number == asked.line) else { continue };
            let before = line.cost_returned_minor();
            line.returned += asked.quantity;
            line.refunded_minor += asked.refund_minor;
            let due_minor = pro_rata_half_up(line.tax_minor, line.refunded_minor, line.net_minor);
            let line_tax_minor = due_minor - line.tax_returned_minor;
            tax_minor += line_tax_minor;
            line.tax_returned_minor = due_minor;
            if let (Some(before), Some(after)) = (before, line.cost_returned_minor()) {
                let costed = costed.get_or_insert_with(Box::<Costed>::default);
                costed.net_minor += asked.refund_minor - line_tax_minor;
                costed.cost_minor += after - before;
            }
        }
        (tax_minor, costed)
    }

    /// Takes back the points of what has come back, from the lots they are in (rows B7, B9).
    fn take_back_points<K: Knowledge>(
        &self,
        event: &Event<'_>,
        id: &str,
        return_id: Option<&str>,
        changed: &mut Changed,
        known: &mut K,
    ) -> Result<Vec<Caused>, Denied<K::Error>> {
        let mut caused = Vec::new();
        let programmes: Programmes = known.get(PROGRAMMES).map_err(Denied::Failed)?.unwrap_or_default();
        for accrual in &self.accruals {
            let base_left_minor = self.base_left_minor(accrual);
            let base_minor = accrual.base_left_minor - base_left_minor;
            // Its holder answers for what was earned before the account was shared.
            let customer = holder(&accrual.programme, &accrual.customer, known).map_err(Denied::Failed)?;
            let account = account(&accrual.programme, &customer, known).map_err(Denied::Failed)?;
            let back = accrual.to_take_back(base_left_minor, account.remainder_minor);
            if back.points == 0 && base_minor == 0 {
                continue;
            }
            let rule = rule_of(&accrual.programme, event.occurred_at_ms, known)?;
            let lots = lots_after(&accrual.programme, &customer, changed, known).map_err(Denied::Failed)?;
            let taken = lots.take_back(back.points, accrual.lot, rule.negative);
            lots.apply(&taken.movement);
            lots.forget_expired(accrual.lot.expires_at_ms, taken.expired);
            let reversed = PointsReversed {
                programme: accrual.programme.clone().into(),
                customer: customer.clone().into(),
                points: back.points - taken.expired - taken.forgiven,
                reason: if return_id.is_some() { "return" } else { "void" }.into(),
                sale: Some(id.to_owned().into()),
                return_id: return_id.map(|id| id.to_owned().into()),
                taken: Some(Box::new(TakenBack {
                    of_sale: back.points,
                    expired: taken.expired,
                    forgiven: taken.forgiven,
                    remainder_minor: accrual.carries().then_some(back.remainder_minor),
                    base_minor,
                    movement: taken.movement,
                })),
            };
            let fallen = reversed.taken.as_ref().and_then(|taken| {
                let sold = (accrual.programme.as_str(), self.occurred_at_ms);
                let judged = ranking::after_return(sold, event.occurred_at_ms, taken, &programmes, &account)?;
                ranking::fallen(event.occurred_at_ms, &judged, &customer)
            });
            caused.push(Caused::beside(event, reversed));
            caused.extend(fallen.map(|fallen| Caused::beside(event, fallen)));
        }
        Ok(caused)
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
