//! What is set aside at checkout: for a sale, for a time (row B26).

use serde::{Deserialize, Serialize};
use storefold_events::{
    Event,
    stored_value::{HoldLapsed, HoldReleased, InstrumentCode, InstrumentHeld, SpendPolicy},
};

use super::{
    instrument::{Hold, asked, change, instrument},
    refusal::InstrumentRefusal,
};
use crate::{Aggregate, Denied, Knowledge, Refusal, Sale, Store, clock};

/// The instrument that a hold is on, or was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct HeldOn(String);

impl Aggregate for HeldOn {
    const KIND: u8 = b'y';
}

pub(crate) fn decide_held<K: Knowledge>(
    event: &Event<'_>,
    held: &InstrumentHeld<'_>,
    store: Option<&Store>,
    known: &mut K,
) -> Result<(), Denied<K::Error>> {
    if known.get::<HeldOn>(&held.hold).map_err(Denied::Failed)?.is_some() {
        return Err(InstrumentRefusal::HoldAlreadyTaken { hold: held.hold.to_string() }.into());
    }
    if known.get::<Sale>(&held.sale).map_err(Denied::Failed)?.is_some() {
        return Err(Refusal::SaleAlreadyValidated { sale: held.sale.to_string() }.into());
    }
    let code = InstrumentCode::new(&held.instrument);
    let found = instrument(&code, "data.instrument", known)?;
    let its_type = found.type_of(known).map_err(Denied::Failed)?;
    // Whose it is is asked when it pays: a checkout may not know its customer yet.
    let currency = store.map_or(found.currency, |store| store.currency);
    let asked = asked(event, "", found.holder.as_deref(), currency, store);
    found.pays(&code, &its_type, &asked, held.amount_minor)?;
    if its_type.spend == SpendPolicy::Whole && held.amount_minor != found.at_once_minor(its_type.spend) {
        let balance_minor = found.at_once_minor(its_type.spend);
        return Err(InstrumentRefusal::GiftCardMustBeUsedWhole { instrument: code.shown(), balance_minor }.into());
    }
    Ok(())
}

pub(crate) fn evolve_held<K: Knowledge>(
    event: &Event<'_>,
    held: &InstrumentHeld<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    let code = InstrumentCode::new(&held.instrument);
    let Some(found) = known.get::<super::Instrument>(code.as_str())? else { return Ok(()) };
    let lapses_at_ms = found.type_of(known)?.lapses_at_ms(event.occurred_at_ms);
    known.put(&held.hold, &HeldOn(code.to_string()))?;
    let (id, sale) = (held.hold.to_string(), held.sale.to_string());
    let new = Hold { id, sale, amount_minor: held.amount_minor, lapses_at_ms };
    change(code.as_str(), i64::MIN, known, |instrument| instrument.holds.push(new))
}

pub(crate) fn decide_released<K: Knowledge>(
    released: &HoldReleased<'_>,
    known: &mut K,
) -> Result<(), Denied<K::Error>> {
    let on = known.get::<HeldOn>(&released.hold).map_err(Denied::Failed)?;
    let found = match &on {
        Some(on) => known.get::<super::Instrument>(&on.0).map_err(Denied::Failed)?,
        None => None,
    };
    if found.is_some_and(|found| found.holds.iter().any(|hold| hold.id == *released.hold)) {
        return Ok(());
    }
    Err(InstrumentRefusal::UnknownHold { hold: released.hold.to_string() }.into())
}

pub(crate) fn evolve_released<K: Knowledge>(released: &HoldReleased<'_>, known: &mut K) -> Result<(), K::Error> {
    let Some(on) = known.get::<HeldOn>(&released.hold)? else { return Ok(()) };
    change(&on.0, i64::MIN, known, |instrument| instrument.holds.retain(|hold| hold.id != *released.hold))
}

pub(crate) fn evolve_lapsed<K: Knowledge>(lapsed: &HoldLapsed<'_>, known: &mut K) -> Result<(), K::Error> {
    let reached_ms = clock::reached_ms(known)?;
    change(&lapsed.instrument, reached_ms, known, |instrument| {
        instrument.holds.retain(|hold| hold.id != *lapsed.hold);
    })
}
