//! However a history is folded, the rows are the same.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use storefold_projection::spec::laws;
use storefold_projector_stored_value::StoredValue;

use crate::{
    explained,
    given::{by_hand, decided, given, held, history, issued_to, lapsed, redeemed, released, sent},
    vip,
};

const ASKED: [&str; 8] = [
    "/v1/instruments/GC-4F7Q-92LM",
    "/v1/instruments/GC-4F7Q-92LM/explain?limit=3&before=9",
    "/v1/instruments/GC-0001-92LM/explain",
    "/v1/instruments?last_four=92LM",
    "/v1/instruments?customer=C-77",
    "/v1/vip-cards/#VIP#GOLD01",
    "/v1/vip-cards?customer=C-77",
    "/v1/instruments/GC-0002-92LM",
];

#[test]
fn folding_twice_in_parts_or_restarting_anywhere_gives_equal_rows() {
    let terms = json!({ "instrument_type": "year", "kind": "gift_card", "currency": "EUR", "named": true });
    let apart = [explained::events(), vip::life()].concat();
    let others = [
        issued_to("C-77", "GC-0001-92LM", 500),
        held("O1", "gc-0001-92lm", "T90", 200),
        sent("InstrumentTypeConfigured", "2026-11-23T12:00:00+01:00", &terms),
        released("O1"),
        by_hand("InstrumentDeactivated", "gc-0001-92lm"),
        issued_to("C-78", "GC-0002-92LM", 1),
    ];
    let mut events = apart;
    for (at, other) in [1, 4, 7, 9, 12, 15].into_iter().zip(others) {
        events.insert(at, other);
    }
    laws::<StoredValue>(history(events), &ASKED);
}

#[test]
fn a_long_life_is_folded_alike_over_its_pages() {
    let spends = (0..90).map(|sale| redeemed("GC-4F7Q-92LM", &format!("T{sale}"), (1, 0, 89 - sale)));
    let events = [issued_to("C-77", "GC-4F7Q-92LM", 90)].into_iter().chain(spends);
    laws::<StoredValue>(history(events), &ASKED);
}

/// Cards as a till would count them.
#[derive(Default)]
struct Till {
    balances: BTreeMap<usize, i64>,
    /// By their names: the card, the sale, how much.
    holds: BTreeMap<String, (usize, String, i64)>,
    events: Vec<Value>,
}

const CARDS: [&str; 3] = ["GC-4F7Q-92LM", "GC-0001-92LM", "GC-0002-92LM"];

impl Till {
    fn held(&self, card: usize) -> i64 {
        self.holds.values().filter(|hold| hold.0 == card).map(|hold| hold.2).sum()
    }

    /// Does what can be done; what cannot is left.
    fn does(&mut self, (card, action, amount): (usize, u8, i64)) {
        let (code, number) = (CARDS[card], self.events.len());
        let Some(&balance) = self.balances.get(&card) else {
            self.balances.insert(card, amount);
            return self.events.push(issued_to("C-77", code, amount));
        };
        let free = balance - self.held(card);
        let hold = self.holds.iter().find(|(_, hold)| hold.0 == card).map(|(name, hold)| (name.clone(), hold.clone()));
        let (event, left) = match (action, hold) {
            (0, _) if amount <= free => {
                let (name, sale) = (format!("H{number}"), format!("T{number}"));
                let typed = if number % 2 == 0 { code.to_ascii_lowercase() } else { code.to_owned() };
                let event = held(&name, &typed, &sale, amount);
                self.holds.insert(name, (card, sale, amount));
                (event, balance)
            }
            (1, Some((name, _))) => {
                self.holds.remove(&name);
                (released(&name), balance)
            }
            (2, Some((name, hold))) => {
                self.holds.remove(&name);
                (lapsed(&name, code, hold.2), balance)
            }
            (3, Some((name, (_, sale, minor)))) => {
                self.holds.remove(&name);
                (redeemed(code, &sale, (minor, 0, balance - minor)), balance - minor)
            }
            (4, None) if amount <= free => (redeemed(code, &format!("T{number}"), (amount, balance - amount, 0)), 0),
            (5, _) if amount <= free => {
                (redeemed(code, &format!("T{number}"), (amount, 0, balance - amount)), balance - amount)
            }
            (6, _) => {
                let data = json!({ "amount_minor": amount, "balance_minor": balance + amount, "sale": "T0" });
                (decided("InstrumentRefunded", code, data), balance + amount)
            }
            (7, _) => {
                self.holds.retain(|_, hold| hold.0 != card);
                (decided("InstrumentExpired", code, json!({ "amount_minor": balance })), 0)
            }
            (8, _) => (by_hand("InstrumentDeactivated", &code.to_ascii_lowercase()), balance),
            _ => return,
        };
        self.balances.insert(card, left);
        self.events.push(event);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_a_till_would_count_is_what_is_told_and_every_fold_tells_it(
        actions in prop::collection::vec((0_usize..3, 0_u8..9, 1_i64..1_000), 1..40),
    ) {
        let mut till = Till::default();
        for action in actions {
            till.does(action);
        }
        let spec = given(till.events.clone());
        for (&card, &balance) in &till.balances {
            let told = spec.asked(&format!("/v1/instruments/{}/explain", CARDS[card])).value();
            let amount = |told: &Value, name: &str| told[name]["amount"].as_i64().unwrap();
            prop_assert_eq!((amount(&told, "balance"), amount(&told, "held")), (balance, till.held(card)));
            let sum = |name: &str| told["explained"].as_array().unwrap().iter().map(|told| amount(told, name)).sum::<i64>();
            prop_assert_eq!((sum("amount") - sum("forfeited"), sum("set_aside")), (balance, till.held(card)));
        }
        laws::<StoredValue>(history(till.events), &ASKED);
    }
}
