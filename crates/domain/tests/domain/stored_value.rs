//! Rows 2.59 to 2.66, 2.72, B25 to B37: instruments are issued, spent, refunded, held, disabled, and expire.

use serde_json::{Value, json};
use storefold_domain::{Instrument, Knowledge};
use storefold_events::Payload;

use crate::books::Books;

pub const NOW: &str = "2026-11-23T10:00:00+01:00";

pub fn books() -> Books {
    Books::of_paris()
}

pub fn configure(books: &mut Books, name: &str, kind: &str, rest: &Value) {
    let mut data = json!({"instrument_type": name, "kind": kind, "currency": "EUR"});
    data.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    books.take("InstrumentTypeConfigured", &data).unwrap();
}

pub fn card(
    books: &mut Books,
    code: &str,
    amount_minor: i64,
    rest: &Value,
) -> Result<Vec<Payload<'static>>, &'static str> {
    let mut data = json!({"card": code, "amount_minor": amount_minor, "currency": "EUR"});
    data.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    books.take("GiftCardIssued", &data)
}

/// A sale of one line, paid with `(code, amount)`, the rest in cash.
pub fn sale(id: &str, total_minor: i64, paid: &[(&str, i64)]) -> Value {
    let cash = total_minor - paid.iter().map(|(_, amount)| amount).sum::<i64>();
    let mut tenders: Vec<_> = paid
        .iter()
        .map(|(code, amount)| json!({"kind": "gift_card", "amount_minor": amount, "instrument": code}))
        .collect();
    tenders.push(json!({"kind": "cash", "amount_minor": cash}));
    json!({"sale": id, "till": "1", "channel": "store", "customer": "C", "currency": "EUR", "tenders": tenders,
        "lines": [{"line": 1, "sku": "BOOT", "family": "boots", "quantity": 10, "gross_minor": total_minor}]})
}

pub fn pay(books: &mut Books, id: &str, total_minor: i64, paid: &[(&str, i64)]) -> Result<(), &'static str> {
    books.take("SaleValidated", &sale(id, total_minor, paid)).map(drop)
}

/// A return of a part of a sale, refunded by `(kind, code, amount)`.
fn back(books: &mut Books, id: &str, sale: &str, refunds: &[(&str, Option<&str>, i64)]) -> Result<(), &'static str> {
    let total: i64 = refunds.iter().map(|(.., amount)| amount).sum();
    let tenders: Vec<_> = refunds
        .iter()
        .map(|(kind, code, amount)| match code {
            Some(code) => json!({"kind": kind, "amount_minor": amount, "instrument": code}),
            None => json!({"kind": kind, "amount_minor": amount}),
        })
        .collect();
    let data = json!({"return": id, "sale": sale, "currency": "EUR", "tenders": tenders,
        "lines": [{"line": 1, "quantity": 1, "refund_minor": total}]});
    books.take("SaleReturned", &data).map(drop)
}

pub fn balance(books: &mut Books, code: &str) -> i64 {
    books.get::<Instrument>(code).unwrap().map_or(-1, |instrument| instrument.balance_minor())
}

#[test]
fn row_2_66_a_gift_card_is_spent_whole_and_the_rest_of_the_sale_otherwise() {
    let mut books = books();
    card(&mut books, "GC-0000001", 5_000, &json!({})).unwrap();
    assert_eq!(pay(&mut books, "S1", 4_999, &[("GC-0000001", 4_999)]), Err("gift_card_must_be_used_whole"));
    assert_eq!(pay(&mut books, "S1", 9_000, &[("GC-0000001", 4_999)]), Err("gift_card_must_be_used_whole"));
    assert_eq!(pay(&mut books, "S1", 9_000, &[("GC-0000001", 5_001)]), Err("instrument_exceeded"));
    assert_eq!(pay(&mut books, "S1", 5_000, &[("GC-0000001", 5_000)]), Ok(()));
    assert_eq!(balance(&mut books, "GC-0000001"), 0);
    assert_eq!(pay(&mut books, "S2", 5_000, &[("GC-0000001", 5_000)]), Err("instrument_empty"));
}

#[test]
fn row_b25_a_type_may_let_a_card_be_spent_in_parts_or_lose_the_rest() {
    let mut books = books();
    configure(&mut books, "parts", "gift_card", &json!({"spend": "partial"}));
    configure(&mut books, "once", "gift_card", &json!({"spend": "forfeit"}));
    card(&mut books, "PARTS-0001", 5_000, &json!({"instrument_type": "parts"})).unwrap();
    card(&mut books, "ONCE-00001", 5_000, &json!({"instrument_type": "once"})).unwrap();
    let paid =
        books.take("SaleValidated", &sale("S1", 3_000, &[("PARTS-0001", 1_000), ("ONCE-00001", 2_000)])).unwrap();
    let redeemed = |effect: &Payload<'static>| match effect {
        Payload::InstrumentRedeemed(paid) => Some((paid.amount_minor, paid.forfeited_minor, paid.balance_minor)),
        _ => None,
    };
    assert_eq!(paid.iter().filter_map(redeemed).collect::<Vec<_>>(), [(1_000, 0, 4_000), (2_000, 3_000, 0)]);
    books.take("SaleVoided", &json!({"sale": "S1", "reason": "test"})).unwrap();
    assert_eq!((balance(&mut books, "PARTS-0001"), balance(&mut books, "ONCE-00001")), (5_000, 5_000));
}

#[test]
fn row_b30_codes_are_compared_without_case_and_unique_over_all_instruments() {
    let mut books = books();
    configure(&mut books, "kdo", "wallet", &json!({}));
    card(&mut books, "gc-0000001", 5_000, &json!({})).unwrap();
    assert_eq!(card(&mut books, "GC-0000001", 5_000, &json!({})).map(drop), Err("code_taken"));
    let wallet = json!({"wallet": "Gc-0000001", "instrument_type": "kdo"});
    assert_eq!(books.take("WalletOpened", &wallet).map(drop), Err("code_taken"));
    assert_eq!(pay(&mut books, "S1", 5_000, &[(" Gc-0000001 ", 5_000)]), Ok(()));
    assert_eq!(pay(&mut books, "S2", 5_000, &[("GC-UNKNOWN", 5_000)]), Err("unknown_instrument"));
}

#[test]
fn row_b29_a_refund_goes_to_what_paid_and_no_further() {
    let mut books = books();
    card(&mut books, "GC-0000001", 3_000, &json!({})).unwrap();
    card(&mut books, "GC-0000002", 3_000, &json!({})).unwrap();
    pay(&mut books, "S1", 5_000, &[("GC-0000001", 3_000)]).unwrap();
    let gift = "gift_card";
    assert_eq!(back(&mut books, "R1", "S1", &[("cash", None, 2_001)]), Err("refunded_otherwise_than_paid"));
    assert_eq!(back(&mut books, "R1", "S1", &[(gift, Some("GC-0000001"), 3_001)]), Err("refund_above_paid"));
    assert_eq!(back(&mut books, "R1", "S1", &[(gift, Some("GC-0000002"), 1)]), Err("not_paid_with"));
    assert_eq!(back(&mut books, "R1", "S1", &[("cash", None, 1_500), (gift, Some("GC-0000001"), 1_000)]), Ok(()));
    assert_eq!(balance(&mut books, "GC-0000001"), 1_000);
    assert_eq!(back(&mut books, "R2", "S1", &[("cash", None, 501)]), Err("refunded_otherwise_than_paid"));
    assert_eq!(back(&mut books, "R2", "S1", &[(gift, Some("GC-0000001"), 2_001)]), Err("refund_above_paid"));
    assert_eq!(back(&mut books, "R2", "S1", &[("cash", None, 500), (gift, Some("GC-0000001"), 2_000)]), Ok(()));
    assert_eq!(balance(&mut books, "GC-0000001"), 3_000);
}

#[test]
fn rows_2_72_and_b37_goods_come_back_for_a_credit_note_or_store_credit() {
    let mut books = books();
    pay(&mut books, "S1", 5_000, &[]).unwrap();
    back(&mut books, "R1", "S1", &[("credit_note", Some("CN-0000001"), 1_000), ("store_credit", None, 500)]).unwrap();
    back(&mut books, "R2", "S1", &[("store_credit", None, 250)]).unwrap();
    assert_eq!((balance(&mut books, "CN-0000001"), balance(&mut books, "credit/EUR/C")), (1_000, 750));
    // Both pay in parts; store credit is its customer's.
    let mut sold = sale("S2", 1_000, &[("CN-0000001", 400)]);
    sold["tenders"][1] = json!({"kind": "store_credit", "amount_minor": 600});
    books.take("SaleValidated", &sold).unwrap();
    assert_eq!((balance(&mut books, "CN-0000001"), balance(&mut books, "credit/EUR/C")), (600, 150));
    sold["sale"] = json!("S3");
    sold["customer"] = json!("D");
    assert_eq!(books.take("SaleValidated", &sold).map(drop), Err("unknown_instrument"));
    sold["customer"] = Value::Null;
    assert_eq!(books.take("SaleValidated", &sold).map(drop), Err("store_credit_of_nobody"));
}

/// A sale of one line that sells or loads an instrument.
fn sell(books: &mut Books, id: &str, paid_minor: i64, sells: &Value) -> Result<(), &'static str> {
    let mut sold = sale(id, paid_minor, &[]);
    sold["lines"][0]["quantity"] = json!(1);
    sold["lines"][0]["sells"] = sells.clone();
    books.take("SaleValidated", &sold).map(drop)
}

#[test]
fn row_2_64_a_card_is_sold_by_a_line_and_comes_back_only_unused() {
    let mut books = books();
    sell(&mut books, "S1", 5_000, &json!({"instrument": "GC-0000001"})).unwrap();
    sell(&mut books, "S2", 5_000, &json!({"instrument": "GC-0000002"})).unwrap();
    assert_eq!(sell(&mut books, "S3", 5_000, &json!({"instrument": "GC-0000002"})), Err("code_taken"));
    assert_eq!(
        sell(&mut books, "S3", 5_000, &json!({"instrument": "GC-0000003", "load_minor": 6_000})),
        Err("load_differs")
    );
    pay(&mut books, "S4", 5_000, &[("GC-0000002", 5_000)]).unwrap();
    back(&mut books, "R1", "S1", &[("cash", None, 5_000)]).unwrap();
    assert_eq!(balance(&mut books, "GC-0000001"), 0);
    assert_eq!(pay(&mut books, "S5", 5_000, &[("GC-0000001", 5_000)]), Err("instrument_disabled"));
    assert_eq!(back(&mut books, "R2", "S2", &[("cash", None, 5_000)]), Err("instrument_used"));
    assert_eq!(books.take("SaleVoided", &json!({"sale": "S2", "reason": "test"})).map(drop), Err("instrument_used"));
}

#[test]
fn rows_2_59_to_2_62_a_wallet_is_loaded_up_to_its_ceiling_for_what_its_type_asks() {
    let mut books = books();
    configure(&mut books, "free", "wallet", &json!({}));
    configure(
        &mut books,
        "fixed",
        "wallet",
        &json!({"load_minor": 15_000, "payment_minor": 10_000, "families": ["boots"]}),
    );
    let free = json!({"instrument": "WALLET-01", "instrument_type": "free"});
    assert_eq!(sell(&mut books, "S0", 15_001, &free), Err("ceiling_exceeded"));
    sell(&mut books, "S1", 14_999, &free).unwrap();
    assert_eq!(sell(&mut books, "S2", 2, &free), Err("ceiling_exceeded"), "150.01 on the balance");
    sell(&mut books, "S2", 1, &free).unwrap();
    assert_eq!(balance(&mut books, "WALLET-01"), 15_000);
    assert_eq!(pay(&mut books, "S3", 14_999, &[("WALLET-01", 14_999)]), Ok(()));
    assert_eq!(pay(&mut books, "S4", 2, &[("WALLET-01", 2)]), Err("instrument_exceeded"));
    assert_eq!(pay(&mut books, "S4", 1, &[("WALLET-01", 1)]), Ok(()), "its last cent");
    let fixed = json!({"instrument": "WALLET-02", "instrument_type": "fixed"});
    assert_eq!(sell(&mut books, "S5", 15_000, &fixed), Err("load_differs"));
    sell(&mut books, "S5", 10_000, &fixed).unwrap();
    assert_eq!(balance(&mut books, "WALLET-02"), 15_000, "150 for a payment of 100");
    let mut other = sale("S6", 2_000, &[("WALLET-02", 2_000)]);
    other["lines"][0]["family"] = json!("socks");
    assert_eq!(books.take("SaleValidated", &other).map(drop), Err("instrument_of_other_families"));
    assert_eq!(pay(&mut books, "S6", 2_000, &[("WALLET-02", 2_000)]), Ok(()));
    // What was loaded and is spent in part cannot come back.
    assert_eq!(back(&mut books, "R", "S5", &[("cash", None, 10_000)]), Err("instrument_used"));
}

#[test]
fn row_b35_a_load_is_not_paid_by_the_wallet_it_loads() {
    let mut books = books();
    configure(&mut books, "free", "wallet", &json!({}));
    books.take("WalletOpened", &json!({"wallet": "WALLET-01", "instrument_type": "free", "customer": "C"})).unwrap();
    books.take("WalletLoaded", &json!({"wallet": "WALLET-01", "amount_minor": 1_000})).unwrap();
    let mut sold = sale("S1", 1_000, &[("WALLET-01", 1_000)]);
    sold["lines"][0]["quantity"] = json!(1);
    sold["lines"][0]["sells"] = json!({"instrument": "wallet-01"});
    assert_eq!(books.take("SaleValidated", &sold).map(drop), Err("wallet_pays_itself"));
    assert_eq!(pay(&mut books, "S2", 500, &[("WALLET-01", 200), ("wallet-01", 300)]), Err("instrument_twice"));
}

#[test]
fn row_b31_disabling_is_final_and_deactivating_is_not() {
    let mut books = books();
    card(&mut books, "GC-0000001", 5_000, &json!({})).unwrap();
    let named = json!({"instrument": "GC-0000001", "reason": "lost", "author": "support-4"});
    books.take("InstrumentDeactivated", &named).unwrap();
    assert_eq!(pay(&mut books, "S1", 5_000, &[("GC-0000001", 5_000)]), Err("instrument_deactivated"));
    books.take("InstrumentReactivated", &named).unwrap();
    assert_eq!(books.take("InstrumentReactivated", &named).map(drop), Err("not_deactivated"));
    let effects = books.take("InstrumentDisabled", &named).unwrap();
    assert!(
        matches!(&effects[..], [Payload::InstrumentCancelled(gone)] if (gone.amount_minor, gone.balance_minor) == (5_000, 0))
    );
    assert_eq!(books.take("InstrumentReactivated", &named).map(drop), Err("not_deactivated"));
    assert_eq!(pay(&mut books, "S1", 5_000, &[("GC-0000001", 5_000)]), Err("instrument_disabled"));
}

#[test]
fn rows_b32_and_b34_a_card_pays_in_its_currency_its_brand_and_for_its_holder() {
    let mut books = books();
    configure(&mut books, "mine", "gift_card", &json!({"named": true}));
    configure(&mut books, "acme", "gift_card", &json!({"brand": "acme"}));
    configure(&mut books, "one", "gift_card", &json!({"per_sale_max": 1}));
    card(&mut books, "MINE-0001", 100, &json!({"instrument_type": "mine", "customer": "C"})).unwrap();
    card(&mut books, "MINE-0002", 100, &json!({"instrument_type": "mine", "customer": "D"})).unwrap();
    card(&mut books, "ACME-0001", 100, &json!({"instrument_type": "acme"})).unwrap();
    card(&mut books, "ONE-00001", 100, &json!({"instrument_type": "one"})).unwrap();
    card(&mut books, "ONE-00002", 100, &json!({"instrument_type": "one"})).unwrap();
    assert_eq!(pay(&mut books, "S1", 100, &[("MINE-0002", 100)]), Err("instrument_of_another"));
    assert_eq!(pay(&mut books, "S1", 100, &[("MINE-0001", 100)]), Ok(()));
    assert_eq!(pay(&mut books, "S2", 100, &[("ACME-0001", 100)]), Err("instrument_of_another_brand"));
    assert_eq!(pay(&mut books, "S2", 200, &[("ONE-00001", 100), ("ONE-00002", 100)]), Err("too_many_of_a_type"));
    let tokyo = json!({"name": "Tokyo", "zone": "Asia/Tokyo", "currency": "JPY"});
    books.take_at("StoreConfigured", "TOKYO", NOW, &tokyo).unwrap();
    let mut yen = sale("S3", 100, &[("ONE-00001", 100)]);
    yen["currency"] = json!("JPY");
    assert_eq!(books.take_at("SaleValidated", "TOKYO", NOW, &yen).map(drop), Err("instrument_in_other_currency"));
    let other = card(&mut books, "OTHER-001", 100, &json!({"instrument_type": "nothing"}));
    assert_eq!(other.map(drop), Err("unknown_instrument_type"));
}

#[test]
fn a_wallets_ceiling_is_150_units_of_its_currency_whatever_its_decimals() {
    for (currency, max_minor) in [("JPY", 150), ("EUR", 15_000), ("KWD", 150_000)] {
        let mut books = Books::default();
        let wallet = json!({"instrument_type": "w", "kind": "wallet", "currency": currency});
        books.take_at("StoreConfigured", "S", NOW, &json!({"name": "S", "zone": "UTC", "currency": currency})).unwrap();
        books.take_at("InstrumentTypeConfigured", "S", NOW, &wallet).unwrap();
        books.take_at("WalletOpened", "S", NOW, &json!({"wallet": "WALLET-01", "instrument_type": "w"})).unwrap();
        let mut load = |amount_minor: i64| {
            books
                .take_at("WalletLoaded", "S", NOW, &json!({"wallet": "WALLET-01", "amount_minor": amount_minor}))
                .map(drop)
        };
        assert_eq!(load(max_minor + 1), Err("ceiling_exceeded"));
        assert_eq!(load(max_minor), Ok(()));
        assert_eq!(load(1), Err("ceiling_exceeded"));
    }
}

#[test]
fn amounts_beyond_2_to_the_53_lose_nothing() {
    let mut books = books();
    let much = (1_i64 << 53) + 1;
    configure(&mut books, "parts", "gift_card", &json!({"spend": "partial"}));
    card(&mut books, "GC-0000001", much, &json!({"instrument_type": "parts"})).unwrap();
    pay(&mut books, "S1", much - 1, &[("GC-0000001", much - 1)]).unwrap();
    assert_eq!(balance(&mut books, "GC-0000001"), 1);
    let whole = card(&mut books, "GC-0000002", i64::MAX, &json!({"instrument_type": "parts"}));
    assert!(whole.is_ok());
}

#[test]
fn a_sale_is_voided_whatever_has_become_of_the_card_that_paid() {
    for (until, then, left, event) in [
        (None, Some("InstrumentDisabled"), 0, "InstrumentCancelled"),
        (Some("2026-11-23"), None, 0, "InstrumentExpired"),
        (None, Some("InstrumentDeactivated"), 5_000, "InstrumentRefunded"),
    ] {
        let mut books = books();
        card(&mut books, "CARD-0001", 5_000, &json!({"expires_on": until})).unwrap();
        pay(&mut books, "S1", 5_000, &[("CARD-0001", 5_000)]).unwrap();
        if let Some(event_type) = then {
            books.take(event_type, &json!({"instrument": "CARD-0001", "reason": "lost", "author": "a"})).unwrap();
        }
        let at = "2026-11-24T08:00:00+01:00";
        books.tick(at);
        let caused = books.take_at("SaleVoided", "PARIS", at, &json!({"sale": "S1", "reason": "wrong"})).unwrap();
        assert_eq!(caused.last().unwrap().payload.info().name, event);
        let found: Instrument = books.get("CARD-0001").unwrap().unwrap();
        assert_eq!(found.balance_minor(), left, "{then:?}");
    }
}
