//! Rows 2.48 to 2.51, 2.67: what a basket costs. No cent appears or disappears.

use serde_json::{Value, json};
use storefold_domain::{Denied, Pricing, price};
use storefold_events::{Event, Payload, wire};

use crate::books::Books;

fn event(event_type: &str, at: &str, data: &Value) -> Event<'static> {
    let sent = json!({"source": "t", "seq": 1, "store": "PARIS", "occurred_at": at, "type": event_type, "data": data});
    wire::read_value(sent).unwrap()
}

/// Gross, discount and the rule of each line `(family, quantity, gross)`; what is refused.
fn priced_at(
    books: &mut Books,
    at: &str,
    vip: Option<&str>,
    lines: &[(&str, i64, i64)],
) -> Result<Vec<(i64, i64, String)>, &'static str> {
    let total: i64 = lines.iter().map(|(.., gross)| gross).sum();
    let lines: Vec<_> = lines
        .iter()
        .enumerate()
        .map(|(index, (family, quantity, gross))| {
            json!({"line": index + 1, "sku": format!("SKU-{family}"), "family": family, "quantity": quantity,
                "gross_minor": gross})
        })
        .collect();
    let sale = event(
        "SaleValidated",
        at,
        &json!({"sale": "P", "till": "1", "channel": "store", "currency": "EUR", "lines": lines,
            "tenders": [{"kind": "cash", "amount_minor": total}]}),
    );
    let vip = vip.map(|card| event("VipCardUsed", at, &json!({"card": card, "sale": "P", "customer": "C"})));
    let Payload::SaleValidated(body) = &sale.payload else { unreachable!() };
    let vip = vip.as_ref().map(|event| match &event.payload {
        Payload::VipCardUsed(used) => used,
        _ => unreachable!(),
    });
    match price(&Pricing { event: &sale, currency: body.currency, lines: &body.lines, vip }, books) {
        Ok(priced) => Ok(priced
            .lines
            .into_iter()
            .map(|line| {
                let by = if line.by_vip_card { "vip".to_owned() } else { line.rule.unwrap_or_default() };
                (line.gross_minor, line.discount_minor, by)
            })
            .collect()),
        Err(Denied::Refused(refusal)) => Err(refusal.code()),
        Err(Denied::Failed(never)) => match never {},
    }
}

fn priced(books: &mut Books, lines: &[(&str, i64, i64)]) -> Vec<(i64, i64, String)> {
    priced_at(books, "2026-11-23T10:00:00+01:00", None, lines).unwrap()
}

fn rule(books: &mut Books, name: &str, rate_e4: u32, rest: &Value) {
    let mut data = json!({"rule": name, "rate_e4": rate_e4, "from": "2026-11-20"});
    data.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    books.take("PriceRuleDefined", &data).unwrap();
}

fn by(gross: i64, discount: i64, rule: &str) -> (i64, i64, String) {
    (gross, discount, rule.to_owned())
}

#[test]
fn thirty_percent_are_taken_off_the_whole_store_on_the_days_of_the_rule() {
    let mut books = Books::of_paris();
    rule(&mut books, "sales", 3_000, &json!({"until": "2026-11-25"}));
    assert_eq!(priced(&mut books, &[("boots", 1, 9_999)]), [by(9_999, 3_000, "sales")]);
    let mut at = |at: &str| priced_at(&mut books, at, None, &[("boots", 1, 1_000)]).unwrap()[0].1;
    assert_eq!(at("2026-11-25T23:59:59+01:00"), 300);
    assert_eq!(at("2026-11-26T00:00:00+01:00"), 0);
}

#[test]
fn fifteen_percent_of_two_at_eleven_fifty_are_three_forty_five() {
    let mut books = Books::of_paris();
    rule(&mut books, "fifteen", 1_500, &json!({}));
    assert_eq!(priced(&mut books, &[("socks", 2, 2_300)]), [by(2_300, 345, "fifteen")]);
}

#[test]
fn a_hundred_percent_leave_nothing_and_thirds_are_rounded_once_a_line() {
    let mut books = Books::of_paris();
    rule(&mut books, "all", 10_000, &json!({"families": ["gifts"]}));
    rule(&mut books, "third", 3_333, &json!({"families": ["boots"]}));
    assert_eq!(
        priced(&mut books, &[("gifts", 3, 1_000), ("boots", 3, 1_000), ("socks", 1, 5)]),
        [by(1_000, 1_000, "all"), by(1_000, 333, "third"), by(5, 0, "")]
    );
}

#[test]
fn of_two_the_cheaper_is_half_the_price_whatever_the_order_of_the_lines() {
    let mut books = Books::of_paris();
    rule(&mut books, "second", 5_000, &json!({"nth": 2, "families": ["boots"]}));
    assert_eq!(priced(&mut books, &[("boots", 1, 4_000)]), [by(4_000, 0, "")]);
    assert_eq!(
        priced(&mut books, &[("boots", 1, 4_000), ("boots", 1, 6_000), ("socks", 9, 900)]),
        [by(4_000, 2_000, "second"), by(6_000, 0, ""), by(900, 0, "")]
    );
    // Five at 10.00 and two at 7.00: of seven units the second, the fourth and the sixth, one of them at 7.00.
    assert_eq!(
        priced(&mut books, &[("boots", 2, 1_400), ("boots", 5, 5_000)]),
        [by(1_400, 350, "second"), by(5_000, 1_000, "second")]
    );
    // Three for 10.00: a third of it, halved, half up.
    assert_eq!(priced(&mut books, &[("boots", 3, 1_000)]), [by(1_000, 167, "second")]);
}

#[test]
fn the_price_that_was_set_last_for_the_day_goes_before_the_tills() {
    let mut books = Books::of_paris();
    let set = |price: i64, from: &str, until: Value| json!({"currency": "EUR", "from": from, "until": until, "prices": [{"sku": "SKU-boots", "price_minor": price}]});
    books.take("PriceSet", &set(5_000, "2026-01-01", Value::Null)).unwrap();
    books.take("PriceSet", &set(4_000, "2026-11-23", json!("2026-11-23"))).unwrap();
    rule(&mut books, "tenth", 1_000, &json!({}));
    assert_eq!(priced(&mut books, &[("boots", 3, 1)]), [by(12_000, 1_200, "tenth")]);
    let next_day = priced_at(&mut books, "2026-11-24T00:00:00+01:00", None, &[("boots", 3, 1)]);
    assert_eq!(next_day.unwrap(), [by(15_000, 1_500, "tenth")]);
}

#[test]
fn of_a_rule_and_a_vip_card_the_better_holds_and_a_card_that_is_none_is_refused() {
    let mut books = Books::of_paris();
    rule(&mut books, "tenth", 1_000, &json!({}));
    rule(&mut books, "half", 5_000, &json!({"families": ["boots"]}));
    let assigned = json!({"card": "#VIP#A", "customer": "C", "discount_e4": 2_000, "expires_on": "2026-11-30"});
    books.take("VipCardAssigned", &assigned).unwrap();
    let lines = [("boots", 1, 1_000), ("socks", 1, 1_000)];
    let mut at = |at: &str, card: &str| priced_at(&mut books, at, Some(card), &lines);
    let now = "2026-11-23T10:00:00+01:00";
    assert_eq!(at(now, "#vip#a").unwrap(), [by(1_000, 500, "half"), by(1_000, 200, "vip")]);
    assert_eq!(at(now, "#VIP#B"), Err("unknown_instrument"));
    assert_eq!(at("2026-12-01T00:00:00+01:00", "#VIP#A"), Err("instrument_expired"));
}

#[test]
fn amounts_beyond_two_to_the_53rd_are_exact() {
    let mut books = Books::of_paris();
    rule(&mut books, "half", 5_000, &json!({}));
    let large = 9_007_199_254_740_993 * 1_000;
    assert_eq!(priced(&mut books, &[("boots", 7, large)]), [by(large, large / 2, "half")]);
    rule(&mut books, "all", 10_000, &json!({}));
    assert_eq!(priced(&mut books, &[("boots", 1, i64::MAX - 1)]), [by(i64::MAX - 1, i64::MAX - 1, "all")]);
}
