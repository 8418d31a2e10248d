//! What cards would pay for a basket, asked over HTTP.

use serde_json::{Value, json};

use crate::{
    facts::sale,
    world::{Answer, World},
};

/// A world in which cards of these amounts were given out, the second of which may be spent in parts.
async fn world(amounts: [i64; 2]) -> World {
    let world = World::start().await;
    let parts = json!({"instrument_type": "parts", "kind": "gift_card", "currency": "EUR", "spend": "partial",
        "order": 1});
    let configured = json!({"source": "office", "seq": 2, "occurred_at": "2026-01-02T08:00:00+01:00", "data": parts});
    assert_eq!(order(&world, "configure-instrument-type", &configured).await.status, 200);
    for (seq, (code, amount)) in ["GC-WHOLE-1", "GC-PARTS-1"].iter().zip(amounts).enumerate() {
        let mut card = json!({"card": code, "amount_minor": amount, "currency": "EUR"});
        if seq == 1 {
            card["instrument_type"] = json!("parts");
        }
        let issued = json!({"source": "till-9", "seq": seq + 1, "store": "FR-PAR-01",
            "occurred_at": "2026-11-23T10:00:00+01:00", "data": card});
        assert_eq!(order(&world, "issue-gift-card", &issued).await.status, 200);
    }
    world
}

async fn order(world: &World, command: &str, body: &Value) -> Answer {
    world.post_to(&format!("/v1/commands/{command}"), "application/json", body.to_string()).await
}

async fn quote(world: &World, codes: &[&str]) -> Answer {
    let basket = json!({"store": "FR-PAR-01", "currency": "EUR", "instruments": codes,
        "lines": sale(1)["data"]["lines"], "occurred_at": "2026-11-23T10:20:00+01:00"});
    world.post_to("/v1/tenders/quote", "application/json", basket.to_string()).await
}

#[tokio::test]
async fn what_is_quoted_is_what_the_sale_then_takes() {
    for (amounts, paid, left) in [
        ([3_000, 5_000], [3_000, 5_000], 2_000),
        ([3_000, 9_000], [3_000, 7_000], 0),
        ([10_000, 9_000], [10_000, 0], 0),
        ([10_001, 9_000], [0, 9_000], 1_000),
    ] {
        let world = world(amounts).await;
        let quoted = quote(&world, &["gc-parts-1", "GC-WHOLE-1", "GC-PARTS-1", "GC-NOBODY"]).await;
        assert_eq!(quoted.status, 200, "{}", quoted.json);
        let eur = |amount: i64| json!({"amount": amount, "currency": "EUR"});
        assert_eq!((&quoted.json["total"], &quoted.json["left"]), (&eur(10_000), &eur(left)));
        let of = |shown: &str| {
            let all = quoted.json["instruments"].as_array().unwrap();
            all.iter().find(|of| of["shown"] == shown).unwrap_or_else(|| panic!("{}", quoted.json)).clone()
        };
        assert_eq!((&of("…LE-1")["pays"], &of("…TS-1")["pays"]), (&eur(paid[0]), &eur(paid[1])), "{amounts:?}");
        assert_eq!((&of("…TS-1")["asked"], &of("…TS-1")["balance"]), (&json!(0), &eur(amounts[1])));
        assert_eq!((&of("…BODY")["code"], &of("…BODY")["balance"]), (&json!("unknown_instrument"), &Value::Null));
        assert!(!quoted.json.to_string().contains("PARTS"), "codes are shown by their last four: {}", quoted.json);

        let mut sold = sale(1);
        sold.as_object_mut().unwrap().remove("type");
        let tenders = ["GC-WHOLE-1", "GC-PARTS-1"].iter().zip(paid).filter(|(_, paid)| *paid > 0);
        let mut tenders: Vec<_> = tenders
            .map(|(code, paid)| json!({"kind": "gift_card", "instrument": code, "amount_minor": paid}))
            .collect();
        tenders.push(json!({"kind": "cash", "amount_minor": left}));
        sold["data"]["tenders"] = json!(tenders);
        let taken = order(&world, "validate-sale", &sold).await;
        assert_eq!((taken.status, &taken.json["position"]), (200, &json!(7)), "nothing was written: {}", taken.json);
    }
}

#[tokio::test]
async fn a_quote_for_a_sale_that_cannot_be_says_why() {
    let world = world([1_000, 1_000]).await;
    let basket = json!({"store": "FR-PAR-01", "currency": "EUR", "instruments": ["GC-WHOLE-1"],
        "lines": [{"line": 1, "sku": "A", "quantity": 1, "gross_minor": 1_000}]});
    let with = |pointer: &str, value: Value| {
        let mut changed = basket.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        changed
    };
    for (body, status, code) in [
        (with("/store", json!("NOWHERE")), 422, "unknown_store"),
        (with("/currency", json!("USD")), 422, "foreign_currency"),
        (with("/lines/0/quantity", json!(0)), 422, "quantity_not_positive"),
        (with("/lines", json!([])), 422, "invalid_value"),
        (with("/instruments", json!([])), 400, "invalid_value"),
        (with("/instruments", json!(vec!["GC-WHOLE-1"; 51])), 400, "invalid_value"),
        (with("/lines", Value::Null), 422, "wrong_type"),
        (json!({"store": "FR-PAR-01"}), 400, "unparseable"),
        (json!([]), 400, "unparseable"),
    ] {
        let answer = world.post_to("/v1/tenders/quote", "application/json", body.to_string()).await;
        assert_eq!((answer.status, &answer.json["code"]), (status, &json!(code)), "{body}: {}", answer.json);
    }
    assert_eq!(world.get("/v1/quarantine").await.json["entries"], json!([]));
}
