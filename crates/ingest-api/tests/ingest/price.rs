//! What a basket costs, asked over HTTP.

use serde_json::{Value, json};

use crate::world::{Answer, World};

async fn world() -> World {
    let world = World::start().await;
    let commands = [
        ("define-price-rule", json!({"rule": "second", "rate_e4": 5_000, "nth": 2, "from": "2026-01-01"})),
        (
            "set-prices",
            json!({"currency": "EUR", "from": "2026-01-01", "prices": [{"sku": "BOOT", "price_minor": 5_990}]}),
        ),
        ("assign-vip-card", json!({"card": "#VIP#7A", "customer": "C-77", "discount_e4": 6_000})),
    ];
    for (seq, (command, data)) in commands.iter().enumerate() {
        let body =
            json!({"source": "prices", "seq": seq + 1, "occurred_at": "2026-01-02T08:00:00+01:00", "data": data});
        let path = format!("/v1/commands/{command}");
        assert_eq!(world.post_to(&path, "application/json", body.to_string()).await.status, 200, "{command}");
    }
    world
}

async fn priced(world: &World, more: Value) -> Answer {
    let mut basket = json!({"store": "FR-PAR-01", "currency": "EUR", "occurred_at": "2026-11-23T10:20:00+01:00",
        "lines": [{"line": 1, "sku": "BOOT", "quantity": 2, "gross_minor": 1},
                  {"line": 2, "sku": "SOCK", "quantity": 1, "gross_minor": 900}]});
    basket.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.post_to("/v1/baskets/price", "application/json", basket.to_string()).await
}

fn eur(amount: i64) -> Value {
    json!({"amount": amount, "currency": "EUR"})
}

#[tokio::test]
async fn a_basket_costs_its_final_prices_less_what_rules_and_vip_cards_take_off() {
    let world = world().await;
    let answer = priced(&world, json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert_eq!((&answer.json["total"], &answer.json["discount"]), (&eur(9_885), &eur(2_995)));
    assert_eq!(
        answer.json["lines"],
        json!([
            {"line": 1, "gross": eur(11_980), "discount": eur(2_995), "net": eur(8_985), "rule": "second",
             "by_vip_card": false},
            {"line": 2, "gross": eur(900), "discount": eur(0), "net": eur(900), "rule": null, "by_vip_card": false},
        ])
    );
    let shown = priced(&world, json!({"customer": "C-77", "vip_card": "#vip#7a"})).await;
    assert_eq!((&shown.json["total"], &shown.json["lines"][0]["by_vip_card"]), (&eur(4_792 + 360), &json!(true)));
}

#[tokio::test]
async fn a_vip_card_of_another_and_one_that_is_none_are_refused_with_a_sentence() {
    let world = world().await;
    for (more, code) in [
        (json!({"customer": "C-78", "vip_card": "#VIP#7A"}), "instrument_of_another"),
        (json!({"vip_card": "#VIP#7A"}), "instrument_of_another"),
        (json!({"customer": "C-77", "vip_card": "#VIP#7B"}), "unknown_instrument"),
        (json!({"customer": "C-77", "vip_card": "VIP7A"}), "no_vip_code"),
        (json!({"store": "NOWHERE"}), "unknown_store"),
        (json!({"currency": "USD"}), "foreign_currency"),
    ] {
        let answer = priced(&world, more).await;
        assert!([400, 422].contains(&answer.status), "{}", answer.json);
        assert_eq!(answer.json["code"], code, "{}", answer.json);
        assert!(answer.json["detail"].as_str().unwrap().contains("; "), "it says what to do: {}", answer.json);
    }
}
