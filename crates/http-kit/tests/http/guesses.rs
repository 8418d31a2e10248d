use std::time::Duration;

use axum::{Router, extract::Path, response::IntoResponse, routing};
use storefold_http_kit::{MISS_PAUSE, MISSES_MAX, Metrics, Missed, Problem, Site};
use tokio::time::advance;

use super::{ask, header, json};

/// A card that is there, others that are not, and a basket that shows as many unknown ones as its path says.
fn site() -> Router {
    let card = |Path(code): Path<String>| async move {
        if code == "KNOWN" { Ok("5.00") } else { Err(Problem::unknown("instrument", "there is none")) }
    };
    let basket = |Path(unknown): Path<u32>| async move {
        let mut response = "quoted".into_response();
        response.extensions_mut().insert(Missed(unknown));
        response
    };
    let pages = Router::new()
        .route("/cards/{code}", routing::get(card))
        .route("/baskets/{unknown}", routing::get(basket))
        .route("/stores/{store}", routing::get(|| async { Problem::unknown("store", "there is none") }));
    Site::new(Metrics::default()).protects_codes(&["/cards/", "/baskets/"]).pages(pages).into_router()
}

async fn status(site: &Router, path: &str) -> u16 {
    ask(site, "GET", path).await.status().as_u16()
}

#[tokio::test(start_paused = true)]
async fn who_tries_codes_has_to_wait_and_then_may_try_one_for_each_pause() {
    let site = site();
    for guess in 0..MISSES_MAX {
        assert_eq!(status(&site, &format!("/cards/{guess}")).await, 404, "guess {guess}");
    }
    let refused = ask(&site, "GET", "/cards/KNOWN").await;
    assert_eq!((refused.status().as_u16(), header(&refused, "retry-after")), (429, "2"));
    let problem = json(refused).await;
    assert_eq!(problem["code"], "too_many_requests");
    assert!(problem["detail"].as_str().unwrap().contains("more than 30 codes"), "{problem}");
    assert_eq!(status(&site, "/stores/S").await, 404, "other routes are as they were");

    advance(MISS_PAUSE).await;
    assert_eq!(status(&site, "/cards/X").await, 404);
    assert_eq!(status(&site, "/cards/Y").await, 429);
    advance(MISS_PAUSE * MISSES_MAX + Duration::from_millis(1)).await;
    for guess in 0..MISSES_MAX {
        assert_eq!(status(&site, &format!("/cards/{guess}")).await, 404, "all is forgiven");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_found_is_never_counted() {
    let site = site();
    for _ in 0..10 * MISSES_MAX {
        assert_eq!(status(&site, "/cards/KNOWN").await, 200);
        assert_eq!(status(&site, "/baskets/0").await, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn every_unknown_code_of_a_basket_counts() {
    let site = site();
    assert_eq!(status(&site, "/baskets/29").await, 200);
    assert_eq!(status(&site, "/baskets/50").await, 200, "one more was free");
    assert_eq!(status(&site, "/baskets/0").await, 429);
    advance(MISS_PAUSE * 49).await;
    assert_eq!(status(&site, "/baskets/0").await, 429);
    advance(MISS_PAUSE).await;
    assert_eq!(status(&site, "/baskets/0").await, 200);
}
