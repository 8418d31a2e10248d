//! Payloads of a message broker.

use serde_json::{Value, json};
use storefold_ingest_api::{Counts, Delivered, Format};

use crate::{
    facts::{msgpack, scan, store},
    world::World,
};

fn delivered(source: &str, payload: impl Into<Vec<u8>>) -> Delivered {
    Delivered { source: source.to_owned(), format: None, payload: payload.into().into() }
}

#[tokio::test]
async fn payloads_are_taken_in_the_form_they_came() {
    let world = World::start().await;
    let lines = format!("{}\n{}\n", scan(5), scan(6));
    let payloads = [
        delivered("scanner-0012", scan(1).to_string()),
        delivered("scanner-0012", msgpack(&[scan(2), scan(3)])),
        delivered("scanner-0012", rmp_serde::to_vec_named(&scan(4)).unwrap()),
        Delivered { format: Some(Format::Ndjson), ..delivered("scanner-0012", lines) },
        delivered("scanner-0012", scan(1).to_string()),
    ];
    let counts = world.intake.ingest_batch(&payloads).await.unwrap();
    assert_eq!(counts, Counts { accepted: 6, duplicate: 1, rejected: 0 });
    assert_eq!(world.post("application/json", scan(7).to_string()).await.position, Some(8));
}

#[tokio::test]
async fn a_source_speaks_for_itself_only() {
    let world = World::start().await;
    let forged = delivered("scanner-0013", scan(1).to_string());
    let counts = world.intake.ingest_batch(&[forged, delivered("scanner-0012", scan(2).to_string())]).await.unwrap();
    assert_eq!(counts, Counts { accepted: 1, duplicate: 0, rejected: 1 });
    let entry = &world.quarantined("source_mismatch").await[0];
    assert_eq!((&entry["source"], &entry["field"]), (&json!("scanner-0013"), &json!("source")));
    let says = "`source` is `scanner-0012`, and this came from `scanner-0013`";
    assert!(entry["detail"].as_str().unwrap().starts_with(says), "{entry}");
    let retried = world.post_to(&format!("/v1/quarantine/{}/retry", entry["entry"]), "application/json", "").await;
    assert_eq!(retried.json["results"][0]["code"], "source_mismatch");
}

#[tokio::test]
async fn a_payload_that_cannot_be_read_is_kept_and_holds_up_nobody() {
    let world = World::start().await;
    let many: Vec<Value> = vec![json!(1); 10_001];
    let payloads = [
        delivered("scanner-0012", "nonsense"),
        delivered("scanner-0012", ""),
        delivered("scanner-0012", json!(many).to_string()),
        delivered("back-office", store().to_string()),
    ];
    let counts = world.intake.ingest_batch(&payloads).await.unwrap();
    assert_eq!(counts, Counts { accepted: 0, duplicate: 1, rejected: 3 });
    assert_eq!(world.quarantined("unparseable").await.len(), 2);
    assert_eq!(world.quarantined("too_many_events").await[0]["source"], "scanner-0012");
}

#[tokio::test]
async fn nothing_is_acknowledged_when_the_sequencer_has_stopped() {
    let world = World::start().await;
    world.sequencer.stop().await;
    let error = world.intake.ingest_batch(&[delivered("scanner-0012", scan(1).to_string())]).await.unwrap_err();
    assert_eq!(error.to_string(), "the server is stopping; send this again in a moment");
    let answer = world.post("application/json", scan(1).to_string()).await;
    assert_eq!((answer.status, &answer.json["code"]), (503, &json!("stopping")));
    let ready = world.get("/readyz").await;
    assert_eq!((ready.status, &ready.json["detail"]), (503, &json!("sequencer: it has been stopped")));
    let answer = world.get("/v1/sources/back-office").await;
    assert_eq!((answer.status, &answer.json["code"]), (503, &json!("not_writer")));
}
