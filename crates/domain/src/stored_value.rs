//! Stored value: gift cards, wallets, credit notes, store credit, and VIP cards (rows 2.59 to 2.68, 2.72, B25 to B38).

use storefold_events::{
    Event, Payload,
    customer::CustomerCreated,
    sale::{SaleReturned, SaleValidated, SaleVoided},
};

use crate::{Caused, Denied, Knowledge, Store};

mod by_hand;
mod codes;
mod holding;
mod instrument;
mod issuing;
mod kinds;
mod paying;
mod quoting;
mod refunding;
mod refusal;
mod stacking;
mod vip;
mod vouchers;

pub use instrument::Instrument;
pub(crate) use instrument::looked_at;
pub use quoting::{Basket, Quoted, quote};
pub use refusal::InstrumentRefusal;
pub(crate) use vip::vip_rate;
use vouchers::Back;
pub use vouchers::voucher_worth_minor;

/// Decides about a fact that is about instruments alone.
pub(crate) fn decide<K: Knowledge>(
    event: &Event<'_>,
    at: Option<&Store>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let nothing = |(): ()| Vec::new();
    match &event.payload {
        Payload::InstrumentTypeConfigured(body) => kinds::decide_configured(body, known).map(nothing),
        Payload::GiftCardIssued(body) => issuing::decide_gift_card(event, body, at, known),
        Payload::CreditNoteIssued(body) => issuing::decide_credit_note(event, body, at, known),
        Payload::WalletOpened(body) => issuing::decide_wallet(event, body, at, known),
        Payload::WalletLoaded(body) => issuing::decide_wallet_loaded(event, body, known),
        Payload::InstrumentHeld(body) => holding::decide_held(event, body, at, known).map(nothing),
        Payload::HoldReleased(body) => holding::decide_released(body, known).map(nothing),
        Payload::InstrumentDisabled(body) => by_hand::decide_disabled(event, body, known),
        Payload::InstrumentDeactivated(body) => by_hand::decide_deactivated(event, body, known).map(nothing),
        Payload::InstrumentReactivated(body) => by_hand::decide_reactivated(body, known).map(nothing),
        Payload::VipCardAssigned(body) => vip::decide_assigned(event, body, at, known).map(nothing),
        Payload::VipCardUsed(body) => vip::decide_used(event, body, known),
        Payload::VipCardWithdrawn(body) => vip::decide_withdrawn(body, known).map(nothing),
        Payload::VoucherRuleDefined(body) => vouchers::decide_defined(body, known).map(nothing),
        Payload::VoucherRunLaunched(body) => vouchers::decide_launched(body, known).map(nothing),
        Payload::VoucherGranted(body) => vouchers::decide_granted(event, body, at, known),
        _ => Ok(Vec::new()),
    }
}

/// Keeps what later decisions need of an event that is about instruments alone.
pub(crate) fn evolve<K: Knowledge>(event: &Event<'_>, known: &mut K) -> Result<(), K::Error> {
    match &event.payload {
        Payload::InstrumentTypeConfigured(body) => kinds::evolve_configured(event.occurred_at_ms, body, known),
        Payload::InstrumentHeld(body) => holding::evolve_held(event, body, known),
        Payload::HoldReleased(body) => holding::evolve_released(body, known),
        Payload::HoldLapsed(body) => holding::evolve_lapsed(body, known),
        Payload::InstrumentDisabled(body) => by_hand::evolve_disabled(body, known),
        Payload::InstrumentDeactivated(body) => by_hand::evolve_deactivated(body, known),
        Payload::InstrumentReactivated(body) => by_hand::evolve_reactivated(body, known),
        Payload::InstrumentIssued(body) => {
            instrument::evolve_issued(body, known)?;
            vouchers::evolve_issued(event, body, known)
        }
        Payload::InstrumentLoaded(body) => instrument::evolve_loaded(body, known),
        Payload::InstrumentRedeemed(body) => paying::evolve_redeemed(body, known),
        Payload::InstrumentRefunded(body) => refunding::evolve_refunded(body, known),
        Payload::InstrumentExpired(body) => instrument::evolve_expired(body, known),
        Payload::InstrumentCancelled(body) => instrument::evolve_cancelled(body, known),
        Payload::VipCardAssigned(body) => vip::evolve_assigned(event, body, known),
        Payload::VipCardWithdrawn(body) => vip::evolve_withdrawn(body, known),
        Payload::VoucherRuleDefined(body) => vouchers::evolve_defined(event.occurred_at_ms, body, known),
        Payload::VoucherRunLaunched(body) => vouchers::evolve_launched(body, known),
        _ => Ok(()),
    }
}

/// What a sale does to instruments: what its lines sell, what its tenders are paid with, what vouchers it is given.
pub(crate) fn decide_sale<K: Knowledge>(
    event: &Event<'_>,
    sale: &SaleValidated<'_>,
    store: Option<&Store>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let mut caused = paying::decide_sale(event, sale, store, known)?;
    caused.extend(vouchers::decide_sale(event, sale, store, known)?);
    Ok(caused)
}

/// Keeps what a sale did to instruments.
pub(crate) fn evolve_sale<K: Knowledge>(
    event: &Event<'_>,
    sale: &SaleValidated<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    paying::evolve_sale(sale, known)?;
    vouchers::evolve_sale(event, sale, known)
}

/// What a return does to instruments.
pub(crate) fn decide_return<K: Knowledge>(
    event: &Event<'_>,
    returned: &SaleReturned<'_>,
    customer: Option<&str>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let mut caused = refunding::decide_return(event, returned, customer, known)?;
    let lines = lines_of(returned);
    let back = Back { sale: &returned.sale, return_id: Some(&returned.return_id), lines: Some(&lines) };
    caused.extend(vouchers::decide_back(event, back, known)?);
    Ok(caused)
}

/// Keeps what a return did to instruments.
pub(crate) fn evolve_return<K: Knowledge>(returned: &SaleReturned<'_>, known: &mut K) -> Result<(), K::Error> {
    refunding::evolve_return(returned, known)?;
    let lines = lines_of(returned);
    let back = Back { sale: &returned.sale, return_id: Some(&returned.return_id), lines: Some(&lines) };
    vouchers::evolve_back(back, known)
}

fn lines_of(returned: &SaleReturned<'_>) -> Vec<(u32, i64)> {
    returned.lines.iter().map(|line| (line.line, line.refund_minor)).collect()
}

/// What a void does to instruments.
pub(crate) fn decide_void<K: Knowledge>(
    event: &Event<'_>,
    voided: &SaleVoided<'_>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let mut caused = refunding::decide_void(event, voided, known)?;
    let back = Back { sale: &voided.sale, return_id: None, lines: None };
    caused.extend(vouchers::decide_back(event, back, known)?);
    Ok(caused)
}

/// Keeps what a void did to instruments.
pub(crate) fn evolve_void<K: Knowledge>(voided: &SaleVoided<'_>, known: &mut K) -> Result<(), K::Error> {
    vouchers::evolve_back(Back { sale: &voided.sale, return_id: None, lines: None }, known)
}

/// The vouchers of a new customer.
pub(crate) fn decide_created<K: Knowledge>(
    event: &Event<'_>,
    created: &CustomerCreated<'_>,
    store: Option<&Store>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    vouchers::decide_created(event, created, store, known)
}

/// Keeps that a new customer waits for a voucher.
pub(crate) fn evolve_created<K: Knowledge>(
    event: &Event<'_>,
    created: &CustomerCreated<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    vouchers::evolve_created(event, created, known)
}
