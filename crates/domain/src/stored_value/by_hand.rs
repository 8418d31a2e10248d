//! What people do to an instrument after a loss or a theft: disabling is final, deactivating is not (row B31).

use storefold_events::{
    Event,
    stored_value::{
        InstrumentCancelled, InstrumentCode, InstrumentDeactivated, InstrumentDisabled, InstrumentReactivated,
    },
};

use super::{
    instrument::{State, change, instrument, own},
    refusal::InstrumentRefusal,
};
use crate::{Caused, Denied, Knowledge};

pub(crate) fn decide_disabled<K: Knowledge>(
    event: &Event<'_>,
    disabled: &InstrumentDisabled<'_>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let code = InstrumentCode::new(&disabled.instrument);
    let found = instrument(&code, "data.instrument", known)?;
    if found.state == State::Disabled {
        return Err(InstrumentRefusal::InstrumentDisabled { instrument: code.shown() }.into());
    }
    if found.balance_minor == 0 {
        return Ok(Vec::new());
    }
    let cancelled = InstrumentCancelled {
        instrument: code.to_string().into(),
        kind: found.kind,
        instrument_type: own(found.named_type.as_ref()),
        currency: found.currency,
        amount_minor: found.balance_minor,
        balance_minor: 0,
        reason: "disabled".into(),
        sale: None,
        return_id: None,
    };
    Ok(vec![Caused::beside(event, cancelled)])
}

pub(crate) fn evolve_disabled<K: Knowledge>(disabled: &InstrumentDisabled<'_>, known: &mut K) -> Result<(), K::Error> {
    change(InstrumentCode::new(&disabled.instrument).as_str(), i64::MIN, known, |instrument| {
        instrument.state = State::Disabled;
        instrument.holds.clear();
    })
}

pub(crate) fn decide_deactivated<K: Knowledge>(
    event: &Event<'_>,
    deactivated: &InstrumentDeactivated<'_>,
    known: &mut K,
) -> Result<(), Denied<K::Error>> {
    let code = InstrumentCode::new(&deactivated.instrument);
    Ok(instrument(&code, "data.instrument", known)?.stands(&code, event.occurred_at_ms)?)
}

pub(crate) fn evolve_deactivated<K: Knowledge>(
    deactivated: &InstrumentDeactivated<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    let code = InstrumentCode::new(&deactivated.instrument);
    change(code.as_str(), i64::MIN, known, |instrument| instrument.state = State::Deactivated)
}

pub(crate) fn decide_reactivated<K: Knowledge>(
    reactivated: &InstrumentReactivated<'_>,
    known: &mut K,
) -> Result<(), Denied<K::Error>> {
    let code = InstrumentCode::new(&reactivated.instrument);
    if instrument(&code, "data.instrument", known)?.state == State::Deactivated {
        return Ok(());
    }
    Err(InstrumentRefusal::NotDeactivated { instrument: code.shown() }.into())
}

pub(crate) fn evolve_reactivated<K: Knowledge>(
    reactivated: &InstrumentReactivated<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    let code = InstrumentCode::new(&reactivated.instrument);
    change(code.as_str(), i64::MIN, known, |instrument| instrument.state = State::Active)
}
