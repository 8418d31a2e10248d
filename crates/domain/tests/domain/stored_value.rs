//! Rows 2.59 to 2.66, 2.72, B25 to B37: instruments are issued, spent, refunded, held, disabled, and expire.

use serde_json::{Value, json};
use storefold_domain::{Basket, Caused, Instrument, Knowledge, quote};
use storefold_events::Payload;

use crate::books::Books;

const NOW: &str = "2026-11-23T10:00:00+01:00";

fn books() -> Books {
    Books::of_paris()
}

fn configure(books: &mut Books, name: &str, kind: &str, rest: &Value) {
    let mut data = json!({"instrument_type": name, "kind": kind, "currency": "EUR"});
    data.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    books.take("InstrumentTypeConfigured", &data).unwrap();
}

fn card(books: &mut Books, code: &str, amount_minor: i64, rest: &Value) -> Result<Vec<Payload<'static>>, &'static str> {
    let mut data = json!({"card": code, "amount_minor": amount_minor, "currency": "EUR"});
    data.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    books.take("GiftCardIssued", &data)
}

/// A sale of one line, paid with `(code, amount)`, the rest in cash.
fn sale(id: &str, total_minor: i64, paid: &[(&str, i64)]) -> Value {
    let cash = total_minor - paid.iter().map(|(_, amount)| amount).sum::<i64>();
    let mut tenders: Vec<_> = paid
        .iter()
        .map(|(code, amount)| json!({"kind": "gift_card", "amount_minor": amount, "instrument": code}))
        .collect();
    tenders.push(json!({"kind": "cash", "amount_minor": cash}));
    json!({"sale": id, "till": "1", "channel": "store", "customer": "C", "currency": "EUR", "tenders": tenders,
        "lines": [{"line": 1, "sku": "BOOT", "family": "boots", "quantity": 10, "gross_minor": total_minor}]})
}

fn pay(books: &mut Books, id: &str, total_minor: i64, paid: &[(&str, i64)]) -> Result<(), &'static str> {
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

fn balance(books: &mut Books, code: &str) -> i64 {
    books.get::<Instrument>(code).unwrap().map_or(-1, |instrument| instrument.balance_minor())
}

fn hold(books: &mut Books, id: &str, code: &str, sale: &str, amount_minor: i64) -> Result<(), &'static str> {
    let held = json!({"hold": id, "instrument": code, "sale": sale, "amount_minor": amount_minor});
    books.take("InstrumentHeld", &held).map(drop)
}

/// What the clock does to instruments: when, and how much.
fn told(effects: &[Caused]) -> Vec<(String, i64)> {
    let told = effects.iter().filter_map(|effect| {
        let time = chrono::DateTime::from_timestamp_millis(effect.occurred_at_ms).unwrap().format("%F %T").to_string();
        match &effect.payload {
            Payload::InstrumentExpired(expired) => Some((time, -expired.amount_minor)),
            Payload::HoldLapsed(lapsed) => Some((time, lapsed.amount_minor)),
            _ => None,
        }
    });
    told.collect()
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
fn row_b26_held_is_told_from_empty_and_a_hold_ends_by_its_sale_its_release_or_its_time() {
    let mut books = books();
    configure(&mut books, "free", "wallet", &json!({"hold_minutes": 10}));
    books.take("WalletOpened", &json!({"wallet": "WALLET-01", "instrument_type": "free"})).unwrap();
    books.take("WalletLoaded", &json!({"wallet": "WALLET-01", "amount_minor": 1_000})).unwrap();
    hold(&mut books, "H1", "WALLET-01", "S1", 700).unwrap();
    assert_eq!(hold(&mut books, "H1", "WALLET-01", "S1", 1), Err("hold_already_taken"));
    assert_eq!(hold(&mut books, "H2", "WALLET-01", "S2", 301), Err("instrument_held"));
    assert_eq!(pay(&mut books, "S2", 301, &[("WALLET-01", 301)]), Err("instrument_held"));
    assert_eq!(pay(&mut books, "S2", 300, &[("WALLET-01", 300)]), Ok(()));
    assert_eq!(pay(&mut books, "S1", 700, &[("WALLET-01", 700)]), Ok(()), "the sale takes what is held for it");
    assert_eq!(hold(&mut books, "H3", "WALLET-01", "S3", 1), Err("instrument_empty"));
    books.take("WalletLoaded", &json!({"wallet": "WALLET-01", "amount_minor": 500})).unwrap();
    hold(&mut books, "H4", "WALLET-01", "S4", 500).unwrap();
    books.take("HoldReleased", &json!({"hold": "H4"})).unwrap();
    assert_eq!(books.take("HoldReleased", &json!({"hold": "H4"})).map(drop), Err("unknown_hold"));
    hold(&mut books, "H5", "WALLET-01", "S5", 500).unwrap();
    assert_eq!(told(&books.tick("2026-11-23T10:09:59+01:00")), vec![]);
    assert_eq!(told(&books.tick("2026-11-23T10:10:00+01:00")), [("2026-11-23 09:10:00".to_owned(), 500)]);
    assert_eq!(pay(&mut books, "S6", 500, &[("WALLET-01", 500)]), Ok(()));
}

#[test]
fn row_b33_a_card_pays_to_the_end_of_its_day_in_the_stores_zone_and_its_grace() {
    // The clock in Paris changes in the night before 25 October 2026.
    for (expires_on, grace_days, last) in [
        ("2026-10-24", 0, "2026-10-24T23:59:59+02:00"),
        ("2026-10-25", 0, "2026-10-25T23:59:59+01:00"),
        ("2026-10-24", 1, "2026-10-25T23:59:59+01:00"),
    ] {
        let mut books = books();
        configure(
            &mut books,
            "year",
            "gift_card",
            &json!({"validity": {"policy": "end_of_year"}, "grace_days": grace_days}),
        );
        for code in ["GC-0000001", "GC-0000002"] {
            let issued = json!({"card": code, "amount_minor": 5_000, "currency": "EUR", "expires_on": expires_on,
                "instrument_type": "year"});
            books.take_at("GiftCardIssued", "PARIS", "2026-10-01T10:00:00+02:00", &issued).unwrap();
        }
        let after = (chrono::DateTime::parse_from_rfc3339(last).unwrap() + chrono::TimeDelta::seconds(1)).to_rfc3339();
        let mut pay_at = |id: &str, code: &str, at: &str| {
            books.take_at("SaleValidated", "PARIS", at, &sale(id, 5_000, &[(code, 5_000)])).map(drop)
        };
        assert_eq!(pay_at("S1", "GC-0000001", last), Ok(()), "{last}");
        assert_eq!(pay_at("S2", "GC-0000002", &after), Err("instrument_expired"), "{last}");
        let gone = chrono::DateTime::parse_from_rfc3339(&after).unwrap().to_utc().format("%F %T").to_string();
        assert_eq!(told(&books.tick(last)), vec![]);
        assert_eq!(told(&books.tick(&after)), [(gone, -5_000)], "the card that was not spent");
        assert_eq!(balance(&mut books, "GC-0000002"), 0);
    }
    let mut books = books();
    let passed = json!({"card": "GC-0000001", "amount_minor": 1, "currency": "EUR", "expires_on": "2026-11-22"});
    assert_eq!(books.take("GiftCardIssued", &passed).map(drop), Err("day_has_passed"));
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

/// What a basket of boots for 60.00 and socks for 40.00 would be paid with: code, amount, why not.
fn quoted(books: &mut Books, codes: &[&str]) -> Vec<(String, i64, Option<&'static str>)> {
    let sold = json!({"sale": "Q", "till": "1", "channel": "store", "currency": "EUR",
        "tenders": [{"kind": "cash", "amount_minor": 10_000}], "lines": [
            {"line": 1, "sku": "A", "family": "boots", "quantity": 1, "gross_minor": 6_000},
            {"line": 2, "sku": "B", "family": "socks", "quantity": 1, "gross_minor": 4_000}]});
    let event =
        json!({"source": "q", "seq": 1, "store": "PARIS", "occurred_at": NOW, "type": "SaleValidated", "data": sold});
    let event = storefold_events::wire::read_value(event).unwrap();
    let Payload::SaleValidated(sale) = &event.payload else { panic!("a sale") };
    let instruments: Vec<String> = codes.iter().map(ToString::to_string).collect();
    let basket = Basket {
        sale: "Q",
        store: Some("PARIS"),
        customer: Some("C"),
        currency: sale.currency,
        lines: &sale.lines,
        instruments: &instruments,
        at_ms: event.occurred_at_ms,
    };
    let quoted = quote(&basket, books).unwrap().into_iter();
    quoted.map(|of| (of.code.to_string(), of.pays_minor, of.refusal.map(|refusal| refusal.code()))).collect()
}

#[test]
fn row_b28_a_quote_spends_cards_in_order_and_stops_at_the_total() {
    let mut books = books();
    configure(&mut books, "parts", "gift_card", &json!({"spend": "partial", "order": 1}));
    configure(&mut books, "boots", "wallet", &json!({"families": ["boots"]}));
    configure(&mut books, "last", "gift_card", &json!({"spend": "partial", "order": 9, "per_sale_max": 1}));
    let until = |day: &str| json!({"instrument_type": "parts", "expires_on": day});
    card(&mut books, "LATER-001", 3_000, &until("2027-12-31")).unwrap();
    card(&mut books, "SOONER-01", 2_000, &until("2026-12-31")).unwrap();
    card(&mut books, "WHOLE-001", 2_500, &json!({})).unwrap();
    card(&mut books, "LAST-0001", 9_000, &json!({"instrument_type": "last"})).unwrap();
    card(&mut books, "LAST-0002", 9_500, &json!({"instrument_type": "last"})).unwrap();
    books.take("WalletOpened", &json!({"wallet": "BOOTS-001", "instrument_type": "boots"})).unwrap();
    books.take("WalletLoaded", &json!({"wallet": "BOOTS-001", "amount_minor": 7_000})).unwrap();
    let all = ["LATER-001", "sooner-01", "WHOLE-001", "SOONER-01", "NOBODY-01"];
    let of = |code: &str, pays: i64, why: Option<&'static str>| (code.to_owned(), pays, why);
    let unknown = of("NOBODY-01", 0, Some("unknown_instrument"));
    let paid = [unknown, of("WHOLE-001", 2_500, None), of("SOONER-01", 2_000, None), of("LATER-001", 3_000, None)];
    assert_eq!(quoted(&mut books, &all), paid);
    let of_boots =
        [of("BOOTS-001", 6_000, None), of("LAST-0001", 4_000, None), of("LAST-0002", 0, Some("too_many_of_a_type"))];
    assert_eq!(quoted(&mut books, &["LAST-0002", "LAST-0001", "BOOTS-001"]), of_boots);
    card(&mut books, "WHOLE-002", 10_001, &json!({})).unwrap();
    assert_eq!(quoted(&mut books, &["WHOLE-002"]), [of("WHOLE-002", 0, Some("gift_card_must_be_used_whole"))]);
    hold(&mut books, "H", "LATER-001", "OTHER", 2_900).unwrap();
    assert_eq!(quoted(&mut books, &["LATER-001"]), [of("LATER-001", 100, None)]);
}
