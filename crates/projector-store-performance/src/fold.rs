//! What each event adds to which rows.

use chrono::NaiveDate;
use storefold_events::{
    Event, Payload, Recorded, sale::SaleValidated, scan::ScannerAssignedToStore, store::StoreConfigured,
};
use storefold_projection::{DayRange, Part, Poison, Rows, Slot, StoreDays};

use crate::rows::{OutOfRange, Row, SaleCounts, ScanCounts, ScannerRow, StoreRow};

pub(crate) fn apply(recorded: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let event = &recorded.event;
    match &event.payload {
        Payload::ScanCaptured(scan) => scanned(event, &scan.scanner, rows, |scans| scans.count(scan)),
        Payload::ScanIdentified(identified) => scanned(event, &identified.scanner, rows, |scans| scans.emails += 1),
        Payload::SaleValidated(sale) => traded(event, &effect_of(sale)?, rows),
        Payload::SaleReturned(_) => traded(event, &SaleCounts { returns: 1, ..SaleCounts::default() }, rows),
        Payload::ReturnValued(valued) => {
            let effect = SaleCounts {
                units_returned: valued.units,
                refund_minor: valued.refund_minor,
                refund_tax_minor: valued.tax_minor,
                ..SaleCounts::default()
            };
            traded(event, &effect, rows)
        }
        Payload::SaleReversed(reversed) => {
            let effect = SaleCounts {
                sales: -1,
                units_sold: -reversed.units,
                turnover_minor: -reversed.turnover_minor,
                tax_minor: -reversed.tax_minor,
                ..SaleCounts::default()
            };
            traded(event, &effect, rows)
        }
        Payload::StoreConfigured(configured) => store_configured(store_of(event)?, configured, rows),
        Payload::ScannerRegistered(registered) => {
            rows.row(&Row::scanner_key(&registered.scanner))?.scanner()?.registered = true;
            Ok(())
        }
        Payload::ScannerAssignedToStore(assigned) => scanner_assigned(event, assigned, rows),
        _ => Ok(()),
    }
}

/// Stores are folded apart. What is said of a scanner concerns every store: it may scan in any.
pub(crate) fn part<'e>(recorded: &'e Recorded<'_>) -> Part<'e> {
    match &recorded.event.payload {
        Payload::ScanCaptured(_)
        | Payload::ScanIdentified(_)
        | Payload::SaleValidated(_)
        | Payload::SaleReturned(_)
        | Payload::ReturnValued(_)
        | Payload::SaleReversed(_)
        | Payload::StoreConfigured(_) => Part::Of(recorded.event.store.as_deref().unwrap_or_default()),
        Payload::ScannerRegistered(_) | Payload::ScannerAssignedToStore(_) => Part::All,
        _ => Part::Nobody,
    }
}

/// Counts on the scanner's scans of the event's day. A scanner that is new on a day is entered as known in the store.
fn scanned(
    event: &Event<'_>,
    scanner: &str,
    rows: &mut Rows<'_, Row>,
    count: impl FnOnce(&mut ScanCounts),
) -> Result<(), Poison> {
    let (store, day, slot) = store_day(event, rows)?;
    let (scans, first_of_the_day) = rows.row_at(slot)?.day()?.scans_by(scanner);
    count(scans);
    if first_of_the_day {
        let scanner = known_in(store, scanner, rows)?;
        scanner.known = Some(DayRange::widened(scanner.known, day));
    }
    Ok(())
}

fn effect_of(sale: &SaleValidated<'_>) -> Result<SaleCounts, OutOfRange> {
    let mut effect = SaleCounts { sales: 1, ..SaleCounts::default() };
    for line in &sale.lines {
        effect.add(&SaleCounts {
            units_sold: line.quantity,
            turnover_minor: line.net_minor(),
            tax_minor: line.tax_minor,
            ..SaleCounts::default()
        })?;
    }
    Ok(effect)
}

fn traded(event: &Event<'_>, effect: &SaleCounts, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let (_, _, slot) = store_day(event, rows)?;
    Ok(rows.row_at(slot)?.day()?.sales.add(effect)?)
}

/// Settings hold for the events that follow; days that are counted stay where they are.
fn store_configured(store: &str, configured: &StoreConfigured<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let row = rows.row(&Row::store_key(store))?;
    let known = if let Row::Store(before) = &row { before.known } else { None };
    *row = Row::Store(Box::new(StoreRow {
        name: configured.name.to_string(),
        days: StoreDays::of(configured)?,
        currency: configured.currency,
        organisation: configured.organisation.as_ref().map(ToString::to_string),
        known,
        day_slot: None,
    }));
    Ok(())
}

fn scanner_assigned(
    event: &Event<'_>,
    assigned: &ScannerAssignedToStore<'_>,
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    let store = store_of(event)?;
    let scanner = known_in(store, &assigned.scanner, rows)?;
    if scanner.stands.as_ref().is_some_and(|(since_ms, _)| *since_ms > event.occurred_at_ms) {
        return Ok(());
    }
    let left = scanner.stands.replace((event.occurred_at_ms, store.to_owned()));
    if let Some((_, left)) = left {
        rows.row(&Row::place_key(&left, &assigned.scanner))?.place()?.stands = false;
    }
    rows.row(&Row::place_key(store, &assigned.scanner))?.place()?.stands = true;
    Ok(())
}

/// Enters a scanner and a store with each other; answers the scanner's row.
fn known_in<'r>(store: &str, scanner: &str, rows: &'r mut Rows<'_, Row>) -> Result<&'r mut ScannerRow, Poison> {
    rows.row(&Row::place_key(store, scanner))?.place()?;
    let row = rows.row(&Row::scanner_key(scanner))?.scanner()?;
    if let Err(at) = row.stores.binary_search_by(|known| known.as_str().cmp(store)) {
        row.stores.insert(at, store.to_owned());
    }
    Ok(row)
}

/// Store and store day of an event, and where the day's row is held. A new day is entered as known; the store's row is
/// written only then.
fn store_day<'e>(event: &'e Event<'_>, rows: &mut Rows<'_, Row>) -> Result<(&'e str, NaiveDate, Slot), Poison> {
    let store = store_of(event)?;
    let key = Row::store_key(store);
    let Some(Row::Store(row)) = rows.memo(&key)? else {
        return Err(Poison(format!("store `{store}` has facts but was never configured")));
    };
    let day = row.days.day_at(event.occurred_at_ms)?;
    if let Some((_, slot)) = row.day_slot.filter(|(at, _)| *at == day) {
        return Ok((store, day, slot));
    }
    let known = row.known.is_some_and(|known| known.contains(day));
    let slot = rows.slot(&Row::day_key(store, day))?;
    let row = if known { rows.memo(&key)? } else { Some(rows.row(&key)?) };
    if let Some(Row::Store(row)) = row {
        row.known = Some(DayRange::widened(row.known, day));
        row.day_slot = Some((day, slot));
    }
    Ok((store, day, slot))
}

fn store_of<'e>(event: &'e Event<'_>) -> Result<&'e str, Poison> {
    let name = event.payload.info().name;
    event.store.as_deref().ok_or_else(|| Poison(format!("a {name} names no store")))
}
