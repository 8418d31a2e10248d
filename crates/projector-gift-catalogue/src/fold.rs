//! What each event does to the catalogue. A claim counts when its points were spent, a return when they were given
//! back: a void gives back too.

use storefold_events::{
    Payload, Recorded, Text,
    loyalty::{GiftProductAssigned, LoyaltyProgramConfigured},
};
use storefold_projection::{Part, Poison, Rows};

use crate::rows::{AssignedRow, ConfiguredRow, ProgrammeRow, Row};

/// What points are spent on when a gift is claimed.
const REASON_GIFT: &str = "gift";

pub(crate) fn apply(recorded: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    match &recorded.event.payload {
        Payload::LoyaltyProgramConfigured(configured) => {
            let row = rows.row(&Row::programme_key(&configured.programme))?.programme()?;
            configure(row, recorded, configured)?;
        }
        Payload::LoyaltyLevelDefined(defined) => {
            let levels = &mut rows.row(&Row::programme_key(&defined.programme))?.programme()?.levels;
            levels.retain(|(level, _)| *level != *defined.level);
            levels.push((defined.level.to_string(), defined.points));
        }
        Payload::LoyaltyLevelRemoved(removed) => {
            let levels = &mut rows.row(&Row::programme_key(&removed.programme))?.programme()?.levels;
            levels.retain(|(level, _)| *level != *removed.level);
        }
        Payload::GiftProductAssigned(gift) => {
            rows.row(&Row::gift_key(&gift.programme, &gift.sku))?.gift()?.assigned = Some(assigned(gift));
        }
        Payload::GiftProductWithdrawn(gift) => {
            rows.row(&Row::gift_key(&gift.programme, &gift.sku))?.gift()?.assigned = None;
        }
        Payload::PointsSpent(spent) if spent.reason.as_str() == REASON_GIFT => {
            rows.row(&Row::gift_key(&spent.programme, &spent.reference))?.gift()?.claimed += 1;
        }
        Payload::PointsGivenBack(back) => {
            // A redemption is given back too, under a reference that is no gift.
            let key = Row::gift_key(&back.programme, &back.reference);
            if rows.get(&key)?.is_some() {
                rows.row(&key)?.gift()?.given_back += 1;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Programmes are folded apart.
pub(crate) fn part<'e>(recorded: &'e Recorded<'_>) -> Part<'e> {
    match &recorded.event.payload {
        Payload::LoyaltyProgramConfigured(event) => Part::Of(&event.programme),
        Payload::LoyaltyLevelDefined(event) => Part::Of(&event.programme),
        Payload::LoyaltyLevelRemoved(event) => Part::Of(&event.programme),
        Payload::GiftProductAssigned(event) => Part::Of(&event.programme),
        Payload::GiftProductWithdrawn(event) => Part::Of(&event.programme),
        Payload::PointsSpent(event) => Part::Of(&event.programme),
        Payload::PointsGivenBack(event) => Part::Of(&event.programme),
        _ => Part::Nobody,
    }
}

fn configure(
    row: &mut ProgrammeRow,
    recorded: &Recorded<'_>,
    configured: &LoyaltyProgramConfigured<'_>,
) -> Result<(), Poison> {
    let from_ms = recorded.event.occurred_at_ms;
    row.configured.retain(|before| before.from_ms != from_ms);
    let at = row.configured.partition_point(|before| before.from_ms < from_ms);
    let terms = configured.terms.as_deref().map(rmp_serde::to_vec).transpose();
    let terms = terms.map_err(|error| Poison(format!("the terms of a programme cannot be encoded: {error}")))?;
    row.configured.insert(
        at,
        ConfiguredRow {
            from_ms,
            position: recorded.position,
            currency: configured.currency,
            minor_per_point: configured.minor_per_point,
            earn_on_discounted: configured.earn_on_discounted,
            terms,
        },
    );
    Ok(())
}

fn assigned(gift: &GiftProductAssigned<'_>) -> AssignedRow {
    let owned = |text: Option<&Text<'_>>| text.map(ToString::to_string);
    AssignedRow {
        level: gift.level.to_string(),
        name: owned(gift.name.as_ref()),
        picture: owned(gift.picture.as_ref()),
        colour: owned(gift.colour.as_ref()),
        size: owned(gift.size.as_ref()),
        uses_max: gift.uses_max,
    }
}
