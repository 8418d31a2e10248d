//! What is told of cards to who sees only some stores: those that something happened to there, and what.
//!
//! What is on a card is told, as at any till that it pays at. What happened to it elsewhere is not, and neither is the
//! balance between, from which it could be told.

use storefold_events::Position;
use storefold_projection::{QueryError, StoresSeen, View};

use crate::{
    InstrumentStanding, StoredValue,
    explain::newest_first,
    life::InstrumentRow,
    movements::Movement,
    rows::{Row, Shelf},
    vip::VipRow,
    vip_card::VipCardAnswer,
};

/// What happened to an instrument in these stores, the newest first.
pub(crate) fn movements_seen(
    view: &View<'_, StoredValue>,
    (code, row): (&str, &InstrumentRow),
    stores: &StoresSeen,
) -> Result<Vec<Movement>, QueryError> {
    let mut movements = newest_first(view, code, row, Position::MAX, usize::MAX)?;
    movements.retain(|movement| stores.sees(movement.store.as_deref()));
    Ok(movements)
}

/// An instrument; none when nothing happened to it in these stores. Where it came from is told by who sees that store.
pub(crate) fn standing_seen(
    view: &View<'_, StoredValue>,
    (code, row): (&str, &InstrumentRow),
    stores: &StoresSeen,
) -> Result<Option<InstrumentStanding>, QueryError> {
    let standing = InstrumentStanding::of(code, row, view.now_ms())?;
    if !stores.is_part() {
        return Ok(Some(standing));
    }
    let movements = movements_seen(view, (code, row), stores)?.len() as u64;
    let told = InstrumentStanding { movements, ..standing };
    Ok(match (movements, stores.sees(told.store.as_deref())) {
        (0, _) => None,
        (_, true) => Some(told),
        (_, false) => Some(InstrumentStanding {
            issued: None,
            paid: None,
            issued_at: None,
            store: None,
            sale: None,
            line: None,
            return_id: None,
            voucher: None,
            ..told
        }),
    })
}

/// A VIP card; none unless it was given in these stores, or shown there last.
pub(crate) fn vip_card_seen(code: &str, row: VipRow, stores: &StoresSeen) -> Option<VipCardAnswer> {
    let mut card = VipCardAnswer::of(code, row);
    if !stores.is_part() {
        return Some(card);
    }
    card.store = card.store.filter(|store| stores.sees(Some(store)));
    card.last_use = card.last_use.filter(|last| stores.sees(last.store.as_deref()));
    Some(card).filter(|card| card.store.is_some() || card.last_use.is_some())
}

/// Whether what stands on a shelf is told.
pub(crate) fn is_seen(
    view: &View<'_, StoredValue>,
    shelf: Shelf,
    code: &str,
    stores: &StoresSeen,
) -> Result<bool, QueryError> {
    if !stores.is_part() {
        return Ok(true);
    }
    Ok(match shelf {
        Shelf::Instruments => match view.get(&Row::instrument_key(code))? {
            Some(Row::Instrument(row)) => !movements_seen(view, (code, &row), stores)?.is_empty(),
            _ => false,
        },
        Shelf::VipCards => match view.get(&Row::vip_key(code))? {
            Some(Row::Vip(row)) => vip_card_seen(code, *row, stores).is_some(),
            _ => false,
        },
    })
}
