//! The rows as tables: instruments, their movements, and VIP cards.

mod records;

pub use self::records::{InstrumentMovementRecord, InstrumentRecord, VipCardRecord};

use storefold_projection::{QueryError, Records, RowKey, Table, View, table};

use crate::{StoredValue, life::InstrumentRow, movements::Movement, rows::Row, vip::VipRow};

pub(crate) fn tables() -> Vec<Table> {
    vec![
        table::<StoredValue, InstrumentRecord>(
            "instruments",
            "What is on every gift card, wallet, credit note and store credit",
            |view| {
                let mut count = 0;
                each_instrument(view, |_, _| {
                    count += 1;
                    Ok(())
                })?;
                Ok(count)
            },
            |view, records| each_instrument(view, |code, row| records.push(&InstrumentRecord::of(&code, row)?)),
        ),
        table::<StoredValue, InstrumentMovementRecord>(
            "movements",
            "Everything that happened to every instrument, the newest first",
            |view| {
                let mut count = 0;
                each_instrument(view, |_, row| {
                    count += row.movements;
                    Ok(())
                })?;
                Ok(count)
            },
            each_movement,
        ),
        table::<StoredValue, VipCardRecord>(
            "vip-cards",
            "Every VIP card with what it gives and how often it was used",
            |view| {
                let mut count = 0;
                each_vip_card(view, |_, _| {
                    count += 1;
                    Ok(())
                })?;
                Ok(count)
            },
            |view, records| each_vip_card(view, |code, row| records.push(&VipCardRecord::of(&code, row))),
        ),
    ]
}

fn each_instrument(
    view: &View<'_, StoredValue>,
    mut each: impl FnMut(String, InstrumentRow) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    view.scan(&Row::instruments_key(), &Row::instruments_key(), |key, row| match (RowKey::last_text(key), row) {
        (Some(code), Row::Instrument(row)) => each(code, *row),
        _ => Ok(()),
    })
}

fn each_movement(
    view: &View<'_, StoredValue>,
    records: &mut Records<'_, InstrumentMovementRecord>,
) -> Result<(), QueryError> {
    each_instrument(view, |code, mut row| {
        let newest = std::mem::take(&mut row.newest);
        let mut push = |movements: Vec<Movement>| {
            let newest_first = movements.into_iter().rev();
            newest_first
                .map(|movement| InstrumentMovementRecord::of(&code, &row, movement))
                .try_for_each(|it| records.push(&it))
        };
        push(newest)?;
        let pages = Row::pages_key(&code);
        view.scan(&pages, &pages, |_, row| match row {
            Row::Page(page) => push(page),
            _ => Ok(()),
        })
    })
}

fn each_vip_card(
    view: &View<'_, StoredValue>,
    mut each: impl FnMut(String, VipRow) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    view.scan(&Row::vips_key(), &Row::vips_key(), |key, row| match (RowKey::last_text(key), row) {
        (Some(code), Row::Vip(row)) => each(code, *row),
        _ => Ok(()),
    })
}
