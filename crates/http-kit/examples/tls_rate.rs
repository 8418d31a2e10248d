//! What TLS costs on the way in: bodies of events over 8 connections, with it and without, in turns.
//!
//!     cargo run --release -p storefold-http-kit --example tls_rate
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement stops at the first surprise, and prints")]

use std::{fs, sync::Arc, time::Duration};

use axum::{Router, body::Bytes, extract::DefaultBodyLimit, http::Request, routing};
use http_body_util::{BodyExt, Full};
use storefold_http_kit::{Caller, Connections, ServerTls, TlsFiles, serve};
use tokio::{
    net::TcpListener,
    time::{Instant, timeout},
};

const CONNECTIONS: usize = 8;
const EVENTS_PER_BODY: u64 = 1_000;
const BYTES_PER_EVENT: usize = 274;
const TURN: Duration = Duration::from_secs(3);
const TURNS: usize = 3;

/// How many bodies are taken a second.
async fn bodies_per_s(caller: &Caller, url: &str, body: &Bytes) -> f64 {
    let started = Instant::now();
    let sending = (0..CONNECTIONS).map(|_| {
        let (caller, url, body) = (caller.clone(), url.to_owned(), body.clone());
        tokio::spawn(async move {
            let mut sent = 0_u64;
            while started.elapsed() < TURN {
                let request = Request::post(&url).body(Full::new(body.clone())).unwrap();
                let answer = timeout(TURN, caller.call(request, TURN)).await.unwrap().unwrap();
                assert_eq!(answer.status(), 200);
                answer.into_body().collect().await.unwrap();
                sent += 1;
            }
            sent
        })
    });
    let mut sent = 0;
    for task in sending.collect::<Vec<_>>() {
        sent += task.await.unwrap();
    }
    sent as f64 / started.elapsed().as_secs_f64()
}

#[tokio::main]
async fn main() {
    let kept = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let files = TlsFiles { certificate: kept.path().join("server.pem"), key: kept.path().join("server.key") };
    fs::write(&files.certificate, made.cert.pem()).unwrap();
    fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    let caller = Caller::new(Some(&files.certificate), true, TURN).unwrap();
    let tls = ServerTls::read(files, 1_780_272_000_000).unwrap();
    let router = Router::new()
        .route("/v1/events", routing::post(|body: Bytes| async move { body.len().to_string() }))
        .layer(DefaultBodyLimit::disable());
    let mut urls = Vec::new();
    for tls in [None, Some(Arc::clone(&tls))] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        urls.push(format!("{scheme}://localhost:{}/v1/events", listener.local_addr().unwrap().port()));
        let connections = Connections { tls, ..Connections::default() };
        tokio::spawn(serve(listener, router.clone(), connections, std::future::pending()));
    }
    let body = Bytes::from(vec![b'e'; EVENTS_PER_BODY as usize * BYTES_PER_EVENT]);
    for turn in 1..=TURNS {
        let plain = bodies_per_s(&caller, &urls[0], &body).await;
        let encrypted = bodies_per_s(&caller, &urls[1], &body).await;
        let events = |bodies: f64| bodies * EVENTS_PER_BODY as f64;
        println!(
            "turn {turn}: {:.0} events/s in plain HTTP, {:.0} over TLS, ratio {:.2}; TLS costs {:.0} ns of both sides an event",
            events(plain),
            events(encrypted),
            encrypted / plain,
            1e9 / events(encrypted) - 1e9 / events(plain),
        );
    }
}
