//! Row B28: what instruments would pay for a basket.

use serde_json::json;
use storefold_domain::{Basket, quote};
use storefold_events::Payload;

use crate::{
    books::Books,
    holds::hold,
    stored_value::{NOW, books, card, configure},
};

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
