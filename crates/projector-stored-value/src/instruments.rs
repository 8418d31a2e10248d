//! `GET /v1/instruments`: which cards end with these characters, and which has this customer?

use schemars::JsonSchema;
use serde::Serialize;
use storefold_events::Position;
use storefold_projection::{QueryError, Question, View};

use crate::{
    InstrumentStanding, StoredValue,
    asked::{Found, StoredValueFoundBy},
    rows::{Row, Shelf},
    seen::standing_seen,
};

/// Entries of a list that are shown when no number is asked for.
pub const LIMIT_DEFAULT: usize = 50;

/// The most entries of a list that one answer shows.
pub const LIMIT_MAX: usize = 200;

/// Instruments that were found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InstrumentsFound {
    /// Those that began last in the log first. More of them than one when several codes end alike.
    pub instruments: Vec<InstrumentStanding>,
    /// To be asked for as `before` to see what comes after the last that is shown; null when there are no more.
    pub next: Option<Position>,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/instruments",
        "Instruments by the last four characters of their code, or by customer",
        "All gift cards, wallets, credit notes and store credit whose codes end with four characters, or that a customer \
         holds, also those that pay no more: the newest first. Either `last_four` or `customer` is given. Long lists \
         come in pages: ask again with `before` set to `next`. VIP cards are found at /v1/vip-cards. \
         Whoever sees some stores finds what something happened to there.",
        answer,
    )
    .telling_of_stores_seen()
}

fn answer(view: &View<'_, StoredValue>, asked: &StoredValueFoundBy) -> Result<InstrumentsFound, QueryError> {
    let Found { codes, next } = asked.find(view, Shelf::Instruments)?;
    let mut instruments = Vec::with_capacity(codes.len());
    for code in codes {
        match view.get(&Row::instrument_key(&code))? {
            Some(Row::Instrument(row)) => {
                instruments.extend(standing_seen(view, (&code, &row), &asked.stores_seen)?);
            }
            _ => return Err(QueryError::Rows("an instrument that is listed is not there".to_owned())),
        }
    }
    Ok(InstrumentsFound { instruments, next })
}
