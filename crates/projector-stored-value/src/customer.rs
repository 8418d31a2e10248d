//! `GET /v1/customers/{customer}/stored-value`: what does this customer hold that pays?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::{personal::PersonalField, stored_value::InstrumentKind};
use storefold_projection::{QueryError, Question, RowKey, StoresSeen, View};

use crate::{
    InstrumentStanding, InstrumentState, StoredValue,
    instruments::LIMIT_MAX,
    rows::{Row, Shelf},
    seen::{standing_seen, vip_card_seen},
    vip::VipRow,
    vip_card::VipCardAnswer,
};

/// Which customer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StoredValueOfAsked {
    /// Number of the customer.
    pub customer: String,
    /// The stores whose facts are told; those of all when absent.
    #[serde(default)]
    #[schemars(skip)]
    pub stores_seen: StoresSeen,
}

/// What a customer may pay with, and the VIP rate. Of each kind the newest first; what is empty, expired or disabled is
/// left out, unless something is held of it. Whoever sees some stores is told what something happened to there.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct StoredValueOfCustomer {
    /// Family name, for whoever gives or checks a VIP card (row 2.67); null when the file has none, the customer was
    /// erased, or the keys of persons are not on this node.
    pub name: Option<String>,
    /// First name; null as the family name is.
    pub first_name: Option<String>,
    /// Gift cards.
    pub gift_cards: Vec<InstrumentStanding>,
    /// Vouchers, also those whose first day has not come.
    pub vouchers: Vec<InstrumentStanding>,
    /// Wallets, also empty ones: they are loaded again (row 2.63).
    pub wallets: Vec<InstrumentStanding>,
    /// Credit notes.
    pub credit_notes: Vec<InstrumentStanding>,
    /// Store credit, one for each currency (row B37).
    pub store_credit: Vec<InstrumentStanding>,
    /// VIP cards that hold, the highest rate first.
    pub vip_cards: Vec<VipCardAnswer>,
    /// The best rate of them in hundredths of a percent: 1,500 is 15 %; null without a card.
    pub vip_rate_e4: Option<u32>,
    /// Whether there are older instruments that are not shown; /v1/instruments lists all.
    pub more: bool,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/customers/{customer}/stored-value",
        "What a customer may pay with, and the VIP rate",
        "Gift cards, vouchers, wallets, credit notes and store credit of a customer that pay now or will, with what is on \
         them, held and available, and the VIP cards that hold today. Codes are shown by their last four characters. \
         Whoever sees some stores is told of the customers to whose cards something happened there, and of those cards.",
        answer,
    )
    .added_to("/v1/customers/{customer}/till", "stored_value")
    .telling_of_stores_seen()
    .asked_at_tills()
}

fn answer(view: &View<'_, StoredValue>, asked: &StoredValueOfAsked) -> Result<StoredValueOfCustomer, QueryError> {
    let mut of = StoredValueOfCustomer::default();
    if let Some(Row::Person(person)) = view.get(&Row::person_key(&asked.customer))? {
        let open = |field, text: Option<String>| text.and_then(|text| view.person(field, &text).plain());
        of.name = open(PersonalField::Name, person.name);
        of.first_name = open(PersonalField::FirstName, person.first_name);
    }
    let (mut shown, mut is_known) = (0, !asked.stores_seen.is_part());
    for code in codes(view, Shelf::Instruments, &asked.customer)? {
        let Some(Row::Instrument(row)) = view.get(&Row::instrument_key(&code))? else { continue };
        let Some(standing) = standing_seen(view, (&code, &row), &asked.stores_seen)? else { continue };
        is_known = true;
        let pays = matches!(standing.state, InstrumentState::Active | InstrumentState::NotYetValid);
        let holds_money = standing.balance.amount > 0 || standing.kind == InstrumentKind::Wallet;
        if !pays || !holds_money {
            continue;
        }
        if shown == LIMIT_MAX {
            of.more = true;
            break;
        }
        shown += 1;
        match standing.kind {
            InstrumentKind::GiftCard => of.gift_cards.push(standing),
            InstrumentKind::Voucher => of.vouchers.push(standing),
            InstrumentKind::Wallet => of.wallets.push(standing),
            InstrumentKind::CreditNote => of.credit_notes.push(standing),
            InstrumentKind::StoreCredit => of.store_credit.push(standing),
        }
    }
    for code in codes(view, Shelf::VipCards, &asked.customer)? {
        if let Some(Row::Vip(row)) = view.get(&Row::vip_key(&code))?
            && let Some(card) = vip_card_seen(&code, (*row).clone(), &asked.stores_seen)
        {
            is_known = true;
            if holds(view, &row)? {
                of.vip_cards.push(card);
            }
        }
    }
    if !is_known {
        return Err(QueryError::Unknown { kind: "customer", name: asked.customer.clone() });
    }
    of.vip_cards.sort_by_key(|card| std::cmp::Reverse(card.discount_e4));
    of.vip_rate_e4 = of.vip_cards.first().map(|card| card.discount_e4);
    Ok(of)
}

fn codes(view: &View<'_, StoredValue>, shelf: Shelf, customer: &str) -> Result<Vec<String>, QueryError> {
    let list: RowKey = shelf.of_customer_key(customer);
    let mut codes = Vec::new();
    view.scan(&list, &list, |_, row| {
        if let Row::Code(code) = row {
            codes.push(code);
        }
        Ok(())
    })?;
    Ok(codes)
}

/// Whether a VIP card holds now: up to the end of its last day in the store that gave it.
fn holds(view: &View<'_, StoredValue>, row: &VipRow) -> Result<bool, QueryError> {
    let Some(last) = row.expires_on else { return Ok(row.withdrawn.is_none()) };
    let today = match row.store.as_deref().map(|store| view.get(&Row::store_key(store))).transpose()?.flatten() {
        Some(Row::Store(mut days)) => days.day_at(view.now_ms()).map_err(|poison| QueryError::Rows(poison.0))?,
        _ => crate::standing::instant(view.now_ms()).date_naive(),
    };
    Ok(row.withdrawn.is_none() && today <= last)
}
