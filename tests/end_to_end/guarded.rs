//! A server that lets in who was told so, in verbs.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use reqwest::{Method, Response, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    engine::Engine,
    program::binary,
    test_app::{TestApp, read},
};

pub const PASSWORD: &str = "a long enough password";

/// A network of two countries, whose administrator is `head@acme.example`.
pub struct Guarded {
    pub app: TestApp,
    pub head: String,
    /// Sends events.
    pub token: String,
}

/// A session, or a token.
pub enum As<'a> {
    Session(&'a str),
    Token(&'a str),
    Nobody,
}

impl Guarded {
    pub async fn start() -> Self {
        Self::with_history(TestApp::start_with(Engine::Embedded, &["--access", "required"]).await).await
    }

    /// A server that requires access, with its administrator, a token that sends events, and nothing else.
    pub async fn empty(app: TestApp) -> Self {
        make_first(&app, PASSWORD, true);
        let head = sign_in(&app, "head@acme.example", PASSWORD).await;
        let mut guarded = Self { app, head, token: String::new() };
        guarded.token = guarded.issue("till", json!({"rights": ["produce"]})).await;
        guarded
    }

    /// The same with stores in two countries.
    pub async fn with_history(app: TestApp) -> Self {
        let guarded = Self::empty(app).await;
        let (status, answer) =
            read(guarded.send(&As::Token(&guarded.token), Method::POST, "/v1/events", Some(&history())).await).await;
        assert_eq!(
            (status, &answer["accepted"]),
            (StatusCode::OK, &json!(history().as_array().unwrap().len())),
            "{answer}"
        );
        guarded.get(&As::Session(&guarded.head), &format!("/v1/stores?at_least={}", answer["position"])).await;
        guarded
    }

    pub async fn send(&self, who: &As<'_>, method: Method, path: &str, body: Option<&Value>) -> Response {
        let mut request = self.app.http.request(method, format!("{}{path}", self.app.url));
        request = match who {
            As::Session(secret) => request
                .header(header::COOKIE, format!("a=b; storefold_session={secret}"))
                .header("sec-fetch-site", "same-origin"),
            As::Token(secret) => request.bearer_auth(secret),
            As::Nobody => request,
        };
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await.unwrap()
    }

    pub async fn get(&self, who: &As<'_>, path: &str) -> (StatusCode, Value) {
        read(self.send(who, Method::GET, path, None).await).await
    }

    pub async fn put(&self, who: &As<'_>, path: &str, body: Value) -> (StatusCode, Value) {
        read(self.send(who, Method::PUT, path, Some(&body)).await).await
    }

    pub async fn issue(&self, name: &str, body: Value) -> String {
        let (status, issued) = self.put(&As::Session(&self.head), &format!("/v1/access/tokens/{name}"), body).await;
        assert_eq!(status, StatusCode::CREATED, "{issued}");
        issued["secret"].as_str().unwrap().to_owned()
    }

    /// Creates a user in the name of another, and signs in.
    pub async fn user(&self, by: &str, user: &str, level: &str, mut place: Value) -> String {
        (place["name"], place["level"]) = (json!(user), json!(level));
        let (status, made) = self.put(&As::Session(by), &format!("/v1/access/users/{user}"), place).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        sign_in(&self.app, user, made["secret"].as_str().unwrap()).await
    }
}

pub fn make_first(app: &TestApp, password: &str, works: bool) -> String {
    let mut command = Command::new(binary());
    command.args(["administrator", "head@acme.example", "--name", "Head", "--data", app.data(), "--url", &app.url]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut started = command.spawn().unwrap();
    started.stdin.take().unwrap().write_all(format!("{password}\n").as_bytes()).unwrap();
    let ended = started.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.success(), works, "{said}");
    said
}

pub async fn try_sign_in(app: &TestApp, user: &str, password: &str) -> Response {
    let request = app.http.post(format!("{}/v1/access/session", app.url));
    request.json(&json!({"user": user, "password": password})).send().await.unwrap()
}

pub async fn sign_in(app: &TestApp, user: &str, password: &str) -> String {
    let answer = try_sign_in(app, user, password).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.ends_with("Path=/; Max-Age=43200; HttpOnly; SameSite=Lax"), "{cookie}");
    cookie.strip_prefix("storefold_session=").unwrap().split(';').next().unwrap().to_owned()
}

/// Stores in France and Italy, each with a scan of its own scanner and a sale of its own customer.
pub fn history() -> Value {
    let mut events = Vec::new();
    for (number, (store, organisation)) in
        [("FR-1", "acme/fr/north"), ("FR-2", "acme/fr/south"), ("IT-1", "acme/it")].into_iter().enumerate()
    {
        let at = "2026-11-20T10:00:00+01:00";
        let event = |source: &str, event_type: &str, data: Value| json!({"source": format!("{source}-{store}"), "seq": 1, "store": store, "occurred_at": at, "type": event_type, "data": data});
        events.push(event("office", "StoreConfigured", json!({"name": format!("Shop {store}"), "zone": "Europe/Paris", "currency": "EUR", "organisation": organisation})));
        events.push(event(
            "scanner",
            "ScanCaptured",
            json!({"scan": store, "scanner": format!("N-{store}"), "outcome": "succeeded"}),
        ));
        events.push(event(
            "till",
            "SaleValidated",
            json!({
                "sale": store, "till": "1", "channel": "store", "customer": format!("C-{store}"), "currency": "EUR",
                "lines": [{"line": 1, "sku": "A", "quantity": 1, "gross_minor": 1_000 * (number + 1)}],
                "tenders": [{"kind": "card", "amount_minor": 1_000 * (number + 1)}],
            }),
        ));
    }
    Value::from(events)
}
