//! The rows as tables: accounts, and the movements of all ledgers.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use storefold_events::Position;
use storefold_projection::{QueryError, Records, RowKey, Table, View, table};

use crate::{
    LoyaltyBalance,
    account::held,
    customer::{LedgerEntry, entry},
    lots::Held,
    movements::{Movement, MovementKind, Movements},
    rows::{AccountRow, Row},
};

/// The points of a customer in one programme.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccountRecord {
    /// Number of the customer.
    pub customer: String,
    /// The programme.
    pub programme: String,
    /// Points that may be spent: active ones less those owed.
    pub balance: i64,
    /// Points that become active later.
    pub pending: i64,
    /// The tier that is held; empty when none is.
    pub tier: Option<String>,
    /// How many movements there are.
    pub movements: u64,
    /// Where the first movement stands in the log.
    pub first_position: Position,
}

/// One movement of points.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MovementRecord {
    /// Number of the customer.
    pub customer: String,
    /// The programme.
    pub programme: String,
    /// Where it stands in the log.
    pub position: Position,
    /// When it happened, in UTC.
    pub occurred_at: DateTime<Utc>,
    /// Whether points were given or taken back.
    pub kind: MovementKind,
    /// Above 0 when earned, below 0 when reversed.
    pub points: i64,
    /// The balance with this movement, in the order of the log.
    pub balance: i64,
    /// What for, as sale, return, void or correction.
    pub reason: String,
    /// Where it happened; empty for points that are of no store.
    pub store: Option<String>,
    /// The sale that earned the points; empty for points that are not of a sale.
    pub sale: Option<String>,
    /// The return that took them back; empty otherwise.
    #[serde(rename = "return")]
    pub return_id: Option<String>,
    /// The part of the sale that earned, in minor units of its currency; empty for points that are not earned by a sale.
    pub base_minor: Option<i64>,
    /// What had to be spent for a point, in minor units of the same currency; empty likewise.
    pub minor_per_point: Option<i64>,
}

pub(crate) fn tables() -> Vec<Table> {
    vec![
        table::<LoyaltyBalance, AccountRecord>(
            "accounts",
            "The balance of every customer in every programme",
            |view| {
                let mut count = 0;
                each_account(view, |_, _, _| {
                    count += 1;
                    Ok(())
                })?;
                Ok(count)
            },
            |view, records| {
                each_account(view, |customer, programme, account| {
                    records.push(&account_record(customer, programme, account)?)
                })
            },
        ),
        table::<LoyaltyBalance, MovementRecord>(
            "movements",
            "Every movement of points, by customer and programme, the newest first",
            |view| {
                let mut count = 0;
                each_account(view, |_, _, account| {
                    count += account.movements;
                    Ok(())
                })?;
                Ok(count)
            },
            each_movement,
        ),
    ]
}

fn account_record(customer: String, programme: String, account: AccountRow) -> Result<AccountRecord, QueryError> {
    let Held { active, pending } = held(&account)?;
    Ok(AccountRecord {
        customer,
        programme,
        balance: active.saturating_sub(account.owed),
        pending,
        tier: account.tier.map(|tier| tier.tier),
        movements: account.movements,
        first_position: account.first_position,
    })
}

fn each_account(
    view: &View<'_, LoyaltyBalance>,
    mut each: impl FnMut(String, String, AccountRow) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    view.scan(&RowKey::of(b'a'), &RowKey::of(b'a'), |key, row| match (RowKey::first_texts(key), row) {
        (Some([customer, programme]), Row::Account(account)) => each(customer, programme, account),
        _ => Ok(()),
    })
}

fn each_movement(view: &View<'_, LoyaltyBalance>, records: &mut Records<'_, MovementRecord>) -> Result<(), QueryError> {
    each_account(view, |customer, programme, account| {
        let mut push = |movements: &Movements| {
            let mut newest_first = movements.read()?.into_iter().rev();
            newest_first.try_for_each(|movement| records.push(&record(&customer, &programme, movement)))
        };
        push(&account.newest)?;
        let pages = Row::pages_key(&customer, &programme);
        view.scan(&pages, &pages, |_, row| match row {
            Row::Page(page) => push(&page),
            _ => Ok(()),
        })
    })
}

fn record(customer: &str, programme: &str, movement: Movement) -> MovementRecord {
    let balance = movement.balance_after;
    let LedgerEntry {
        position,
        kind,
        points,
        reason,
        sale,
        return_id,
        store,
        occurred_at,
        base_minor,
        minor_per_point,
        ..
    } = entry(movement);
    MovementRecord {
        customer: customer.to_owned(),
        programme: programme.to_owned(),
        position,
        occurred_at,
        kind,
        points,
        balance,
        reason,
        store,
        sale,
        return_id,
        base_minor,
        minor_per_point,
    }
}
