//! Talks to a running server over HTTP, patiently: what has no answer is sent again.
//!
//! Sending again is always safe, because the server takes an event once however often it comes.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use serde::{Deserialize, de::DeserializeOwned};
use storefold_http_kit::{Caller, NoAnswer, innermost};
use tokio::time::{sleep, timeout};
use url::Url;

use crate::server_address::{ServerAddress, Trust, is_server};

/// The variable of the environment that holds a token.
const TOKEN: &str = "STOREFOLD_TOKEN";

/// How long a request is repeated before it is given up.
const PATIENCE: Duration = Duration::from_mins(2);

/// The longest wait for one answer; the server itself gives up after 30 s.
const ANSWER_MAX: Duration = Duration::from_secs(45);

/// The longest that a connection may take to come about.
const CONNECT_MAX: Duration = Duration::from_secs(10);

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
    caller: Caller,
    /// By which the server knows who asks.
    headers: HeaderMap,
    url: String,
}

/// What is asked, as often as it takes.
struct Asked {
    method: Method,
    uri: Uri,
    content_type: Option<&'static str>,
    body: Bytes,
}

/// An answer that has begun.
pub struct Reply(Response<Incoming>);

impl Reply {
    /// Its headers.
    pub fn headers(&self) -> &HeaderMap {
        self.0.headers()
    }

    /// The next piece of its body; none at its end.
    ///
    /// # Errors
    /// When it breaks off, or nothing comes for too long.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        loop {
            let frame = timeout(ANSWER_MAX, self.0.body_mut().frame()).await;
            let frame = frame.map_err(|_| anyhow!("nothing came for {} s", ANSWER_MAX.as_secs()))?;
            let Some(frame) = frame else { return Ok(None) };
            if let Ok(data) = frame.map_err(|error| anyhow!(innermost(&error)))?.into_data() {
                return Ok(Some(data));
            }
        }
    }

    async fn bytes(mut self) -> Result<Bytes> {
        let Some(first) = self.chunk().await? else { return Ok(Bytes::new()) };
        let mut all = bytes::BytesMut::from(first);
        while let Some(piece) = self.chunk().await? {
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    }
}

/// How one try of a request ended when it brought no answer.
enum Failed {
    /// Another try may help, after a pause that the server may name.
    ForNow(String, Option<Duration>),
    /// No other try helps.
    ForGood(String),
}

impl Client {
    /// A server, asked with the token of the environment, if there is one.
    ///
    /// # Errors
    /// When the address is none that this client speaks to, or nobody is trusted.
    pub fn new(server: &ServerAddress) -> Result<Self> {
        Self::at(&server.url, &server.trust)
    }

    /// The server at `url`, asked with the token of the environment, if there is one.
    ///
    /// # Errors
    /// As those of [`Client::new`].
    pub fn at(url: &str, trust: &Trust) -> Result<Self> {
        let headers = match std::env::var(TOKEN) {
            Ok(token) => bearing(&token).with_context(|| format!("{TOKEN} is no token; it has signs that none has"))?,
            Err(_) => HeaderMap::new(),
        };
        Self::with_headers(url, trust, headers)
    }

    /// The server at `url`, asked with further headers by which it knows who asks.
    ///
    /// # Errors
    /// As those of [`Client::new`].
    pub fn with_headers(url: &str, trust: &Trust, headers: HeaderMap) -> Result<Self> {
        ensure!(
            is_server(url) && Url::parse(url).is_ok(),
            "`{url}` is no address of a server; write it as http://HOST:PORT or https://HOST:PORT"
        );
        let caller = Caller::new(trust.authorities.as_deref(), url.starts_with("https://"), CONNECT_MAX)?;
        Ok(Self { caller, headers, url: url.trim_end_matches('/').to_owned() })
    }

    /// Asks once whether a server is there, so that a wrong address is noticed at once.
    pub async fn reach(&self) -> Result<()> {
        let asked = self.asked(Method::GET, "/healthz", &[])?;
        let answer = self.caller.call(self.request(&asked), ANSWER_MAX).await;
        let status = match answer {
            Ok(answer) => answer.status(),
            Err(NoAnswer::NotTrusted(why)) => bail!("{} is not trusted: {why}", self.url),
            Err(why) => bail!("no server answers at {}; start one with `storefold serve`: {why}", self.url),
        };
        ensure!(status.is_success(), "what answers at {} is no Storefold server ({status} at /healthz)", self.url);
        Ok(())
    }

    /// Sends events, one a line, until they are answered.
    pub async fn post_events(&self, ndjson: Bytes) -> Result<Answer> {
        self.post_events_for(ndjson).await
    }

    /// Sends events as [`post_events`](Self::post_events) does, and takes more of the answer.
    pub async fn post_events_for<T: DeserializeOwned>(&self, ndjson: Bytes) -> Result<T> {
        let asked = self.asked(Method::POST, "/v1/events", &[])?;
        self.answered(Asked { content_type: Some("application/x-ndjson"), body: ndjson, ..asked }).await
    }

    /// Asks for something, with parameters of the query string.
    pub async fn get<T: DeserializeOwned>(&self, path: &str, parameters: &[(&str, String)]) -> Result<T> {
        self.answered(self.asked(Method::GET, path, parameters)?).await
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
    pub async fn stream(&self, path: &str, parameters: &[(&str, String)]) -> Result<Reply> {
        let asked = self.asked(Method::GET, path, parameters)?;
        self.patiently(|| self.begin(&asked)).await
    }

    /// Orders something, with a body in JSON.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &serde_json::Value) -> Result<T> {
        self.answered(self.asked(Method::POST, path, &[])?.in_json(body)).await
    }

    /// Puts something in its place, with a body in JSON.
    pub async fn put<T: DeserializeOwned>(&self, path: &str, body: &serde_json::Value) -> Result<T> {
        self.answered(self.asked(Method::PUT, path, &[])?.in_json(body)).await
    }

    /// Begins a session, and answers the cookie that proves it, as it is sent back.
    pub async fn sign_in(&self, user: &str, password: &str) -> Result<String> {
        let body = serde_json::json!({ "user": user, "password": password });
        let asked = self.asked(Method::POST, "/v1/access/session", &[])?.in_json(&body);
        let answer = self.patiently(|| self.begin(&asked)).await?;
        let cookie = answer.headers().get(header::SET_COOKIE).and_then(|cookie| cookie.to_str().ok());
        let cookie = cookie.and_then(|cookie| cookie.split(';').next());
        Ok(cookie.context("the server begins no session")?.to_owned())
    }

    /// Asks for something to end.
    pub async fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.answered(self.asked(Method::DELETE, path, &[])?).await
    }

    fn asked(&self, method: Method, path: &str, parameters: &[(&str, String)]) -> Result<Asked> {
        let mut url = Url::parse(&format!("{}{path}", self.url))?;
        if !parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(parameters);
        }
        let uri = url.as_str().parse().with_context(|| format!("`{url}` is no address"))?;
        Ok(Asked { method, uri, content_type: None, body: Bytes::new() })
    }

    fn request(&self, asked: &Asked) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(asked.body.clone()));
        (*request.method_mut(), *request.uri_mut()) = (asked.method.clone(), asked.uri.clone());
        *request.headers_mut() = self.headers.clone();
        if let Some(content_type) = asked.content_type {
            request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        request
    }

    async fn begin(&self, asked: &Asked) -> Result<Reply, Failed> {
        let answer = self.caller.call(self.request(asked), ANSWER_MAX).await.map_err(|why| match why {
            NoAnswer::NotTrusted(why) => Failed::ForGood(format!("{} is not trusted: {why}", self.url)),
            why => Failed::ForNow(why.to_string(), None),
        })?;
        if answer.status().is_success() { Ok(Reply(answer)) } else { Err(refusal(answer).await) }
    }

    async fn answered<T: DeserializeOwned>(&self, asked: Asked) -> Result<T> {
        self.patiently(async || {
            let body = self.begin(&asked).await?.bytes().await;
            let body = body.map_err(|error| Failed::ForNow(error.to_string(), None))?;
            // What is done without a word is answered so.
            let json: &[u8] = if body.is_empty() { b"null" } else { &body };
            serde_json::from_slice(json).map_err(|error| {
                Failed::ForGood(format!("the server answers something else than a Storefold server: {error}"))
            })
        })
        .await
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

impl Asked {
    fn in_json(self, body: &serde_json::Value) -> Self {
        Self { content_type: Some("application/json"), body: body.to_string().into(), ..self }
    }
}

async fn refusal(answer: Response<Incoming>) -> Failed {
    #[derive(Default, Deserialize)]
    struct Problem {
        #[serde(default)]
        detail: String,
        #[serde(default)]
        code: String,
    }
    let status = answer.status();
    let named = answer.headers().get(header::RETRY_AFTER).and_then(|after| after.to_str().ok()?.parse().ok());
    let body = Reply(answer).bytes().await.unwrap_or_default();
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
pub fn bearing(token: &str) -> Result<HeaderMap> {
    let mut bearer = HeaderValue::from_str(&format!("Bearer {token}"))?;
    bearer.set_sensitive(true);
    Ok([(header::AUTHORIZATION, bearer)].into_iter().collect())
}

/// An identifier that is the same each time for the same text, for events that a command may send again.
pub fn id_of(text: &str) -> uuid::Uuid {
    let hash = blake3::hash(text.as_bytes());
    let bytes = *hash.as_bytes().first_chunk().expect("a hash has 32 bytes");
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
