//! Customers, cards and programmes as they are shown to who sees a part of the network: what happened there.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    guarded::{As, Guarded},
    test_app::read,
};

const SENTENCE: &str = "What happened in stores that you do not see is not shown.";

/// C-1 buys in France and Italy and has a card of France, C-2 buys and has a card in Italy.
async fn network() -> Guarded {
    let guarded = Guarded::start().await;
    let event = |seq: u64, store: Option<&str>, event_type: &str, data: Value| {
        json!({"source": "till-9", "seq": seq, "store": store, "occurred_at": "2026-11-21T10:00:00+01:00",
            "type": event_type, "data": data})
    };
    let sale = |seq: u64, store: &str, customer: &str, minor: i64, kind: &str, card: Option<&str>| {
        let data = json!({
            "sale": format!("S{seq}"), "till": "1", "channel": "store", "customer": customer, "currency": "EUR",
            "lines": [{"line": 1, "sku": "A", "quantity": 1, "gross_minor": minor}],
            "tenders": [{"kind": kind, "amount_minor": minor, "instrument": card}],
        });
        event(seq, Some(store), "SaleValidated", data)
    };
    let card = |seq: u64, store: &str, code: &str, customer: &str| {
        let data = json!({"card": code, "instrument_type": "gift", "amount_minor": 5_000, "currency": "EUR",
            "customer": customer});
        event(seq, Some(store), "GiftCardIssued", data)
    };
    let events = [
        event(
            1,
            None,
            "LoyaltyProgramConfigured",
            json!({"programme": "brand", "currency": "EUR",
            "minor_per_point": 100, "rounding": "floor_per_sale", "earn_on_discounted": true}),
        ),
        event(
            2,
            None,
            "InstrumentTypeConfigured",
            json!({"instrument_type": "gift", "kind": "gift_card",
            "currency": "EUR", "spend": "partial"}),
        ),
        card(3, "FR-1", "GC-0000-FR11", "C-1"),
        card(4, "IT-1", "GC-0000-IT11", "C-2"),
        sale(5, "FR-1", "C-1", 10_000, "card", None),
        sale(6, "IT-1", "C-1", 7_000, "card", None),
        sale(7, "IT-1", "C-2", 3_000, "card", None),
        sale(8, "IT-1", "C-1", 1_000, "gift_card", Some("GC-0000-FR11")),
    ];
    let body = Value::from(events.to_vec());
    let sent = guarded.send(&As::Token(&guarded.token), Method::POST, "/v1/events", Some(&body)).await;
    let (status, answer) = read(sent).await;
    assert_eq!((status, &answer["accepted"]), (StatusCode::OK, &json!(events.len())), "{answer}");
    for path in ["/v1/customers/C-1/loyalty", "/v1/instruments", "/v1/programmes/brand/summary"] {
        guarded.get(&As::Session(&guarded.head), &format!("{path}?at_least={}", answer["position"])).await;
    }
    let bought = format!("/v1/purchases?currency=EUR&at_least={}", answer["position"]);
    guarded.get(&As::Session(&guarded.head), &bought).await;
    guarded
}

async fn page(guarded: &Guarded, who: &str, path: &str) -> (StatusCode, String) {
    let answer = guarded.send(&As::Session(who), Method::GET, path, None).await;
    (answer.status(), answer.text().await.unwrap())
}

#[tokio::test]
async fn whoever_sees_a_part_finds_the_customers_and_cards_of_that_part_with_what_happened_there() {
    let guarded = network().await;
    let fr = guarded.user(&guarded.head, "fr@acme.example", "standard", json!({"organisation": "acme/fr"})).await;
    let fr_2 = guarded.user(&guarded.head, "fr2@acme.example", "standard", json!({"store": "FR-2"})).await;
    let head = guarded.head.clone();
    for (who, stores, balances) in [
        (&head, vec!["IT-1", "IT-1", "FR-1"], vec![json!(180), json!(170), json!(100)]),
        (&fr, vec!["FR-1"], vec![Value::Null]),
    ] {
        let (status, answer) = guarded.get(&As::Session(who), "/v1/customers/C-1/loyalty").await;
        assert_eq!((status, &answer["balance"]), (StatusCode::OK, &json!(180)), "{answer}");
        let of = |name: &str| -> Vec<Value> {
            answer["ledger"].as_array().unwrap().iter().map(|movement| movement[name].clone()).collect()
        };
        assert_eq!((json!(of("store")), of("balance")), (json!(stores), balances), "{answer}");
        let (_, answer) = guarded.get(&As::Session(who), "/v1/customers/C-1/stored-value").await;
        assert_eq!(answer["gift_cards"][0]["balance"]["amount"], json!(4_000), "{answer}");
    }
    let (_, found) = guarded.get(&As::Session(&fr), "/v1/instruments?customer=C-1").await;
    let card = found["instruments"][0]["reference"].as_str().unwrap();
    let (status, life) = guarded.get(&As::Session(&fr), &format!("/v1/instruments/{card}/explain")).await;
    let stores: Vec<_> = life["explained"].as_array().unwrap().iter().map(|movement| &movement["store"]).collect();
    assert_eq!((status, stores), (StatusCode::OK, vec![&json!("FR-1")]), "{life}");
    let (status, programme) = guarded.get(&As::Session(&fr), "/v1/programmes/brand/summary").await;
    assert_eq!((status, &programme["earned"]), (StatusCode::OK, &json!(100)), "{programme}");

    for path in ["/customers/C-1", "/loyalty", "/cards", &format!("/cards?card={card}")] {
        let (status, shown) = page(&guarded, &fr, path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {shown}");
        assert!(shown.contains(SENTENCE) && !shown.contains("IT-1"), "{path}: {shown}");
        let (_, whole) = page(&guarded, &head, path).await;
        assert!(!whole.contains(SENTENCE), "{path}: {whole}");
    }

    // Who was never there is as unknown as who does not exist.
    for (who, customer) in [(&fr, "C-2"), (&fr_2, "C-1"), (&fr_2, "C-2")] {
        for path in ["/v1/customers/{}/loyalty", "/v1/customers/{}/stored-value", "/customers/{}"] {
            let there = page(&guarded, who, &path.replace("{}", customer)).await;
            let none = page(&guarded, who, &path.replace("{}", "C-0")).await;
            assert_eq!(there.0, StatusCode::NOT_FOUND, "{path} of {customer}: {}", there.1);
            assert_eq!(there.1, none.1.replace("C-0", customer), "{path} of {customer}");
        }
    }
    let (_, found) = guarded.get(&As::Session(&fr), "/v1/instruments?last_four=IT11").await;
    assert_eq!(found["instruments"], json!([]));
    let named = guarded.get(&As::Session(&fr_2), "/v1/customers/C-1/loyalty?stores_seen=FR-1").await;
    assert_eq!(named.0, StatusCode::BAD_REQUEST, "nobody names the stores but who narrows: {}", named.1);
}

/// A token of a till is for its own store, and serves customers of any.
#[tokio::test]
async fn a_till_of_one_store_is_told_what_whoever_comes_may_spend() {
    let guarded = network().await;
    let issue = async |name: &str, rights: Value| guarded.issue(name, json!({"rights": rights, "store": "FR-1"})).await;
    let till = issue("till-FR-1", json!(["produce", "read"])).await;
    let screen = issue("screen-FR-1", json!(["read"])).await;
    let manager = guarded.user(&guarded.head, "fr1@acme.example", "standard", json!({"store": "FR-1"})).await;
    let (points, card) = ("/v1/customers/C-2/till", "/v1/instruments/GC-0000-IT11");
    let (status, told) = guarded.get(&As::Token(&till), points).await;
    assert_eq!((status, &told["programmes"][0]["balance"]), (StatusCode::OK, &json!(30)), "{told}");
    assert_eq!(told["stored_value"]["gift_cards"][0]["balance"]["amount"], json!(5_000), "{told}");
    let (status, told) = guarded.get(&As::Token(&till), card).await;
    assert_eq!((status, &told["balance"]["amount"]), (StatusCode::OK, &json!(5_000)), "{told}");
    for who in [As::Token(&screen), As::Session(&manager)] {
        for path in [points, card] {
            assert_eq!(guarded.get(&who, path).await.0, StatusCode::NOT_FOUND, "{path}");
        }
    }
    // What is not asked at a till is as narrow as for anybody else of the store.
    let (_, listed) = guarded.get(&As::Session(&guarded.head), "/v1/instruments?customer=C-2").await;
    let reference = format!("/v1/instruments/{}", listed["instruments"][0]["reference"].as_str().unwrap());
    assert_eq!(guarded.get(&As::Session(&guarded.head), &reference).await.0, StatusCode::OK, "{listed}");
    assert_eq!(guarded.get(&As::Token(&till), &reference).await.0, StatusCode::NOT_FOUND, "nobody shows a reference");
    for path in ["/v1/customers/C-2/loyalty", "/v1/stores/IT-1/performance", "/v1/instruments/GC-0000-IT11/explain"] {
        assert_eq!(guarded.get(&As::Token(&till), path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let (_, own) = guarded.get(&As::Session(&manager), "/v1/instruments/GC-0000-FR11").await;
    assert_eq!((&own["balance"]["amount"], &own["store"]), (&json!(4_000), &json!("FR-1")), "{own}");
    let (status, bought) = guarded.get(&As::Session(&manager), "/v1/purchases?currency=EUR").await;
    assert_eq!((status, &bought["elsewhere_hidden"]), (StatusCode::OK, &json!(true)), "{bought}");
    assert_eq!(bought["purchases"][0]["turnover"]["amount"], json!(10_000), "{bought}");
}

#[tokio::test]
async fn a_contract_without_points_shows_no_points() {
    let guarded = network().await;
    let fr = guarded.user(&guarded.head, "fr@acme.example", "standard", json!({"organisation": "acme/fr"})).await;
    let policy = json!({"organisation": "acme/fr", "view": ["stored-value"], "download": []});
    let set = guarded.put(&As::Session(&guarded.head), "/v1/access/policy", policy).await;
    assert_eq!(set.0, StatusCode::NO_CONTENT, "{}", set.1);
    let (status, _) = guarded.get(&As::Session(&fr), "/v1/customers/C-1/loyalty").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, shown) = page(&guarded, &fr, "/customers/C-1").await;
    assert_eq!(status, StatusCode::OK, "{shown}");
    assert!(shown.contains("…FR11") && !shown.contains("<dt>Balance</dt>"), "{shown}");
}
