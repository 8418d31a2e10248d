//! Whoever follows the changes is told while they happen, and after a pause.

use std::time::{Duration, Instant};

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::{
    engine::Engine,
    guarded::{As, Guarded},
    test_app::TestApp,
};

/// What comes of a stream.
struct Followed {
    answer: Response,
    text: String,
}

impl Followed {
    async fn begin(app: &TestApp, query: &str, last_event_id: Option<&str>) -> Self {
        let mut request = app.http.get(format!("{}/v1/changes{query}", app.url));
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self { answer, text: String::new() }
    }

    /// The next event: its id and its data.
    async fn next(&mut self) -> (String, Value) {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
                let (id, data) = (field("id: "), field("data: "));
                let taken = self.text.len() - rest.len();
                self.text.drain(..taken);
                if let (Some(id), Some(data)) = (id, data) {
                    return (id, serde_json::from_str(&data).unwrap());
                }
                continue;
            }
            let piece = self.answer.chunk().await.unwrap().expect("the stream stays open");
            self.text.push_str(std::str::from_utf8(&piece).unwrap());
        }
    }

    /// Waits until a model is at a position or beyond. Answers the last id.
    async fn until(&mut self, model: &str, position: u64) -> String {
        loop {
            let (id, moved) = self.next().await;
            if moved["model"] == model && moved["position"].as_u64().unwrap() >= position {
                return id;
            }
        }
    }
}

async fn scan(app: &TestApp, seq: u64) -> u64 {
    let scan = json!({"source": "scanner", "seq": seq, "store": "S1", "occurred_at": "2026-02-01T12:00:00+01:00",
        "type": "ScanCaptured", "data": {"scan": format!("s-{seq}"), "scanner": "1", "outcome": "succeeded"}});
    app.post(&[scan]).await["position"].as_u64().unwrap()
}

async fn with_a_store() -> (TestApp, u64) {
    let app = TestApp::start(Engine::embedded()).await;
    let store = json!({"source": "office", "seq": 1, "store": "S1", "occurred_at": "2026-01-01T00:00:00Z",
        "type": "StoreConfigured", "data": {"name": "A store", "zone": "Europe/Paris", "currency": "EUR"}});
    let position = app.post(&[store]).await["position"].as_u64().unwrap();
    (app, position)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_is_told_what_moves_on_and_after_a_pause_what_it_missed() {
    let (mut app, position) = with_a_store().await;
    let mut all = Followed::begin(&app, "", None).await;
    all.until("store-performance", position).await;
    let mut one = Followed::begin(&app, "?models=network-kpi", None).await;
    let id = one.until("network-kpi", position).await;
    assert_eq!(id, position.to_string());

    let moved = scan(&app, 1).await;
    all.until("store-performance", moved).await;
    let (id, told) = one.next().await;
    assert_eq!(told, json!({"model": "network-kpi", "position": moved}));
    drop(one);
    let missed = scan(&app, 2).await;
    all.until("network-kpi", missed).await;
    let mut again = Followed::begin(&app, "?models=network-kpi", Some(&id)).await;
    assert_eq!(again.next().await.1, json!({"model": "network-kpi", "position": missed}));

    let began = Instant::now();
    app.stop();
    assert!(began.elapsed() < Duration::from_secs(8), "open streams do not hold the server up");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_changes_are_few_events_and_slow_readers_hold_nothing_up() {
    let (app, position) = with_a_store().await;
    // It never reads.
    let _slow = Followed::begin(&app, "", None).await;
    let mut read = Followed::begin(&app, "?models=store-performance", None).await;
    read.until("store-performance", position).await;
    let began = Instant::now();
    let mut last = 0;
    for seq in 1..=200 {
        last = scan(&app, seq).await;
    }
    let mut events = 0;
    loop {
        events += 1;
        if read.next().await.1["position"].as_u64().unwrap() >= last {
            break;
        }
    }
    let rounds_max = began.elapsed().as_millis() / 100 + 2;
    assert!(events <= rounds_max, "{events} events in {:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_followed_is_refused_by_its_field() {
    let (app, _) = with_a_store().await;
    for (query, field, says) in [
        ("?models=store-performance,stores", "models", "names `stores`, which is no read model; there are "),
        ("?models=", "models", "names ``"),
        ("?model=network-kpi", "model", "is not a parameter here"),
    ] {
        let (status, problem) = app.try_get(&format!("/v1/changes{query}")).await;
        assert_eq!((status.as_u16(), &problem["field"]), (400, &json!(field)), "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(says), "{problem}");
    }
    let request = app.http.get(format!("{}/v1/changes", app.url)).header("last-event-id", "of yesterday");
    let refused = request.send().await.unwrap();
    assert_eq!(refused.status(), 400);
    assert_eq!(refused.json::<Value>().await.unwrap()["field"], "Last-Event-ID");
    let document = app.get("/openapi.json").await;
    let described = &document["paths"]["/v1/changes"]["get"]["responses"]["200"]["content"]["text/event-stream"];
    assert!(described.is_object(), "{described}");
}

/// How long a stream goes on by itself is a minute; one that is ended earlier is ended well before that.
const ENDED_EARLY_MAX: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_once_its_session_or_its_token_stands_no_more() {
    let guarded = Guarded::start().await;
    let user = guarded.user(&guarded.head, "fr@acme.example", "standard", json!({"organisation": "acme/fr"})).await;
    let token = guarded.issue("wall", json!({"rights": ["read"], "days": 30})).await;
    let follow = async |who: As<'_>| {
        let answer = guarded.send(&who, Method::GET, "/v1/changes?models=network-kpi", None).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let mut followed = Followed { answer, text: String::new() };
        followed.next().await;
        followed
    };
    let mut of_head = follow(As::Session(&guarded.head)).await;
    let (of_user, of_token) = (follow(As::Session(&user)).await, follow(As::Token(&token)).await);
    let began = Instant::now();
    for (who, path) in [(&user, "/v1/access/session"), (&guarded.head, "/v1/access/tokens/wall")] {
        let answer = guarded.send(&As::Session(who), Method::DELETE, path, None).await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT, "{path}");
    }
    for mut followed in [of_user, of_token] {
        // Whatever was under way comes first.
        while followed.answer.chunk().await.unwrap().is_some() {}
        assert!(began.elapsed() < ENDED_EARLY_MAX, "it went on for {:?}", began.elapsed());
    }
    let scan = json!({"source": "scanner-FR-1", "seq": 2, "store": "FR-1", "occurred_at": "2026-11-20T11:00:00+01:00",
        "type": "ScanCaptured", "data": {"scan": "later", "scanner": "N-FR-1", "outcome": "succeeded"}});
    let sent = guarded.send(&As::Token(&guarded.token), Method::POST, "/v1/events", Some(&scan)).await;
    let position = sent.json::<Value>().await.unwrap()["position"].as_u64().unwrap();
    of_head.until("network-kpi", position).await;
}
