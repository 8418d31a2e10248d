//! What each event does to which instrument.
//!
//! Events that are decided here name a code as it is compared; those that are sent name it as it was typed. A hold that is
//! released names no instrument at all, so the row under [`Row::hold_key`] tells it while the hold is open.

mod moves;

use chrono::{DateTime, NaiveDate};
use storefold_events::{
    Currency, Payload, Position, Recorded, Text,
    stored_value::{InstrumentCode, InstrumentHeld, InstrumentIssued, InstrumentKind},
};
use storefold_projection::{Part, Poison, Rows, StoreDays};

use crate::{
    life::{HoldRow, InstrumentRow, InstrumentState, IssuedRow, OutOfRange, sum},
    movements::{InstrumentMovementKind, Movement},
    rows::{Row, Shelf, last_characters, listed_key, shown},
    terms, vip,
};

pub(crate) fn apply(recorded: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let event = &recorded.event;
    match &event.payload {
        Payload::StoreConfigured(configured) => {
            let store = event.store.as_deref().unwrap_or_default();
            *rows.row(&Row::store_key(store))? = Row::Store(Box::new(StoreDays::of(configured)?));
            Ok(())
        }
        Payload::InstrumentTypeConfigured(configured) => terms::configure(event.occurred_at_ms, configured, rows),
        Payload::InstrumentIssued(of) => issue(recorded, of, rows),
        Payload::InstrumentLoaded(of) => moves::load(recorded, of, rows),
        Payload::InstrumentRedeemed(of) => moves::redeem(recorded, of, rows),
        Payload::InstrumentRefunded(of) => moves::refund(recorded, of, rows),
        Payload::InstrumentExpired(of) => moves::expire(recorded, of, rows),
        Payload::InstrumentCancelled(of) => moves::cancel(recorded, of, rows),
        Payload::InstrumentHeld(of) => hold(recorded, &InstrumentCode::new(&of.instrument), of, rows),
        Payload::HoldReleased(of) => {
            let Some(Row::Code(code)) = rows.get(&Row::hold_key(&of.hold))? else { return Ok(()) };
            let code = code.clone();
            end_hold((&code, &of.hold), movement(InstrumentMovementKind::Released, recorded), rows)
        }
        Payload::HoldLapsed(of) => {
            end_hold((&of.instrument, &of.hold), movement(InstrumentMovementKind::Lapsed, recorded), rows)
        }
        Payload::InstrumentDisabled(of) => {
            let movement = by_hand(InstrumentMovementKind::Disabled, recorded, &of.reason, &of.author);
            change(InstrumentCode::new(&of.instrument).as_str(), movement, rows, |card| {
                card.state = InstrumentState::Disabled;
                card.end_holds(|_| true)
            })
        }
        Payload::InstrumentDeactivated(of) => {
            let movement = by_hand(InstrumentMovementKind::Deactivated, recorded, &of.reason, &of.author);
            change(InstrumentCode::new(&of.instrument).as_str(), movement, rows, |card| {
                card.state = InstrumentState::Deactivated;
                Vec::new()
            })
        }
        Payload::InstrumentReactivated(of) => {
            let movement = by_hand(InstrumentMovementKind::Reactivated, recorded, &of.reason, &of.author);
            change(InstrumentCode::new(&of.instrument).as_str(), movement, rows, |card| {
                card.state = InstrumentState::Active;
                Vec::new()
            })
        }
        Payload::VipCardAssigned(of) => vip::assign(recorded, of, rows),
        Payload::VipCardUsed(of) => vip::using(recorded, of, rows),
        Payload::VipCardWithdrawn(of) => vip::withdraw(recorded, of, rows),
        _ => Ok(()),
    }
}

/// Instruments are folded apart by their codes, VIP cards by their customers. What does not name them so goes to every
/// part; the one that has the instrument, the open hold or the card does something with it.
pub(crate) fn part<'e>(recorded: &'e Recorded<'_>) -> Part<'e> {
    match &recorded.event.payload {
        Payload::InstrumentIssued(of) => Part::Of(&of.instrument),
        Payload::InstrumentLoaded(of) => Part::Of(&of.instrument),
        Payload::InstrumentRedeemed(of) => Part::Of(&of.instrument),
        Payload::InstrumentRefunded(of) => Part::Of(&of.instrument),
        Payload::InstrumentExpired(of) => Part::Of(&of.instrument),
        Payload::InstrumentCancelled(of) => Part::Of(&of.instrument),
        Payload::HoldLapsed(of) => Part::Of(&of.instrument),
        Payload::InstrumentHeld(of) => of_typed(&of.instrument),
        Payload::InstrumentDisabled(of) => of_typed(&of.instrument),
        Payload::InstrumentDeactivated(of) => of_typed(&of.instrument),
        Payload::InstrumentReactivated(of) => of_typed(&of.instrument),
        Payload::VipCardAssigned(of) => Part::Of(&of.customer),
        Payload::VipCardUsed(of) => Part::Of(&of.customer),
        Payload::HoldReleased(_)
        | Payload::VipCardWithdrawn(_)
        | Payload::InstrumentTypeConfigured(_)
        | Payload::StoreConfigured(_) => Part::All,
        _ => Part::Nobody,
    }
}

/// A part is told by a text of the event, so a code in lower case cannot tell it.
fn of_typed(typed: &str) -> Part<'_> {
    let code = typed.trim();
    if InstrumentCode::new(code).as_str() == code { Part::Of(code) } else { Part::All }
}

fn issue(recorded: &Recorded<'_>, of: &InstrumentIssued<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
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
fn begin(
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

fn hold(
    recorded: &Recorded<'_>,
    code: &InstrumentCode,
    of: &InstrumentHeld<'_>,
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
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

/// A hold that is open ends without a sale.
fn end_hold((code, hold): (&str, &str), of: Movement, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let Some(Row::Instrument(card)) = rows.get(&Row::instrument_key(code))? else { return Ok(()) };
    let Some(open) = card.holds.iter().find(|open| open.hold == hold) else { return Ok(()) };
    let movement = Movement { sale: Some(open.sale.clone()), hold: Some(hold.to_owned()), ..of };
    change(code, movement, rows, |card| card.end_holds(|open| open.hold == hold))
}

/// Changes an instrument that is in these rows, and keeps the movement. `change` answers the holds that end.
fn change(
    code: &str,
    mut movement: Movement,
    rows: &mut Rows<'_, Row>,
    change: impl FnOnce(&mut InstrumentRow) -> Vec<HoldRow>,
) -> Result<(), Poison> {
    let key = Row::instrument_key(code);
    if rows.get(&key)?.is_none() {
        return Ok(());
    }
    let card = rows.row(&key)?.instrument()?;
    let out_of_range =
        |OutOfRange| Poison(format!("what is on the instrument {} and held of it does not fit 64 bits", shown(code)));
    let ended = change(card);
    let free_again_minor = sum(&ended).map_err(out_of_range)?;
    movement.held_minor = movement.held_minor.checked_sub(free_again_minor).ok_or(OutOfRange).map_err(out_of_range)?;
    let full = card.keep(movement).map_err(out_of_range)?;
    if let Some((first, page)) = full {
        *rows.row(&Row::page_key(code, first))? = Row::Page(page);
    }
    for hold in ended {
        *rows.row(&Row::hold_key(&hold.hold))? = Row::None;
    }
    Ok(())
}

fn movement(kind: InstrumentMovementKind, recorded: &Recorded<'_>) -> Movement {
    Movement {
        position: recorded.position,
        occurred_at_ms: recorded.event.occurred_at_ms,
        kind,
        source: recorded.event.source.to_string(),
        store: owned(recorded.event.store.as_ref()),
        ..Movement::default()
    }
}

fn by_hand(kind: InstrumentMovementKind, recorded: &Recorded<'_>, reason: &str, author: &str) -> Movement {
    let (reason, author) = (Some(reason.to_owned()), Some(author.to_owned()));
    Movement { reason, author, ..movement(kind, recorded) }
}

fn owned(text: Option<&Text<'_>>) -> Option<String> {
    text.map(ToString::to_string)
}
