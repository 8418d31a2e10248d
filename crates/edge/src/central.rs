//! Speaks HTTP with the centre.

use std::{error::Error, time::Duration};

use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, Error as ClientError, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use thiserror::Error;
use tokio::time::timeout;

/// The longest that a connection may take to come about.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);

/// Connections that nobody uses are closed after it: many a router forgets them without a word.
const IDLE_MAX: Duration = Duration::from_secs(30);

/// The largest answer that is read (inclusive): 10,000 sales with all they bring about are less.
const ANSWER_BYTES_MAX: usize = 128 << 20;

/// Why there is no way to the centre.
#[derive(Debug, Error)]
pub enum AddressError {
    /// It is not written as an address.
    #[error("`{0}` is no address of a centre; write it as https://HOST or http://HOST:PORT")]
    Malformed(String),
    /// The token has signs that none has.
    #[error("the token for the centre is none; it has signs that none has")]
    Token,
    /// This machine trusts nobody.
    #[error(
        "no certificates to trust are found on this machine ({0}); install ca-certificates, or name a file of them in SSL_CERT_FILE"
    )]
    Certificates(std::io::Error),
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub(crate) enum NoAnswer {
    /// The centre was not reached, and has taken nothing of this.
    #[error("the centre cannot be reached: {0}")]
    Unreachable(String),
    /// What became of it is not known.
    #[error("the centre has not answered: {0}")]
    Unknown(String),
}

/// An answer of whoever is at the address.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A request to the centre.
pub(crate) struct Ask<'a> {
    pub(crate) method: Method,
    /// From the first slash on.
    pub(crate) path: &'a str,
    pub(crate) content_type: Option<HeaderValue>,
    pub(crate) body: Bytes,
    pub(crate) within: Duration,
}

enum Http {
    Plain(Client<HttpConnector, Full<Bytes>>),
    Tls(Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

/// The centre.
pub(crate) struct Central {
    http: Http,
    address: String,
    authorization: Option<HeaderValue>,
}

impl Central {
    pub(crate) fn new(address: &str, token: Option<&str>) -> Result<Self, AddressError> {
        let malformed = || AddressError::Malformed(address.to_owned());
        let uri: Uri = address.parse().map_err(|_| malformed())?;
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_WITHIN));
        let mut builder = Client::builder(TokioExecutor::new());
        builder.pool_idle_timeout(IDLE_MAX).pool_timer(TokioTimer::new());
        let http = match (uri.scheme_str(), uri.authority()) {
            (Some("http"), Some(_)) => Http::Plain(builder.build(connector)),
            (Some("https"), Some(_)) => {
                connector.enforce_http(false);
                let tls = HttpsConnectorBuilder::new().with_native_roots().map_err(AddressError::Certificates)?;
                Http::Tls(builder.build(tls.https_only().enable_http1().wrap_connector(connector)))
            }
            _ => return Err(malformed()),
        };
        let bearer = token.map(|token| {
            let mut bearer = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| AddressError::Token)?;
            bearer.set_sensitive(true);
            Ok(bearer)
        });
        let address = address.trim_end_matches('/').to_owned();
        Ok(Self { http, address, authorization: bearer.transpose()? })
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Asks once.
    pub(crate) async fn ask(&self, ask: Ask<'_>) -> Result<Answer, NoAnswer> {
        let Ask { method, path, content_type, body, within } = ask;
        let mut request = Request::new(Full::new(body));
        let uri = format!("{}{path}", self.address).parse();
        *request.uri_mut() = uri.map_err(|error| NoAnswer::Unreachable(format!("`{path}` is no path ({error})")))?;
        *request.method_mut() = method;
        let headers = request.headers_mut();
        headers.extend(content_type.map(|named| (header::CONTENT_TYPE, named)));
        headers.extend(self.authorization.clone().map(|bearer| (header::AUTHORIZATION, bearer)));
        let answered = timeout(within, self.answered(request)).await;
        answered.unwrap_or_else(|_| Err(NoAnswer::Unknown(format!("not within {} s", within.as_secs()))))
    }

    async fn answered(&self, request: Request<Full<Bytes>>) -> Result<Answer, NoAnswer> {
        let answer = match &self.http {
            Http::Plain(client) => client.request(request).await,
            Http::Tls(client) => client.request(request).await,
        };
        let (head, body) = answer.map_err(|error| no_answer(&error))?.into_parts();
        let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|error| NoAnswer::Unknown(format!("its answer broke off ({error})")))?.to_bytes();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }
}

fn no_answer(error: &ClientError) -> NoAnswer {
    let mut cause: &dyn Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let cause = cause.to_string();
    if error.is_connect() { NoAnswer::Unreachable(cause) } else { NoAnswer::Unknown(cause) }
}
