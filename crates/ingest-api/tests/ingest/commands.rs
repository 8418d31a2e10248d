use std::time::Duration;

use serde_json::{Value, json};
use storefold_ingest_api::{Counts, Delivered};

use crate::{
    facts::sale,
    world::{Answer, World},
};

/// A world with a programme whose only gift costs 10 points.
async fn world() -> World {
    let world = World::start().await;
    for (seq, command, data) in [
        (
            2,
            "configure-programme",
            json!({"programme": "brand", "currency": "EUR", "minor_per_point": 1000, "rounding": "floor_per_sale",
                   "earn_on_discounted": true, "terms": {"expiry": {"policy": "days", "count": 0}, "zone": "UTC"}}),
        ),
        (3, "define-level", json!({"programme": "brand", "level": "one", "points": 10})),
        (4, "assign-gift", json!({"programme": "brand", "level": "one", "sku": "SCARF"})),
    ] {
        let body =
            json!({"source": "back-office", "seq": seq, "occurred_at": "2026-01-02T08:00:00+01:00", "data": data});
        let done = order(&world, command, &body).await;
        assert_eq!((done.status, &done.json), (200, &json!({"position": seq, "caused": [], "repeated": false})));
    }
    world
}

async fn order(world: &World, command: &str, body: &Value) -> Answer {
    world.post_to(&format!("/v1/commands/{command}"), "application/json", body.to_string()).await
}

/// The command of an event.
fn without_type(mut event: Value) -> Value {
    event.as_object_mut().unwrap().remove("type");
    event
}

/// A sale of 10 points, to a customer.
fn basket(seq: u64) -> Value {
    let mut sale = without_type(sale(seq));
    sale["data"]["customer"] = json!("C-77");
    sale
}

fn claim(seq: u64, sale: &str) -> Value {
    json!({"source": "till-2", "seq": seq, "store": "FR-PAR-01", "occurred_at": "2026-11-23T10:21:00+01:00",
           "data": {"programme": "brand", "customer": "C-77", "sale": sale, "product": "SCARF"}})
}

fn without_places(mut caused: Value) -> Value {
    for event in caused.as_array_mut().unwrap() {
        event.as_object_mut().unwrap().retain(|name, _| name != "position" && name != "cause");
    }
    caused
}

#[tokio::test]
async fn a_command_is_answered_with_what_it_brings_about_and_so_is_its_repeat() {
    let world = world().await;
    let first = order(&world, "validate-sale", &basket(1)).await;
    assert_eq!((first.status, first.position, &first.json["position"]), (200, Some(6), &json!(5)));
    assert_eq!(first.json["caused"][0]["type"], "PointsEarned");
    assert_eq!((&first.json["caused"][0]["data"]["points"], &first.json["repeated"]), (&json!(10), &json!(false)));
    let claimed = order(&world, "claim-gift", &claim(1, "S")).await;
    assert_eq!((claimed.status, &claimed.json["caused"][0]["type"]), (200, &json!("PointsSpent")));
    for (command, body, first) in [("validate-sale", basket(1), &first), ("claim-gift", claim(1, "S"), &claimed)] {
        let again = order(&world, command, &body).await;
        assert_eq!((again.status, &again.json["repeated"]), (200, &json!(true)));
        assert_eq!((&again.json["position"], &again.json["caused"]), (&first.json["position"], &first.json["caused"]));
    }
    let mut event = basket(1);
    event["type"] = json!("SaleValidated");
    let alone = world.post("application/json", event.to_string()).await.json;
    assert_eq!(alone["results"][0]["status"], "duplicate");
    assert_eq!(alone["results"][0]["caused"], first.json["caused"]);
    let several = world.post("application/json", json!([event, event]).to_string()).await.json;
    assert_eq!(several["results"][1], json!({"status": "duplicate", "position": 5}));
}

#[tokio::test]
async fn a_refused_command_leaves_nothing_behind() {
    let world = world().await;
    let back = json!({"source": "till-1", "seq": 1, "store": "FR-PAR-01", "occurred_at": "2026-11-23T10:21:00+01:00",
        "data": {"return": "R", "sale": "T1-1", "currency": "EUR", "lines": [{"line": 1, "quantity": 1, "refund_minor": 1}],
                 "tenders": [{"kind": "card", "amount_minor": 1}]}});
    let mut adjusted = claim(1, "S");
    adjusted["data"] = json!({"programme": "brand", "customer": "C-77", "points": 5, "author": "A"});
    let mut rate_zero = claim(1, "S");
    rate_zero["data"] = json!({"programme": "x", "currency": "EUR", "minor_per_point": 0, "rounding": "floor_per_sale",
                               "earn_on_discounted": true});
    for (command, body, code, field) in [
        ("claim-gift", claim(1, "S"), "points_exceed_balance", "data.points"),
        ("return-sale", back.clone(), "unknown_sale", "data.sale"),
        ("adjust-points", adjusted, "reason_missing", "data.reason"),
        ("configure-programme", rate_zero, "earn_rate_not_positive", "data.minor_per_point"),
    ] {
        let refused = order(&world, command, &body).await;
        assert_eq!((refused.status, refused.content_type.as_str()), (422, "application/problem+json"), "{refused:?}");
        assert_eq!((&refused.json["code"], &refused.json["field"]), (&json!(code), &json!(field)));
        assert!(refused.json["detail"].as_str().unwrap().len() > 15, "{refused:?}");
    }
    // The sale does not take the return in, which nobody has kept.
    let sold = order(&world, "validate-sale", &basket(1)).await;
    assert_eq!(sold.json["position"], 5);
    assert_eq!(order(&world, "validate-sale", &basket(2)).await.json["position"], 7);
    assert_eq!(world.get("/v1/quarantine").await.json["entries"], json!([]));
    let source = world.get("/v1/sources/till-1").await;
    assert_eq!(source.status, 404, "{source:?}");
    let mut other = basket(1);
    other["data"]["till"] = json!("2");
    let mismatch = order(&world, "validate-sale", &other).await;
    assert_eq!((mismatch.status, &mismatch.json["code"]), (409, &json!("idempotency_mismatch")));
    assert_eq!(world.get("/v1/quarantine").await.json["entries"], json!([]));
}

#[tokio::test]
async fn what_is_no_command_is_told_and_not_kept() {
    let world = world().await;
    let mut typed = basket(1);
    typed["type"] = json!("SaleValidated");
    let mut late = basket(1);
    late["occurred_at"] = json!("2026-11-23T12:20:00+01:00");
    let mut nameless = basket(1);
    nameless.as_object_mut().unwrap().remove("source");
    for (body, status, code) in [
        (String::new(), 400, "unparseable"),
        ("{".to_owned(), 400, "unparseable"),
        ("{}".to_owned(), 400, "missing_field"),
        ("[]".to_owned(), 400, "unparseable"),
        (typed.to_string(), 400, "unknown_field"),
        (late.to_string(), 400, "occurred_at_in_future"),
        (nameless.to_string(), 400, "missing_field"),
        ("x".repeat((512 << 10) + 1), 413, "body_too_large"),
    ] {
        let answer = world.post_to("/v1/commands/validate-sale", "application/json", body.clone()).await;
        assert_eq!((answer.status, &answer.json["code"]), (status, &json!(code)), "{body:.60}");
    }
    let answer = world.post_to("/v1/commands/validate-sale", "text/csv", basket(1).to_string()).await;
    assert_eq!((answer.status, &answer.json["code"]), (415, &json!("unsupported_media_type")));
    let answer = order(&world, "give-gift", &basket(1)).await;
    assert_eq!((answer.status, &answer.json["code"]), (404, &json!("unknown_command")));
    assert!(answer.json["detail"].as_str().unwrap().contains("claim-gift"), "{answer:?}");
    let answer = world.post_to("/v1/commands/claim-gift?dry_run=perhaps", "application/json", "{}").await;
    assert_eq!((answer.status, &answer.json["field"]), (400, &json!("dry_run")));
    assert_eq!(world.get("/v1/quarantine").await.json["entries"], json!([]));
}

#[tokio::test]
async fn a_dry_run_says_what_the_command_will_and_writes_nothing() {
    let world = world().await;
    let try_out = async |command: &str, body: &Value| {
        let path = format!("/v1/commands/{command}?dry_run=true");
        world.post_to(&path, "application/json", body.to_string()).await
    };
    let mut nameless = basket(1);
    for name in ["source", "seq"] {
        nameless.as_object_mut().unwrap().remove(name);
    }
    for _ in 0..3 {
        let tried = try_out("validate-sale", &nameless).await;
        assert_eq!((tried.status, &tried.json["caused"][0]["data"]["points"]), (200, &json!(10)), "{tried:?}");
        assert_eq!((&tried.json["position"], tried.position), (&Value::Null, Some(4)));
    }
    let tried = try_out("validate-sale", &basket(1)).await.json["caused"].clone();
    let sold = order(&world, "validate-sale", &basket(1)).await;
    assert_eq!((&sold.json["position"], tried), (&json!(5), without_places(sold.json["caused"].clone())));
    let again = try_out("validate-sale", &basket(1)).await;
    assert_eq!((&again.json["repeated"], &again.json["caused"]), (&json!(true), &sold.json["caused"]));

    let tried = try_out("claim-gift", &claim(1, "S")).await.json["caused"].clone();
    assert_eq!(tried[0]["data"]["points"], 10);
    // The points expire at the end of the day, though no tick stands in the log yet.
    world.time_passes(Duration::from_hours(24));
    let tried = try_out("claim-gift", &claim(1, "S")).await;
    assert_eq!((tried.status, &tried.json["code"]), (422, &json!("points_exceed_balance")));
    let claimed = order(&world, "claim-gift", &claim(1, "S")).await;
    assert_eq!(claimed.json, tried.json);
    assert_eq!(world.get("/v1/quarantine").await.json["entries"], json!([]));
}

#[tokio::test]
async fn a_claim_that_was_refused_is_taken_when_it_is_asked_anew_and_not_before() {
    let world = world().await;
    let mut event = claim(1, "S");
    event["type"] = json!("GiftClaimed");
    let refused = world.post("application/json", event.to_string()).await.json;
    assert_eq!(refused["results"][0]["code"], "points_exceed_balance");
    order(&world, "validate-sale", &basket(1)).await;
    // Sent again, as a broker does, it stays what it was.
    let again = world.post("application/json", event.to_string()).await.json;
    assert_eq!((&again["results"][0]["code"], &again["position"]), (&json!("points_exceed_balance"), &json!(6)));
    assert!(again["results"][0]["detail"].as_str().unwrap().contains("refused so before"), "{again}");
    let kept = world.quarantined("points_exceed_balance").await;
    assert_eq!((kept.len(), &kept[0]["attempts"], &kept[0]["asks"]), (1, &json!(2), &json!(true)));
    let path = format!("/v1/quarantine/{}/retry", kept[0]["entry"]);
    let blind = world.post_to(&path, "application/json", "").await;
    assert_eq!((blind.status, &blind.json["code"]), (422, &json!("must_be_asked_anew")));
    assert!(blind.json["detail"].as_str().unwrap().contains("ask_anew=true"), "{blind:?}");
    assert_eq!(world.sequencer.head(), 6);
    let anew = world.post_to(&format!("{path}?ask_anew=true"), "application/json", "").await;
    assert_eq!((&anew.json["accepted"], &anew.json["results"][0]["position"]), (&json!(1), &json!(7)));
    assert!(world.quarantined("points_exceed_balance").await.is_empty());
}

#[tokio::test]
async fn a_claim_that_a_broker_delivers_again_is_not_taken_later() {
    let world = world().await;
    let mut event = claim(1, "S");
    event["type"] = json!("GiftClaimed");
    let delivered = Delivered { source: "till-2".to_owned(), format: None, payload: event.to_string().into() };
    let deliver = async || world.intake.ingest_batch(std::slice::from_ref(&delivered)).await.unwrap();
    assert_eq!(deliver().await, Counts { rejected: 1, ..Counts::default() });
    order(&world, "validate-sale", &basket(1)).await;
    for _ in 0..3 {
        assert_eq!(deliver().await, Counts { rejected: 1, ..Counts::default() });
    }
    assert_eq!(world.quarantined("points_exceed_balance").await[0]["attempts"], 4);
    // Somebody asks again: that is another claim.
    assert_eq!(order(&world, "claim-gift", &claim(2, "S")).await.json["position"], 7);
}
