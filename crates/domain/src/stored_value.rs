//! Stored value: gift cards, wallets, credit notes, store credit, and VIP cards (rows 2.59 to 2.68, 2.72, B25 to B38).

use storefold_events::{Event, Payload};

use crate::{Caused, Denied, Knowledge, Store};

mod by_hand;
mod holding;
mod instrument;
mod issuing;
mod kinds;
mod paying;
mod quoting;
mod refunding;
mod refusal;
mod vip;

pub use instrument::Instrument;
pub(crate) use instrument::looked_at;
pub(crate) use paying::{decide_sale, evolve_sale};
pub use quoting::{Basket, Quoted, quote};
pub(crate) use refunding::{decide_return, decide_void, evolve_return};
pub use refusal::InstrumentRefusal;

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
        Payload::VipCardUsed(body) => vip::decide_used(event, body, known).map(nothing),
        Payload::VipCardWithdrawn(body) => vip::decide_withdrawn(body, known).map(nothing),
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
        Payload::InstrumentIssued(body) => instrument::evolve_issued(body, known),
        Payload::InstrumentLoaded(body) => instrument::evolve_loaded(body, known),
        Payload::InstrumentRedeemed(body) => paying::evolve_redeemed(body, known),
        Payload::InstrumentRefunded(body) => refunding::evolve_refunded(body, known),
        Payload::InstrumentExpired(body) => instrument::evolve_expired(body, known),
        Payload::InstrumentCancelled(body) => instrument::evolve_cancelled(body, known),
        Payload::VipCardAssigned(body) => vip::evolve_assigned(event, body, known),
        Payload::VipCardWithdrawn(body) => vip::evolve_withdrawn(body, known),
        _ => Ok(()),
    }
}
