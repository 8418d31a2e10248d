use std::time::Duration;

use serde_json::json;
use storefold_events::Recorded;
use storefold_projection::{Poison, Projector, Question, Rows, model, question};

use crate::world::{World, scan, store};

const TODAY: &str = "2026-11-23T10:15:00+01:00";

#[tokio::test]
async fn an_answer_waits_for_the_position_that_was_asked_for() {
    let world = World::start().await;
    world.given(&[store("FR-PAR-01")]).await;
    let path = "/v1/stores/FR-PAR-01/performance?at_least=3";
    let (answer, appended) = tokio::join!(world.get(path), async {
        world.append(&[scan("FR-PAR-01", 1, TODAY)]);
        world.append(&[scan("FR-PAR-01", 2, TODAY)])
    });
    assert_eq!((appended, answer.status, answer.position), (3, 200, Some(3)));
    assert_eq!(answer.json["totals"]["scans"]["attempted"], 2);
}

#[tokio::test(start_paused = true)]
async fn the_wait_is_bounded() {
    let world = World::start().await;
    world.given(&[store("FR-PAR-01")]).await;
    let started = tokio::time::Instant::now();
    let answer = world.get("/v1/stores?at_least=4711").await;
    assert!((Duration::from_secs(5)..Duration::from_secs(6)).contains(&started.elapsed()), "{:?}", started.elapsed());
    assert_eq!((answer.status, answer.retry_after.as_deref(), answer.position), (503, Some("1"), Some(1)));
    assert_eq!((&answer.json["code"], &answer.json["position"]), (&json!("not_there_yet"), &json!(1)));
    assert_eq!(answer.json["detail"], "position 4711 was asked for and this read model is at 1; ask again");
}

/// Cannot fold a scan.
struct Fragile;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Nothing {}

impl Projector for Fragile {
    const NAME: &'static str = "fragile";
    const VERSION: u32 = 1;
    type Row = u64;

    fn apply(event: &Recorded<'_>, _: &mut Rows<'_, u64>) -> Result<(), Poison> {
        match event.event.store.as_deref() {
            Some("FR-PAR-01") => Ok(()),
            _ => Err(Poison("it is of another store".to_owned())),
        }
    }

    fn questions() -> Vec<Question> {
        vec![question::<Self, Nothing, u32>("/v1/fragile", "Nothing", "Nothing.", |_, _| Ok(7))]
    }
}

#[tokio::test]
async fn a_model_that_has_stopped_says_so_and_answers_up_to_there() {
    let world = World::with(vec![model::<Fragile>()]).await;
    world.given(&[store("FR-PAR-01")]).await;
    world.append(&[store("FR-PAR-02")]);
    let waited = world.get("/v1/fragile?at_least=2").await;
    assert_eq!((waited.status, &waited.json["code"]), (503, &json!("model_stopped")));
    let says = "the event at position 2 cannot be folded: it is of another store";
    assert!(waited.json["detail"].as_str().unwrap().ends_with(says), "{waited:?}");
    let answer = world.get("/v1/fragile").await;
    assert_eq!((answer.status, answer.json, answer.position), (200, json!(7), Some(1)));
    let metrics = world.get("/metrics").await.json;
    assert!(metrics.as_str().unwrap().contains("storefold_model_poisoned{model=\"fragile\"} 1.0"), "{metrics}");
    assert_eq!(world.get("/readyz").await.status, 200);
}
