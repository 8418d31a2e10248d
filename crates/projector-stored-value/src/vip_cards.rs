//! `GET /v1/vip-cards`: which VIP cards end with these characters, and which has this customer?

use schemars::JsonSchema;
use serde::Serialize;
use storefold_events::Position;
use storefold_projection::{QueryError, Question, View};

use crate::{
    StoredValue,
    asked::{Found, StoredValueFoundBy},
    rows::{Row, Shelf},
    seen::vip_card_seen,
    vip_card::VipCardAnswer,
};

/// VIP cards that were found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VipCardsFound {
    /// Those that were given last, in the order of the log, first; also those that were withdrawn.
    pub vip_cards: Vec<VipCardAnswer>,
    /// To be asked for as `before` to see what comes after the last that is shown; null when there are no more.
    pub next: Option<Position>,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/vip-cards",
        "VIP cards by the last four characters of their code, or by customer",
        "All VIP cards whose codes end with four characters, or that a customer was given, the newest first. Either \
         `last_four` or `customer` is given. Long lists come in pages: ask again with `before` set to `next`. Whoever \
         sees some stores finds those that were given or last shown there.",
        answer,
    )
    .telling_of_stores_seen()
}

fn answer(view: &View<'_, StoredValue>, asked: &StoredValueFoundBy) -> Result<VipCardsFound, QueryError> {
    let Found { codes, next } = asked.find(view, Shelf::VipCards)?;
    let mut vip_cards = Vec::with_capacity(codes.len());
    for code in codes {
        match view.get(&Row::vip_key(&code))? {
            Some(Row::Vip(row)) => vip_cards.extend(vip_card_seen(&code, *row, &asked.stores_seen)),
            _ => return Err(QueryError::Rows("a VIP card that is listed is not there".to_owned())),
        }
    }
    Ok(VipCardsFound { vip_cards, next })
}
