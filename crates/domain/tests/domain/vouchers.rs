//! Rows 2.52 to 2.58: vouchers are given by rules and in runs, pay as often as they may, and go with what comes back.

use serde_json::{Value, json};
use storefold_domain::{Instrument, Knowledge};
use storefold_events::{Payload, stored_value::InstrumentIssued};

use crate::{
    books::Books,
    stored_value::{NOW, books, configure, sale},
};

pub fn rule(books: &mut Books, name: &str, occasion: &str, tiers: &Value, rest: &Value) {
    let mut data = json!({"rule": name, "occasion": occasion, "currency": "EUR", "from": "2026-01-01", "tiers": tiers});
    data.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    books.take("VoucherRuleDefined", &data).unwrap();
}

fn vouchers(effects: Vec<Payload<'static>>) -> Vec<InstrumentIssued<'static>> {
    let voucher = |effect| match effect {
        Payload::InstrumentIssued(issued) if issued.voucher.is_some() => Some(issued),
        _ => None,
    };
    effects.into_iter().filter_map(voucher).collect()
}

/// Vouchers that a sale is given: what each is worth.
fn worth(books: &mut Books, id: &str, total_minor: i64) -> Vec<i64> {
    let caused = books.take("SaleValidated", &sale(id, total_minor, &[])).unwrap();
    vouchers(caused).iter().map(|issued| issued.amount_minor).collect()
}

/// The one voucher that a sale is given.
fn given(books: &mut Books, sale: &Value) -> InstrumentIssued<'static> {
    let mut all = vouchers(books.take("SaleValidated", sale).unwrap());
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn balance(books: &mut Books, code: &str) -> i64 {
    books.get::<Instrument>(code).unwrap().unwrap().balance_minor()
}

#[test]
fn a_tier_by_share_holds_from_its_bound_on_and_is_rounded_half_up() {
    let tiers = json!([{"from_minor": 5_000, "rate_e4": 500}, {"from_minor": 10_000, "rate_e4": 1_000},
        {"from_minor": 15_000, "rate_e4": 1_500}]);
    let mut books = books();
    rule(&mut books, "share", "sale", &tiers, &json!({}));
    let expected = [
        (4_999, None),
        (5_000, Some(250)),
        (5_001, Some(250)),
        (5_010, Some(251)),
        (9_999, Some(500)),
        (10_000, Some(1_000)),
        (10_001, Some(1_000)),
        (14_999, Some(1_500)),
        (15_000, Some(2_250)),
        (15_001, Some(2_250)),
    ];
    for (total_minor, expected_minor) in expected {
        let worth = worth(&mut books, &format!("T-{total_minor}"), total_minor);
        assert_eq!(worth, Vec::from_iter(expected_minor), "for {total_minor}");
    }
}

#[test]
fn a_tier_by_amount_holds_from_its_bound_on() {
    let tiers = json!([{"from_minor": 5_000, "amount_minor": 500}, {"from_minor": 10_000, "amount_minor": 1_000},
        {"from_minor": 15_000, "amount_minor": 1_500}]);
    let mut books = books();
    rule(&mut books, "amount", "sale", &tiers, &json!({}));
    let expected = [
        (4_999, 0),
        (5_000, 500),
        (5_001, 500),
        (9_999, 500),
        (10_000, 1_000),
        (10_001, 1_000),
        (14_999, 1_000),
        (15_000, 1_500),
        (15_001, 1_500),
    ];
    for (total_minor, expected_minor) in expected {
        let worth = worth(&mut books, &format!("T-{total_minor}"), total_minor);
        assert_eq!(worth.iter().sum::<i64>(), expected_minor, "for {total_minor}");
    }
}

#[test]
fn two_visits_and_a_hundred_give_five_percent_and_begin_anew() {
    let mut books = books();
    let tiers = json!([{"from_minor": 10_000, "rate_e4": 500}]);
    rule(&mut books, "two-visits", "customer_sales", &tiers, &json!({"visits_min": 2}));
    assert_eq!(worth(&mut books, "T-1", 4_000), [0_i64; 0]);
    assert_eq!(worth(&mut books, "T-2", 5_999), [0_i64; 0], "two visits, a cent too little");
    assert_eq!(worth(&mut books, "T-3", 1), [500], "5 % of 100.00");
    assert_eq!(worth(&mut books, "T-4", 20_000), [0_i64; 0], "one visit since");
    assert_eq!(worth(&mut books, "T-5", 1), [1_000]);
}

#[test]
fn a_sale_without_a_customer_gives_a_bearer_voucher_with_a_code_that_checks() {
    let mut books = books();
    rule(&mut books, "foot", "sale", &json!([{"amount_minor": 300}]), &json!({}));
    let mut sold = sale("T-1", 2_000, &[]);
    sold["customer"] = Value::Null;
    let voucher = given(&mut books, &sold);
    assert_eq!((voucher.customer.as_deref(), voucher.sale.as_deref()), (None, Some("T-1")));
    assert_eq!(voucher.instrument.len(), 16);
    let mut wrong = voucher.instrument.to_string();
    wrong.replace_range(3..4, if &wrong[3..4] == "7" { "8" } else { "7" });
    assert_eq!(books.take("SaleValidated", &sale("T-2", 900, &[(&wrong, 300)])), Err("code_mistyped"));
    assert!(books.take("SaleValidated", &sale("T-3", 900, &[(&voucher.instrument.to_lowercase(), 300)])).is_ok());
}

#[test]
fn a_voucher_with_three_uses_pays_three_times_and_no_more() {
    let mut books = books();
    rule(&mut books, "thrice", "sale", &json!([{"from_minor": 9_000, "amount_minor": 500}]), &json!({"uses": 3}));
    let voucher = given(&mut books, &sale("T-1", 9_000, &[]));
    let code = voucher.instrument.to_string();
    assert_eq!((voucher.amount_minor, voucher.voucher.unwrap().use_minor), (1_500, 500));
    let mut pay = |id: &str, amount| books.take("SaleValidated", &sale(id, 800, &[(&code, amount)])).map(drop);
    assert_eq!(pay("U-0", 501), Err("instrument_exceeded"));
    assert_eq!(pay("U-1", 500), Ok(()));
    assert_eq!(pay("U-2", 120), Ok(()), "the rest of this use is lost");
    assert_eq!(pay("U-3", 500), Ok(()));
    assert_eq!(pay("U-4", 1), Err("instrument_empty"));
    assert_eq!(balance(&mut books, &code), 0);
    books.take("SaleVoided", &json!({"sale": "U-2", "reason": "wrong till"})).unwrap();
    assert_eq!(balance(&mut books, &code), 500, "a void brings the whole use back");
}

#[test]
fn what_is_held_of_a_card_that_is_spent_once_leaves_nothing_for_others() {
    let mut books = books();
    rule(&mut books, "once", "sale", &json!([{"from_minor": 9_000, "amount_minor": 500}]), &json!({}));
    let code = given(&mut books, &sale("T-1", 9_000, &[])).instrument.to_string();
    books.take("InstrumentHeld", &json!({"hold": "H", "instrument": code, "sale": "A", "amount_minor": 300})).unwrap();
    assert_eq!(books.take("SaleValidated", &sale("B", 800, &[(&code, 200)])), Err("instrument_held"));
    assert!(books.take("SaleValidated", &sale("A", 800, &[(&code, 500)])).is_ok());
}

#[test]
fn a_new_customer_with_an_email_is_given_one_voucher_and_a_share_waits_for_the_first_sale() {
    let mut books = books();
    rule(&mut books, "hello", "customer_created", &json!([{"amount_minor": 700}]), &json!({"stores": ["PARIS"]}));
    rule(&mut books, "first", "customer_created", &json!([{"rate_e4": 1_000}]), &json!({}));
    rule(&mut books, "lyon", "customer_created", &json!([{"amount_minor": 900}]), &json!({"stores": ["LYON"]}));
    let create = |books: &mut Books, data: Value| vouchers(books.take("CustomerCreated", &data).unwrap());
    assert_eq!(create(&mut books, json!({"customer": "N"})).len(), 0, "no address, no voucher");
    let of_c = create(&mut books, json!({"customer": "C", "email": "c@example.com"}));
    assert_eq!(of_c.iter().map(|of| of.amount_minor).collect::<Vec<_>>(), [700]);
    assert_eq!(worth(&mut books, "T-1", 12_345), [1_235], "10 %, half up");
    assert_eq!(worth(&mut books, "T-2", 12_345), [0_i64; 0], "once for each customer");
}

#[test]
fn a_rule_holds_on_its_days_and_as_it_was_defined_then() {
    let mut books = books();
    let days = json!({"from": "2026-11-20", "until": "2026-11-24"});
    rule(&mut books, "week", "sale", &json!([{"amount_minor": 100}]), &days);
    let mut at = |id: &str, at: &str| {
        let caused = books.take_at("SaleValidated", "PARIS", at, &sale(id, 1_000, &[])).unwrap();
        vouchers(caused.into_iter().map(|effect| effect.payload).collect()).len()
    };
    assert_eq!(at("T-1", "2026-11-23T10:00:01+01:00"), 1);
    assert_eq!(at("T-2", "2026-11-24T23:59:59+01:00"), 1, "the last second of the last day");
    assert_eq!(at("T-3", "2026-11-25T00:00:00+01:00"), 0, "the second after");
    assert_eq!(at("T-4", "2026-11-23T09:59:59+01:00"), 0, "before it was defined");
}

#[test]
fn a_voucher_pays_from_its_first_day_to_its_last_second_of_the_store() {
    let mut books = books();
    let validity = json!({"validity": {"from": "2027-03-01", "until": "2027-03-28"}});
    rule(&mut books, "spring", "sale", &json!([{"from_minor": 9_000, "amount_minor": 300}]), &validity);
    let codes: Vec<_> =
        (0..3).map(|n| given(&mut books, &sale(&format!("T-{n}"), 9_000, &[])).instrument.to_string()).collect();
    let mut pay = |id: &str, at: &str, code: &str| {
        books.take_at("SaleValidated", "PARIS", at, &sale(id, 800, &[(code, 300)])).map(drop)
    };
    assert_eq!(pay("U-0", "2027-02-28T23:59:59+01:00", &codes[0]), Err("not_yet_valid"));
    assert_eq!(pay("U-1", "2027-03-01T00:00:00+01:00", &codes[0]), Ok(()));
    // The clock goes forward on the last day: its end is at 22:00 UTC.
    assert_eq!(pay("U-2", "2027-03-28T23:59:59+02:00", &codes[1]), Ok(()));
    assert_eq!(pay("U-3", "2027-03-29T00:00:00+02:00", &codes[2]), Err("instrument_expired"));
}

#[test]
fn goods_that_come_back_take_the_voucher_they_were_given() {
    let mut books = books();
    let tiers = json!([{"from_minor": 5_000, "amount_minor": 500}, {"from_minor": 10_000, "amount_minor": 1_000}]);
    rule(&mut books, "amount", "sale", &tiers, &json!({}));
    let code = given(&mut books, &sale("T-1", 12_000, &[])).instrument.to_string();
    let mut back = |id: &str, refund_minor: i64| {
        let tenders = json!([{"kind": "cash", "amount_minor": refund_minor}]);
        let lines = json!([{"line": 1, "quantity": 1, "refund_minor": refund_minor}]);
        let data = json!({"return": id, "sale": "T-1", "currency": "EUR", "lines": lines, "tenders": tenders});
        books.take("SaleReturned", &data).unwrap();
        balance(&mut books, &code)
    };
    assert_eq!(back("R-1", 2_000), 1_000, "100.00 is left, which is the bound");
    assert_eq!(back("R-2", 1), 500);
    assert_eq!(back("R-3", 4_999), 500);
    assert_eq!(back("R-4", 1), 0);
}

#[test]
fn what_was_spent_of_a_voucher_stays_spent_when_its_sale_is_voided() {
    let mut books = books();
    rule(&mut books, "twice", "sale", &json!([{"from_minor": 9_000, "amount_minor": 500}]), &json!({"uses": 2}));
    let code = given(&mut books, &sale("T-1", 9_000, &[])).instrument.to_string();
    books.take("SaleValidated", &sale("U-1", 800, &[(&code, 500)])).unwrap();
    books.take("SaleVoided", &json!({"sale": "T-1", "reason": "wrong till"})).unwrap();
    assert_eq!(balance(&mut books, &code), 0);
}

#[test]
fn sales_that_come_back_before_a_voucher_do_not_count_for_it() {
    let mut books = books();
    let tiers = json!([{"from_minor": 10_000, "rate_e4": 500}]);
    rule(&mut books, "two-visits", "customer_sales", &tiers, &json!({"visits_min": 2}));
    worth(&mut books, "T-1", 9_000);
    books.take("SaleVoided", &json!({"sale": "T-1", "reason": "wrong till"})).unwrap();
    assert_eq!(worth(&mut books, "T-2", 10_000), [0_i64; 0], "one visit");
    assert_eq!(worth(&mut books, "T-3", 100), [505]);
}

#[test]
fn what_pays_beside_what_is_said_by_the_types() {
    let mut books = books();
    configure(&mut books, "alone", "voucher", &json!({"stacking": {"not_beside": ["*"]}}));
    configure(&mut books, "full-price", "voucher", &json!({"stacking": {"undiscounted_only": true}}));
    for (name, of) in [("a", "alone"), ("f", "full-price")] {
        let rest = json!({"instrument_type": of, "families": [name]});
        rule(&mut books, name, "sale", &json!([{"amount_minor": 400}]), &rest);
    }
    let mut give = |family: &str, id: &str| {
        let mut sold = sale(id, 1_000, &[]);
        sold["lines"][0]["family"] = json!(family);
        given(&mut books, &sold).instrument.to_string()
    };
    let (alone, full, other) = (give("a", "T-1"), give("f", "T-2"), give("f", "T-3"));
    let mut sold = sale("U-1", 2_000, &[(&full, 400), (&alone, 400)]);
    assert_eq!(books.take("SaleValidated", &sold), Err("not_beside"), "whatever comes first");
    sold = sale("U-2", 900, &[(&full, 400), (&other, 301)]);
    sold["lines"] = json!([{"line": 1, "sku": "BOOT", "quantity": 1, "gross_minor": 700},
        {"line": 2, "sku": "SOCK", "quantity": 1, "gross_minor": 250, "discount_minor": 50}]);
    assert_eq!(books.take("SaleValidated", &sold), Err("undiscounted_only"));
    sold = sale("U-3", 900, &[(&full, 400)]);
    sold["lines"][0]["gross_minor"] = json!(1_000);
    sold["lines"][0]["discount_minor"] = json!(100);
    assert_eq!(books.take("SaleValidated", &sold), Err("undiscounted_only"));
    assert!(books.take("SaleValidated", &sale("U-4", 900, &[(&alone, 400)])).is_ok());
}

#[test]
fn a_run_gives_each_customer_one_voucher() {
    let mut books = books();
    let launch = |run: &str| {
        json!({"run": run, "currency": "EUR", "tiers": [{"from_minor": 1_000, "rate_e4": 1_000}],
            "validity": {"lasts": {"policy": "days", "count": 30}}, "previewed_at": 1, "author": "m"})
    };
    let grant = |run: &str, turnover: i64| json!({"run": run, "customer": "C", "turnover_minor": turnover});
    assert_eq!(books.take("VoucherGranted", &grant("winter", 5_000)), Err("unknown_run"));
    books.take("VoucherRunLaunched", &launch("winter")).unwrap();
    assert_eq!(books.take("VoucherRunLaunched", &launch("winter")), Err("run_already_launched"));
    assert_eq!(books.take("VoucherGranted", &grant("winter", 999)), Err("nothing_to_grant"));
    let mut granted = vouchers(books.take("VoucherGranted", &grant("winter", 5_000)).unwrap());
    let issued = granted.remove(0);
    assert_eq!((issued.amount_minor, issued.customer.as_deref()), (500, Some("C")));
    assert_eq!(books.take("VoucherGranted", &grant("winter", 5_000)), Err("voucher_already_granted"));
    let late = books.take_at("VoucherGranted", "PARIS", NOW, &grant("winter", 5_000));
    assert_eq!(late.err(), Some("voucher_already_granted"));
}

#[test]
fn holders_are_told_and_those_in_charge_of_vip_cards_where_short_messages_are_sent() {
    let mut books = books();
    rule(&mut books, "told", "sale", &json!([{"amount_minor": 300}]), &json!({"told_by": ["email", "sms"]}));
    books.take("VipCardAssigned", &json!({"card": "#VIP#A", "customer": "C", "discount_e4": 1_500})).unwrap();
    let mut messages = |event_type: &str, data: &Value| {
        let caused = books.take(event_type, data).unwrap();
        caused.iter().filter(|effect| matches!(effect, Payload::MessageRequested(_))).count()
    };
    let used = |sale: &str| json!({"card": "#vip#a", "customer": "C", "sale": sale});
    assert_eq!(messages("SaleValidated", &sale("T-1", 1_000, &[])), 1, "by email");
    assert_eq!(messages("VipCardUsed", &used("T-1")), 0);
    messages("MessagingConfigured", &json!({"sms_active": true, "vip_notice_to": ["+336", "+337"]}));
    assert_eq!(messages("SaleValidated", &sale("T-2", 1_000, &[])), 2);
    assert_eq!(messages("VipCardUsed", &used("T-2")), 2);
}

#[test]
fn codes_are_made_where_none_is_typed_and_stay_the_same_for_the_same_event() {
    let mut books = books();
    configure(&mut books, "kdo", "wallet", &json!({}));
    let code = |effects: &[Payload<'static>]| match &effects[0] {
        Payload::InstrumentIssued(issued) => issued.instrument.to_string(),
        other => panic!("{other:?}"),
    };
    let mut again = books.clone();
    let card = json!({"amount_minor": 5_000, "currency": "EUR"});
    let first = code(&books.take("GiftCardIssued", &card).unwrap());
    assert_eq!(code(&again.take("GiftCardIssued", &card).unwrap()), first);
    let wallet = code(&books.take("WalletOpened", &json!({"instrument_type": "kdo"})).unwrap());
    let note = json!({"amount_minor": 5_000, "currency": "EUR", "reason": "r", "author": "a"});
    let note = code(&books.take("CreditNoteIssued", &note).unwrap());
    let mut sold = sale("T-1", 5_000, &[]);
    sold["lines"][0]["quantity"] = json!(1);
    sold["lines"][0]["sells"] = json!({});
    let caused = books.take("SaleValidated", &sold).unwrap();
    let sold = caused.iter().find_map(|effect| match effect {
        Payload::InstrumentIssued(issued) => Some(issued.instrument.to_string()),
        _ => None,
    });
    let all = std::collections::BTreeSet::from([first, wallet, note, sold.unwrap()]);
    assert_eq!(all.len(), 4);
    assert!(all.iter().all(|code| code.len() == 16));
}

#[test]
fn shares_are_exact_beyond_two_to_the_53rd_and_in_currencies_of_none_and_three_digits() {
    let mut books = books();
    for (store, currency, total_minor, worth_minor) in [
        ("PARIS", "EUR", 9_007_199_254_740_993_i64, 450_359_962_737_050_i64),
        ("TOKYO", "JPY", 10_010, 501),
        ("TOKYO", "JPY", 10_009, 500),
        ("KUWAIT", "KWD", 12_345_678_910, 617_283_946),
    ] {
        let configured = json!({"name": store, "zone": "UTC", "currency": currency});
        books.take_at("StoreConfigured", store, "2026-01-01T00:00:00Z", &configured).unwrap();
        let rule = json!({"rule": currency, "occasion": "sale", "currency": currency, "from": "2026-01-01",
            "tiers": [{"rate_e4": 500}]});
        books.take_at("VoucherRuleDefined", store, "2026-01-01T00:00:00Z", &rule).unwrap();
        let mut sold = sale(&format!("{store}-{total_minor}"), total_minor, &[]);
        sold["currency"] = json!(currency);
        let caused = books.take_at("SaleValidated", store, NOW, &sold).unwrap();
        let given = vouchers(caused.into_iter().map(|effect| effect.payload).collect());
        assert_eq!(
            given.iter().map(|of| of.amount_minor).collect::<Vec<_>>(),
            [worth_minor],
            "{total_minor} {currency}"
        );
    }
}

#[test]
fn a_share_of_everything_is_everything() {
    let mut books = books();
    rule(&mut books, "all", "sale", &json!([{"rate_e4": 10_000}]), &json!({}));
    assert_eq!(worth(&mut books, "T-1", 3_333), [3_333]);
}
