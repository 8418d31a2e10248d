//! What a till may get wrong about cards: 422, a code of its own, a sentence for the cashier, and nothing written.

use serde_json::{Value, json};

use crate::world::World;

/// Sends a command as the next of its source.
struct Till {
    world: World,
    seq: u64,
}

impl Till {
    async fn order(&mut self, command: &str, data: Value) -> (u16, Value) {
        self.seq += 1;
        let body = json!({"source": "till-cards", "seq": self.seq, "store": "FR-PAR-01",
            "occurred_at": "2026-11-23T10:00:00+01:00", "data": data});
        let path = format!("/v1/commands/{command}");
        let answer = self.world.post_to(&path, "application/json", body.to_string()).await;
        (answer.status, answer.json)
    }

    async fn takes(&mut self, command: &str, data: Value) {
        let (status, answer) = self.order(command, data).await;
        assert_eq!(status, 200, "{command}: {answer}");
    }
}

fn sale(id: &str, code: &str, amount: i64) -> Value {
    let total = amount.max(1);
    json!({"sale": id, "till": "1", "channel": "store", "customer": "C-77", "currency": "EUR",
        "lines": [{"line": 1, "sku": "BOOT", "quantity": 1, "gross_minor": total}],
        "tenders": [{"kind": "gift_card", "instrument": code, "amount_minor": amount},
                    {"kind": "cash", "amount_minor": total - amount}]})
}

fn card(code: &str, amount: i64) -> Value {
    json!({"card": code, "amount_minor": amount, "currency": "EUR"})
}

/// A till with cards in every state.
async fn till() -> Till {
    let mut till = Till { world: World::start().await, seq: 0 };
    let by = |code: &str| json!({"instrument": code, "reason": "lost", "author": "support"});
    let types = [
        json!({"instrument_type": "named", "kind": "gift_card", "currency": "EUR", "named": true}),
        json!({"instrument_type": "brand", "kind": "gift_card", "currency": "EUR", "brand": "another"}),
        json!({"instrument_type": "held", "kind": "gift_card", "currency": "EUR", "hold_minutes": 10_080}),
        json!({"instrument_type": "usd", "kind": "wallet", "currency": "USD"}),
        json!({"instrument_type": "kdo", "kind": "wallet", "currency": "EUR"}),
    ];
    for data in types {
        till.takes("configure-instrument-type", data).await;
    }
    for code in ["CARD-FULL", "CARD-DISABLED", "CARD-DEACTIVATED", "CARD-EMPTY"] {
        till.takes("issue-gift-card", card(code, 5_000)).await;
    }
    for (code, instrument_type) in [("CARD-NAMED", "named"), ("CARD-BRAND", "brand"), ("CARD-HELD", "held")] {
        let mut data = card(code, 5_000);
        (data["instrument_type"], data["customer"]) = (json!(instrument_type), json!("C-78"));
        till.takes("issue-gift-card", data).await;
    }
    for (code, instrument_type) in [("WALLET-USD", "usd"), ("WALLET-EUR", "kdo")] {
        till.takes("open-wallet", json!({"wallet": code, "instrument_type": instrument_type})).await;
        till.takes("load-wallet", json!({"wallet": code, "amount_minor": 5_000})).await;
    }
    let mut expired = card("CARD-EXPIRED", 5_000);
    expired["expires_on"] = json!("2026-11-23");
    till.takes("issue-gift-card", expired).await;
    till.takes("disable-instrument", by("CARD-DISABLED")).await;
    till.takes("deactivate-instrument", by("CARD-DEACTIVATED")).await;
    till.takes("validate-sale", sale("S-EMPTY", "CARD-EMPTY", 5_000)).await;
    let hold = json!({"hold": "H", "instrument": "CARD-HELD", "sale": "OTHER", "amount_minor": 5_000});
    till.takes("hold-instrument", hold).await;
    till
}

#[tokio::test]
async fn a_card_that_does_not_pay_is_refused_with_the_reason() {
    let mut till = till().await;
    let position = till.world.sequencer.head();
    for (code, amount, refusal) in [
        ("CARD-UNKNOWN", 5_000, "unknown_instrument"),
        ("0000000000000001", 5_000, "code_mistyped"),
        ("CARD-DISABLED", 5_000, "instrument_disabled"),
        ("CARD-DEACTIVATED", 5_000, "instrument_deactivated"),
        ("CARD-HELD", 5_000, "instrument_held"),
        ("CARD-EMPTY", 5_000, "instrument_empty"),
        ("WALLET-USD", 5_000, "instrument_in_other_currency"),
        ("CARD-NAMED", 5_000, "instrument_of_another"),
        ("CARD-BRAND", 5_000, "instrument_of_another_brand"),
        ("CARD-FULL", 4_999, "gift_card_must_be_used_whole"),
        ("CARD-FULL", 5_001, "instrument_exceeded"),
        ("CARD-FULL", 0, "instrument_pays_nothing"),
    ] {
        let (status, answer) = till.order("validate-sale", sale("S-NEW", code, amount)).await;
        assert_eq!((status, &answer["code"]), (422, &json!(refusal)), "{answer}");
        let detail = answer["detail"].as_str().unwrap();
        assert!(detail.contains("; "), "it says what to do: {detail}");
        assert!(!detail.contains("CARD-"), "codes are shown by their last four: {detail}");
    }
    assert_eq!(till.world.sequencer.head(), position, "nothing is written");
}

#[tokio::test]
async fn what_cannot_be_issued_loaded_refunded_or_run_is_refused_with_a_code_of_its_own() {
    let mut till = till().await;
    till.takes("validate-sale", sale("S-PAID", "CARD-FULL", 5_000)).await;
    let position = till.world.sequencer.head();
    let load = |amount: i64| json!({"wallet": "WALLET-EUR", "amount_minor": amount});
    let vip = |card: &str| json!({"card": card, "customer": "C-77", "discount_e4": 1_500});
    let run =
        json!({"run": "winter", "currency": "EUR", "tiers": [{"amount_minor": 500}], "previewed_at": 1, "author": "m"});
    let back = |refund: i64| {
        json!({"return": "R", "sale": "S-PAID", "currency": "EUR",
            "lines": [{"line": 1, "quantity": 1, "refund_minor": refund}],
            "tenders": [{"kind": "gift_card", "instrument": "CARD-FULL", "amount_minor": refund}]})
    };
    let mut cash = back(5_000);
    cash["tenders"] = json!([{"kind": "cash", "amount_minor": 5_000}]);
    for (command, data, refusal) in [
        ("load-wallet", load(10_001), "ceiling_exceeded"),
        ("load-wallet", load(i64::MAX), "amount_too_large"),
        ("load-wallet", load(0), "amount_not_positive"),
        ("load-wallet", load(-1), "amount_not_positive"),
        ("issue-gift-card", card("card-full", 100), "code_taken"),
        ("issue-gift-card", card("CARD-NEW-1", 0), "amount_not_positive"),
        ("issue-gift-card", card("CARD-NEW-1", -5), "amount_not_positive"),
        ("issue-gift-card", card("SHORT", 100), "no_instrument_code"),
        ("open-wallet", json!({"wallet": "CARD-FULL", "instrument_type": "kdo"}), "code_taken"),
        ("assign-vip-card", vip("VIP-1"), "no_vip_code"),
        ("assign-vip-card", vip("#VIP#"), "no_vip_code"),
        ("launch-voucher-run", run, "run_without_end"),
        ("return-sale", back(5_001), "refund_exceeds_sale"),
        ("return-sale", cash, "refunded_otherwise_than_paid"),
        ("validate-sale", sale("S-LATE", "CARD-NAMED", 5_000), "instrument_of_another"),
    ] {
        let (status, answer) = till.order(command, data).await;
        assert_eq!((status, &answer["code"]), (422, &json!(refusal)), "{command}: {answer}");
        assert!(answer["detail"].as_str().unwrap().contains("; "), "it says what to do: {answer}");
    }
    assert_eq!(till.world.sequencer.head(), position, "nothing is written");
}
