//! `GET /v1/customers/{customer}/loyalty`: how many points does this customer have, and where do they come from?

use std::fmt::Display;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};
use storefold_events::Position;
use storefold_projection::{QueryError, Question, StoresSeen, View};

use crate::{
    Expiry, LoyaltyBalance, MovementKind, Pending, Standing,
    account::{Account, Days, accounts, instant, programme},
    movements::Movement,
    rows::{AccountRow, Row},
    seen::accounts_seen,
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
    /// The stores whose movements are told; those of all when absent.
    #[serde(default)]
    #[schemars(skip)]
    pub stores_seen: StoresSeen,
}

/// The points of a customer in one programme.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LoyaltyOfCustomer {
    /// Number of the customer.
    pub customer: String,
    /// The programme that balance and ledger are of.
    pub programme: String,
    /// All programmes in which the customer has or shares an account, in the order of the first event in each.
    pub programmes: Vec<String>,
    /// Whose account it is: another customer where it is shared (row B15).
    pub holder: String,
    /// What the account holds.
    #[serde(flatten)]
    pub standing: Standing,
    /// Whether only movements in the stores are told that whoever asks sees; what the account holds is told in full.
    pub elsewhere_hidden: bool,
    /// All expiries, the soonest first (row B2); pending points stand there too. Empty where `elsewhere_hidden`.
    pub expiries: Vec<Expiry>,
    /// Pending points, the first to become active first (row B5). Empty where `elsewhere_hidden`.
    pub pending_until: Vec<Pending>,
    /// How many movements there are, also those on other pages.
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
    /// What happened to the points.
    pub kind: MovementKind,
    /// Above 0 when given, below 0 when taken; for `activated`, how many became active.
    pub points: i64,
    /// The balance with this movement, in the order of the log: active points less those owed; null where
    /// `elsewhere_hidden`.
    pub balance: Option<i64>,
    /// Pending points with this movement; null where `elsewhere_hidden`.
    pub pending: Option<i64>,
    /// What for, as sale, return, gift, age, adjustment or `transfer_in`.
    pub reason: String,
    /// Why, in the words of who moved points by hand; null otherwise.
    pub note: Option<String>,
    /// Who moved points by hand; null otherwise.
    pub author: Option<String>,
    /// The batch of corrections it belongs to; null otherwise.
    pub batch: Option<String>,
    /// The transfer it belongs to; null otherwise.
    pub transfer: Option<String>,
    /// The account on the other side of a transfer; null otherwise.
    pub counterparty: Option<String>,
    /// Who bought or spent, where it was not the holder of the account; null otherwise.
    pub member: Option<String>,
    /// The gift, or the redemption, that points were spent on; null otherwise.
    pub reference: Option<String>,
    /// The sale; null for points that are not of a sale.
    pub sale: Option<String>,
    /// The return that took them back; null otherwise.
    #[serde(rename = "return")]
    pub return_id: Option<String>,
    /// The producer of the fact that brought it about.
    pub source: String,
    /// Where it happened; null for points that are of no store.
    pub store: Option<String>,
    /// When it happened, in UTC.
    pub occurred_at: DateTime<Utc>,
    /// The part of the sale that earned, in minor units; null for points that are not earned by a sale.
    pub base_minor: Option<i64>,
    /// What had to be spent for a point, in minor units; null for points that are not earned by a sale.
    pub minor_per_point: Option<i64>,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/customers/{customer}/loyalty",
        "Points of a customer, with every movement",
        "What a customer holds in a programme, with every expiry, pending points and the tier, and the ledger, the \
         newest movement first. Programmes belong to the brand, so movements of all stores are in one ledger. A \
         customer who shares an account sees that account. Long ledgers come in pages: ask again with `before` set \
         to `next`. Whoever sees some stores is told of the customers who moved points there, and of those movements.",
        answer,
    )
    .telling_of_stores_seen()
}

fn answer(view: &View<'_, LoyaltyBalance>, asked: &LoyaltyAsked) -> Result<LoyaltyOfCustomer, QueryError> {
    let limit = limit(asked.limit)?;
    let part = asked.stores_seen.is_part();
    let Told { programmes, account, movements, ledger, next } =
        if part { told_in_part(view, asked, limit)? } else { told(view, asked, limit)? };
    let configured = programme(view, &account.programme)?;
    let days = Days::of(&configured)?;
    Ok(LoyaltyOfCustomer {
        customer: asked.customer.clone(),
        programme: account.programme,
        programmes,
        holder: account.holder,
        standing: Standing::of(&account.row, &configured, view.now_ms())?,
        elsewhere_hidden: part,
        expiries: if part { Vec::new() } else { days.expiries(&account.row.lots) },
        pending_until: if part { Vec::new() } else { days.pending(&account.row.lots) },
        movements,
        next,
        ledger: ledger.into_iter().map(entry).map(|entry| if part { entry.alone() } else { entry }).collect(),
    })
}

/// What an answer tells of an account.
struct Told {
    programmes: Vec<String>,
    account: Account,
    movements: u64,
    ledger: Vec<Movement>,
    next: Option<Position>,
}

fn told(view: &View<'_, LoyaltyBalance>, asked: &LoyaltyAsked, limit: usize) -> Result<Told, QueryError> {
    let (programmes, account) = account_asked(view, &asked.customer, asked.programme.as_deref())?;
    let (ledger, next) = page(view, &account, asked.before, limit)?;
    Ok(Told { programmes, movements: account.row.movements, account, ledger, next })
}

fn told_in_part(view: &View<'_, LoyaltyBalance>, asked: &LoyaltyAsked, limit: usize) -> Result<Told, QueryError> {
    let mut seen = accounts_seen(view, &asked.customer, &asked.stores_seen)?;
    let programmes: Vec<_> = seen.iter().map(|(account, _)| account.programme.clone()).collect();
    let (account, mut ledger) = seen.swap_remove(at(&programmes, &asked.customer, asked.programme.as_deref())?);
    let movements = ledger.len() as u64;
    ledger.retain(|movement| asked.before.is_none_or(|before| movement.position < before));
    let (ledger, next) = cut(ledger, limit);
    Ok(Told { programmes, account, movements, ledger, next })
}

/// The account in a programme, or the first; and the programmes of all accounts.
pub(crate) fn account_asked(
    view: &View<'_, LoyaltyBalance>,
    customer: &str,
    programme: Option<&str>,
) -> Result<(Vec<String>, Account), QueryError> {
    let mut accounts = accounts(view, customer)?;
    let programmes: Vec<_> = accounts.iter().map(|account| account.programme.clone()).collect();
    let at = at(&programmes, customer, programme)?;
    Ok((programmes, accounts.swap_remove(at)))
}

/// Which of the accounts in these programmes is asked for: the first where none is named.
fn at(programmes: &[String], customer: &str, programme: Option<&str>) -> Result<usize, QueryError> {
    let unknown = |kind, name: &str| QueryError::Unknown { kind, name: name.to_owned() };
    if programmes.is_empty() {
        return Err(unknown("customer", customer));
    }
    match programme {
        Some(asked) => programmes.iter().position(|name| name == asked).ok_or_else(|| unknown("programme", asked)),
        None => Ok(0),
    }
}

/// Movements before a position (exclusive), the newest first, and what to ask for as `before` to see more.
pub(crate) fn page(
    view: &View<'_, LoyaltyBalance>,
    account: &Account,
    before: Option<Position>,
    limit: usize,
) -> Result<(Vec<Movement>, Option<Position>), QueryError> {
    let before = before.unwrap_or(Position::MAX);
    Ok(cut(ledger(view, (&account.holder, &account.programme), &account.row, before, limit + 1)?, limit))
}

fn cut(mut ledger: Vec<Movement>, limit: usize) -> (Vec<Movement>, Option<Position>) {
    let more = ledger.len() > limit;
    ledger.truncate(limit);
    let next = ledger.last().filter(|_| more).map(|last| last.position);
    (ledger, next)
}

pub(crate) fn limit(asked: Option<u64>) -> Result<usize, QueryError> {
    let limit = asked.map_or(LIMIT_DEFAULT, |asked| usize::try_from(asked).unwrap_or(usize::MAX));
    if (1..=LIMIT_MAX).contains(&limit) {
        return Ok(limit);
    }
    let detail = format!("is {limit}; ask for 1 to {LIMIT_MAX} movements, and for more with `before`");
    Err(QueryError::BadParameter { parameter: "limit".to_owned(), detail })
}

/// At most `count` movements before a position (exclusive), the newest first.
pub(crate) fn ledger(
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

impl LedgerEntry {
    /// Without what it has from the movements before it.
    fn alone(self) -> Self {
        Self { balance: None, pending: None, ..self }
    }
}

pub(crate) fn entry(movement: Movement) -> LedgerEntry {
    let by_hand = movement.by_hand.unwrap_or_default();
    LedgerEntry {
        position: movement.position,
        kind: movement.kind,
        points: movement.points,
        balance: Some(movement.balance_after),
        pending: Some(movement.pending_after),
        reason: movement.reason,
        note: by_hand.note,
        author: by_hand.author,
        batch: by_hand.batch,
        transfer: by_hand.transfer,
        counterparty: by_hand.counterparty,
        member: movement.member,
        reference: movement.reference,
        sale: movement.sale,
        return_id: movement.return_id,
        source: movement.source,
        store: movement.store,
        occurred_at: instant(movement.occurred_at_ms),
        base_minor: movement.base_minor,
        minor_per_point: movement.minor_per_point,
    }
}

/// Parameters come as texts.
pub(crate) fn number<'de, D: Deserializer<'de>>(text: D) -> Result<Option<u64>, D::Error> {
    let text = String::deserialize(text)?;
    let custom = |error: &dyn Display| de::Error::custom(format_args!("`{text}` is not a number from 0 up: {error}"));
    text.parse().map(Some).map_err(|error| custom(&error))
}
