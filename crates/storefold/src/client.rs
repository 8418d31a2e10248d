//! Talks to a running server over HTTP, patiently: what has no answer is sent again.
//!
//! Sending again is always safe, because the server takes an event once however often it comes.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use reqwest::{Method, RequestBuilder, Response, StatusCode, header};
use serde::{Deserialize, de::DeserializeOwned};
use tokio::time::sleep;

/// The variable of the environment that holds a token.
const TOKEN: &str = "STOREFOLD_TOKEN";

/// How long a request is repeated before it is given up.
const PATIENCE: Duration = Duration::from_mins(2);

/// The longest wait for one answer; the server itself gives up after 30 s.
const ANSWER_MAX: Duration = Duration::from_secs(45);

/// A server that is silent for so long is worth a word.
const SILENCE_TOLD_AFTER: Duration = Duration::from_secs(2);

/// The first pause before a request is repeated; it doubles each time up to [`PAUSE_MAX`].
const PAUSE_FIRST: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// What became of the events of one request.
#[derive(Debug, Deserialize)]
pub struct Answer {
    /// The log is complete up to here; an edge does not know it, and says nothing.
    #[serde(default)]
    pub position: u64,
    /// One per event, in the order sent.
    pub results: Vec<EventResult>,
}

/// What became of one event.
#[derive(Debug, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum EventResult {
    /// It is in the log; or an edge keeps it, and sends it on.
    #[serde(alias = "kept")]
    Accepted {},
    /// It was in the log before.
    Duplicate {},
    /// It is in quarantine.
    Rejected {
        /// Stable code.
        code: String,
        /// What is wrong and what to do.
        detail: String,
    },
}

/// A server.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    /// For answers of any length: only their silence is limited.
    streaming: reqwest::Client,
    url: String,
}

/// How one try of a request ended when it brought no answer.
enum Failed {
    /// Another try may help, after a pause that the server may name.
    ForNow(String, Option<Duration>),
    /// No other try helps.
    ForGood(String),
}

impl Client {
    /// The server at `url`.
    ///
    /// # Errors
    /// When the address is none that this client speaks to.
    pub fn new(url: &str) -> Result<Self> {
        let headers = match std::env::var(TOKEN) {
            Ok(token) => bearing(&token).with_context(|| format!("{TOKEN} is no token; it has signs that none has"))?,
            Err(_) => header::HeaderMap::new(),
        };
        Self::with_headers(url, &headers)
    }

    /// The server at `url`, asked with further headers by which it knows who asks.
    ///
    /// # Errors
    /// When the address is none that this client speaks to.
    pub fn with_headers(url: &str, headers: &header::HeaderMap) -> Result<Self> {
        ensure!(
            url.starts_with("http://") && reqwest::Url::parse(url).is_ok(),
            "`{url}` is no address of a server; write it as http://HOST:PORT"
        );
        let builder = || reqwest::Client::builder().default_headers(headers.clone());
        let http = builder().timeout(ANSWER_MAX).build()?;
        let streaming = builder().read_timeout(ANSWER_MAX).build()?;
        Ok(Self { http, streaming, url: url.trim_end_matches('/').to_owned() })
    }

    /// Asks once whether a server is there, so that a wrong address is noticed at once.
    pub async fn reach(&self) -> Result<()> {
        let answer = self.http.get(format!("{}/healthz", self.url)).send().await;
        let reached = answer.map_err(|error| anyhow::anyhow!(cause(&error)));
        let status = reached
            .with_context(|| format!("no server answers at {}; start one with `storefold serve`", self.url))?
            .status();
        ensure!(status.is_success(), "what answers at {} is no Storefold server ({status} at /healthz)", self.url);
        Ok(())
    }

    /// Sends events, one a line, until they are answered.
    pub async fn post_events(&self, ndjson: Bytes) -> Result<Answer> {
        self.post_events_for(ndjson).await
    }

    /// Sends events as [`post_events`](Self::post_events) does, and takes more of the answer.
    pub async fn post_events_for<T: DeserializeOwned>(&self, ndjson: Bytes) -> Result<T> {
        let request = || {
            let request = self.http.post(format!("{}/v1/events", self.url));
            request.header(header::CONTENT_TYPE, "application/x-ndjson").body(ndjson.clone())
        };
        self.answered(request).await
    }

    /// Asks for something, with parameters of the query string.
    pub async fn get<T: DeserializeOwned>(&self, path: &str, parameters: &[(&str, String)]) -> Result<T> {
        let url = reqwest::Url::parse_with_params(&format!("{}{path}", self.url), parameters)?;
        self.answered(|| self.http.get(url.clone())).await
    }

    /// Asks for something, and answers it with the log position that it is complete up to (inclusive).
    pub async fn get_at_position<T: DeserializeOwned>(
        &self,
        path: &str,
        parameters: &[(&str, String)],
    ) -> Result<(T, u64)> {
        let answer = self.stream(path, parameters).await?;
        let position = answer.headers().get("x-storefold-position").and_then(|position| position.to_str().ok());
        let position = position.and_then(|position| position.parse().ok());
        let position = position.context("the server does not say up to which position its answer is complete")?;
        let body = answer.bytes().await.context("the answer ended before its end; ask again")?;
        Ok((
            serde_json::from_slice(&body).context("the server answers something else than a Storefold server")?,
            position,
        ))
    }

    /// Asks for a long answer, and gives it when it begins.
    pub async fn stream(&self, path: &str, parameters: &[(&str, String)]) -> Result<Response> {
        let url = reqwest::Url::parse_with_params(&format!("{}{path}", self.url), parameters)?;
        self.patiently(|| begin(self.streaming.get(url.clone()))).await
    }

    /// Orders something, with a body in JSON.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &serde_json::Value) -> Result<T> {
        self.answered(|| self.http.request(Method::POST, format!("{}{path}", self.url)).json(body)).await
    }

    /// Puts something in its place, with a body in JSON.
    pub async fn put<T: DeserializeOwned>(&self, path: &str, body: &serde_json::Value) -> Result<T> {
        self.answered(|| self.http.put(format!("{}{path}", self.url)).json(body)).await
    }

    /// Begins a session, and answers the cookie that proves it, as it is sent back.
    pub async fn sign_in(&self, user: &str, password: &str) -> Result<String> {
        let body = serde_json::json!({ "user": user, "password": password });
        let request = || begin(self.http.post(format!("{}/v1/access/session", self.url)).json(&body));
        let answer = self.patiently(request).await?;
        let cookie = answer.headers().get(header::SET_COOKIE).and_then(|cookie| cookie.to_str().ok());
        let cookie = cookie.and_then(|cookie| cookie.split(';').next());
        Ok(cookie.context("the server begins no session")?.to_owned())
    }

    /// Asks for something to end.
    pub async fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.answered(|| self.http.delete(format!("{}{path}", self.url))).await
    }

    async fn answered<T: DeserializeOwned>(&self, request: impl Fn() -> RequestBuilder) -> Result<T> {
        self.patiently(|| try_once(request())).await
    }

    async fn patiently<T, F: Future<Output = Result<T, Failed>>>(&self, try_once: impl Fn() -> F) -> Result<T> {
        let started = Instant::now();
        let mut pause = PAUSE_FIRST;
        let mut told = false;
        loop {
            let (why, named) = match try_once().await {
                Ok(answer) => return Ok(answer),
                Err(Failed::ForGood(why)) => bail!(why),
                Err(Failed::ForNow(why, named)) => (why, named),
            };
            if started.elapsed() > PATIENCE {
                bail!(
                    "there was no answer from {} for {} s ({why}); when the server runs again, start this again: \
                     what has been taken is not taken twice",
                    self.url,
                    PATIENCE.as_secs()
                );
            }
            if !told && started.elapsed() > SILENCE_TOLD_AFTER {
                tracing::warn!(%why, "no answer yet; the same is sent again for {} s", PATIENCE.as_secs());
                told = true;
            }
            sleep(named.unwrap_or(pause).min(PAUSE_MAX)).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }
}

async fn begin(request: RequestBuilder) -> Result<Response, Failed> {
    let answer = request.send().await.map_err(|error| Failed::ForNow(cause(&error), None))?;
    if answer.status().is_success() { Ok(answer) } else { Err(refusal(answer).await) }
}

async fn try_once<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Failed> {
    let body = begin(request).await?.bytes().await.map_err(|error| Failed::ForNow(cause(&error), None))?;
    // What is done without a word is answered so.
    let json: &[u8] = if body.is_empty() { b"null" } else { &body };
    serde_json::from_slice(json)
        .map_err(|error| Failed::ForGood(format!("the server answers something else than a Storefold server: {error}")))
}

async fn refusal(answer: Response) -> Failed {
    #[derive(Default, Deserialize)]
    struct Problem {
        #[serde(default)]
        detail: String,
        #[serde(default)]
        code: String,
    }
    let status = answer.status();
    let named = answer.headers().get(header::RETRY_AFTER).and_then(|after| after.to_str().ok()?.parse().ok());
    let body = answer.bytes().await.unwrap_or_default();
    let Problem { detail, code } = serde_json::from_slice(&body).unwrap_or_default();
    let why = if detail.is_empty() { format!("the server answers {status}") } else { format!("{detail} ({code})") };
    let passing = [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::BAD_GATEWAY,
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::GATEWAY_TIMEOUT,
    ];
    if passing.contains(&status) { Failed::ForNow(why, named.map(Duration::from_secs)) } else { Failed::ForGood(why) }
}

/// The header by which a token asks.
///
/// # Errors
/// When it has signs that no token has.
pub fn bearing(token: &str) -> Result<header::HeaderMap> {
    let mut bearer = header::HeaderValue::from_str(&format!("Bearer {token}"))?;
    bearer.set_sensitive(true);
    Ok([(header::AUTHORIZATION, bearer)].into_iter().collect())
}

/// An identifier that is the same each time for the same text, for events that a command may send again.
pub fn id_of(text: &str) -> uuid::Uuid {
    let hash = blake3::hash(text.as_bytes());
    let bytes = *hash.as_bytes().first_chunk().expect("a hash has 32 bytes");
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// The innermost reason: the others only say that a request failed.
pub fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
