use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    facts::{lines, sale, sale_with, scan, store},
    world::World,
};

async fn with_an_unknown_store() -> (World, u64) {
    let world = World::start().await;
    let answer = world.post("application/json", sale_with("/store", json!("FR-LYS-01")).to_string()).await;
    assert_eq!(answer.json["results"][0]["code"], "unknown_store");
    let entry = world.quarantined("unknown_store").await[0]["entry"].as_u64().unwrap();
    (world, entry)
}

#[tokio::test]
async fn an_entry_is_taken_in_by_a_retry_once_nothing_is_against_it() {
    let (world, entry) = with_an_unknown_store().await;
    let path = format!("/v1/quarantine/{entry}/retry");
    let still = world.post_to(&path, "application/json", "").await;
    assert_eq!((still.status, &still.json["results"][0]["code"]), (200, &json!("unknown_store")));
    assert_eq!(world.quarantined("unknown_store").await[0]["attempts"], 2);

    let mut lyon = store();
    (lyon["seq"], lyon["store"]) = (json!(2), json!("FR-LYS-01"));
    world.post("application/json", lyon.to_string()).await;
    let taken = world.post_to(&path, "application/json", "").await;
    assert_eq!((taken.status, &taken.json["accepted"], taken.position), (200, &json!(1), Some(3)));
    assert!(world.quarantined("unknown_store").await.is_empty());
    let gone = world.post_to(&path, "application/json", "").await;
    assert_eq!((gone.status, &gone.json["code"]), (404, &json!("unknown_entry")));
}

#[tokio::test]
async fn an_event_that_was_badly_written_is_read_again_by_a_retry() {
    let world = World::start().await;
    world.post("application/json", sale_with("/data/till", Value::Null).to_string()).await;
    let entry = world.quarantined("missing_field").await[0].clone();
    assert_eq!((&entry["source"], &entry["field"]), (&json!("till-FR-PAR-01-1"), &json!("data.till")));
    let retried = world.post_to(&format!("/v1/quarantine/{}/retry", entry["entry"]), "application/json", "").await;
    assert_eq!((retried.status, &retried.json["results"][0]["code"]), (200, &json!("missing_field")));
    assert_eq!(world.quarantined("missing_field").await[0]["attempts"], 2);
}

#[tokio::test]
async fn an_event_of_the_future_is_taken_in_by_a_retry_once_it_has_happened() {
    let world = World::start().await;
    let mut elsewhere = sale_with("/occurred_at", json!("2026-11-23T12:00:00+01:00"));
    (elsewhere["store"], elsewhere["seq"]) = (json!("FR-LYS-01"), json!(8));
    let here = sale_with("/occurred_at", json!("2026-11-23T12:00:00+01:00"));
    world.post("application/json", json!([here, elsewhere]).to_string()).await;
    let entries = world.quarantined("occurred_at_in_future").await;
    let retry = |entry: &Value| format!("/v1/quarantine/{}/retry", entry["entry"]);
    world.time_passes(Duration::from_hours(2));
    let taken = world.post_to(&retry(&entries[0]), "application/json", "").await;
    assert_eq!((&taken.json["accepted"], taken.position), (&json!(1), Some(2)));
    // What is refused for another reason now is one entry still, under that reason.
    let refused = world.post_to(&retry(&entries[1]), "application/json", "").await;
    assert_eq!(refused.json["results"][0]["code"], "unknown_store");
    assert!(world.quarantined("occurred_at_in_future").await.is_empty());
    assert_eq!(world.quarantined("unknown_store").await.len(), 1);
}

#[tokio::test]
async fn an_entry_is_dropped_for_a_reason_that_stays() {
    let (world, entry) = with_an_unknown_store().await;
    let path = format!("/v1/quarantine/{entry}/drop");
    for (body, status, code) in
        [("", 400, "unparseable"), ("{\"why\": 1}", 400, "unparseable"), ("{\"reason\": \" \"}", 422, "reason_missing")]
    {
        let answer = world.post_to(&path, "application/json", body).await;
        assert_eq!((answer.status, &answer.json["code"]), (status, &json!(code)));
    }
    let endless = world.post_to(&path, "application/json", "x".repeat(8_193)).await;
    assert_eq!((endless.status, &endless.json["limit"]), (413, &json!(8_192)));
    let dropped = world.post_to(&path, "application/json", r#"{"reason": "a test of the till"}"#).await;
    assert_eq!((dropped.status, &dropped.json["dropped"]), (200, &json!("a test of the till")));
    let retried = world.post_to(&format!("/v1/quarantine/{entry}/retry"), "application/json", "").await;
    assert_eq!((retried.status, &retried.json["code"]), (422, &json!("entry_dropped")));
    let shown = world.quarantined("unknown_store").await;
    assert_eq!((&shown[0]["dropped"], &shown[0]["retriable"]), (&json!("a test of the till"), &json!(false)));
}

#[tokio::test]
async fn a_request_that_was_refused_whole_cannot_be_retried() {
    let world = World::start().await;
    world.post("application/json", "{").await;
    let entry = &world.quarantined("unparseable").await[0]["entry"];
    let retried = world.post_to(&format!("/v1/quarantine/{entry}/retry"), "application/json", "").await;
    assert_eq!((retried.status, &retried.json["code"]), (422, &json!("nothing_to_retry")));
}

#[tokio::test]
async fn the_list_goes_on_where_it_stopped() {
    let world = World::start().await;
    let bad: Vec<Value> = (1..=5)
        .map(|seq| {
            let mut bad = if seq == 3 { sale(seq) } else { scan(seq) };
            bad["type"] = json!("Dreamt");
            bad
        })
        .collect();
    world.post("application/x-ndjson", lines(&bad)).await;
    let of_scanner = "/v1/quarantine?source=scanner-0012&limit=3";
    let first = world.get(of_scanner).await.json;
    let numbers = |page: &Value| -> Vec<u64> {
        page["entries"].as_array().unwrap().iter().map(|entry| entry["sent"]["seq"].as_u64().unwrap()).collect()
    };
    assert_eq!(numbers(&first), [1, 2, 4]);
    let rest = world.get(&format!("{of_scanner}&after={}", first["next"])).await.json;
    assert_eq!((numbers(&rest), rest.get("next")), (vec![5], None));
}

#[tokio::test]
async fn a_parameter_that_makes_no_sense_is_named() {
    let world = World::start().await;
    for (query, field, says) in [
        ("limit=0", "limit", "is 0; ask for 1 to 1000 entries"),
        ("limit=many", "limit", "is not a whole number from 0"),
        ("after=-1", "after", "is not a whole number from 0"),
        ("colour=red", "colour", "is not a parameter here"),
        ("code=a&code=b", "code", "is given twice"),
    ] {
        let answer = world.get(&format!("/v1/quarantine?{query}")).await;
        assert_eq!((answer.status, &answer.json["field"]), (400, &json!(field)), "{query}");
        assert!(answer.json["detail"].as_str().unwrap().contains(says), "{answer:?}");
    }
    let answer = world.post_to("/v1/quarantine/first/retry", "application/json", "").await;
    assert_eq!((answer.status, &answer.json["field"]), (400, &json!("entry")));
}

#[tokio::test]
async fn the_metrics_tell_where_the_log_ends_and_what_is_kept() {
    let (world, _) = with_an_unknown_store().await;
    let metrics = world.get("/metrics").await.json;
    for line in ["storefold_sequencer_head 1\n", "storefold_sequencer_writing 1\n", "storefold_quarantine_entries 1\n"]
    {
        assert!(metrics.as_str().unwrap().contains(line), "{line} is not in {metrics}");
    }
    assert_eq!(world.get("/readyz").await.status, 200);
}
