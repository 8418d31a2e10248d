//! What moves a balance. Each event says what is left after it, and that is what is kept.

use storefold_events::{
    Recorded,
    stored_value::{
        InstrumentCancelled, InstrumentExpired, InstrumentKind, InstrumentLoaded, InstrumentRedeemed,
        InstrumentRefunded,
    },
};
use storefold_projection::{Poison, Rows};

use super::{change, issued::begin, movement, owned};
use crate::{
    life::InstrumentState,
    movements::{InstrumentMovementKind, Movement},
    rows::{Row, shown},
};

pub(super) fn load(recorded: &Recorded<'_>, of: &InstrumentLoaded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    begin((&of.instrument, of.kind, of.instrument_type.as_ref(), of.currency), recorded.position, rows)?;
    let movement = Movement {
        amount_minor: of.amount_minor,
        paid_minor: Some(of.paid_minor),
        sale: owned(of.sale.as_ref()),
        line: of.line,
        return_id: owned(of.return_id.as_ref()),
        ..movement(InstrumentMovementKind::Loaded, recorded)
    };
    change(&of.instrument, movement, rows, |card| {
        card.balance_minor = of.balance_minor;
        Vec::new()
    })
}

/// The sale takes what was held for it.
pub(super) fn redeem(
    recorded: &Recorded<'_>,
    of: &InstrumentRedeemed<'_>,
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    begin((&of.instrument, of.kind, of.instrument_type.as_ref(), of.currency), recorded.position, rows)?;
    let movement = Movement {
        amount_minor: taken(&of.instrument, of.amount_minor)?,
        forfeited_minor: of.forfeited_minor,
        sale: Some(of.sale.to_string()),
        ..movement(InstrumentMovementKind::Redeemed, recorded)
    };
    change(&of.instrument, movement, rows, |card| {
        (card.balance_minor, card.used) = (of.balance_minor, true);
        card.end_holds(|hold| hold.sale == *of.sale)
    })
}

pub(super) fn refund(
    recorded: &Recorded<'_>,
    of: &InstrumentRefunded<'_>,
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    begin((&of.instrument, of.kind, of.instrument_type.as_ref(), of.currency), recorded.position, rows)?;
    let movement = Movement {
        amount_minor: of.amount_minor,
        sale: Some(of.sale.to_string()),
        return_id: owned(of.return_id.as_ref()),
        ..movement(InstrumentMovementKind::Refunded, recorded)
    };
    change(&of.instrument, movement, rows, |card| {
        card.balance_minor = of.balance_minor;
        Vec::new()
    })
}

pub(super) fn expire(
    recorded: &Recorded<'_>,
    of: &InstrumentExpired<'_>,
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    begin((&of.instrument, of.kind, of.instrument_type.as_ref(), of.currency), recorded.position, rows)?;
    let amount_minor = taken(&of.instrument, of.amount_minor)?;
    let movement = Movement { amount_minor, ..movement(InstrumentMovementKind::Expired, recorded) };
    change(&of.instrument, movement, rows, |card| {
        (card.balance_minor, card.state) = (0, InstrumentState::Expired);
        card.end_holds(|_| true)
    })
}

/// A gift card that is taken back pays no more, for ever; a wallet loses the load alone.
pub(super) fn cancel(
    recorded: &Recorded<'_>,
    of: &InstrumentCancelled<'_>,
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    begin((&of.instrument, of.kind, of.instrument_type.as_ref(), of.currency), recorded.position, rows)?;
    let movement = Movement {
        amount_minor: taken(&of.instrument, of.amount_minor)?,
        sale: owned(of.sale.as_ref()),
        return_id: owned(of.return_id.as_ref()),
        reason: Some(of.reason.to_string()),
        ..movement(InstrumentMovementKind::Cancelled, recorded)
    };
    change(&of.instrument, movement, rows, |card| {
        card.balance_minor = of.balance_minor;
        if of.kind == InstrumentKind::GiftCard {
            card.state = InstrumentState::Disabled;
        }
        Vec::new()
    })
}

/// An amount that goes off an instrument.
fn taken(code: &str, amount_minor: i64) -> Result<i64, Poison> {
    let out_of_range = || Poison(format!("the amount taken off the instrument {} does not fit 64 bits", shown(code)));
    amount_minor.checked_neg().ok_or_else(out_of_range)
}
