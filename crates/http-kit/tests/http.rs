//! What every route can rely on.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "http/body.rs"]
mod body;
#[path = "http/guard.rs"]
mod guard;
#[path = "http/guesses.rs"]
mod guesses;
#[path = "http/server.rs"]
mod server;
#[path = "http/site.rs"]
mod site;
#[path = "http/slow.rs"]
mod slow;
#[path = "http/tls.rs"]
mod tls;
#[path = "http/written_body.rs"]
mod written_body;

use axum::{Router, body::Body, http::Request, response::Response};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

async fn ask(router: &Router, method: &str, path: &str) -> Response {
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    router.clone().oneshot(request).await.unwrap()
}

async fn json(response: Response) -> Value {
    serde_json::from_slice(&bytes(response).await).unwrap()
}

async fn bytes(response: Response) -> Vec<u8> {
    response.into_body().collect().await.unwrap().to_bytes().to_vec()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}
