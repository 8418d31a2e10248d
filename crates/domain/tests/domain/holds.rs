//! Rows B26 and B33: what is held at checkout, and what the clock ends.

use serde_json::json;
use storefold_domain::Caused;
use storefold_events::Payload;

use crate::{
    books::Books,
    stored_value::{balance, books, configure, pay, sale},
};

pub fn hold(books: &mut Books, id: &str, code: &str, sale: &str, amount_minor: i64) -> Result<(), &'static str> {
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
