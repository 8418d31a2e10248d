//! Programmes and their gifts. They are few and concern every customer, so every part of a rebuild folds them.

use storefold_events::{
    Payload, Recorded, Text,
    loyalty::{GiftProductAssigned, LoyaltyProgramConfigured},
};
use storefold_projection::{Poison, Rows};

use crate::rows::{GiftRow, ProgrammeRow, Row};

pub(crate) fn apply(recorded: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    match &recorded.event.payload {
        Payload::LoyaltyProgramConfigured(configured) => {
            configure(programme(&configured.programme, rows)?, recorded.event.occurred_at_ms, configured);
        }
        Payload::LoyaltyLevelDefined(defined) => {
            let row = programme(&defined.programme, rows)?;
            match level_at(row, &defined.level) {
                Ok(at) => row.levels[at].1 = defined.points,
                Err(at) => row.levels.insert(at, (defined.level.to_string(), defined.points)),
            }
        }
        Payload::LoyaltyLevelRemoved(removed) => {
            let row = programme(&removed.programme, rows)?;
            if let Ok(at) = level_at(row, &removed.level) {
                row.levels.remove(at);
            }
        }
        Payload::GiftProductAssigned(assigned) => {
            let row = programme(&assigned.programme, rows)?;
            match gift_at(row, &assigned.sku) {
                Ok(at) => row.gifts[at] = gift(assigned),
                Err(at) => row.gifts.insert(at, gift(assigned)),
            }
        }
        Payload::GiftProductWithdrawn(withdrawn) => {
            let row = programme(&withdrawn.programme, rows)?;
            if let Ok(at) = gift_at(row, &withdrawn.sku) {
                row.gifts.remove(at);
            }
        }
        _ => {}
    }
    Ok(())
}

fn configure(row: &mut ProgrammeRow, at_ms: i64, configured: &LoyaltyProgramConfigured<'_>) {
    if row.configured_at_ms.is_some_and(|before_ms| before_ms > at_ms) {
        return;
    }
    let terms = configured.terms.as_deref();
    row.configured_at_ms = Some(at_ms);
    row.currency = Some(configured.currency);
    row.unit = terms.and_then(|terms| owned(terms.unit.as_ref()));
    row.zone = terms.and_then(|terms| owned(terms.zone.as_ref()));
}

fn gift(assigned: &GiftProductAssigned<'_>) -> GiftRow {
    GiftRow {
        sku: assigned.sku.to_string(),
        level: assigned.level.to_string(),
        name: owned(assigned.name.as_ref()),
        picture: owned(assigned.picture.as_ref()),
        colour: owned(assigned.colour.as_ref()),
        size: owned(assigned.size.as_ref()),
        uses_max: assigned.uses_max,
    }
}

fn programme<'r>(programme: &str, rows: &'r mut Rows<'_, Row>) -> Result<&'r mut ProgrammeRow, Poison> {
    rows.row(&Row::programme_key(programme))?.programme()
}

fn level_at(row: &ProgrammeRow, level: &str) -> Result<usize, usize> {
    row.levels.binary_search_by(|(known, _)| known.as_str().cmp(level))
}

fn gift_at(row: &ProgrammeRow, sku: &str) -> Result<usize, usize> {
    row.gifts.binary_search_by(|known| known.sku.as_str().cmp(sku))
}

fn owned(text: Option<&Text<'_>>) -> Option<String> {
    text.map(ToString::to_string)
}
