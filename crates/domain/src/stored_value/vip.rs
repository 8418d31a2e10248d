//! VIP cards: a discount rate that one customer may ask for (rows 2.67, 2.68).

use serde::{Deserialize, Serialize};
use storefold_events::{
    Event,
    stored_value::{InstrumentCode, VipCardAssigned, VipCardUsed, VipCardWithdrawn},
};

use super::refusal::InstrumentRefusal;
use crate::{Aggregate, Caused, Denied, Knowledge, Refusal, Store, calendar::Calendar, messages};

/// What decisions need of a VIP card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct VipCard {
    customer: String,
    discount_e4: u32,
    expires_at_ms: Option<i64>,
    withdrawn: bool,
}

impl Aggregate for VipCard {
    const KIND: u8 = b'v';
}

fn card<K: Knowledge>(typed: &str, known: &mut K) -> Result<(InstrumentCode, VipCard), Denied<K::Error>> {
    let code = InstrumentCode::new(typed);
    match known.get::<VipCard>(code.as_str()).map_err(Denied::Failed)? {
        Some(card) if card.withdrawn => Err(InstrumentRefusal::InstrumentDisabled { instrument: code.shown() }.into()),
        Some(card) => Ok((code, card)),
        None => Err(InstrumentRefusal::UnknownInstrument { instrument: code.shown(), field: "data.card" }.into()),
    }
}

/// The end of the day on which it expires, in the zone of the store that gives it.
fn expires_at_ms(assigned: &VipCardAssigned<'_>, store: Option<&Store>) -> Option<i64> {
    let calendar = store.map_or(Calendar::of(None), Store::calendar);
    assigned.expires_on.map(|day| calendar.end_of(day))
}

pub(super) fn decide_assigned<K: Knowledge>(
    event: &Event<'_>,
    assigned: &VipCardAssigned<'_>,
    store: Option<&Store>,
    known: &mut K,
) -> Result<(), Denied<K::Error>> {
    let code = InstrumentCode::new(&assigned.card);
    if known.get::<VipCard>(code.as_str()).map_err(Denied::Failed)?.is_some() {
        return Err(InstrumentRefusal::CodeTaken { instrument: code.shown() }.into());
    }
    match (expires_at_ms(assigned, store), assigned.expires_on) {
        (Some(expires_ms), Some(until)) if expires_ms <= event.occurred_at_ms => {
            Err(Refusal::DayHasPassed { until }.into())
        }
        _ => Ok(()),
    }
}

pub(super) fn evolve_assigned<K: Knowledge>(
    event: &Event<'_>,
    assigned: &VipCardAssigned<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    let store: Option<Store> = match &event.store {
        Some(store) => known.get(store)?,
        None => None,
    };
    let (customer, expires_at_ms) = (assigned.customer.to_string(), expires_at_ms(assigned, store.as_ref()));
    let code = InstrumentCode::new(&assigned.card);
    known.put(code.as_str(), &VipCard { customer, discount_e4: assigned.discount_e4, expires_at_ms, withdrawn: false })
}

pub(super) fn decide_used<K: Knowledge>(
    event: &Event<'_>,
    used: &VipCardUsed<'_>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let (code, card) = holding(event.occurred_at_ms, used, known)?;
    messages::of_vip_card(event, (&card.customer, code.as_str(), &used.sale), known).map_err(Denied::Failed)
}

/// The discount that a card gives whose it is, in hundredths of a percent.
pub(crate) fn vip_rate<K: Knowledge>(
    at_ms: i64,
    used: &VipCardUsed<'_>,
    known: &mut K,
) -> Result<u32, Denied<K::Error>> {
    Ok(holding(at_ms, used, known)?.1.discount_e4)
}

/// A card that holds for whoever shows it.
fn holding<K: Knowledge>(
    at_ms: i64,
    used: &VipCardUsed<'_>,
    known: &mut K,
) -> Result<(InstrumentCode, VipCard), Denied<K::Error>> {
    let (code, card) = card(&used.card, known)?;
    let instrument = code.shown();
    if card.expires_at_ms.is_some_and(|expires| expires <= at_ms) {
        return Err(InstrumentRefusal::InstrumentExpired { instrument }.into());
    }
    if card.customer != *used.customer {
        return Err(InstrumentRefusal::InstrumentOfAnother { instrument }.into());
    }
    Ok((code, card))
}

pub(super) fn decide_withdrawn<K: Knowledge>(
    withdrawn: &VipCardWithdrawn<'_>,
    known: &mut K,
) -> Result<(), Denied<K::Error>> {
    card(&withdrawn.card, known).map(drop)
}

pub(super) fn evolve_withdrawn<K: Knowledge>(withdrawn: &VipCardWithdrawn<'_>, known: &mut K) -> Result<(), K::Error> {
    let code = InstrumentCode::new(&withdrawn.card);
    match known.get::<VipCard>(code.as_str())? {
        Some(card) => known.put(code.as_str(), &VipCard { withdrawn: true, ..card }),
        None => Ok(()),
    }
}
