//! `GET /v1/customers/{customer}/loyalty`: how many points does this customer have, and where do they come from?

use std::fmt::Display;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};
use storefold_events::Position;
use storefold_projection::{QueryError, Question, RowKey, View};

use crate::{
    LoyaltyBalance,
    movements::Movement,
    rows::{AccountRow, Row},
};

/// Movements that are shown when no number is asked for.
pub const LIMIT_DEFAULT: usize = 100;

/// The most movements that one answer shows.
pub const LIMIT_MAX: usize = 1_000;

/// Which customer, and which part of the ledger.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoyaltyAsked {
    /// Number of the customer.
    pub customer: String,
    /// The programme; the one of the customer's first movement when absent.
    #[serde(default)]
    pub programme: Option<String>,
    /// How many movements to show at most, from 1 to 1,000; 100 when absent.
    #[serde(default, deserialize_with = "number")]
    #[schemars(range(min = 1, max = 1_000))]
    pub limit: Option<u64>,
    /// Only movements before this position (exclusive), as `next` of the answer before gives it.
    #[serde(default, deserialize_with = "number")]
    pub before: Option<Position>,
}

/// The points of a customer in one programme.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LoyaltyOfCustomer {
    /// Number of the customer.
    pub customer: String,
    /// The programme that balance and ledger are of.
    pub programme: String,
    /// All programmes in which the customer has movements, in the order of the first movement in each.
    pub programmes: Vec<String>,
    /// Points now: the sum of all movements, also of those not shown.
    pub balance: i64,
    /// How many movements there are, also those not shown.
    pub movements: u64,
    /// Movements, the newest in the log first.
    pub ledger: Vec<LedgerEntry>,
    /// To be asked for as `before` to see what comes after the last movement shown; null when that was the oldest.
    pub next: Option<Position>,
}

/// One movement of points.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LedgerEntry {
    /// Where it stands in the log.
    pub position: Position,
    /// Whether points were given or taken back.
    pub kind: MovementKind,
    /// Above 0 when earned, below 0 when reversed.
    pub points: i64,
    /// The balance with this movement, in the order of the log.
    pub balance: i64,
    /// What for, as sale, return, void or correction.
    pub reason: String,
    /// The sale that earned the points; null for points that are not of a sale.
    pub sale: Option<String>,
    /// The return that took them back; null otherwise.
    #[serde(rename = "return")]
    pub return_id: Option<String>,
    /// Where it happened; null for points that are of no store.
    pub store: Option<String>,
    /// When it happened, in UTC.
    pub occurred_at: DateTime<Utc>,
    /// The part of the sale that earned, in minor units; null for points that are not earned by a sale.
    pub base_minor: Option<i64>,
    /// What had to be spent for a point, in minor units; null for points that are not earned by a sale.
    pub minor_per_point: Option<i64>,
}

/// Whether points were given or taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MovementKind {
    /// Given.
    Earned,
    /// Taken back.
    Reversed,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/customers/{customer}/loyalty",
        "Points of a customer, with every movement",
        "The balance of a customer in a programme and its ledger, the newest movement first. Programmes belong to the \
         brand, so movements of all stores are in one ledger. Points never expire. Long ledgers come in pages: ask \
         again with `before` set to `next`.",
        answer,
    )
}

fn answer(view: &View<'_, LoyaltyBalance>, asked: &LoyaltyAsked) -> Result<LoyaltyOfCustomer, QueryError> {
    let limit = limit(asked.limit)?;
    let mut accounts = accounts(view, &asked.customer)?;
    let programmes: Vec<_> = accounts.iter().map(|(programme, _)| programme.clone()).collect();
    let unknown = |kind, name: &str| QueryError::Unknown { kind, name: name.to_owned() };
    let at = match &asked.programme {
        Some(asked) => programmes.iter().position(|name| name == asked).ok_or_else(|| unknown("programme", asked)),
        None => Ok(0),
    };
    if accounts.is_empty() {
        return Err(unknown("customer", &asked.customer));
    }
    let (programme, account) = accounts.swap_remove(at?);
    let (balance, movements) = (account.balance, account.movements);
    let before = asked.before.unwrap_or(Position::MAX);
    let mut ledger = ledger(view, (&asked.customer, &programme), &account, before, limit + 1)?;
    let more = ledger.len() > limit;
    ledger.truncate(limit);
    Ok(LoyaltyOfCustomer {
        customer: asked.customer.clone(),
        programme,
        programmes,
        balance,
        movements,
        next: ledger.last().filter(|_| more).map(|last| last.position),
        ledger: ledger.into_iter().map(entry).collect(),
    })
}

fn limit(asked: Option<u64>) -> Result<usize, QueryError> {
    let limit = asked.map_or(LIMIT_DEFAULT, |asked| usize::try_from(asked).unwrap_or(usize::MAX));
    if (1..=LIMIT_MAX).contains(&limit) {
        return Ok(limit);
    }
    let detail = format!("is {limit}; ask for 1 to {LIMIT_MAX} movements, and for more with `before`");
    Err(QueryError::BadParameter { parameter: "limit".to_owned(), detail })
}

/// The customer's accounts by programme, in the order of the first movement in each.
fn accounts(view: &View<'_, LoyaltyBalance>, customer: &str) -> Result<Vec<(String, AccountRow)>, QueryError> {
    let mut accounts = Vec::new();
    view.scan(&Row::accounts_key(customer), &Row::accounts_key(customer), |key, row| {
        if let (Row::Account(account), Some(programme)) = (row, RowKey::last_text(key)) {
            accounts.push((programme, account));
        }
        Ok(())
    })?;
    accounts.sort_by_key(|(_, account)| account.first_position);
    Ok(accounts)
}

/// At most `count` movements before a position (exclusive), the newest first.
fn ledger(
    view: &View<'_, LoyaltyBalance>,
    (customer, programme): (&str, &str),
    account: &AccountRow,
    before: Position,
    count: usize,
) -> Result<Vec<Movement>, QueryError> {
    let newest = account.newest.read()?.into_iter();
    let mut ledger: Vec<_> = newest.rev().filter(|movement| movement.position < before).collect();
    let newest = Row::page_key(customer, programme, before.saturating_sub(1));
    view.scan_while(&newest, &Row::pages_key(customer, programme), |_, row| {
        if let Row::Page(page) = row
            && ledger.len() < count
        {
            ledger.extend(page.read()?.into_iter().rev().filter(|movement| movement.position < before));
        }
        Ok(ledger.len() < count)
    })?;
    ledger.truncate(count);
    Ok(ledger)
}

pub(crate) fn entry(movement: Movement) -> LedgerEntry {
    let kind = if movement.points > 0 { MovementKind::Earned } else { MovementKind::Reversed };
    LedgerEntry {
        position: movement.position,
        kind,
        points: movement.points,
        balance: movement.balance_after,
        reason: movement.reason,
        sale: movement.sale,
        return_id: movement.return_id,
        store: movement.store,
        occurred_at: DateTime::from_timestamp_millis(movement.occurred_at_ms).unwrap_or(DateTime::<Utc>::MAX_UTC),
        base_minor: movement.base_minor,
        minor_per_point: movement.minor_per_point,
    }
}

/// Parameters come as texts.
fn number<'de, D: Deserializer<'de>>(text: D) -> Result<Option<u64>, D::Error> {
    let text = String::deserialize(text)?;
    let custom = |error: &dyn Display| de::Error::custom(format_args!("`{text}` is not a number from 0 up: {error}"));
    text.parse().map(Some).map_err(|error| custom(&error))
}
