//! What each event does to which instrument.
//!
//! Events that are decided here name a code as it is compared; those that are sent name it as it was typed. A hold that is
//! released names no instrument at all, so the row under [`Row::hold_key`] tells it while the hold is open.

mod holds;
mod issued;
mod moves;

pub(crate) use self::issued::enter;

use storefold_events::{Payload, Recorded, Text, stored_value::InstrumentCode};
use storefold_projection::{Part, Poison, Rows, StoreDays};

use crate::{
    life::{HoldRow, InstrumentRow, InstrumentState, OutOfRange, sum},
    movements::{InstrumentMovementKind, Movement},
    rows::{PersonRow, Row, shown},
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
        Payload::InstrumentIssued(of) => issued::issue(recorded, of, rows),
        Payload::InstrumentLoaded(of) => moves::load(recorded, of, rows),
        Payload::InstrumentRedeemed(of) => moves::redeem(recorded, of, rows),
        Payload::InstrumentRefunded(of) => moves::refund(recorded, of, rows),
        Payload::InstrumentExpired(of) => moves::expire(recorded, of, rows),
        Payload::InstrumentCancelled(of) => moves::cancel(recorded, of, rows),
        Payload::InstrumentHeld(of) => holds::hold(recorded, of, rows),
        Payload::HoldReleased(of) => holds::release(recorded, of, rows),
        Payload::HoldLapsed(of) => holds::lapse(recorded, of, rows),
        Payload::InstrumentDisabled(of) => {
            let to = (InstrumentMovementKind::Disabled, InstrumentState::Disabled);
            by_hand(recorded, &of.instrument, to, (&of.reason, &of.author), rows)
        }
        Payload::InstrumentDeactivated(of) => {
            let to = (InstrumentMovementKind::Deactivated, InstrumentState::Deactivated);
            by_hand(recorded, &of.instrument, to, (&of.reason, &of.author), rows)
        }
        Payload::InstrumentReactivated(of) => {
            let to = (InstrumentMovementKind::Reactivated, InstrumentState::Active);
            by_hand(recorded, &of.instrument, to, (&of.reason, &of.author), rows)
        }
        Payload::CustomerCreated(of) => {
            if of.name.is_some() || of.first_name.is_some() {
                let (name, first_name) = (owned(of.name.as_ref()), owned(of.first_name.as_ref()));
                *rows.row(&Row::person_key(&of.customer))? = Row::Person(Box::new(PersonRow { name, first_name }));
            }
            Ok(())
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
        Payload::CustomerCreated(of) => Part::Of(&of.customer),
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

/// What is disabled holds nothing for a checkout either.
fn by_hand(
    recorded: &Recorded<'_>,
    typed: &str,
    (kind, state): (InstrumentMovementKind, InstrumentState),
    (reason, author): (&str, &str),
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    let (reason, author) = (Some(reason.to_owned()), Some(author.to_owned()));
    let movement = Movement { reason, author, ..movement(kind, recorded) };
    change(InstrumentCode::new(typed).as_str(), movement, rows, |card| {
        card.state = state;
        card.end_holds(|_| state == InstrumentState::Disabled)
    })
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
        rows.append(&Row::page_key(code, first), &Row::Page(page))?;
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

fn owned(text: Option<&Text<'_>>) -> Option<String> {
    text.map(ToString::to_string)
}
