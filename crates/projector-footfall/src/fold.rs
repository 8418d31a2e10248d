//! What each event adds to which day and hour.

use storefold_events::{Event, Payload, Recorded, sale::SaleLine, store::StoreConfigured};
use storefold_projection::{DayRange, Part, Poison, Rows, Slot, StoreDays};

use crate::rows::{Passed, Row, Sold, StoreRow};

pub(crate) fn apply(recorded: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let event = &recorded.event;
    match &event.payload {
        Payload::StoreConfigured(configured) => store_configured(event, configured, rows),
        Payload::FootfallCounted(counted) => {
            let passed = Passed {
                entered: counted.entered.into(),
                left: counted.left.into(),
                staff: counted.staff.into(),
                companions: counted.companions.into(),
            };
            let slot = day_slot(event, rows)?;
            let hour = match rows.memo(&Row::store_key(store_of(event)?))? {
                Some(Row::Store(row)) => row.days.hour_at(event.occurred_at_ms)?,
                _ => 0,
            };
            let hour = rows.row_at(slot)?.day()?.hour(hour);
            *hour = hour.and(passed);
            Ok(())
        }
        Payload::SaleValidated(sale) => {
            let net_minor = sale.lines.iter().map(SaleLine::net_minor).fold(0, i64::saturating_add);
            sold(event, Sold { transactions: 1, net_minor }, rows)
        }
        Payload::ReturnValued(valued) => sold(event, Sold { transactions: 0, net_minor: -valued.refund_minor }, rows),
        Payload::SaleReversed(reversed) => {
            sold(event, Sold { transactions: -1, net_minor: -reversed.turnover_minor }, rows)
        }
        _ => Ok(()),
    }
}

/// Stores are folded apart.
pub(crate) fn part<'e>(recorded: &'e Recorded<'_>) -> Part<'e> {
    match &recorded.event.payload {
        Payload::StoreConfigured(_)
        | Payload::FootfallCounted(_)
        | Payload::SaleValidated(_)
        | Payload::ReturnValued(_)
        | Payload::SaleReversed(_) => Part::Of(recorded.event.store.as_deref().unwrap_or_default()),
        _ => Part::Nobody,
    }
}

fn sold(event: &Event<'_>, sold: Sold, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let slot = day_slot(event, rows)?;
    let row = rows.row_at(slot)?.day()?;
    row.sold = row.sold.and(sold);
    Ok(())
}

/// Where the row of the event's store day is held. A new day is entered as known; the store's row is written only then.
fn day_slot(event: &Event<'_>, rows: &mut Rows<'_, Row>) -> Result<Slot, Poison> {
    let store = store_of(event)?;
    let held = rows.slot(&Row::store_key(store))?;
    let Some(Row::Store(row)) = rows.memo_at(held)? else {
        return Err(Poison(format!("store `{store}` has facts but was never configured")));
    };
    let day = row.days.day_at(event.occurred_at_ms)?;
    if let Some((_, slot)) = row.day_slot.filter(|(at, _)| *at == day) {
        return Ok(slot);
    }
    let known = row.known.is_some_and(|known| known.contains(day));
    let slot = rows.slot(&Row::day_key(store, day))?;
    let row = if known { rows.memo_at(held)? } else { Some(rows.row_at(held)?) };
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
        currency: configured.currency,
        known,
        day_slot: None,
    }));
    Ok(())
}

fn store_of<'e>(event: &'e Event<'_>) -> Result<&'e str, Poison> {
    let name = event.payload.info().name;
    event.store.as_deref().ok_or_else(|| Poison(format!("a {name} names no store")))
}
