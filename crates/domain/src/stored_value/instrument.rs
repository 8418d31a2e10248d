//! One instrument: what it holds, whose it is, and whether it pays.

use serde::{Deserialize, Serialize};
use storefold_events::{
    Currency, Event, Payload, Text,
    stored_value::{
        HoldLapsed, InstrumentCancelled, InstrumentCode, InstrumentExpired, InstrumentIssued, InstrumentKind,
        InstrumentLoaded, SpendPolicy,
    },
};

use super::{
    kinds::{Type, type_of},
    refusal::InstrumentRefusal,
};
use crate::{
    Aggregate, Denied, Knowledge, Store,
    agenda::{self, Subject},
    clock,
};

/// What decisions need of an instrument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instrument {
    pub(super) kind: InstrumentKind,
    pub(super) named_type: Option<String>,
    pub(super) currency: Currency,
    pub(super) holder: Option<String>,
    pub(super) balance_minor: i64,
    /// Whether it has paid anything, ever.
    pub(super) used: bool,
    pub(super) state: State,
    /// The most that it pays at once; all it holds when absent.
    pub(super) use_minor: Option<i64>,
    /// It pays nothing before.
    pub(super) valid_from_ms: Option<i64>,
    pub(super) expires_at_ms: Option<i64>,
    pub(super) holds: Vec<Hold>,
    /// It is looked at when the clock has reached this.
    pub(crate) scheduled_ms: Option<i64>,
}

/// Whether an instrument pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum State {
    Active,
    /// Until it is reactivated.
    Deactivated,
    /// For ever.
    Disabled,
    Expired,
}

/// A part of a balance that is set aside for a sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hold {
    pub(super) id: String,
    pub(super) sale: String,
    pub(super) amount_minor: i64,
    pub(super) lapses_at_ms: i64,
}

impl Aggregate for Instrument {
    const KIND: u8 = b'i';
}

impl Instrument {
    /// What it holds, in minor units of its currency.
    pub fn balance_minor(&self) -> i64 {
        self.balance_minor
    }

    /// What a sale may spend of it: all but what is held for others.
    pub(super) fn available_minor(&self, sale: &str) -> i64 {
        let held = self.holds.iter().filter(|hold| hold.sale != sale).map(|hold| hold.amount_minor);
        self.balance_minor - held.sum::<i64>()
    }

    /// The most that one sale may spend of it; where it is not spent in parts, what a sale takes of it.
    pub(super) fn at_once_minor(&self, spend: SpendPolicy) -> i64 {
        let at_once_minor = self.use_minor.filter(|_| spend != SpendPolicy::Partial);
        at_once_minor.map_or(self.balance_minor, |minor| minor.min(self.balance_minor))
    }

    /// When something happens to it by itself after an instant.
    pub(crate) fn due_ms(&self, after_ms: i64) -> Option<i64> {
        let expires = self.expires_at_ms.filter(|_| self.balance_minor > 0 && self.state != State::Disabled);
        self.holds.iter().map(|hold| hold.lapses_at_ms).chain(expires).min().filter(|due| *due > after_ms)
    }

    pub(super) fn type_of<K: Knowledge>(&self, known: &mut K) -> Result<Type, K::Error> {
        type_of(self.named_type.as_deref(), self.kind, self.currency, known)
    }

    /// Refuses an instrument that takes and pays nothing at a time.
    pub(super) fn stands(&self, code: &InstrumentCode, at_ms: i64) -> Result<(), InstrumentRefusal> {
        let shown = code.shown();
        match self.state {
            State::Disabled => Err(InstrumentRefusal::InstrumentDisabled { instrument: shown }),
            State::Deactivated => Err(InstrumentRefusal::InstrumentDeactivated { instrument: shown }),
            State::Expired => Err(InstrumentRefusal::InstrumentExpired { instrument: shown }),
            State::Active if self.expires_at_ms.is_some_and(|expires| expires <= at_ms) => {
                Err(InstrumentRefusal::InstrumentExpired { instrument: shown })
            }
            State::Active => Ok(()),
        }
    }

    /// Refuses an instrument that does not pay an amount for a sale.
    pub(super) fn pays(
        &self,
        code: &InstrumentCode,
        its_type: &Type,
        asked: &Asked<'_>,
        amount_minor: i64,
    ) -> Result<(), InstrumentRefusal> {
        let instrument = code.shown();
        self.stands(code, asked.at_ms)?;
        if self.currency != asked.currency {
            return Err(InstrumentRefusal::InstrumentInOtherCurrency { instrument, currency: self.currency });
        }
        if its_type.named && self.holder.as_deref() != asked.customer {
            return Err(InstrumentRefusal::InstrumentOfAnother { instrument });
        }
        if !its_type.takes_part(asked.store) {
            return Err(InstrumentRefusal::InstrumentOfAnotherBrand { instrument });
        }
        if self.valid_from_ms.is_some_and(|from| from > asked.at_ms) {
            return Err(InstrumentRefusal::NotYetValid { instrument });
        }
        let balance_minor = self.at_once_minor(its_type.spend);
        if balance_minor == 0 {
            return Err(InstrumentRefusal::InstrumentEmpty { instrument });
        }
        if amount_minor > balance_minor {
            return Err(InstrumentRefusal::InstrumentExceeded { instrument, balance_minor, amount_minor });
        }
        // What is spent once takes all of it, so that nothing of it may be held for others.
        let taken_minor = if its_type.spend == SpendPolicy::Partial { amount_minor } else { balance_minor };
        if taken_minor > self.available_minor(asked.sale) {
            return Err(InstrumentRefusal::InstrumentHeld {
                instrument,
                available_minor: self.available_minor(asked.sale),
            });
        }
        Ok(())
    }
}

/// The sale that an instrument is to pay for.
pub(super) struct Asked<'e> {
    pub(super) sale: &'e str,
    pub(super) customer: Option<&'e str>,
    pub(super) currency: Currency,
    pub(super) store: Option<&'e Store>,
    pub(super) at_ms: i64,
}

/// An instrument that somebody names.
pub(super) fn instrument<K: Knowledge>(
    code: &InstrumentCode,
    field: &'static str,
    known: &mut K,
) -> Result<Instrument, Denied<K::Error>> {
    let found = known.get::<Instrument>(code.as_str()).map_err(Denied::Failed)?;
    found.ok_or_else(|| unknown(code, field).into())
}

/// A code that is none of ours, or that somebody mistyped.
pub(super) fn unknown(code: &InstrumentCode, field: &'static str) -> InstrumentRefusal {
    let instrument = code.shown();
    if code.is_mistyped() {
        return InstrumentRefusal::CodeMistyped { instrument, field };
    }
    InstrumentRefusal::UnknownInstrument { instrument, field }
}

/// Refuses a code that is given out already.
pub(super) fn code_is_free<K: Knowledge>(code: &InstrumentCode, known: &mut K) -> Result<(), Denied<K::Error>> {
    match known.get::<Instrument>(code.as_str()).map_err(Denied::Failed)? {
        Some(_) => Err(InstrumentRefusal::CodeTaken { instrument: code.shown() }.into()),
        None => Ok(()),
    }
}

/// Changes an instrument that is there, and enters it where it is due.
pub(super) fn change<K: Knowledge>(
    code: &str,
    after_ms: i64,
    known: &mut K,
    change: impl FnOnce(&mut Instrument),
) -> Result<(), K::Error> {
    let Some(mut found) = known.get::<Instrument>(code)? else { return Ok(()) };
    change(&mut found);
    let (due, scheduled) = (found.due_ms(after_ms), &mut found.scheduled_ms);
    agenda::enter(Subject::Instrument(code.to_owned()), due, scheduled, known)?;
    known.put(code, &found)
}

pub(crate) fn evolve_issued<K: Knowledge>(issued: &InstrumentIssued<'_>, known: &mut K) -> Result<(), K::Error> {
    let new = Instrument {
        kind: issued.kind,
        named_type: issued.instrument_type.as_ref().map(ToString::to_string),
        currency: issued.currency,
        holder: issued.customer.as_ref().map(ToString::to_string),
        balance_minor: issued.amount_minor,
        used: false,
        state: State::Active,
        use_minor: issued.voucher.as_ref().map(|voucher| voucher.use_minor),
        valid_from_ms: issued.voucher.as_ref().and_then(|voucher| voucher.valid_from_ms),
        expires_at_ms: issued.expires_at_ms,
        holds: Vec::new(),
        scheduled_ms: None,
    };
    known.put(&issued.instrument, &new)?;
    change(&issued.instrument, i64::MIN, known, |_| {})?;
    super::paying::note_sold(issued.sale.as_deref(), issued.line, &issued.instrument, issued.amount_minor, known)
}

pub(crate) fn evolve_loaded<K: Knowledge>(loaded: &InstrumentLoaded<'_>, known: &mut K) -> Result<(), K::Error> {
    change(&loaded.instrument, i64::MIN, known, |instrument| instrument.balance_minor = loaded.balance_minor)?;
    super::paying::note_sold(loaded.sale.as_deref(), loaded.line, &loaded.instrument, loaded.amount_minor, known)
}

pub(crate) fn evolve_cancelled<K: Knowledge>(
    cancelled: &InstrumentCancelled<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    change(&cancelled.instrument, i64::MIN, known, |instrument| {
        instrument.balance_minor = cancelled.balance_minor;
        if instrument.kind == InstrumentKind::GiftCard {
            instrument.state = State::Disabled;
        }
    })
}

pub(crate) fn evolve_expired<K: Knowledge>(expired: &InstrumentExpired<'_>, known: &mut K) -> Result<(), K::Error> {
    let reached_ms = clock::reached_ms(known)?;
    change(&expired.instrument, reached_ms, known, |instrument| {
        (instrument.balance_minor, instrument.state) = (0, State::Expired);
        instrument.holds.clear();
    })
}

/// Everything that happens to an instrument up to an instant, in the order of time: holds lapse, then it expires.
pub(crate) fn looked_at(code: &str, instrument: &Instrument, at_ms: i64) -> Vec<(i64, Payload<'static>)> {
    let expires = instrument.expires_at_ms.filter(|due| *due <= at_ms && instrument.state != State::Disabled);
    let lapsed = instrument.holds.iter().filter(|hold| hold.lapses_at_ms <= expires.unwrap_or(at_ms));
    let mut happens: Vec<_> = lapsed
        .map(|hold| {
            let (hold_id, amount_minor) = (hold.id.clone().into(), hold.amount_minor);
            let lapsed = HoldLapsed { hold: hold_id, instrument: code.to_owned().into(), amount_minor };
            (hold.lapses_at_ms, Payload::from(lapsed))
        })
        .collect();
    happens.sort_by_key(|(at_ms, _)| *at_ms);
    if let Some(expires_ms) = expires.filter(|_| instrument.balance_minor > 0) {
        let over = InstrumentExpired {
            instrument: code.to_owned().into(),
            kind: instrument.kind,
            instrument_type: own(instrument.named_type.as_ref()),
            currency: instrument.currency,
            amount_minor: instrument.balance_minor,
        };
        happens.push((expires_ms, over.into()));
    }
    happens
}

pub(super) fn own(text: Option<&String>) -> Option<Text<'static>> {
    text.map(|text| text.clone().into())
}

/// Where an event happens.
pub(super) fn asked<'e>(
    event: &Event<'_>,
    sale: &'e str,
    customer: Option<&'e str>,
    currency: Currency,
    store: Option<&'e Store>,
) -> Asked<'e> {
    Asked { sale, customer, currency, store, at_ms: event.occurred_at_ms }
}
