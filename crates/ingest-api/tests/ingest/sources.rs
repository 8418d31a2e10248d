use serde_json::json;

use crate::{
    facts::{lines, scan},
    world::World,
};

#[tokio::test]
async fn a_source_tells_what_is_missing() {
    let world = World::start().await;
    let events: Vec<_> = [1, 2, 5, 9].map(scan).to_vec();
    world.post("application/x-ndjson", lines(&events)).await;
    let answer = world.get("/v1/sources/scanner%2D0012").await;
    let missing = json!([{"from": 3, "to": 4}, {"from": 6, "to": 8}]);
    let expected = json!({"source": "scanner-0012", "accepted": 4, "highest_seq": 9, "missing": missing});
    assert_eq!((answer.status, answer.json), (200, expected));
}

#[tokio::test]
async fn a_source_is_told_from_a_position_on_that_is_waited_for() {
    let world = World::start().await;
    let sent = world.post("application/x-ndjson", lines(&[scan(1)])).await;
    let position = sent.json["position"].as_u64().unwrap();
    let answer = world.get(&format!("/v1/sources/scanner-0012?at_least={position}")).await;
    assert_eq!((answer.status, &answer.json["accepted"]), (200, &json!(1)));
    let answer = world.get(&format!("/v1/sources/scanner-0012?at_least={}", position + 1)).await;
    assert_eq!(
        (answer.status, &answer.json["code"], &answer.json["position"]),
        (503, &json!("not_there_yet"), &json!(position))
    );
}

#[tokio::test]
async fn a_source_that_never_sent_is_unknown() {
    let world = World::start().await;
    let answer = world.get("/v1/sources/nobody").await;
    assert_eq!((answer.status, &answer.json["code"]), (404, &json!("unknown_source")));
    let answer = world.get("/v1/sources/nobody?verbose=1").await;
    assert_eq!((answer.status, &answer.json["field"]), (400, &json!("verbose")));
}
