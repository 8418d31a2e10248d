//! `GET /v1/vip-cards/{code}`: whose is this VIP card, and what does it give?

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::Position;
use storefold_projection::{QueryError, Question, StoresSeen, View};

use crate::{
    StoredValue,
    asked::{code, reference},
    rows::{Row, Shelf, shown},
    seen::vip_card_seen,
    standing::instant,
    vip::{UseRow, VipRow, WithdrawnRow},
};

/// Which VIP card.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VipCardAsked {
    /// Its code, in any case, with `#` written as `%23`; or its `reference`, as lists give it.
    pub code: String,
    /// The stores whose facts are told; those of all when absent.
    #[serde(default)]
    #[schemars(skip)]
    pub stores_seen: StoresSeen,
}

/// One VIP card.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VipCardAnswer {
    /// The last four characters of its code, behind `…`; the rest is shown by no answer (row B30).
    pub card: String,
    /// By this it is asked for where the code is not at hand: `@` and the position of its first event.
    pub reference: String,
    /// Whose it is.
    pub customer: String,
    /// The discount in hundredths of a percent: 1,500 is 15 %.
    pub discount_e4: u32,
    /// The last store day on which it holds; null when it holds without end.
    pub expires_on: Option<NaiveDate>,
    /// When it was given, in UTC.
    pub assigned_at: DateTime<Utc>,
    /// Where; null for what is of no store.
    pub store: Option<String>,
    /// Whether it holds no more, for ever.
    pub withdrawn: bool,
    /// Who withdrew it and why; null when nobody did.
    pub withdrawal: Option<VipWithdrawal>,
    /// How often it was shown for a sale.
    pub used: u64,
    /// The sale that it was shown for last, in the order of the log; null when it never was.
    pub last_use: Option<VipUse>,
}

/// Why a VIP card holds no more.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VipWithdrawal {
    /// Where its event stands in the log.
    pub position: Position,
    /// When, in UTC.
    pub occurred_at: DateTime<Utc>,
    /// Why, in the words of who did it.
    pub reason: String,
    /// Who did it.
    pub author: String,
}

/// A sale that a VIP card was shown for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VipUse {
    /// Where its event stands in the log.
    pub position: Position,
    /// When, in UTC.
    pub occurred_at: DateTime<Utc>,
    /// The sale.
    pub sale: String,
    /// Where; null for what is of no store.
    pub store: Option<String>,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/vip-cards/{code}",
        "Whose a VIP card is, what it gives, and how often it was used",
        "One VIP card, by its code in any case or by its reference: its customer, the discount, the day on which it ends, \
         whether it was withdrawn, how often it was shown for a sale, and the last of these sales. The code is shown by \
         its last four characters. Whoever sees some stores is told of those that were given or shown there; a till of any that \
         is shown to it.",
        answer,
    )
    .telling_of_stores_seen()
    .asked_at_tills()
}

fn answer(view: &View<'_, StoredValue>, asked: &VipCardAsked) -> Result<VipCardAnswer, QueryError> {
    const KIND: &str = "vip_card";
    let code = code(view, Shelf::VipCards, (KIND, &asked.code))?;
    let card = match view.get(&Row::vip_key(code.as_str()))? {
        Some(Row::Vip(row)) => vip_card_seen(code.as_str(), *row, &asked.stores_seen),
        _ => None,
    };
    card.ok_or_else(|| QueryError::Unknown { kind: KIND, name: code.shown() })
}

impl VipCardAnswer {
    pub(crate) fn of(code: &str, row: VipRow) -> Self {
        let withdrawal = |WithdrawnRow { position, at_ms, reason, author }| VipWithdrawal {
            position,
            occurred_at: instant(at_ms),
            reason,
            author,
        };
        let used =
            |UseRow { position, at_ms, sale, store }| VipUse { position, occurred_at: instant(at_ms), sale, store };
        Self {
            card: shown(code),
            reference: reference(row.first_position),
            customer: row.customer,
            discount_e4: row.discount_e4,
            expires_on: row.expires_on,
            assigned_at: instant(row.assigned_at_ms),
            store: row.store,
            withdrawn: row.withdrawn.is_some(),
            withdrawal: row.withdrawn.map(withdrawal),
            used: row.used,
            last_use: row.last_use.map(used),
        }
    }
}
