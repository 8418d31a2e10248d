use serde_json::{Value, json};
use storefold_projection::spec::History;

use crate::world::{World, store};

const AT: &str = "2026-11-23T10:15:00+01:00";

async fn with_cards() -> World {
    let world = World::start().await;
    let decided = |event_type: &str, mut data: Value| {
        (data["kind"], data["currency"]) = (json!("gift_card"), json!("EUR"));
        json!({ "cause": 1, "store": "FR-PAR-01", "occurred_at": AT, "type": event_type, "data": data })
    };
    let sent = |event_type: &str, data: Value| json!({ "store": "FR-PAR-01", "occurred_at": AT, "type": event_type, "data": data });
    let history = History::from([
        store("FR-PAR-01"),
        decided(
            "InstrumentIssued",
            json!({ "instrument": "GC-4F7Q-92LM", "amount_minor": 5_000, "paid_minor": 5_000 }),
        ),
        sent(
            "InstrumentHeld",
            json!({ "hold": "H1", "instrument": "gc-4f7q-92lm", "sale": "T1", "amount_minor": 700 }),
        ),
        sent("VipCardAssigned", json!({ "card": "#VIP#GOLD01", "customer": "C-77", "discount_e4": 1_500 })),
    ]);
    let events: Vec<_> = history.recorded().into_iter().map(|recorded| recorded.event).collect();
    let position = world.log.append(&events);
    world.models.wait_for("stored-value", position, std::time::Duration::from_secs(20)).await.unwrap();
    world
}

#[tokio::test]
async fn cards_are_asked_for_by_code_and_reference_and_vip_cards_with_their_sign_encoded() {
    let world = with_cards().await;
    for path in ["/v1/instruments/gc-4f7q-92lm", "/v1/instruments/@2", "/v1/instruments/%402"] {
        let told = world.get(path).await;
        assert_eq!((told.status, &told.json["available"]["amount"]), (200, &json!(4_300)), "{path}");
        let explained = world.get(&format!("{path}/explain?limit=1")).await;
        assert_eq!((explained.status, &explained.json["explained"][0]["position"]), (200, &json!(3)), "{path}");
        assert_eq!(explained.json["next"], 3);
    }
    for path in ["/v1/vip-cards/%23VIP%23GOLD01", "/v1/vip-cards/%23vip%23gold01", "/v1/vip-cards/@4"] {
        let told = world.get(path).await;
        assert_eq!((told.status, &told.json["discount_e4"]), (200, &json!(1_500)), "{path}");
    }
    let found = world.get("/v1/instruments?last_four=92lm").await;
    assert_eq!((found.status, &found.json["instruments"][0]["instrument"]), (200, &json!("…92LM")));
}

#[tokio::test]
async fn what_is_asked_of_cards_in_vain_is_refused_in_a_sentence_that_shows_no_code() {
    let world = with_cards().await;
    for (path, status, code, says) in [
        ("/v1/instruments/GC-4F7Q-92LN", 404, "unknown_instrument", "there is no instrument `…92LN` here"),
        ("/v1/instruments/GC-4F7Q-92LN/explain", 404, "unknown_instrument", "`…92LN`"),
        ("/v1/vip-cards/%23VIP%23GOLD02", 404, "unknown_vip_card", "`…LD02`"),
        ("/v1/instruments/%23VIP%23GOLD01", 400, "bad_parameter", "/v1/vip-cards/"),
        ("/v1/instruments", 400, "bad_parameter", "send one of them"),
        ("/v1/instruments?last_four=92LM&customer=C-77", 400, "bad_parameter", "send one of them"),
    ] {
        let refused = world.get(path).await;
        assert_eq!((refused.status, &refused.json["code"]), (status, &json!(code)), "{path}");
        let detail = refused.json["detail"].as_str().unwrap();
        assert!(detail.contains(says), "{path}: {detail}");
        assert!(!refused.json.to_string().contains("4F7Q"), "{path}: {}", refused.json);
    }
}

#[tokio::test]
async fn a_sale_screen_shows_what_a_customer_may_pay_with_and_the_vip_rate() {
    let world = World::start().await;
    let decided = |data: Value| {
        json!({ "cause": 1, "store": "FR-PAR-01", "occurred_at": "2026-11-23T10:20:00+01:00", "type": "InstrumentIssued",
            "data": data })
    };
    let issued = |code: &str, kind: &str, amount: i64| {
        json!({ "instrument": code, "kind": kind, "currency": "EUR", "amount_minor": amount, "paid_minor": 0,
            "customer": "C-77" })
    };
    let mut voucher = issued("VOUCHER-0001", "voucher", 1_000);
    voucher["voucher"] = json!({ "rule": "two-visits", "use_minor": 500 });
    let mut expired = issued("GC-OLD-0001", "gift_card", 900);
    expired["expires_at_ms"] = json!(1_700_000_000_000_i64);
    let vip = |code: &str, rate: u32, until: &str| {
        json!({ "occurred_at": "2026-11-23T10:20:00+01:00", "store": "FR-PAR-01", "type": "VipCardAssigned",
            "data": { "card": code, "customer": "C-77", "discount_e4": rate, "expires_on": until } })
    };
    let store = json!({ "store": "FR-PAR-01", "occurred_at": "2026-01-01T00:00:00Z", "type": "StoreConfigured",
        "data": { "name": "Paris", "zone": "Europe/Paris", "currency": "EUR" } });
    let history = History::from([
        store,
        json!({ "occurred_at": "2026-01-02T00:00:00Z", "type": "CustomerCreated",
            "data": { "customer": "C-77", "name": "Leroy", "first_name": "Camille" } }),
        decided(issued("GC-0000001", "gift_card", 5_000)),
        decided(expired),
        decided(voucher),
        decided(issued("W-000000001", "wallet", 0)),
        decided(issued("GC-EMPTY-01", "gift_card", 0)),
        vip("#VIP#1", 1_000, "2026-12-31"),
        vip("#VIP#2", 1_500, "2026-11-23"),
        vip("#VIP#3", 9_000, "2026-11-22"),
    ]);
    let events: Vec<_> = history.recorded().into_iter().map(|recorded| recorded.event).collect();
    let position = world.log.append(&events);
    let till = world.get(&format!("/v1/customers/C-77/till?at_least={position}")).await;
    assert_eq!((till.status, till.position), (200, Some(position)), "{}", till.json);
    let held = &till.json["stored_value"];
    let shown = |list: &str| -> Vec<String> {
        held[list].as_array().unwrap().iter().map(|of| of["instrument"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        (shown("gift_cards"), shown("vouchers"), shown("wallets")),
        (vec!["…0001".to_owned()], vec!["…0001".to_owned()], vec!["…0001".to_owned()])
    );
    assert_eq!((&held["vip_rate_e4"], held["vip_cards"].as_array().unwrap().len()), (&json!(1_500), 2));
    assert_eq!((&held["name"], &held["first_name"]), (&json!("Leroy"), &json!("Camille")));
    assert_eq!(held["vouchers"][0]["voucher"]["at_once"]["amount"], 500);
    assert_eq!((&till.json["customer"], &till.json["known"]), (&json!("C-77"), &json!(false)));
    let alone = world.get("/v1/customers/C-77/stored-value").await;
    assert_eq!(&alone.json, held, "it can be asked for by itself");
    for secret in ["GC-0000001", "VOUCHER", "#VIP"] {
        assert!(!till.json.to_string().contains(secret), "codes are shown by their last four: {}", till.json);
    }
}
