//! What each event adds to which rows.

use storefold_events::{
    Event, Payload, Recorded,
    scan::{ScanCaptured, ScanOutcome},
    store::StoreConfigured,
};
use storefold_projection::{DayRange, Part, Poison, Rows, Slot, StoreDays};

use crate::rows::{Counts, Row, StoreRow};

pub(crate) fn apply(recorded: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let event = &recorded.event;
    match &event.payload {
        Payload::ScanCaptured(scan) => count(event, effect_of(scan), rows),
        Payload::ScanIdentified(_) => count(event, Counts { identified: 1, ..Counts::default() }, rows),
        Payload::StoreConfigured(configured) => store_configured(event, configured, rows),
        _ => Ok(()),
    }
}

/// Stores are folded apart.
pub(crate) fn part<'e>(recorded: &'e Recorded<'_>) -> Part<'e> {
    match &recorded.event.payload {
        Payload::ScanCaptured(_) | Payload::ScanIdentified(_) | Payload::StoreConfigured(_) => {
            Part::Of(recorded.event.store.as_deref().unwrap_or_default())
        }
        _ => Part::Nobody,
    }
}

/// An address given with a failed scan identifies nobody.
fn effect_of(scan: &ScanCaptured<'_>) -> Counts {
    let successful = scan.outcome == ScanOutcome::Succeeded;
    let identified = successful && scan.email.is_some();
    Counts { attempted: 1, successful: u64::from(successful), identified: u64::from(identified) }
}

/// Counts on the store day of the envelope.
fn count(event: &Event<'_>, effect: Counts, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let slot = day_slot(event, rows)?;
    rows.row_at(slot)?.day()?.add(effect);
    Ok(())
}

/// Where the row of the event's store day is held. A new day is entered as known; the store's row is written only then.
fn day_slot(event: &Event<'_>, rows: &mut Rows<'_, Row>) -> Result<Slot, Poison> {
    let store = store_of(event)?;
    let key = Row::store_key(store);
    let Some(Row::Store(row)) = rows.memo(&key)? else {
        return Err(Poison(format!("store `{store}` has facts but was never configured")));
    };
    let day = row.days.day_at(event.occurred_at_ms)?;
    if let Some((_, slot)) = row.day_slot.filter(|(at, _)| *at == day) {
        return Ok(slot);
    }
    let known = row.known.is_some_and(|known| known.contains(day));
    let slot = rows.slot(&Row::day_key(store, day))?;
    let row = if known { rows.memo(&key)? } else { Some(rows.row(&key)?) };
    if let Some(Row::Store(row)) = row {
        row.known = Some(DayRange::widened(row.known, day));
        row.day_slot = Some((day, slot));
    }
    Ok(slot)
}

/// Settings hold for the events that follow; days that are counted stay where they are.
fn store_configured(
    event: &Event<'_>,
    configured: &StoreConfigured<'_>,
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    let row = rows.row(&Row::store_key(store_of(event)?))?;
    let known = if let Row::Store(before) = &row { before.known } else { None };
    *row = Row::Store(Box::new(StoreRow {
        name: configured.name.to_string(),
        days: StoreDays::of(configured)?,
        organisation: configured.organisation.as_ref().map(ToString::to_string),
        known,
        day_slot: None,
    }));
    Ok(())
}

fn store_of<'e>(event: &'e Event<'_>) -> Result<&'e str, Poison> {
    let name = event.payload.info().name;
    event.store.as_deref().ok_or_else(|| Poison(format!("a {name} names no store")))
}
