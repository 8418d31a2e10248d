//! Speaks HTTP with the centre.

use std::{path::Path, time::Duration};

use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use storefold_http_kit::{Caller, NoAnswer as NoCall, TrustError};
use thiserror::Error;
use tokio::time::{Instant, timeout_at};

/// The longest that a connection may take to come about.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);

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
    /// Nobody is trusted.
    #[error(transparent)]
    Trust(#[from] TrustError),
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

/// The centre.
pub(crate) struct Central {
    caller: Caller,
    address: String,
    authorization: Option<HeaderValue>,
}

impl Central {
    pub(crate) fn new(address: &str, authorities: Option<&Path>, token: Option<&str>) -> Result<Self, AddressError> {
        let malformed = || AddressError::Malformed(address.to_owned());
        let uri: Uri = address.parse().map_err(|_| malformed())?;
        let (Some(scheme @ ("http" | "https")), Some(_)) = (uri.scheme_str(), uri.authority()) else {
            return Err(malformed());
        };
        let caller = Caller::new(authorities, scheme == "https", CONNECT_WITHIN)?;
        let bearer = token.map(|token| {
            let mut bearer = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| AddressError::Token)?;
            bearer.set_sensitive(true);
            Ok::<_, AddressError>(bearer)
        });
        let address = address.trim_end_matches('/').to_owned();
        Ok(Self { caller, address, authorization: bearer.transpose()? })
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
        let until = Instant::now() + within;
        let answer = self.caller.call(request, within).await.map_err(no_answer)?;
        let (head, body) = answer.into_parts();
        let body = timeout_at(until, Limited::new(body, ANSWER_BYTES_MAX).collect()).await;
        let body = body.map_err(|_| NoAnswer::Unknown(format!("not within {} s", within.as_secs())))?;
        let body = body.map_err(|error| NoAnswer::Unknown(format!("its answer broke off ({error})")))?.to_bytes();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }
}

fn no_answer(error: NoCall) -> NoAnswer {
    match error {
        NoCall::Unreachable(why) | NoCall::NotTrusted(why) => NoAnswer::Unreachable(why),
        NoCall::Unknown(why) => NoAnswer::Unknown(why),
    }
}
