use crate::world::{World, scan, store};

#[tokio::test]
async fn the_metrics_tell_how_every_model_is_doing() {
    let world = World::start().await;
    world.given(&[store("FR-PAR-01"), scan("FR-PAR-01", 1, "2026-11-23T10:15:00+01:00")]).await;
    world.get("/v1/stores/FR-PAR-01/performance").await;
    let metrics = world.get("/metrics").await.json;
    for line in [
        "storefold_model_position{model=\"store-performance\"} 2.0",
        "storefold_model_lag_events{model=\"email-capture-rate\"} 0.0",
        "storefold_model_poisoned{model=\"loyalty-balance\"} 0.0",
        "storefold_model_heartbeat_age_seconds{model=\"loyalty-balance\"} 0.",
        "storefold_model_events_folded_total{model=\"loyalty-balance\"} 2",
        "storefold_http_requests_total{route=\"/v1/stores/{store}/performance\",method=\"GET\",status=\"200\"} 1",
    ] {
        assert!(metrics.as_str().unwrap().contains(line), "{line} is not in {metrics}");
    }
}

#[tokio::test]
async fn a_process_is_ready_once_its_models_have_caught_up() {
    let world = World::start().await;
    world.given(&[store("FR-PAR-01")]).await;
    let answer = world.get("/readyz").await;
    assert_eq!((answer.status, answer.json["status"].as_str()), (200, Some("ready")), "{:?}", answer.json);
}
