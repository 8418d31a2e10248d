//! What sales bring: a voucher for one by itself, or for those of a customer together (rows 2.54 to 2.57).

use serde::{Deserialize, Serialize};
use storefold_events::{
    Event,
    sale::{SaleLine, SaleValidated},
    stored_value::{InstrumentIssued, VoucherOccasion},
};

use super::{
    gift::{Gift, Reason},
    rules::{Rule, Rules},
    run,
};
use crate::{Aggregate, Caused, Denied, Knowledge, Store};

/// How far a customer has come by a rule since the last voucher.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    pub(super) visits: u32,
    pub(super) turnover_minor: i64,
    /// Vouchers that the rule has given the customer.
    pub(super) given: u32,
    /// A voucher for a new customer waits for the first sale.
    pub(super) awaits_sale: bool,
}

impl Aggregate for Progress {
    const KIND: u8 = b'o';
}

pub(super) fn progress_id(rule: &str, customer: &str) -> String {
    format!("{}:{rule}{customer}", rule.len())
}

/// What a sale counted for, for its returns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counted(pub(super) Vec<CountedFor>);

impl Aggregate for Counted {
    const KIND: u8 = b'e';
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CountedFor {
    /// Where the voucher stands that it counts for, once it is given.
    pub(super) account: String,
    /// The customer's progress, and how many vouchers the rule had given then; for sales that count by themselves
    /// nothing.
    pub(super) progress: Option<(String, u32)>,
    pub(super) lines: Vec<u32>,
    pub(super) base_left_minor: i64,
}

/// A voucher that sales were given, and the turnover that it still stands on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Given {
    pub(super) code: String,
    pub(super) gift: Gift,
    pub(super) base_minor: i64,
    pub(super) amount_minor: i64,
}

impl Aggregate for Given {
    const KIND: u8 = b'd';
}

/// Where a voucher stands that a sale by itself is given.
fn of_sale(rule: &Rule, sale: &str) -> String {
    format!("s{}:{}{sale}", rule.name.len(), rule.name)
}

/// Where the next voucher stands that a customer's sales are given.
fn of_customer(progress_id: &str, given: u32) -> String {
    format!("c{given}:{progress_id}")
}

/// What counts by a rule once a sale is in: the turnover; `None` while it gives nothing for it.
fn reached<K: Knowledge>(rule: &Rule, sale: &SaleValidated<'_>, known: &mut K) -> Result<Option<i64>, K::Error> {
    if rule.lines(sale).next().is_none() {
        return Ok(None);
    }
    let base_minor = rule.base_minor(sale);
    if rule.occasion == VoucherOccasion::Sale {
        return Ok(Some(base_minor));
    }
    let Some(customer) = &sale.customer else { return Ok(None) };
    let progress: Progress = known.get(&progress_id(&rule.name, customer))?.unwrap_or_default();
    if rule.occasion == VoucherOccasion::CustomerCreated {
        return Ok(progress.awaits_sale.then_some(base_minor));
    }
    let visited = progress.visits.saturating_add(1) >= rule.visits_min;
    Ok(visited.then_some(progress.turnover_minor.saturating_add(base_minor)))
}

pub(in super::super) fn decide_sale<K: Knowledge>(
    event: &Event<'_>,
    sale: &SaleValidated<'_>,
    store: Option<&Store>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let rules = Rules::of(known).map_err(Denied::Failed)?;
    let mut caused = Vec::new();
    for rule in rules.holding(event, store).into_iter().filter(|rule| rule.gift.currency == sale.currency) {
        let Some(base_minor) = reached(rule, sale, known).map_err(Denied::Failed)? else { continue };
        let reason = Reason {
            rule: Some(&rule.name),
            run: None,
            customer: sale.customer.as_deref(),
            sale: Some(&sale.sale),
            base_minor,
        };
        caused.extend(rule.gift.given(event, &reason, store, known)?);
    }
    Ok(caused)
}

/// Keeps what a sale counts for. The vouchers it is given follow as effects.
pub(in super::super) fn evolve_sale<K: Knowledge>(
    event: &Event<'_>,
    sale: &SaleValidated<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    let rules = Rules::of(known)?;
    let store = store_of(event, known)?;
    let mut counted = Counted::default();
    for rule in rules.holding(event, store.as_ref()).into_iter().filter(|rule| rule.gift.currency == sale.currency) {
        let base_left_minor = rule.base_minor(sale);
        let lines: Vec<_> = rule.lines(sale).map(|line: &SaleLine<'_>| line.line).collect();
        if lines.is_empty() {
            continue;
        }
        let mut account = of_sale(rule, &sale.sale);
        let mut its_progress = None;
        if rule.occasion == VoucherOccasion::CustomerSales {
            let Some(customer) = &sale.customer else { continue };
            let id = progress_id(&rule.name, customer);
            let mut progress: Progress = known.get(&id)?.unwrap_or_default();
            progress.visits = progress.visits.saturating_add(1);
            progress.turnover_minor = progress.turnover_minor.saturating_add(base_left_minor);
            known.put(&id, &progress)?;
            account = of_customer(&id, progress.given);
            its_progress = Some((id, progress.given));
        }
        counted.0.push(CountedFor { account, progress: its_progress, lines, base_left_minor });
    }
    if counted.0.is_empty() { Ok(()) } else { known.put(&sale.sale, &counted) }
}

fn store_of<K: Knowledge>(event: &Event<'_>, known: &mut K) -> Result<Option<Store>, K::Error> {
    match &event.store {
        Some(store) => known.get(store),
        None => Ok(None),
    }
}

/// Keeps for what a voucher was given.
pub(in super::super) fn evolve_issued<K: Knowledge>(
    event: &Event<'_>,
    issued: &InstrumentIssued<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    let Some(voucher) = &issued.voucher else { return Ok(()) };
    if let (Some(run), Some(customer)) = (&voucher.run, &issued.customer) {
        return run::evolve_received(run, customer, known);
    }
    let Some(name) = &voucher.rule else { return Ok(()) };
    let rules = Rules::of(known)?;
    let store = store_of(event, known)?;
    let holding = rules.holding(event, store.as_ref());
    let Some(rule) = holding.into_iter().find(|rule| rule.name == **name) else { return Ok(()) };
    let mut account = issued.sale.as_ref().map(|sale| of_sale(rule, sale));
    if let Some(customer) = issued.customer.as_ref().filter(|_| rule.occasion != VoucherOccasion::Sale) {
        let id = progress_id(&rule.name, customer);
        let progress: Progress = known.get(&id)?.unwrap_or_default();
        if rule.occasion == VoucherOccasion::CustomerSales {
            account = Some(of_customer(&id, progress.given));
        }
        known.put(&id, &Progress { given: progress.given.saturating_add(1), ..Progress::default() })?;
    }
    let Some(account) = account else { return Ok(()) };
    let (code, gift) = (issued.instrument.to_string(), rule.gift.clone());
    known.put(&account, &Given { code, gift, base_minor: voucher.base_minor, amount_minor: issued.amount_minor })
}
