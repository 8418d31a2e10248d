//! Of `/v1/customers/{customer}/loyalty` and `/v1/customers/{customer}/stored-value`.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

use super::cards::Card;

#[derive(Deserialize)]
pub(crate) struct Loyalty {
    pub(crate) programme: String,
    pub(crate) programmes: Vec<String>,
    pub(crate) unit: String,
    pub(crate) balance: i64,
    pub(crate) pending: i64,
    pub(crate) next_expiry: Option<Expiry>,
    pub(crate) tier: Option<Tier>,
    pub(crate) movements: u64,
    pub(crate) ledger: Vec<Movement>,
    pub(crate) next: Option<u64>,
}

#[derive(Deserialize)]
pub(crate) struct Expiry {
    pub(crate) points: i64,
    pub(crate) last_day: NaiveDate,
}

#[derive(Deserialize)]
pub(crate) struct Tier {
    pub(crate) tier: String,
}

#[derive(Deserialize)]
pub(crate) struct Movement {
    pub(crate) position: u64,
    pub(crate) points: i64,
    pub(crate) balance: Option<i64>,
    pub(crate) reason: String,
    pub(crate) sale: Option<String>,
    #[serde(rename = "return")]
    pub(crate) return_id: Option<String>,
    pub(crate) store: Option<String>,
    pub(crate) occurred_at: DateTime<Utc>,
}

#[derive(Default, Deserialize)]
pub(crate) struct StoredValue {
    pub(crate) name: Option<String>,
    pub(crate) first_name: Option<String>,
    pub(crate) gift_cards: Vec<Card>,
    pub(crate) vouchers: Vec<Card>,
    pub(crate) wallets: Vec<Card>,
    pub(crate) credit_notes: Vec<Card>,
    pub(crate) store_credit: Vec<Card>,
    pub(crate) vip_cards: Vec<VipCard>,
    pub(crate) more: bool,
}

#[derive(Deserialize)]
pub(crate) struct VipCard {
    pub(crate) card: String,
    pub(crate) discount_e4: u32,
    pub(crate) expires_on: Option<NaiveDate>,
}

impl StoredValue {
    /// Everything that pays, kind by kind.
    pub(crate) fn cards(&self) -> impl Iterator<Item = &Card> {
        let kinds = [&self.gift_cards, &self.vouchers, &self.wallets, &self.credit_notes, &self.store_credit];
        kinds.into_iter().flatten()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.cards().next().is_none() && self.vip_cards.is_empty() && self.name.is_none() && self.first_name.is_none()
    }
}
