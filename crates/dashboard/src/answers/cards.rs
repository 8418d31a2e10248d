//! Of `/v1/liability` and `/v1/instruments`.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use storefold_events::Money;

#[derive(Deserialize)]
pub(crate) struct Liabilities {
    pub(crate) liabilities: Vec<LiabilityOfType>,
}

#[derive(Deserialize)]
pub(crate) struct LiabilityOfType {
    pub(crate) kind: String,
    pub(crate) instrument_type: Option<String>,
    #[serde(flatten)]
    pub(crate) figures: Figures,
    pub(crate) groups: Vec<Group>,
}

#[derive(Deserialize)]
pub(crate) struct Group {
    pub(crate) group: Option<String>,
    #[serde(flatten)]
    pub(crate) figures: Figures,
}

#[derive(Deserialize)]
pub(crate) struct Figures {
    pub(crate) issued: Money,
    pub(crate) loaded: Money,
    pub(crate) refunded: Money,
    pub(crate) redeemed: Money,
    pub(crate) forfeited: Money,
    pub(crate) expired: Money,
    pub(crate) cancelled: Money,
    pub(crate) outstanding: Money,
}

#[derive(Deserialize)]
pub(crate) struct CardsFound {
    pub(crate) instruments: Vec<Card>,
}

#[derive(Deserialize)]
pub(crate) struct Card {
    pub(crate) instrument: String,
    pub(crate) reference: String,
    pub(crate) state: String,
    pub(crate) kind: String,
    pub(crate) instrument_type: Option<String>,
    pub(crate) balance: Money,
    pub(crate) available: Money,
    pub(crate) customer: Option<String>,
    pub(crate) expires_on: Option<NaiveDate>,
}

#[derive(Deserialize)]
pub(crate) struct CardLife {
    #[serde(flatten)]
    pub(crate) card: Card,
    pub(crate) elsewhere_hidden: bool,
    pub(crate) explained: Vec<CardMovement>,
}

#[derive(Deserialize)]
pub(crate) struct CardMovement {
    pub(crate) position: u64,
    pub(crate) occurred_at: DateTime<Utc>,
    pub(crate) store: Option<String>,
    pub(crate) amount: Money,
    pub(crate) balance: Option<Money>,
    pub(crate) words: String,
}
