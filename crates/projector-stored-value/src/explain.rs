//! `GET /v1/instruments/{code}/explain`: how did this card come to what is on it?

mod words;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::{Money, Position};
use storefold_projection::{QueryError, Question, StoresSeen, View};

use self::words::Wording;
use crate::{
    InstrumentMovementKind, InstrumentStanding, StoredValue,
    asked::{limit, number},
    life::InstrumentRow,
    movements::Movement,
    rows::Row,
    seen::{movements_seen, standing_seen},
    standing::{instant, instrument, unknown},
};

/// Movements that are shown when no number is asked for.
pub const LIMIT_DEFAULT: usize = 100;

/// The most movements that one answer shows.
pub const LIMIT_MAX: usize = 1_000;

/// Which instrument, and which part of its life.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstrumentLifeAsked {
    /// Its code, in any case; or its `reference`, as lists give it.
    pub code: String,
    /// How many movements to show at most, from 1 to 1,000; 100 when absent.
    #[serde(default, deserialize_with = "number")]
    #[schemars(range(min = 1, max = 1_000))]
    pub limit: Option<u64>,
    /// Only movements before this position (exclusive), as `next` of the answer before gives it.
    #[serde(default, deserialize_with = "number")]
    pub before: Option<Position>,
    /// The stores whose facts are told; those of all when absent.
    #[serde(default)]
    #[schemars(skip)]
    pub stores_seen: StoresSeen,
}

/// An instrument and its life.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InstrumentExplained {
    /// What is on it now: all movements together.
    #[serde(flatten)]
    pub standing: InstrumentStanding,
    /// Whether only movements in the stores are told that whoever asks sees; what is on it now is told in full.
    pub elsewhere_hidden: bool,
    /// Movements, the newest in the log first.
    pub explained: Vec<ExplainedInstrumentMovement>,
    /// To be asked for as `before` to see what comes after the last movement shown; null when that was the oldest.
    pub next: Option<Position>,
}

/// What happened to an instrument, and what was on it then.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExplainedInstrumentMovement {
    /// Where its event stands in the log.
    pub position: Position,
    /// The type of the event.
    #[serde(rename = "type")]
    pub event_type: &'static str,
    /// What happened.
    pub kind: InstrumentMovementKind,
    /// When it happened, in UTC.
    pub occurred_at: DateTime<Utc>,
    /// The producer of the fact that brought it about.
    pub source: String,
    /// Where; null for what is of no store.
    pub store: Option<String>,
    /// What is on the instrument more by it; below 0 less.
    pub amount: Money,
    /// What was lost with it beside that, where the type says so.
    pub forfeited: Money,
    /// What of the balance is held more by it; below 0 less: a sale has taken it, or it is free again.
    pub set_aside: Money,
    /// The balance with it, in the order of the log; null where `elsewhere_hidden`.
    pub balance: Option<Money>,
    /// What of the balance is held with it; null where `elsewhere_hidden`.
    pub held: Option<Money>,
    /// What happened, in words.
    pub words: String,
    /// The sale; null where there is none.
    pub sale: Option<String>,
    /// The line of the sale that sold or loaded it; null otherwise.
    pub line: Option<u32>,
    /// The return; null where there is none.
    #[serde(rename = "return")]
    pub return_id: Option<String>,
    /// The hold; null where it is about none, or about several.
    pub hold: Option<String>,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/instruments/{code}/explain",
        "Every movement of an instrument, in words and with the balance after it",
        "The life of a gift card, wallet, credit note or store credit, the newest movement first: the event with its place \
         in the log, what it put on or took off, what was held, and the balance after it. All amounts, less what was \
         forfeited, add up to the balance. Long lives come in pages: ask again with `before` set to `next`. \
         Whoever sees some stores is told what happened there, of an instrument to which anything did.",
        answer,
    )
    .telling_of_stores_seen()
}

fn answer(view: &View<'_, StoredValue>, asked: &InstrumentLifeAsked) -> Result<InstrumentExplained, QueryError> {
    let limit = limit(asked.limit, (LIMIT_DEFAULT, LIMIT_MAX), "movements")?;
    let (code, row) = instrument(view, &asked.code)?;
    let Some(standing) = standing_seen(view, (&code, &row), &asked.stores_seen)? else { return Err(unknown(&code)) };
    let before = asked.before.unwrap_or(Position::MAX);
    let part = asked.stores_seen.is_part();
    let mut movements = if part {
        let mut seen = movements_seen(view, (&code, &row), &asked.stores_seen)?;
        seen.retain(|movement| movement.position < before);
        seen
    } else {
        newest_first(view, &code, &row, before, limit + 1)?
    };
    let more = movements.len() > limit;
    movements.truncate(limit);
    let next = movements.last().filter(|_| more).map(|last| last.position);
    let wording = Wording::of(&row);
    Ok(InstrumentExplained {
        standing,
        elsewhere_hidden: part,
        explained: movements.into_iter().map(|movement| explained(movement, &wording, part)).collect(),
        next,
    })
}

/// At most `count` movements before a position (exclusive), the newest first.
pub(crate) fn newest_first(
    view: &View<'_, StoredValue>,
    code: &str,
    row: &InstrumentRow,
    before: Position,
    count: usize,
) -> Result<Vec<Movement>, QueryError> {
    let earlier = |movement: &Movement| movement.position < before;
    let mut movements: Vec<_> = row.newest.iter().rev().filter(|movement| earlier(movement)).cloned().collect();
    let newest = Row::page_key(code, before.saturating_sub(1));
    view.scan_while(&newest, &Row::pages_key(code), |_, row| {
        if let Row::Page(page) = row
            && movements.len() < count
        {
            movements.extend(page.into_iter().rev().filter(earlier));
        }
        Ok(movements.len() < count)
    })?;
    movements.truncate(count);
    Ok(movements)
}

/// A movement; `part` leaves out what tells of movements elsewhere.
fn explained(movement: Movement, wording: &Wording<'_>, part: bool) -> ExplainedInstrumentMovement {
    let words = wording.explain(&movement);
    let money = |amount| wording.money(amount);
    ExplainedInstrumentMovement {
        position: movement.position,
        event_type: movement.kind.event_type(),
        kind: movement.kind,
        occurred_at: instant(movement.occurred_at_ms),
        amount: money(movement.amount_minor),
        forfeited: money(movement.forfeited_minor),
        set_aside: money(movement.held_minor),
        balance: Some(money(movement.balance_after_minor)).filter(|_| !part),
        held: Some(money(movement.held_after_minor)).filter(|_| !part),
        words,
        source: movement.source,
        store: movement.store,
        sale: movement.sale,
        line: movement.line,
        return_id: movement.return_id,
        hold: movement.hold,
    }
}
