//! Whatever happens to instruments, what was issued and not redeemed, forfeited, expired or cancelled is outstanding, and
//! it is the sum of the balances, at every event (B27 to B29).

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use storefold_domain::{Caused, Instrument, Knowledge};
use storefold_events::Payload;

use crate::books::Books;

const CODES: [&str; 4] = ["WHOLE-0001", "PARTS-0001", "ONCE-00001", "WALLET-01"];
const TYPES: [&str; 4] = ["whole", "partial", "forfeit", "wallet"];

/// What may happen, by the number of the instrument or the sale it happens to.
#[derive(Clone, Debug)]
enum Step {
    Issue(usize, i64),
    Load(i64),
    SellLoad(i64),
    CashBack { sale: usize, amount: i64 },
    Hold(usize, i64),
    Release(usize),
    Pay { first: usize, second: usize, amount: i64, total: i64 },
    PayVoucher { nth: usize, amount: i64, total: i64 },
    HoldVoucher { nth: usize, amount: i64 },
    RefundVoucher { sale: usize, nth: usize, amount: i64 },
    Refund { sale: usize, to: usize, amount: i64 },
    Note { sale: usize, amount: i64 },
    Void(usize),
    Disable(usize),
    Days(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let code = || 0..4_usize;
    let sale = || 0..6_usize;
    prop_oneof![
        3 => (0..3_usize, 1..60_i64).prop_map(|(code, amount)| Step::Issue(code, amount)),
        3 => (1..60_i64).prop_map(Step::Load),
        2 => (1..60_i64).prop_map(Step::SellLoad),
        2 => (sale(), 1..60_i64).prop_map(|(sale, amount)| Step::CashBack { sale, amount }),
        1 => (code(), 1..40_i64).prop_map(|(code, amount)| Step::Hold(code, amount)),
        1 => (0..40_usize).prop_map(Step::Release),
        6 => (code(), code(), 1..60_i64, 1..90_i64)
            .prop_map(|(first, second, amount, total)| Step::Pay { first, second, amount, total }),
        4 => (0..8_usize, 1..12_i64, 12..90_i64)
            .prop_map(|(nth, amount, total)| Step::PayVoucher { nth, amount, total }),
        1 => (0..8_usize, 1..12_i64).prop_map(|(nth, amount)| Step::HoldVoucher { nth, amount }),
        1 => (sale(), 0..8_usize, 1..12_i64).prop_map(|(sale, nth, amount)| Step::RefundVoucher { sale, nth, amount }),
        3 => (sale(), code(), 1..30_i64).prop_map(|(sale, to, amount)| Step::Refund { sale, to, amount }),
        1 => (sale(), 1..30_i64).prop_map(|(sale, amount)| Step::Note { sale, amount }),
        1 => sale().prop_map(Step::Void),
        1 => code().prop_map(Step::Disable),
        1 => (1..30_i64).prop_map(Step::Days),
    ]
}

/// The plain ledger: a balance by code, and what went in and out altogether.
#[derive(Default)]
struct Ledger {
    balances: BTreeMap<String, i64>,
    outstanding: i64,
}

impl Ledger {
    fn moves(&mut self, code: &str, amount: i64, told: Option<i64>) {
        let balance = self.balances.entry(code.to_owned()).or_default();
        *balance += amount;
        self.outstanding += amount;
        assert!(*balance >= 0, "{code}");
        if let Some(told) = told {
            assert_eq!(told, *balance, "{code}");
        }
    }

    /// One of the vouchers that sales were given, by its code.
    fn voucher(&self, nth: usize) -> Option<&String> {
        let made: Vec<_> = self.balances.keys().filter(|code| code.len() == 16).collect();
        made.get(nth % made.len().max(1)).copied()
    }

    fn take(&mut self, effects: &[Caused]) {
        for effect in effects {
            match &effect.payload {
                Payload::InstrumentIssued(of) => self.moves(&of.instrument, of.amount_minor, Some(of.amount_minor)),
                Payload::InstrumentLoaded(of) => self.moves(&of.instrument, of.amount_minor, Some(of.balance_minor)),
                Payload::InstrumentRefunded(of) => self.moves(&of.instrument, of.amount_minor, Some(of.balance_minor)),
                Payload::InstrumentRedeemed(of) => {
                    self.moves(&of.instrument, -of.amount_minor - of.forfeited_minor, Some(of.balance_minor));
                }
                Payload::InstrumentExpired(of) => self.moves(&of.instrument, -of.amount_minor, Some(0)),
                Payload::InstrumentCancelled(of) => {
                    self.moves(&of.instrument, -of.amount_minor, Some(of.balance_minor));
                }
                _ => {}
            }
        }
    }
}

fn fact(step: &Step, index: usize, sales: &mut usize, ledger: &Ledger) -> Option<(&'static str, Value)> {
    let by_hand = |code: usize| json!({"instrument": CODES[code], "reason": "r", "author": "a"});
    let back = |sale: usize, tender: Value| {
        let amount = tender["amount_minor"].clone();
        json!({"return": format!("R{index}"), "sale": format!("S{sale}"), "currency": "EUR", "tenders": [tender],
            "lines": [{"line": 1, "quantity": 1, "refund_minor": amount}]})
    };
    Some(match step {
        Step::Issue(code, amount) => (
            "GiftCardIssued",
            json!({"card": CODES[*code], "amount_minor": amount,
            "currency": "EUR", "instrument_type": TYPES[*code]}),
        ),
        Step::Load(amount) => ("WalletLoaded", json!({"wallet": CODES[3], "amount_minor": amount})),
        Step::SellLoad(amount) => {
            let id = format!("S{sales}");
            *sales += 1;
            let line = json!({"line": 1, "sku": "LOAD", "quantity": 1, "gross_minor": amount,
                "sells": {"instrument": CODES[3]}});
            let data = json!({"sale": id, "till": "1", "channel": "store", "currency": "EUR", "lines": [line],
                "tenders": [{"kind": "cash", "amount_minor": amount}]});
            ("SaleValidated", data)
        }
        Step::CashBack { sale, amount } => {
            ("SaleReturned", back(*sale, json!({"kind": "cash", "amount_minor": amount})))
        }
        Step::Hold(code, amount) => (
            "InstrumentHeld",
            json!({"hold": format!("H{index}"), "instrument": CODES[*code],
            "sale": format!("S{sales}"), "amount_minor": amount}),
        ),
        Step::Release(hold) => ("HoldReleased", json!({"hold": format!("H{hold}")})),
        Step::Pay { first, second, amount, total } => {
            let of =
                |code: usize, amount: i64| json!({"kind": "card", "instrument": CODES[code], "amount_minor": amount});
            let second_pays = (total - amount).clamp(0, 7);
            let mut tenders = vec![of(*first, *amount.min(total))];
            tenders.extend((second_pays > 0).then(|| of(*second, second_pays)));
            let cash = total - amount.min(total) - second_pays;
            tenders.push(json!({"kind": "cash", "amount_minor": cash}));
            let id = format!("S{sales}");
            *sales += 1;
            (
                "SaleValidated",
                json!({"sale": id, "till": "1", "channel": "store", "currency": "EUR", "tenders": tenders,
                "customer": index.is_multiple_of(2).then_some("C"),
                "lines": [{"line": 1, "sku": "A", "quantity": 100, "gross_minor": total}]}),
            )
        }
        Step::PayVoucher { nth, amount, total } => {
            let tenders = json!([{"kind": "voucher", "instrument": ledger.voucher(*nth)?, "amount_minor": amount},
                {"kind": "cash", "amount_minor": total - amount}]);
            let id = format!("S{sales}");
            *sales += 1;
            let lines = json!([{"line": 1, "sku": "A", "quantity": 100, "gross_minor": total}]);
            let data = json!({"sale": id, "till": "1", "channel": "store", "currency": "EUR", "tenders": tenders,
                "customer": "C", "lines": lines});
            ("SaleValidated", data)
        }
        Step::HoldVoucher { nth, amount } => (
            "InstrumentHeld",
            json!({"hold": format!("H{index}"), "instrument": ledger.voucher(*nth)?, "sale": format!("S{sales}"),
                "amount_minor": amount}),
        ),
        Step::RefundVoucher { sale, nth, amount } => {
            let tender = json!({"kind": "voucher", "instrument": ledger.voucher(*nth)?, "amount_minor": amount});
            ("SaleReturned", back(*sale, tender))
        }
        Step::Refund { sale, to, amount } => {
            let tender = json!({"kind": "card", "instrument": CODES[*to], "amount_minor": amount});
            ("SaleReturned", back(*sale, tender))
        }
        Step::Note { sale, amount } => {
            let code = format!("NOTE-{index:05}");
            ("SaleReturned", back(*sale, json!({"kind": "credit_note", "instrument": code, "amount_minor": amount})))
        }
        Step::Void(sale) => ("SaleVoided", json!({"sale": format!("S{sale}"), "reason": "test"})),
        Step::Disable(code) => ("InstrumentDisabled", by_hand(*code)),
        Step::Days(_) => return None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_sum_of_all_balances_is_what_went_in_less_what_went_out(steps in prop::collection::vec(step(), 1..60)) {
        let mut books = Books::of_paris();
        for (name, spend) in [("whole", "whole"), ("partial", "partial"), ("forfeit", "forfeit")] {
            let of_type = json!({"instrument_type": name, "kind": "gift_card", "currency": "EUR", "spend": spend,
                "validity": {"policy": "days", "count": 40}});
            books.take("InstrumentTypeConfigured", &of_type).unwrap();
        }
        books.take("InstrumentTypeConfigured",
            &json!({"instrument_type": "wallet", "kind": "wallet", "currency": "EUR", "balance_max_minor": 100})).unwrap();
        let lasts = json!({"lasts": {"policy": "days", "count": 20}});
        for rule in [
            json!({"rule": "each", "occasion": "sale", "uses": 2,
                "tiers": [{"from_minor": 20, "rate_e4": 1_000}, {"from_minor": 50, "amount_minor": 9}]}),
            json!({"rule": "visits", "occasion": "customer_sales", "visits_min": 2,
                "tiers": [{"from_minor": 30, "rate_e4": 2_000}]}),
        ] {
            let mut rule = rule;
            (rule["currency"], rule["from"], rule["validity"]) = (json!("EUR"), json!("2026-01-01"), lasts.clone());
            books.take_at("VoucherRuleDefined", "PARIS", "2026-01-01T00:00:00Z", &rule).unwrap();
        }
        let opened = books.take_at("WalletOpened", "PARIS", "2026-01-01T12:00:00Z",
            &json!({"wallet": CODES[3], "instrument_type": "wallet"})).unwrap();
        let mut ledger = Ledger::default();
        ledger.take(&opened);
        let mut today = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let mut sales = 0;
        for (index, step) in steps.iter().enumerate() {
            let at = format!("{today}T12:00:00Z");
            let effects = if let Step::Days(days) = step {
                today += chrono::TimeDelta::days(*days);
                books.tick(&format!("{today}T12:00:00Z"))
            } else {
                let Some((event_type, data)) = fact(step, index, &mut sales, &ledger) else { continue };
                books.take_at(event_type, "PARIS", &at, &data).unwrap_or_default()
            };
            ledger.take(&effects);
            let kept = |code: &String| books.clone().get::<Instrument>(code).unwrap().unwrap().balance_minor();
            prop_assert!(ledger.balances.iter().all(|(code, balance)| kept(code) == *balance));
            prop_assert_eq!(ledger.outstanding, ledger.balances.values().sum::<i64>());
        }
    }
}
