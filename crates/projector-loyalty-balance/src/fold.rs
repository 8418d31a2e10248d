//! What each event adds to which rows.

use storefold_events::{
    Payload, Recorded, Text,
    loyalty::{PointsEarned, PointsReversed},
};
use storefold_projection::{Part, Poison, Rows};

use crate::rows::{Movement, PAGE_MOVEMENTS, Row};

pub(crate) fn apply(recorded: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    match &recorded.event.payload {
        Payload::PointsEarned(earned) => {
            move_points(&earned.customer, &earned.programme, earned_by(recorded, earned), rows)
        }
        Payload::PointsReversed(reversed) => {
            move_points(&reversed.customer, &reversed.programme, taken_back_by(recorded, reversed), rows)
        }
        _ => Ok(()),
    }
}

/// Customers are folded apart.
pub(crate) fn part<'e>(recorded: &'e Recorded<'_>) -> Part<'e> {
    match &recorded.event.payload {
        Payload::PointsEarned(earned) => Part::Of(&earned.customer),
        Payload::PointsReversed(reversed) => Part::Of(&reversed.customer),
        _ => Part::Nobody,
    }
}

fn earned_by(recorded: &Recorded<'_>, earned: &PointsEarned<'_>) -> Movement {
    Movement {
        points: earned.points,
        reason: earned.reason.to_string(),
        sale: owned(earned.sale.as_ref()),
        base_minor: earned.base_minor,
        minor_per_point: earned.minor_per_point,
        ..movement_of(recorded)
    }
}

fn taken_back_by(recorded: &Recorded<'_>, reversed: &PointsReversed<'_>) -> Movement {
    Movement {
        points: -reversed.points,
        reason: reversed.reason.to_string(),
        sale: owned(reversed.sale.as_ref()),
        return_id: owned(reversed.return_id.as_ref()),
        ..movement_of(recorded)
    }
}

fn movement_of(recorded: &Recorded<'_>) -> Movement {
    Movement {
        position: recorded.position,
        occurred_at_ms: recorded.event.occurred_at_ms,
        store: owned(recorded.event.store.as_ref()),
        ..Movement::default()
    }
}

fn owned(text: Option<&Text<'_>>) -> Option<String> {
    text.map(|text| text.as_str().to_owned())
}

fn move_points(
    customer: &str,
    programme: &str,
    mut movement: Movement,
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    let account = rows.row(&Row::account_key(customer, programme))?.account()?;
    let Some(balance) = account.balance.checked_add(movement.points) else {
        return Err(Poison(format!("the points of customer `{customer}` in `{programme}` do not fit 64 bits")));
    };
    if account.movements == 0 {
        account.first_position = movement.position;
    }
    account.balance = balance;
    account.movements += 1;
    movement.balance_after = balance;
    account.newest.push(movement);
    if account.newest.len() == PAGE_MOVEMENTS {
        let page = std::mem::take(&mut account.newest);
        let key = Row::page_key(customer, programme, page[0].position);
        *rows.row(&key)? = Row::Page(page);
    }
    Ok(())
}
