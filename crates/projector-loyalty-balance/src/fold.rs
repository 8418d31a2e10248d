//! What each event does to which account.

use storefold_events::{
    Payload, Recorded, Text,
    loyalty::{self, LotPart, PointsEarned, PointsMoved, PointsReversed, TierChanged},
};
use storefold_projection::{Part, Poison, Rows};

use crate::{
    catalogue,
    lots::{Held, Lots, OutOfRange},
    movements::{ByHand, How, Movement, MovementKind, Taken},
    rows::{AccountRow, PAGE_MOVEMENTS, Row, TierRow, WarningRow},
};

/// How the lots change.
#[derive(Clone, Copy)]
enum Change<'e> {
    /// As the event says: by lot, and what is owed more.
    Told(&'e [LotPart], i64),
    /// Points that were sent.
    Given(i64),
    /// Points that were taken as sent.
    Taken(i64),
}

pub(crate) fn apply(recorded: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let of = movement_of(recorded);
    match &recorded.event.payload {
        Payload::PointsEarned(earned) => {
            let lot = earned.accrual.as_deref().map(|accrual| (accrual.lot, -accrual.repaid));
            let change = lot
                .as_ref()
                .map_or(Change::Given(earned.points), |(lot, owed)| Change::Told(std::slice::from_ref(lot), *owed));
            move_points((&earned.customer, &earned.programme), &change, earned_by(of, earned), rows)
        }
        Payload::PointsReversed(reversed) => {
            let taken = reversed.taken.as_deref();
            let change = taken.map_or(Change::Taken(reversed.points), |taken| told(&taken.movement));
            move_points((&reversed.customer, &reversed.programme), &change, taken_back_by(of, reversed), rows)
        }
        Payload::PointsSpent(spent) => {
            let movement = Movement {
                kind: MovementKind::Spent,
                points: -spent.points,
                reason: spent.reason.as_str(),
                sale: Some(spent.sale.as_str()),
                reference: Some(spent.reference.as_str()),
                member: text(spent.member.as_ref()),
                ..of
            };
            move_points((&spent.customer, &spent.programme), &told(&spent.movement), movement, rows)
        }
        Payload::PointsGivenBack(back) => {
            let movement = Movement {
                kind: MovementKind::GivenBack,
                points: back.points,
                reason: back.reason.as_str(),
                sale: Some(back.sale.as_str()),
                reference: Some(back.reference.as_str()),
                ..of
            };
            move_points((&back.customer, &back.programme), &told(&back.movement), movement, rows)
        }
        Payload::PointsActivated(active) => {
            let movement = Movement { kind: MovementKind::Activated, points: active.points, reason: "clock", ..of };
            move_points((&active.customer, &active.programme), &told(&active.movement), movement, rows)
        }
        Payload::PointsExpired(gone) => {
            let movement =
                Movement { kind: MovementKind::Expired, points: -gone.points, reason: gone.reason.as_str(), ..of };
            move_points((&gone.customer, &gone.programme), &told(&gone.movement), movement, rows)
        }
        Payload::PointsMoved(moved) => {
            move_points((&moved.customer, &moved.programme), &told(&moved.movement), moved_by(of, moved), rows)
        }
        Payload::TierChanged(changed) => change_tier(recorded, changed, rows),
        Payload::TierDowngradeWarned(warned) => {
            let account = account((&warned.customer, &warned.programme), recorded, rows)?;
            account.warning = Some(WarningRow { missing: warned.missing, falls_at_ms: warned.falls_at_ms });
            Ok(())
        }
        Payload::AccountJoined(joined) => {
            *rows.row(&Row::share_key(&joined.customer, &joined.programme))? = Row::Share(joined.account.to_string());
            Ok(())
        }
        Payload::AccountLeft(left) => {
            *rows.row(&Row::share_key(&left.customer, &left.programme))? = Row::None;
            Ok(())
        }
        _ => catalogue::apply(recorded, rows),
    }
}

/// Customers are folded apart.
pub(crate) fn part<'e>(recorded: &'e Recorded<'_>) -> Part<'e> {
    match &recorded.event.payload {
        Payload::PointsEarned(event) => Part::Of(&event.customer),
        Payload::PointsReversed(event) => Part::Of(&event.customer),
        Payload::PointsSpent(event) => Part::Of(&event.customer),
        Payload::PointsGivenBack(event) => Part::Of(&event.customer),
        Payload::PointsActivated(event) => Part::Of(&event.customer),
        Payload::PointsExpired(event) => Part::Of(&event.customer),
        Payload::PointsMoved(event) => Part::Of(&event.customer),
        Payload::TierChanged(event) => Part::Of(&event.customer),
        Payload::TierDowngradeWarned(event) => Part::Of(&event.customer),
        Payload::AccountJoined(event) => Part::Of(&event.customer),
        Payload::AccountLeft(event) => Part::Of(&event.customer),
        Payload::LoyaltyProgramConfigured(_)
        | Payload::LoyaltyLevelDefined(_)
        | Payload::LoyaltyLevelRemoved(_)
        | Payload::GiftProductAssigned(_)
        | Payload::GiftProductWithdrawn(_) => Part::All,
        _ => Part::Nobody,
    }
}

fn earned_by<'e>(of: Movement<&'e str>, earned: &'e PointsEarned<'_>) -> Movement<&'e str> {
    let accrual = earned.accrual.as_deref();
    Movement {
        points: earned.points,
        reason: &earned.reason,
        sale: text(earned.sale.as_ref()),
        member: accrual.and_then(|accrual| text(accrual.member.as_ref())),
        base_minor: earned.base_minor,
        minor_per_point: earned.minor_per_point,
        how: accrual.map(|accrual| How {
            rule_position: accrual.rule_position,
            rule: text(accrual.rule.as_ref()),
            promotion: text(accrual.promotion.as_ref()),
            tier: text(accrual.tier.as_ref()),
            factor_e4: accrual.factor_e4,
            carried_minor: accrual.carried_minor,
            remainder_minor: accrual.remainder_minor,
            points_before_limit: accrual.points_before_limit,
            repaid: accrual.repaid,
        }),
        ..of
    }
}

fn taken_back_by<'e>(of: Movement<&'e str>, reversed: &'e PointsReversed<'_>) -> Movement<&'e str> {
    Movement {
        kind: MovementKind::Reversed,
        points: -reversed.points,
        reason: &reversed.reason,
        sale: text(reversed.sale.as_ref()),
        return_id: text(reversed.return_id.as_ref()),
        taken: reversed.taken.as_deref().map(|taken| Taken {
            of_sale: taken.of_sale,
            expired: taken.expired,
            forgiven: taken.forgiven,
            base_minor: taken.base_minor,
        }),
        ..of
    }
}

fn moved_by<'e>(of: Movement<&'e str>, moved: &'e PointsMoved<'_>) -> Movement<&'e str> {
    Movement {
        kind: MovementKind::Moved,
        points: moved.points,
        reason: &moved.reason,
        by_hand: Some(ByHand {
            note: text(moved.note.as_ref()),
            author: text(moved.author.as_ref()),
            batch: text(moved.batch.as_ref()),
            transfer: text(moved.transfer.as_ref()),
            counterparty: text(moved.counterparty.as_ref()),
        }),
        ..of
    }
}

fn movement_of<'e>(recorded: &'e Recorded<'_>) -> Movement<&'e str> {
    Movement {
        position: recorded.position,
        occurred_at_ms: recorded.event.occurred_at_ms,
        source: &recorded.event.source,
        store: text(recorded.event.store.as_ref()),
        ..Movement::default()
    }
}

fn told(movement: &loyalty::Movement) -> Change<'_> {
    Change::Told(&movement.parts, movement.owed)
}

fn text<'e>(text: Option<&'e Text<'_>>) -> Option<&'e str> {
    text.map(Text::as_str)
}

fn account<'r>(
    (customer, programme): (&str, &str),
    recorded: &Recorded<'_>,
    rows: &'r mut Rows<'_, Row>,
) -> Result<&'r mut AccountRow, Poison> {
    let account = rows.row(&Row::account_key(customer, programme))?.account()?;
    if account.first_position == 0 {
        account.first_position = recorded.position;
    }
    Ok(account)
}

fn change_tier(recorded: &Recorded<'_>, changed: &TierChanged<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let account = account((&changed.customer, &changed.programme), recorded, rows)?;
    let since_ms = match &account.tier {
        // Kept longer, it has been held since it was reached.
        Some(held) if changed.to.as_deref() == Some(held.tier.as_str()) => held.since_ms,
        _ => recorded.event.occurred_at_ms,
    };
    let kept_until_ms = changed.kept_until_ms;
    account.tier = changed.to.as_ref().map(|to| TierRow { tier: to.to_string(), since_ms, kept_until_ms });
    account.warning = None;
    Ok(())
}

fn move_points(
    (customer, programme): (&str, &str),
    change: &Change<'_>,
    mut movement: Movement<&str>,
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    let account = rows.row(&Row::account_key(customer, programme))?.account()?;
    if account.first_position == 0 {
        account.first_position = movement.position;
    }
    let out_of_range =
        |_: OutOfRange| Poison(format!("the points of customer `{customer}` in `{programme}` do not fit 64 bits"));
    let mut lots = Lots { lots: &mut account.lots, owed: &mut account.owed };
    (movement.parts, movement.owed) = match *change {
        Change::Told(parts, owed) => lots.apply(parts, owed).map(|()| (parts.to_vec(), owed)),
        Change::Given(points) => lots.give(points),
        Change::Taken(points) => lots.take(points),
    }
    .map_err(out_of_range)?;
    let held = Held::of(&account.lots).map_err(out_of_range)?;
    movement.balance_after = held.active.checked_sub(account.owed).ok_or(OutOfRange).map_err(out_of_range)?;
    movement.pending_after = held.pending;
    account.movements += 1;
    if account.movements % PAGE_MOVEMENTS == 1 {
        account.newest_position = movement.position;
    }
    account.newest.push(&movement)?;
    if account.movements.is_multiple_of(PAGE_MOVEMENTS) {
        let page = std::mem::take(&mut account.newest);
        let key = Row::page_key(customer, programme, account.newest_position);
        rows.append(&key, &Row::Page(page))?;
    }
    Ok(())
}
