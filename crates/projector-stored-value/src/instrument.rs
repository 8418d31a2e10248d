//! `GET /v1/instruments/{code}`: what is on this card?

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::{Money, Position, stored_value::SpendPolicy};
use storefold_projection::{QueryError, Question, StoresSeen, View};

use crate::{
    InstrumentStanding, StoredValue,
    life::HoldRow,
    seen::standing_seen,
    standing::{instant, instrument, unknown},
    terms::Terms,
};

/// Which instrument.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstrumentAsked {
    /// Its code, in any case; or its `reference`, as lists give it.
    pub code: String,
    /// The stores whose facts are told; those of all when absent.
    #[serde(default)]
    #[schemars(skip)]
    pub stores_seen: StoresSeen,
}

/// One instrument, with the terms of its type and what is held of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InstrumentAnswer {
    /// What is on it now, whose it is, and where it came from.
    #[serde(flatten)]
    pub standing: InstrumentStanding,
    /// How it may be spent.
    pub spend: SpendPolicy,
    /// Whether only the holder may pay with it (row B34).
    pub named: bool,
    /// It pays for lines of these families only; for all when empty.
    pub families: Vec<String>,
    /// It pays in the stores of this organisation and below only; null when in all.
    pub brand: Option<String>,
    /// Types that it does not pay beside; `*` is every other instrument (row B39).
    pub not_beside: Vec<String>,
    /// Whether it pays for lines without a discount only.
    pub undiscounted_only: bool,
    /// What is set aside, the oldest first.
    pub holds: Vec<OpenHold>,
}

/// A part of a balance that is set aside for a sale.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OpenHold {
    /// The hold.
    pub hold: String,
    /// The sale that will spend it.
    pub sale: String,
    /// How much.
    pub amount: Money,
    /// When it was set aside, in UTC.
    pub held_at: DateTime<Utc>,
    /// Where its event stands in the log.
    pub position: Position,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/instruments/{code}",
        "What is on a gift card, voucher, wallet, credit note or store credit",
        "One instrument, by its code in any case or by its reference: whether it pays, its balance, what of it is held \
         for checkouts and what is available, whose it is, when it expires, and the terms of its type. The code is \
         shown by its last four characters. Whoever sees some stores is told of those that something happened to there; a \
         till of any that is shown to it.",
        answer,
    )
    .telling_of_stores_seen()
    .asked_at_tills()
}

fn answer(view: &View<'_, StoredValue>, asked: &InstrumentAsked) -> Result<InstrumentAnswer, QueryError> {
    let (code, row) = instrument(view, &asked.code)?;
    let Some(standing) = standing_seen(view, (&code, &row), &asked.stores_seen)? else { return Err(unknown(&code)) };
    let Terms { spend, named, families, brand, not_beside, undiscounted_only } = Terms::of(view, &row)?;
    let currency = row.currency;
    let open = |hold: HoldRow| OpenHold {
        hold: hold.hold,
        sale: hold.sale,
        amount: Money { amount: hold.amount_minor, currency },
        held_at: instant(hold.at_ms),
        position: hold.position,
    };
    let holds = row.holds.into_iter().map(open).collect();
    Ok(InstrumentAnswer { standing, spend, named, families, brand, not_beside, undiscounted_only, holds })
}
