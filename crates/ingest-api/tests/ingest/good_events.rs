use serde_json::{Value, json};

use crate::{
    facts::{lines, msgpack, sale, scan},
    world::World,
};

#[tokio::test]
async fn one_event_is_taken_in_every_form() {
    let world = World::start().await;
    let named = rmp_serde::to_vec_named(&scan(3)).unwrap();
    for (content_type, body, position) in [
        ("application/json", scan(1).to_string().into_bytes(), 2),
        ("Application/JSON; charset=utf-8", format!("\n {} \n", scan(2)).into_bytes(), 3),
        ("application/msgpack", named, 4),
        ("application/x-ndjson", scan(4).to_string().into_bytes(), 5),
        ("application/json", json!([scan(5)]).to_string().into_bytes(), 6),
        ("application/msgpack", msgpack(&[scan(6)]), 7),
    ] {
        let answer = world.post(content_type, body).await;
        let results = json!([{"status": "accepted", "position": position, "caused": []}]);
        let expected = json!({"accepted": 1, "duplicate": 0, "rejected": 0, "position": position, "results": results});
        assert_eq!((answer.status, answer.position, answer.json), (200, Some(position), expected), "{content_type}");
    }
}

#[tokio::test]
async fn a_body_without_content_type_is_json() {
    let world = World::start().await;
    let request = axum::http::Request::post("/v1/events").body(json!([scan(1), scan(2)]).to_string().into()).unwrap();
    assert_eq!(world.ask(request).await.json["accepted"], 2);
}

#[tokio::test]
async fn results_stand_in_the_order_sent() {
    let world = World::start().await;
    world.post("application/json", scan(2).to_string()).await;
    let body = format!("{}\r\n\n   \nno event\n{}\n{}\n{{}}\n{}", scan(1), scan(2), scan(3), scan(1));
    let answer = world.post("application/x-ndjson", body).await.json;
    let statuses: Vec<&Value> = answer["results"].as_array().unwrap().iter().map(|result| &result["status"]).collect();
    assert_eq!(statuses, ["accepted", "rejected", "duplicate", "accepted", "rejected", "duplicate"]);
    let positions: Vec<&Value> = [0, 2, 3, 5].iter().map(|place| &answer["results"][place]["position"]).collect();
    assert_eq!(positions, [3, 2, 4, 3]);
    let counts = ["accepted", "duplicate", "rejected", "position"].map(|name| answer[name].as_u64().unwrap());
    assert_eq!(counts, [2, 2, 2, 4]);
}

#[tokio::test]
async fn what_an_event_brings_about_stands_in_its_result() {
    let world = World::start().await;
    let programme = json!({
        "source": "back-office", "seq": 2, "store": "FR-PAR-01", "occurred_at": "2026-01-02T08:00:00+01:00",
        "type": "LoyaltyProgramConfigured",
        "data": {"programme": "brand", "currency": "EUR", "minor_per_point": 1000, "rounding": "floor_per_sale",
            "earn_on_discounted": true},
    });
    let mut sale = sale(1);
    sale["data"]["customer"] = json!("C-77");
    let answer = world.post("application/json", json!([programme, sale]).to_string()).await.json;
    let caused = &answer["results"][1]["caused"];
    assert_eq!((&caused[0]["type"], &caused[0]["data"]["points"]), (&json!("PointsEarned"), &json!(10)), "{answer}");
    assert_eq!((&caused[0]["cause"], &caused[0]["position"]), (&json!(3), &json!(4)));
    assert_eq!(answer["position"], 4);
}

#[tokio::test]
async fn ten_thousand_events_are_taken_at_once() {
    let world = World::start().await;
    let events: Vec<Value> = (1..=10_000).map(scan).collect();
    let answer = world.post("application/x-ndjson", lines(&events)).await;
    assert_eq!((answer.status, &answer.json["accepted"], answer.position), (200, &json!(10_000), Some(10_001)));
    let again = world.post("application/json", json!(events).to_string()).await;
    assert_eq!((again.status, &again.json["duplicate"], again.position), (200, &json!(10_000), Some(10_001)));
    let again = world.post("application/msgpack", msgpack(&events)).await;
    assert_eq!((&again.json["duplicate"], &again.json["results"][9_999]["position"]), (&json!(10_000), &json!(10_001)));
}

#[tokio::test]
async fn an_array_of_nothing_is_taken() {
    let world = World::start().await;
    for (content_type, body) in [("application/json", b"[]" as &[u8]), ("application/msgpack", b"\x90")] {
        let answer = world.post(content_type, body).await;
        let expected = json!({"accepted": 0, "duplicate": 0, "rejected": 0, "position": 1, "results": []});
        assert_eq!((answer.status, answer.json), (200, expected));
    }
}
