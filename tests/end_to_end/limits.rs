//! Who asks for more than its share waits; the others do not notice.

use reqwest::{StatusCode, header};
use serde_json::{Value, json};

use crate::{engine::Engine, guarded::Guarded, test_app::TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_asks_too_much_from_wherever_waits_and_another_does_not() {
    let flags = ["--access", "required", "--requests-per-second-max", "50", "--trusted-proxies", "127.0.0.1"];
    let guarded = Guarded::empty(TestApp::start_with(Engine::Embedded, &flags).await).await;
    let other = guarded.issue("other", json!({"rights": ["produce"]})).await;
    let mut asked = 0_u32;
    let mut ask = async |token: &str| {
        asked += 1;
        let [_, _, high, low] = asked.to_be_bytes();
        let request = guarded.app.http.post(format!("{}/v1/events", guarded.app.url)).bearer_auth(token);
        let from = format!("198.51.{high}.{low}");
        (asked, request.header("x-forwarded-for", from).json(&json!([])).send().await.unwrap())
    };
    let refused = loop {
        let (asked, answer) = ask(&guarded.token).await;
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            break answer;
        }
        assert!(asked < 10_000, "nothing is refused");
    };
    let problem: Value = refused.json().await.unwrap();
    assert!(problem["detail"].as_str().unwrap().starts_with("this token asks for more than 50"), "{problem}");
    assert_eq!(ask(&other).await.1.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_asks_too_much_is_told_when_to_come_again_and_comes_in_then() {
    let app = TestApp::start_with(Engine::Embedded, &["--requests-per-second-max", "20"]).await;
    let get = || app.http.get(format!("{}/v1/stores", app.url)).send();
    let mut taken = 0;
    let refused = loop {
        let answer = get().await.unwrap();
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            break answer;
        }
        assert_eq!(answer.status(), StatusCode::OK);
        taken += 1;
        assert!(taken < 10_000, "nothing is refused");
    };
    assert!(taken >= 40, "two seconds' worth at once: {taken}");
    assert_eq!(refused.headers()[header::RETRY_AFTER], "1");
    let problem: Value = refused.json().await.unwrap();
    assert_eq!(problem["code"], "too_many_requests");
    assert!(problem["detail"].as_str().unwrap().contains("more than 20 requests a second"), "{problem}");
    while get().await.unwrap().status() != StatusCode::OK {}
    let metrics = async || {
        let answer = app.http.get(format!("{}/metrics", app.url)).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    let mut seen = metrics().await;
    while seen.0 != StatusCode::OK {
        seen = metrics().await;
    }
    assert!(seen.1.contains("status=\"429\""), "{}", seen.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_of_ours_says_who_asks_and_each_has_its_own_limit() {
    let flags = ["--requests-per-second-max", "20", "--trusted-proxies", "127.0.0.0/8"];
    let app = TestApp::start_with(Engine::Embedded, &flags).await;
    let get =
        |from: &'static str| app.http.get(format!("{}/v1/stores", app.url)).header("x-forwarded-for", from).send();
    let mut taken = 0;
    while get("198.51.100.1").await.unwrap().status() == StatusCode::OK {
        taken += 1;
        assert!(taken < 10_000, "nothing is refused");
    }
    assert_eq!(get("198.51.100.2").await.unwrap().status(), StatusCode::OK, "another address");
    let forged = get("198.51.100.2, 198.51.100.1").await.unwrap();
    assert_eq!(forged.status(), StatusCode::TOO_MANY_REQUESTS, "what stands before it was said by the caller");
}
