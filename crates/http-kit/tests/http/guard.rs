use axum::{Router, routing};
use serde_json::json;
use storefold_http_kit::{Metrics, Problem, Site};

use super::{ask, header, json};

fn site(metrics: &Metrics) -> Router {
    let pages = Router::new()
        .route("/panics/{what}", routing::get(|| async { panic!("the till is on fire") as &str }))
        .route("/never", routing::get(std::future::pending::<()>))
        .route("/busy", routing::get(|| async { Problem::overloaded(7, "4,096 requests are waiting") }));
    Site::new(metrics.clone()).pages(pages).into_router()
}

#[tokio::test]
async fn a_panic_is_a_problem_and_tells_nothing_of_the_inside() {
    let response = ask(&site(&Metrics::default()), "GET", "/panics/now").await;
    assert_eq!(response.status(), 500);
    assert_eq!(header(&response, "content-type"), "application/problem+json");
    let problem = json(response).await;
    assert_eq!((&problem["code"], &problem["status"]), (&json!("internal"), &json!(500)));
    assert!(!problem.to_string().contains("fire"));
}

#[tokio::test(start_paused = true)]
async fn a_request_without_an_answer_ends_after_its_time_limit() {
    let response = ask(&site(&Metrics::default()), "GET", "/never").await;
    assert_eq!((response.status().as_u16(), header(&response, "retry-after")), (503, "1"));
    let problem = json(response).await;
    assert_eq!(problem["code"], "outcome_unknown");
    assert_eq!(
        problem["detail"],
        "there was no answer within 30 s; send the same again: what was taken is not taken twice"
    );
}

#[tokio::test]
async fn a_problem_says_when_to_ask_again() {
    let response = ask(&site(&Metrics::default()), "GET", "/busy").await;
    assert_eq!((response.status().as_u16(), header(&response, "retry-after")), (503, "7"));
    let expected = json!({
        "type": "urn:storefold:problem:overloaded", "title": "Overloaded", "status": 503,
        "detail": "4,096 requests are waiting", "code": "overloaded", "retry_after_s": 7,
    });
    assert_eq!(json(response).await, expected);
}

#[tokio::test]
async fn requests_are_counted_by_the_template_of_their_route() {
    let metrics = Metrics::default();
    let site = site(&metrics);
    for path in ["/panics/1", "/panics/2", "/nowhere", "/elsewhere"] {
        ask(&site, "GET", path).await;
    }
    ask(&site, "BREW", "/busy").await;
    let text = metrics.encode().unwrap();
    for line in [
        r#"storefold_http_requests_total{route="/panics/{what}",method="GET",status="500"} 2"#,
        r#"storefold_http_requests_total{route="unmatched",method="GET",status="404"} 2"#,
        r#"storefold_http_requests_total{route="/busy",method="other",status="405"} 1"#,
        r#"storefold_http_request_duration_seconds_count{route="/panics/{what}",method="GET"} 2"#,
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}
