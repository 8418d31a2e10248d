//! What is set aside at checkout. A sale that takes what was held for it ends the hold too.

use storefold_events::{
    Recorded,
    stored_value::{HoldLapsed, HoldReleased, InstrumentCode, InstrumentHeld},
};
use storefold_projection::{Poison, Rows};

use super::{change, movement};
use crate::{
    life::HoldRow,
    movements::{InstrumentMovementKind, Movement},
    rows::Row,
};

pub(super) fn hold(recorded: &Recorded<'_>, of: &InstrumentHeld<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let code = InstrumentCode::new(&of.instrument);
    if rows.get(&Row::instrument_key(code.as_str()))?.is_none() {
        return Ok(());
    }
    *rows.row(&Row::hold_key(&of.hold))? = Row::Code(code.to_string());
    let movement = Movement {
        held_minor: of.amount_minor,
        sale: Some(of.sale.to_string()),
        hold: Some(of.hold.to_string()),
        ..movement(InstrumentMovementKind::Held, recorded)
    };
    change(code.as_str(), movement, rows, |card| {
        card.holds.push(HoldRow {
            hold: of.hold.to_string(),
            sale: of.sale.to_string(),
            amount_minor: of.amount_minor,
            at_ms: recorded.event.occurred_at_ms,
            position: recorded.position,
        });
        Vec::new()
    })
}

pub(super) fn release(recorded: &Recorded<'_>, of: &HoldReleased<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let Some(Row::Code(code)) = rows.get(&Row::hold_key(&of.hold))? else { return Ok(()) };
    let code = code.clone();
    end((&code, &of.hold), movement(InstrumentMovementKind::Released, recorded), rows)
}

pub(super) fn lapse(recorded: &Recorded<'_>, of: &HoldLapsed<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    end((&of.instrument, &of.hold), movement(InstrumentMovementKind::Lapsed, recorded), rows)
}

/// A hold that is open ends without a sale.
fn end((code, hold): (&str, &str), of: Movement, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let Some(Row::Instrument(card)) = rows.get(&Row::instrument_key(code))? else { return Ok(()) };
    let Some(open) = card.holds.iter().find(|open| open.hold == hold) else { return Ok(()) };
    let movement = Movement { sale: Some(open.sale.clone()), hold: Some(hold.to_owned()), ..of };
    change(code, movement, rows, |card| card.end_holds(|open| open.hold == hold))
}
