//! What each event adds to which rows.

use storefold_events::{
    Payload, Recorded, Text,
    loyalty::{PointsEarned, PointsReversed},
};
use storefold_projection::{Part, Poison, Rows};

use crate::{
    movements::Movement,
    rows::{PAGE_MOVEMENTS, Row},
};

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

fn earned_by<'e>(recorded: &'e Recorded<'_>, earned: &'e PointsEarned<'_>) -> Movement<&'e str> {
    Movement {
        points: earned.points,
        reason: &earned.reason,
        sale: text(earned.sale.as_ref()),
        base_minor: earned.base_minor,
        minor_per_point: earned.minor_per_point,
        ..movement_of(recorded)
    }
}

fn taken_back_by<'e>(recorded: &'e Recorded<'_>, reversed: &'e PointsReversed<'_>) -> Movement<&'e str> {
    Movement {
        points: -reversed.points,
        reason: &reversed.reason,
        sale: text(reversed.sale.as_ref()),
        return_id: text(reversed.return_id.as_ref()),
        ..movement_of(recorded)
    }
}

fn movement_of<'e>(recorded: &'e Recorded<'_>) -> Movement<&'e str> {
    Movement {
        position: recorded.position,
        occurred_at_ms: recorded.event.occurred_at_ms,
        store: text(recorded.event.store.as_ref()),
        ..Movement::default()
    }
}

fn text<'e>(text: Option<&'e Text<'_>>) -> Option<&'e str> {
    text.map(Text::as_str)
}

fn move_points(
    customer: &str,
    programme: &str,
    mut movement: Movement<&str>,
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
    if account.movements % PAGE_MOVEMENTS == 1 {
        account.newest_position = movement.position;
    }
    account.newest.push(&movement)?;
    if account.movements.is_multiple_of(PAGE_MOVEMENTS) {
        let page = std::mem::take(&mut account.newest);
        let key = Row::page_key(customer, programme, account.newest_position);
        *rows.row(&key)? = Row::Page(page);
    }
    Ok(())
}
