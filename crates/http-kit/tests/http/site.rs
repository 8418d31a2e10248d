use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use aide::axum::{ApiRouter, routing};
use axum::Json;
use serde_json::json;
use storefold_http_kit::{Metrics, NotReady, POSITION_HEADER, Problem, Site, at_position};

use super::{ask, bytes, header, json};

async fn answer() -> Result<Json<Vec<u32>>, Problem> {
    Ok(Json(vec![1]))
}

fn routes() -> ApiRouter {
    ApiRouter::new().api_route("/v1/answers", routing::get_with(answer, |docs| docs.summary("All answers")))
}

#[tokio::test]
async fn what_is_not_served_is_a_problem() {
    let site = Site::new(Metrics::default()).api(routes).into_router();
    let response = ask(&site, "GET", "/v1/questions").await;
    assert_eq!((response.status().as_u16(), header(&response, "content-type")), (404, "application/problem+json"));
    let problem = json(response).await;
    assert_eq!(problem["code"], "no_such_route");
    assert_eq!(problem["detail"], "nothing is served at /v1/questions; the routes are listed at /docs");

    let response = ask(&site, "DELETE", "/v1/answers").await;
    assert_eq!((response.status().as_u16(), header(&response, "allow")), (405, "GET,HEAD"));
    assert_eq!(json(response).await["code"], "method_not_allowed");

    let long = format!("/{}", "x".repeat(4_000));
    assert!(bytes(ask(&site, "GET", &long).await).await.len() < 500);
}

#[tokio::test]
async fn ready_names_what_is_waited_for() {
    let caught_up = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&caught_up);
    let check = move || {
        let waiting = NotReady { part: "loyalty-balance".to_owned(), reason: "at 7 of 12".to_owned() };
        if seen.load(Ordering::Relaxed) { Vec::new() } else { vec![waiting] }
    };
    let site = Site::new(Metrics::default()).check(Arc::new(check)).into_router();
    assert_eq!(json(ask(&site, "GET", "/healthz").await).await, json!({"status": "alive"}));
    let waiting = ask(&site, "GET", "/readyz").await;
    assert_eq!((waiting.status().as_u16(), header(&waiting, "retry-after")), (503, "1"));
    assert_eq!(json(waiting).await["detail"], "loyalty-balance: at 7 of 12");
    caught_up.store(true, Ordering::Relaxed);
    assert_eq!(json(ask(&site, "GET", "/readyz").await).await, json!({"status": "ready"}));
}

#[tokio::test]
async fn other_parts_add_their_metrics() {
    let metrics = Metrics::default();
    let head = prometheus_client::metrics::gauge::Gauge::<i64>::default();
    metrics.register(|registry| registry.register("head", "Last position", head.clone()));
    head.set(4_711);
    let site = Site::new(metrics).into_router();
    let response = ask(&site, "GET", "/metrics").await;
    assert!(header(&response, "content-type").starts_with("application/openmetrics-text"));
    let text = String::from_utf8(bytes(response).await).unwrap();
    assert!(text.contains("storefold_head 4711") && text.ends_with("# EOF\n"), "{text}");
}

#[tokio::test]
async fn the_description_holds_every_route_and_its_problems() {
    let site = Site::new(Metrics::default()).api(routes).into_router();
    let document = json(ask(&site, "GET", "/openapi.json").await).await;
    assert_eq!(document["openapi"], "3.1.0");
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/healthz", "/metrics", "/readyz", "/v1/answers"]);
    let operation = &document["paths"]["/v1/answers"]["get"];
    assert_eq!(operation["summary"], "All answers");
    let answers: Vec<_> = operation["responses"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(answers, ["200", "400", "401", "403", "429", "500", "503"], "and no `default`, which would be anything");
    for answer in &answers[1..] {
        let problem = &operation["responses"][answer]["content"]["application/problem+json"]["schema"];
        assert_eq!(problem["$ref"], "#/components/schemas/Problem", "{answer}");
    }
    assert_eq!(document["components"]["schemas"]["Problem"]["properties"]["code"]["type"], "string");
}

#[tokio::test]
async fn the_page_of_the_api_asks_nobody_else() {
    let site = Site::new(Metrics::default()).into_router();
    let response = ask(&site, "GET", "/docs").await;
    let policy = header(&response, "content-security-policy").to_owned();
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("http"), "{policy}");
    let page = String::from_utf8(bytes(response).await).unwrap();
    assert!(page.contains("SwaggerUIBundle") && page.contains("/openapi.json"));
    for fetched in ["<script src", "<link", "@import", "url(http", "url(//"] {
        assert!(!page.contains(fetched), "{fetched}");
    }
}

#[test]
fn an_answer_says_how_far_it_is_complete() {
    let response = at_position(4_711, "rows");
    assert_eq!(response.headers()[POSITION_HEADER], "4711");
}
