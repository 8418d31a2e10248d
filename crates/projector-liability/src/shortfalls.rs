//! `GET /v1/shortfalls`: what stores gave away offline, and was not there.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::{Currency, Money, Position, stored_value::InstrumentCode};
use storefold_projection::{QueryError, Question, RowKey, View};

use crate::{
    Liability,
    rows::{Row, ShortfallRow},
};

/// Shortfalls that are listed; sums are over all.
pub const LISTED_MAX: usize = 1_000;

/// Over which days, and in which store.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShortfallsAsked {
    /// First day (inclusive) of each store's calendar, as 2026-11-01; from the first on when absent.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last day (inclusive).
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// One store; all when absent.
    #[serde(default)]
    pub store: Option<String>,
}

/// What was not there.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ShortfallsAnswer {
    /// How many.
    pub count: u64,
    /// What stores answer for, in the order of their names.
    pub stores: Vec<StoreShortfall>,
    /// Single ones, by day, store and place in the log; at most 1,000, the first of the days asked for.
    pub shortfalls: Vec<Shortfall>,
}

/// What one store answers for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StoreShortfall {
    /// The store.
    pub store: String,
    /// How many.
    pub count: u64,
    /// What cards did not pay, each currency by itself.
    pub amounts: Vec<Money>,
    /// Points that accounts did not have.
    pub points: i64,
}

/// What was not there in one payment.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Shortfall {
    /// Its place in the log.
    pub position: Position,
    /// Day of the store's calendar on which the goods left.
    pub day: NaiveDate,
    /// When, in UTC.
    pub occurred_at: DateTime<Utc>,
    /// The store.
    pub store: String,
    /// The edge that had accepted it.
    pub edge: String,
    /// The sale.
    pub sale: String,
    /// The card by its last four characters; null for points.
    pub instrument: Option<String>,
    /// What the card did not pay; null for points.
    pub amount: Option<Money>,
    /// The programme; null for a card.
    pub programme: Option<String>,
    /// Points that the account did not have; null for a card.
    pub points: Option<i64>,
    /// Whose account; of a card, the customer of the sale, if known.
    pub customer: Option<String>,
    /// Why, as the code of the refusal that it would have been.
    pub reason: String,
}

#[derive(Default)]
struct Sums {
    count: u64,
    amounts: BTreeMap<String, (Currency, i64)>,
    points: i64,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/shortfalls",
        "What stores gave away while the line was down, and was not there",
        "A store may let cards and points be spent up to a floor limit while it cannot ask. What a card or an account did not \
         hold when the payment came into the log is a shortfall that the store answers for. By store, on the day on \
         which the goods left; the customer owes nothing.",
        answer,
    )
}

fn answer(view: &View<'_, Liability>, asked: &ShortfallsAsked) -> Result<ShortfallsAnswer, QueryError> {
    let (mut count, mut stores, mut shortfalls) = (0, BTreeMap::<String, Sums>::new(), Vec::new());
    let from = asked.from.map_or(RowKey::of(b'f'), Row::shortfalls_of_key);
    view.scan_while(&from, &RowKey::of(b'f'), |key, row| {
        let (Row::Shortfall(row), Some((day, store, position))) = (row, place(key)) else { return Ok(true) };
        if asked.to.is_some_and(|to| day > to) {
            return Ok(false);
        }
        if asked.store.as_ref().is_some_and(|asked| *asked != store) {
            return Ok(true);
        }
        count += 1;
        stores.entry(store.clone()).or_default().add(&row)?;
        if shortfalls.len() < LISTED_MAX {
            shortfalls.push(shown(*row, day, store, position));
        }
        Ok(true)
    })?;
    let stores = stores.into_iter().map(|(store, sums)| StoreShortfall {
        store,
        count: sums.count,
        amounts: sums.amounts.into_values().map(|(currency, amount)| Money { amount, currency }).collect(),
        points: sums.points,
    });
    Ok(ShortfallsAnswer { count, stores: stores.collect(), shortfalls })
}

/// What the key of a shortfall says: day, store and place in the log.
fn place(key: &[u8]) -> Option<(NaiveDate, String, Position)> {
    let (day, rest) = key.get(1..)?.split_at_checked(4)?;
    let store = rest.len().checked_sub(8).and_then(|end| rest.get(..end))?;
    let [store] = RowKey::first_texts(&[&key[..1], store].concat())?;
    Some((RowKey::last_day(day)?, store, RowKey::last_number(key)?))
}

impl Sums {
    fn add(&mut self, row: &ShortfallRow) -> Result<(), QueryError> {
        let out_of_range = || QueryError::Rows("shortfalls do not fit 64 bits".to_owned());
        self.count += 1;
        if let Some((_, currency, amount_minor)) = &row.card {
            let sum = self.amounts.entry(currency.to_string()).or_insert((*currency, 0));
            sum.1 = sum.1.checked_add(*amount_minor).ok_or_else(out_of_range)?;
        }
        let points = row.points.as_ref().map_or(0, |(_, points)| *points);
        self.points = self.points.checked_add(points).ok_or_else(out_of_range)?;
        Ok(())
    }
}

fn shown(row: ShortfallRow, day: NaiveDate, store: String, position: Position) -> Shortfall {
    let (programme, points) = row.points.unzip();
    Shortfall {
        position,
        day,
        occurred_at: DateTime::from_timestamp_millis(row.occurred_at_ms).unwrap_or_default(),
        store,
        edge: row.edge,
        sale: row.sale,
        instrument: row.card.as_ref().map(|(code, ..)| InstrumentCode::kept(code).shown()),
        amount: row.card.map(|(_, currency, amount)| Money { amount, currency }),
        programme,
        points,
        customer: row.customer,
        reason: row.reason,
    }
}
