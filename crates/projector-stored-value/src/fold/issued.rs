//! Instruments that come to be, and where they are found.

use chrono::{DateTime, NaiveDate};
use storefold_events::{
    Currency, Position, Recorded, Text,
    stored_value::{InstrumentIssued, InstrumentKind},
};
use storefold_projection::{Poison, Rows};

use super::{change, movement, owned};
use crate::{
    given::GivenRow,
    life::{InstrumentRow, InstrumentState, IssuedRow},
    movements::{InstrumentMovementKind, Movement},
    rows::{Row, Shelf, last_characters, listed_key},
};

pub(super) fn issue(
    recorded: &Recorded<'_>,
    of: &InstrumentIssued<'_>,
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    let first_position =
        begin((&of.instrument, of.kind, of.instrument_type.as_ref(), of.currency), recorded.position, rows)?;
    if let Some(customer) = &of.customer {
        let of_customer = listed_key(Shelf::Instruments.of_customer_key(customer), first_position);
        *rows.row(&of_customer)? = Row::Code(of.instrument.to_string());
    }
    let issued = IssuedRow {
        at_ms: recorded.event.occurred_at_ms,
        amount_minor: of.amount_minor,
        paid_minor: of.paid_minor,
        store: owned(recorded.event.store.as_ref()),
        sale: owned(of.sale.as_ref()),
        line: of.line,
        return_id: owned(of.return_id.as_ref()),
        expires_at_ms: of.expires_at_ms,
        expires_on: of.expires_at_ms.map(|at_ms| last_day(recorded, at_ms, rows)).transpose()?,
        given: of.voucher.as_deref().map(GivenRow::of),
    };
    let movement = Movement {
        amount_minor: of.amount_minor,
        paid_minor: Some(of.paid_minor),
        sale: issued.sale.clone(),
        line: issued.line,
        return_id: issued.return_id.clone(),
        ..movement(InstrumentMovementKind::Issued, recorded)
    };
    change(&of.instrument, movement, rows, |card| {
        card.holder = owned(of.customer.as_ref());
        card.balance_minor = of.amount_minor;
        card.issued = Some(issued);
        Vec::new()
    })
}

/// The last day before an instant, of the store that an event is of; of UTC where it is of none.
fn last_day(recorded: &Recorded<'_>, at_ms: i64, rows: &mut Rows<'_, Row>) -> Result<NaiveDate, Poison> {
    let at_ms = at_ms.saturating_sub(1);
    if let Some(store) = &recorded.event.store
        && let Some(Row::Store(days)) = rows.memo(&Row::store_key(store))?
    {
        return days.day_at(at_ms);
    }
    Ok(DateTime::from_timestamp_millis(at_ms).map_or(NaiveDate::MAX, |at| at.date_naive()))
}

/// The row of an instrument, begun with the first event that tells what it is. Answers where that stands.
pub(super) fn begin(
    (code, kind, instrument_type, currency): (&str, InstrumentKind, Option<&Text<'_>>, Currency),
    position: Position,
    rows: &mut Rows<'_, Row>,
) -> Result<Position, Poison> {
    let key = Row::instrument_key(code);
    if let Some(Row::Instrument(there)) = rows.get(&key)? {
        return Ok(there.first_position);
    }
    *rows.row(&key)? = Row::Instrument(Box::new(InstrumentRow {
        kind,
        instrument_type: owned(instrument_type),
        currency,
        holder: None,
        balance_minor: 0,
        state: InstrumentState::Active,
        used: false,
        holds: Vec::new(),
        issued: None,
        movements: 0,
        first_position: position,
        newest_position: position,
        newest: Vec::new(),
    }));
    enter(Shelf::Instruments, code, position, rows)?;
    Ok(position)
}

/// Enters a code where it is found by its last characters and by its first position.
pub(crate) fn enter(shelf: Shelf, code: &str, position: Position, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    for key in [listed_key(shelf.of_last_key(&last_characters(code)), position), shelf.at_key(position)] {
        *rows.row(&key)? = Row::Code(code.to_owned());
    }
    Ok(())
}
