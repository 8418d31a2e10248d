use serde_json::json;

use crate::world::{World, scan, store};

const TODAY: &str = "2026-11-23T10:15:00+01:00";

#[tokio::test]
async fn every_answer_is_complete_up_to_its_position() {
    let world = World::start().await;
    let position = world.given(&[store("FR-PAR-01"), scan("FR-PAR-01", 1, TODAY), scan("FR-PAR-01", 2, TODAY)]).await;
    let stores = world.get("/v1/stores").await;
    assert_eq!(
        (stores.status, stores.content_type.as_str(), stores.position),
        (200, "application/json", Some(position))
    );
    assert_eq!(stores.json["stores"][0]["store"], "FR-PAR-01");
    let performance = world.get("/v1/stores/FR-PAR-01/performance?window=30d").await;
    assert_eq!((performance.status, performance.position), (200, Some(position)));
    let expected = json!({"attempted": 2, "succeeded": 2, "failed": 0});
    assert_eq!(performance.json["totals"]["scans"], expected);
    assert_eq!(performance.json["days"].as_array().unwrap().len(), 30);
    assert_eq!(performance.json["days"][29]["scans"], expected);
    let capture = world.get("/v1/stores/FR-PAR-01/email-capture?from=2026-11-23&to=2026-11-23").await;
    assert_eq!((&capture.json["identified"], &capture.json["band"]), (&json!(2), &json!("top")));
    let scanner = world.get("/v1/scanners/0012/performance").await;
    assert_eq!((scanner.status, &scanner.json["totals"]["scans"]), (200, &expected));
}

#[tokio::test]
async fn the_same_question_asked_again_follows_the_rows() {
    let world = World::start().await;
    let path = "/v1/stores/FR-PAR-01/performance?window=30d";
    for attempted in 1..=5 {
        let seq = attempted;
        let position = match attempted {
            1 => world.given(&[store("FR-PAR-01"), scan("FR-PAR-01", seq, TODAY)]).await,
            _ => world.given(&[scan("FR-PAR-01", seq, TODAY)]).await,
        };
        for _again in 0..3 {
            let answer = world.get(path).await;
            assert_eq!(
                (answer.position, &answer.json["totals"]["scans"]["attempted"]),
                (Some(position), &json!(attempted))
            );
        }
        let other = world.get("/v1/stores/FR-PAR-01/performance?window=90d").await;
        assert_eq!(other.json["days"].as_array().unwrap().len(), 90, "another window is another question");
    }
}

#[tokio::test]
async fn names_are_percent_decoded() {
    let world = World::start().await;
    world.given(&[store("Zürich / Bahnhof 1"), scan("Zürich / Bahnhof 1", 1, TODAY)]).await;
    let answer = world.get("/v1/stores/Z%C3%BCrich%20%2F%20Bahnhof%201/performance").await;
    assert_eq!((answer.status, &answer.json["store"]), (200, &json!("Zürich / Bahnhof 1")));
}

#[tokio::test]
async fn what_is_not_known_is_named() {
    let world = World::start().await;
    let position = world.given(&[store("FR-PAR-01")]).await;
    for (path, code, says) in [
        ("/v1/stores/FR-PAR-99/performance", "unknown_store", "there is no store `FR-PAR-99` here"),
        ("/v1/stores/FR-PAR-99/email-capture", "unknown_store", "there is no store `FR-PAR-99` here"),
        ("/v1/customers/C-77/loyalty", "unknown_customer", "there is no customer `C-77` here"),
        ("/v1/stores/%3Cscript%3E%00/performance", "unknown_store", "there is no store `<script>\0` here"),
    ] {
        let answer = world.get(path).await;
        assert_eq!((answer.status, answer.content_type.as_str()), (404, "application/problem+json"), "{path}");
        assert_eq!((&answer.json["code"], answer.position), (&json!(code), Some(position)), "{path}");
        assert!(answer.json["detail"].as_str().unwrap().starts_with(says), "{answer:?}");
    }
    let long = world.get(&format!("/v1/stores/{}/performance", "x".repeat(20_000))).await;
    assert_eq!((long.status, long.json["detail"].as_str().unwrap().chars().count()), (404, 2_049));
}

#[tokio::test]
async fn a_parameter_that_makes_no_sense_is_named() {
    let world = World::start().await;
    let position = world.given(&[store("FR-PAR-01")]).await;
    for (query, field, says) in [
        ("windw=30d", "windw", "`windw` is not a parameter here; the parameters are at /docs"),
        // What was sent is not repeated: it may be secret, in the wrong place.
        ("window=31d", "window", "`window` is not understood: unknown variant, expected one of `30d`, `90d`, `all`"),
        ("window=30d&window=90d", "window", "`window` is given twice; send it once"),
        ("window=30d&from=2026-11-01", "window", "`window` stands beside `from` or `to`"),
        ("from=1.11.2026", "from", "`from` is not understood"),
        ("from=2026-11-02&to=2026-11-01", "to", "`to` is before `from`"),
        ("from=1000-01-01&to=2026-01-01", "from", "`from` makes a window of"),
        ("at_least=soon", "at_least", "`at_least` is not a whole number from 0"),
        ("store=FR-PAR-02", "store", "`store` is given twice; send it once"),
    ] {
        let answer = world.get(&format!("/v1/stores/FR-PAR-01/performance?{query}")).await;
        assert_eq!((answer.status, &answer.json["code"]), (400, &json!("bad_parameter")), "{query}: {answer:?}");
        assert_eq!((&answer.json["field"], answer.position), (&json!(field), Some(position)), "{query}");
        assert!(answer.json["detail"].as_str().unwrap().starts_with(says), "{answer:?}");
    }
    let broken = world.get("/v1/stores/%ff%fe/performance").await;
    assert_eq!((broken.status, &broken.json["code"]), (400, &json!("bad_parameter")));
}
