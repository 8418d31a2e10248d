//! `GET /v1/customers/{customer}/till`: what does the sale screen show of this customer?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_projection::{QueryError, Question, RowKey, View};

use crate::{
    LoyaltyBalance, Standing,
    account::{Account, accounts},
    rows::{AccountRow, GiftRow, ProgrammeRow, Row},
};

/// Which customer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TillAsked {
    /// Number of the customer.
    pub customer: String,
}

/// A customer as a sale screen shows them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CustomerAtTill {
    /// Number of the customer.
    pub customer: String,
    /// Whether the customer has or shares an account in any programme.
    pub known: bool,
    /// Every programme there is, by name; nothing is held where the customer has no account.
    pub programmes: Vec<ProgrammeAtTill>,
}

/// What a customer holds in one programme, and what it gives.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProgrammeAtTill {
    /// The programme.
    pub programme: String,
    /// Whose account it is: another customer where it is shared.
    pub holder: String,
    /// What the account holds.
    #[serde(flatten)]
    pub standing: Standing,
    /// All gifts, also those out of reach, the cheapest first, equal ones by article (row 2.29).
    pub gifts: Vec<GiftAtTill>,
}

/// A gift on the gift screen.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GiftAtTill {
    /// Article.
    pub sku: String,
    /// Name that people know; null when none was given.
    pub name: Option<String>,
    /// Its level.
    pub level: String,
    /// What it costs; null when its level was removed.
    pub points: Option<i64>,
    /// Whether the balance is enough. Only such a gift can be selected.
    pub affordable: bool,
    /// How often one account may claim it; null when there is no bound.
    pub uses_max: Option<u32>,
    /// Address of a picture; null unless colour and size are given too (row 2.35).
    pub picture: Option<String>,
    /// Colour; null when none was given.
    pub colour: Option<String>,
    /// Size; null when none was given.
    pub size: Option<String>,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/customers/{customer}/till",
        "Everything a sale screen shows of a customer",
        "For each programme: the points that may be spent, pending ones, the next expiry, the tier with the warning \
         before a fall, and all gifts with their cost, those in reach marked. A customer without an account is shown \
         with nothing held, so that a new number needs no other call. A till asks of whoever stands before it.",
        answer,
    )
    .asked_at_tills()
}

fn answer(view: &View<'_, LoyaltyBalance>, asked: &TillAsked) -> Result<CustomerAtTill, QueryError> {
    let mut accounts = accounts(view, &asked.customer)?;
    let known = !accounts.is_empty();
    let mut rows: Vec<(String, ProgrammeRow)> = Vec::new();
    view.scan(&Row::programmes_key(), &Row::programmes_key(), |key, row| {
        if let (Row::Programme(row), Some(programme)) = (row, RowKey::last_text(key)) {
            rows.push((programme, *row));
        }
        Ok(())
    })?;
    for account in &accounts {
        if rows.iter().all(|(programme, _)| *programme != account.programme) {
            rows.push((account.programme.clone(), ProgrammeRow::default()));
        }
    }
    rows.sort_by(|(a, _), (b, _)| a.cmp(b));
    let programmes = rows.into_iter().map(|(programme, row)| {
        let at = accounts.iter().position(|account| account.programme == programme);
        let none = || Account { programme, holder: asked.customer.clone(), row: AccountRow::default() };
        let account = at.map_or_else(none, |at| accounts.swap_remove(at));
        at_till(account, row, view.now_ms())
    });
    let programmes = programmes.collect::<Result<_, _>>()?;
    Ok(CustomerAtTill { customer: asked.customer.clone(), known, programmes })
}

fn at_till(account: Account, row: ProgrammeRow, now_ms: i64) -> Result<ProgrammeAtTill, QueryError> {
    let standing = Standing::of(&account.row, &row, now_ms)?;
    let ProgrammeRow { levels, gifts, .. } = row;
    let mut gifts: Vec<_> = gifts.into_iter().map(|gift| gift_at_till(gift, &levels, standing.balance)).collect();
    // Stable, and gifts are kept by their articles.
    gifts.sort_by_key(|gift| gift.points.unwrap_or(i64::MAX));
    Ok(ProgrammeAtTill { programme: account.programme, holder: account.holder, standing, gifts })
}

fn gift_at_till(gift: GiftRow, levels: &[(String, i64)], balance: i64) -> GiftAtTill {
    let points = levels.iter().find(|(level, _)| *level == gift.level).map(|(_, points)| *points);
    let shown = gift.colour.is_some() && gift.size.is_some();
    GiftAtTill {
        sku: gift.sku,
        name: gift.name,
        level: gift.level,
        points,
        affordable: points.is_some_and(|points| points <= balance),
        uses_max: gift.uses_max,
        picture: gift.picture.filter(|_| shown),
        colour: gift.colour,
        size: gift.size,
    }
}
