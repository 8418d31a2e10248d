//! A voucher for a customer file that is opened with an email address, once (row 2.58).

use storefold_events::{Event, customer::CustomerCreated, stored_value::VoucherOccasion};

use super::{
    gift::Reason,
    rules::Rules,
    sold::{Progress, progress_id},
};
use crate::{Caused, Denied, Knowledge, Store};

/// Amounts are given at once.
pub(in super::super) fn decide_created<K: Knowledge>(
    event: &Event<'_>,
    created: &CustomerCreated<'_>,
    store: Option<&Store>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    if created.email.is_none() {
        return Ok(Vec::new());
    }
    let rules = Rules::of(known).map_err(Denied::Failed)?;
    let at_once = rules
        .holding(event, store)
        .into_iter()
        .filter(|rule| rule.occasion == VoucherOccasion::CustomerCreated && !rule.gift.needs_turnover());
    let mut caused = Vec::new();
    for rule in at_once {
        let reason =
            Reason { rule: Some(&rule.name), run: None, customer: Some(&created.customer), sale: None, base_minor: 0 };
        caused.extend(rule.gift.given(event, &reason, store, known)?);
    }
    Ok(caused)
}

/// A share of turnover waits for the first sale.
pub(in super::super) fn evolve_created<K: Knowledge>(
    event: &Event<'_>,
    created: &CustomerCreated<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    if created.email.is_none() {
        return Ok(());
    }
    let rules = Rules::of(known)?;
    let store: Option<Store> = match &event.store {
        Some(store) => known.get(store)?,
        None => None,
    };
    for rule in rules.holding(event, store.as_ref()) {
        if rule.occasion == VoucherOccasion::CustomerCreated && rule.gift.needs_turnover() {
            let progress = Progress { awaits_sale: true, ..Progress::default() };
            known.put(&progress_id(&rule.name, &created.customer), &progress)?;
        }
    }
    Ok(())
}
