//! What a store may do while it is offline, what becomes of it, and what it is told of what goes wrong.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{engine::Engine, line::Line, store_edge::StoreEdge, test_app::TestApp};

const OK: StatusCode = StatusCode::OK;
const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
const NOT_NOW: StatusCode = StatusCode::SERVICE_UNAVAILABLE;

fn fact(source: &str, seq: u64, store: &str, event_type: &str, data: &Value) -> Value {
    let mut event = command(source, seq, store, data);
    event["type"] = event_type.into();
    event
}

fn command(source: &str, seq: u64, store: &str, data: &Value) -> Value {
    json!({"source": source, "seq": seq, "store": store, "occurred_at": "2026-11-20T10:00:00+01:00", "data": data})
}

/// A sale of 100.00, of which a card pays a part.
fn sale(id: &str, card: &str, minor: i64) -> Value {
    json!({"sale": id, "till": "1", "channel": "store", "currency": "EUR", "customer": "C-1",
           "lines": [{"line": 1, "sku": "BOOT-42", "quantity": 1, "gross_minor": 10_000}],
           "tenders": [{"kind": "gift_card", "amount_minor": minor, "instrument": card},
                       {"kind": "cash", "amount_minor": 10_000 - minor}]})
}

fn redeem(id: &str, points: i64) -> Value {
    json!({"redemption": id, "programme": "brand", "customer": "C-7", "sale": format!("sale-{id}"), "points": points})
}

/// Two stores, a card that holds 50.00, and a customer with 10 points.
async fn centre(flags: &[&str]) -> TestApp {
    let app = TestApp::start_with(Engine::embedded(), flags).await;
    let store = json!({"name": "S", "zone": "Europe/Paris", "currency": "EUR"});
    let office = |seq, event_type: &str, data: &Value| {
        json!({"source": "office", "seq": seq, "store": "A", "occurred_at": "2026-11-01T10:00:00+01:00",
               "type": event_type, "data": data})
    };
    let mut other = office(2, "StoreConfigured", &store);
    other["store"] = "B".into();
    let answer = app
        .post(&[
            office(1, "StoreConfigured", &store),
            other,
            office(
                3,
                "LoyaltyProgramConfigured",
                &json!({"programme": "brand", "currency": "EUR", "minor_per_point": 100_000,
                "rounding": "floor_per_sale", "earn_on_discounted": true}),
            ),
            office(
                4,
                "PointsEarned",
                &json!({"programme": "brand", "customer": "C-7", "points": 10, "reason": "welcome"}),
            ),
            office(
                5,
                "InstrumentTypeConfigured",
                &json!({"instrument_type": "gift", "kind": "gift_card", "currency": "EUR",
                "spend": "partial"}),
            ),
            office(
                6,
                "GiftCardIssued",
                &json!({"card": "GIFT-0001", "instrument_type": "gift", "currency": "EUR",
                "amount_minor": 5_000}),
            ),
        ])
        .await;
    assert_eq!(answer["rejected"], 0, "{answer}");
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn two_stores_spend_the_same_card_offline_and_the_second_answers_for_what_is_missing() {
    let app = centre(&[]).await;
    let (to_a, to_b) = (Line::cut_to(&app.url).await, Line::cut_to(&app.url).await);
    let floor = ["--offline", "floor", "--floor-minor", "5000", "--floor-points", "10"];
    let a = StoreEdge::start(&to_a.url(), "A", &floor).await;
    let b = StoreEdge::start(&to_b.url(), "B", &floor).await;
    a.until_line_is("down").await;
    b.until_line_is("down").await;

    let first = command("till-a", 1, "A", &sale("A-1", "gift-0001", 4_000));
    let (status, answer) = a.command("validate-sale", &first).await;
    assert_eq!(status, OK, "{answer}");
    assert_eq!(
        (&answer["kept"], &answer["provisional"], &answer["repeated"]),
        (&true.into(), &true.into(), &false.into())
    );
    let (status, answer) = a.command("validate-sale", &first).await;
    assert_eq!((status, &answer["provisional"], &answer["repeated"]), (OK, &true.into(), &true.into()), "{answer}");
    let mut other = first.clone();
    other["data"]["sale"] = "A-9".into();
    let (status, answer) = a.command("validate-sale", &other).await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &"idempotency_mismatch".into()), "{answer}");

    // What waits counts together: 40.00 and 20.00 are above the limit of 50.00, 40.00 and 10.00 are not.
    let (status, answer) =
        a.command("validate-sale", &command("till-a", 2, "A", &sale("A-2", "GIFT-0001", 2_000))).await;
    assert_eq!((status, &answer["code"]), (REFUSED, &"offline_floor_exceeded".into()), "{answer}");
    assert!(
        answer["detail"].as_str().unwrap().contains("may spend 5000 (minor units), of which 4000 is spent"),
        "{answer}"
    );
    let (status, answer) =
        b.command("validate-sale", &command("till-b", 1, "B", &sale("B-1", "GIFT-0001", 3_000))).await;
    assert_eq!((status, &answer["provisional"]), (OK, &true.into()), "{answer}");
    for (edge, source, store) in [(&a, "till-a", "A"), (&b, "till-b", "B")] {
        let (status, answer) = edge.command("redeem-points", &command(source, 11, store, &redeem(store, 8))).await;
        assert_eq!((status, &answer["provisional"]), (OK, &true.into()), "{answer}");
        let (status, answer) = edge.command("redeem-points", &command(source, 12, store, &redeem("more", 3))).await;
        assert_eq!((status, &answer["code"]), (REFUSED, &"offline_floor_exceeded".into()), "{answer}");
    }
    // A gift whose price nobody has said, and what only the centre can give.
    let gift = json!({"programme": "brand", "customer": "C-7", "sale": "G", "product": "SCARF"});
    let (status, answer) = a.command("claim-gift", &command("till-a", 13, "A", &gift)).await;
    assert_eq!((status, &answer["code"]), (REFUSED, &"offline_price_unknown".into()), "{answer}");
    let (status, answer) = a
        .ask(
            "/v1/tenders/quote",
            &json!({"store": "A", "currency": "EUR", "instruments": ["GIFT-0001"],
        "lines": [{"line": 1, "sku": "X", "quantity": 1, "gross_minor": 100}]}),
        )
        .await;
    assert_eq!((status, &answer["code"]), (NOT_NOW, &"offline".into()), "{answer}");

    to_a.mend();
    a.until_all_is_sent().await;
    to_b.mend();
    let outbox = b.until_all_is_sent().await;
    assert_eq!(outbox["refused"]["count"], 0, "{outbox}");

    let position = app.post(&[]).await["position"].as_u64().unwrap();
    let shortfalls = app.get(&format!("/v1/shortfalls?at_least={position}")).await;
    assert_eq!(
        shortfalls["stores"],
        json!([{"store": "B", "count": 2, "amounts": [{"amount": 2_000, "currency": "EUR"}], "points": 6}]),
        "{shortfalls}"
    );
    let of_card = &shortfalls["shortfalls"][0];
    assert_eq!((&of_card["sale"], &of_card["edge"]), (&"B-1".into(), &"edge-B".into()), "{of_card}");
    assert_eq!(
        (&of_card["reason"], &of_card["day"]),
        (&"instrument_exceeded".into(), &"2026-11-20".into()),
        "{of_card}"
    );
    let card = app.get(&format!("/v1/instruments/GIFT-0001?at_least={position}")).await;
    assert_eq!(card["balance"]["amount"], 0, "{card}");
    let loyalty = app.get(&format!("/v1/customers/C-7/loyalty?at_least={position}")).await;
    assert_eq!(loyalty["balance"], 0, "{loyalty}");
    let quarantine = app.get("/v1/quarantine").await;
    assert_eq!(quarantine["entries"], json!([]), "{quarantine}");

    // Sent once more, wherever to, each is a repeat: its marker is not part of it.
    let repeated = app.post(&[fact("till-a", 1, "A", "SaleValidated", &sale("A-1", "gift-0001", 4_000))]).await;
    assert_eq!(repeated["duplicate"], 1, "{repeated}");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_line_is_up_the_centre_answers_tills() {
    let app = centre(&[]).await;
    let line = Line::cut_to(&app.url).await;
    line.mend();
    let edge = StoreEdge::start(&line.url(), "A", &[]).await;
    edge.until_line_is("up").await;
    let basket = json!({"store": "A", "currency": "EUR", "instruments": ["GIFT-0001"],
                        "lines": [{"line": 1, "sku": "X", "quantity": 1, "gross_minor": 6_000}]});
    let (status, answer) = edge.ask("/v1/tenders/quote", &basket).await;
    assert_eq!((status, &answer["instruments"][0]["pays"]["amount"]), (OK, &5_000.into()), "{answer}");
    let (status, answer) = edge.get("/v1/customers/C-7/till").await;
    assert_eq!(status, OK, "{answer}");
    // Voided right after it was kept: the centre is asked once it has the sale.
    let kept = edge.post(&[fact("till-a", 1, "A", "SaleValidated", &sale("A-1", "GIFT-0001", 1_000))]).await;
    assert_eq!(kept["results"], json!([{"status": "kept", "provisional": false}]), "{kept}");
    let void = command("till-a", 2, "A", &json!({"sale": "A-1", "reason": "wrong article"}));
    let (status, answer) = edge.command("void-sale", &void).await;
    assert_eq!((status, answer["position"].is_u64()), (OK, true), "{answer}");
    let (status, answer) =
        edge.command("validate-sale", &command("till-a", 3, "A", &sale("A-3", "GIFT-0001", 9_000))).await;
    assert_eq!((status, &answer["code"]), (REFUSED, &"instrument_exceeded".into()), "{answer}");
    assert_eq!(edge.outbox().await["backlog"]["events"], 0);

    // Cut, a command is answered by the policy, without waiting for ever.
    line.cut();
    let (status, answer) =
        edge.command("validate-sale", &command("till-a", 4, "A", &sale("A-4", "GIFT-0001", 1_000))).await;
    assert_eq!(status, NOT_NOW, "{answer}");
    let (status, answer) =
        edge.command("validate-sale", &command("till-a", 4, "A", &sale("A-4", "GIFT-0001", 1_000))).await;
    assert_eq!((status, &answer["code"]), (NOT_NOW, &"offline".into()), "{answer}");
    let mut plain = sale("A-5", "GIFT-0001", 0);
    plain["tenders"] = json!([{"kind": "cash", "amount_minor": 10_000}]);
    let (status, answer) = edge.command("validate-sale", &command("till-a", 5, "A", &plain)).await;
    assert_eq!((status, &answer["kept"], &answer["provisional"]), (OK, &true.into(), &false.into()), "{answer}");
    let (status, answer) = edge
        .command(
            "adjust-points",
            &command(
                "till-a",
                6,
                "A",
                &json!({"programme": "brand",
        "customer": "C-7", "points": 5, "reason": "r", "author": "a"}),
            ),
        )
        .await;
    assert_eq!((status, &answer["code"]), (NOT_NOW, &"offline".into()), "{answer}");
    // A fact has happened: it is kept, and the centre decides.
    let kept = edge.post(&[fact("till-a", 7, "A", "SaleValidated", &sale("A-7", "GIFT-0001", 6_000))]).await;
    assert_eq!(kept["results"], json!([{"status": "kept", "provisional": false, "code": "offline"}]), "{kept}");
    line.mend();
    let outbox = edge.until_all_is_sent().await;
    assert_eq!(outbox["refused"]["newest"][0]["code"], "instrument_exceeded", "{outbox}");
    assert_eq!(outbox["refused"]["newest"][0]["event"]["data"]["sale"], "A-7", "{outbox}");
    assert_eq!(app.get("/v1/quarantine").await["entries"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_outbox_says_so_and_keeps_what_is_in_it() {
    let app = centre(&[]).await;
    let line = Line::cut_to(&app.url).await;
    let edge = StoreEdge::start(&line.url(), "A", &["--outbox-max-bytes", "20000"]).await;
    let visit = |seq: u64| fact("door", seq, "A", "ScannerConnected", &json!({"scanner": format!("{seq:04}")}));
    let mut kept = 0;
    let refused = loop {
        let (status, answer) = edge.try_post(&[visit(kept + 1)]).await;
        if status != OK {
            break (status, answer);
        }
        kept += 1;
    };
    assert_eq!((refused.0, &refused.1["code"]), (NOT_NOW, &"outbox_full".into()), "{}", refused.1);
    assert!(refused.1["detail"].as_str().unwrap().contains("of at most 20000 bytes"), "{}", refused.1);
    assert_eq!(refused.1["retry_after_s"], 60);
    assert!((50..200).contains(&kept), "{kept}");
    assert_eq!(edge.outbox().await["backlog"]["events"], json!(kept));
    line.mend();
    edge.until_all_is_sent().await;
    let answer = edge.post(&[visit(kept + 1)]).await;
    assert_eq!(answer["kept"], 1, "{answer}");
    edge.until_all_is_sent().await;
    assert_eq!(app.get("/v1/sources/door").await["accepted"], json!(kept + 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_at_once_and_stands_in_the_quarantine_of_the_centre() {
    let app = centre(&[]).await;
    let line = Line::cut_to(&app.url).await;
    let edge = StoreEdge::start(&line.url(), "A", &[]).await;
    let scan = |seq: u64, scan: &str| {
        fact(
            "scanner-1",
            seq,
            "A",
            "ScanCaptured",
            &json!({"scan": scan, "scanner": "1", "outcome": "failed", "error_code": "too_much_sunlight"}),
        )
    };
    let mut wrong = scan(2, "1-2");
    wrong["data"]["outcome"] = "perhaps".into();
    let answer = edge.post(&[scan(1, "1-1"), wrong, scan(1, "1-3"), scan(4, "1-4")]).await;
    assert_eq!((&answer["kept"], &answer["rejected"]), (&2.into(), &2.into()), "{answer}");
    assert_eq!(answer["results"][1]["field"], "data.outcome", "{answer}");
    assert_eq!(answer["results"][2]["code"], "idempotency_mismatch", "{answer}");
    let (status, answer) = edge.try_post(&[]).await;
    assert_eq!((status, &answer["code"]), (StatusCode::BAD_REQUEST, &"unparseable".into()), "{answer}");
    line.mend();
    let outbox = edge.until_all_is_sent().await;
    let codes: Vec<_> =
        outbox["refused"]["newest"].as_array().unwrap().iter().map(|refused| refused["code"].clone()).collect();
    assert_eq!(codes, ["idempotency_mismatch", "invalid_value"], "{outbox}");
    assert_eq!(app.get("/v1/sources/scanner-1").await["accepted"], 2);
    let quarantine = app.get("/v1/quarantine").await;
    assert_eq!(quarantine["entries"].as_array().unwrap().len(), 2, "{quarantine}");
    let page = edge.get("/").await.1;
    assert!(page.as_str().unwrap().contains("All is sent"), "{page}");
    let metrics = edge.get("/metrics").await.1;
    for line in ["storefold_outbox_events 0", "storefold_outbox_refused_total 2", "storefold_edge_line_up 1"] {
        assert!(metrics.as_str().unwrap().contains(line), "{line}: {metrics}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_centre_that_does_not_know_the_edge_is_told_of_and_nothing_is_lost() {
    let app = TestApp::start_with(Engine::embedded(), &["--access", "required"]).await;
    let edge = StoreEdge::start(&app.url, "A", &[]).await;
    let visit = fact("door", 1, "A", "ScannerConnected", &json!({"scanner": "1"}));
    edge.post(&[visit]).await;
    let outbox = edge.until_line_is("blocked").await;
    assert_eq!(outbox["backlog"]["events"], 1, "{outbox}");
    assert!(outbox["line"]["why"].as_str().unwrap().contains("issue a token that may send events"), "{outbox}");
    let page = edge.get("/").await.1;
    assert!(page.as_str().unwrap().contains("Somebody has to look"), "{page}");
}
