//! How much one address, or one token, may ask for: who asks without end has to wait, and the others are answered.
//!
//! A request counts as one, and as one more for each [`COUNTED_BYTES`] of its body, so that an event sent alone and a
//! thousand in one body both count about what it takes to read them.

use std::{hash::Hash, net::IpAddr, time::Duration};

use axum::{extract::Request, http::header};

use crate::{
    Problem,
    allowance::Allowance,
    peers::{from, peer},
};

/// What one address, or one token, may ask for in a second, unless it is told otherwise: three million events in bodies of
/// a thousand.
pub const REQUESTS_PER_SECOND_MAX: u32 = 20_000;

/// So many seconds' worth may be asked for at once.
const BURST_S: u32 = 2;

/// As many bytes of a body count as one request.
pub const COUNTED_BYTES: u64 = 64 << 10;

/// What a body counts that does not say how long it is: as if it had a megabyte.
const UNTOLD: u32 = 16;

/// How much each of many may ask for.
#[derive(Debug)]
pub struct RequestLimit<K> {
    allowance: Allowance<K>,
    per_second: u32,
    /// As in "this address".
    whose: &'static str,
}

impl<K: Hash + Eq> RequestLimit<K> {
    /// So many requests a second for each; `whose` names one of them in a sentence, as "this token".
    pub fn new(per_second: u32, whose: &'static str) -> Self {
        Self { allowance: Allowance::per_second(per_second, BURST_S), per_second, whose }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// When it is too much; the problem says when to ask again.
    pub fn admit(&self, who: K, request: &Request) -> Result<(), Problem> {
        let Err(wait) = self.allowance.take(who, counts(request)) else { return Ok(()) };
        let retry_after_s = whole_seconds(wait);
        let Self { per_second, whose, .. } = self;
        Err(Problem::too_many_requests(
            retry_after_s,
            format_args!(
                "{whose} asks for more than {per_second} requests a second, where {COUNTED_BYTES} bytes of a body count as \
                 one; send events many at a time, and ask again in {retry_after_s} s"
            ),
        ))
    }
}

/// How much each address may ask for.
#[derive(Debug)]
pub struct AddressLimit {
    limit: RequestLimit<IpAddr>,
    of_this_machine: bool,
}

impl AddressLimit {
    /// So many requests a second; or, unless it is told, [`REQUESTS_PER_SECOND_MAX`] for addresses that are not of this
    /// machine: what runs beside the server is looked after with it, and a proxy there speaks for many.
    pub fn new(per_second: Option<u32>) -> Self {
        let limit = RequestLimit::new(per_second.unwrap_or(REQUESTS_PER_SECOND_MAX), "this address");
        Self { limit, of_this_machine: per_second.is_some() }
    }

    pub(crate) fn admit(&self, request: &Request) -> Result<(), Problem> {
        let is_of_this_machine = peer(request).is_some_and(|peer| peer.to_canonical().is_loopback());
        if is_of_this_machine && !self.of_this_machine {
            return Ok(());
        }
        self.limit.admit(from(request), request)
    }
}

fn counts(request: &Request) -> u32 {
    let headers = request.headers();
    if let Some(length) = headers.get(header::CONTENT_LENGTH) {
        let bytes: u64 = length.to_str().ok().and_then(|length| length.parse().ok()).unwrap_or(0);
        return u32::try_from(bytes / COUNTED_BYTES).unwrap_or(u32::MAX).saturating_add(1);
    }
    if headers.contains_key(header::TRANSFER_ENCODING) { 1 + UNTOLD } else { 1 }
}

/// A time as `Retry-After` says it: in whole seconds, not too short.
pub(crate) fn whole_seconds(time: Duration) -> u32 {
    u32::try_from(time.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use axum::{body::Body, http::Request};

    use super::{AddressLimit, RequestLimit, counts};
    use crate::come_from;

    #[test]
    fn a_body_counts_by_its_length() {
        for (name, value, expected) in [
            ("content-length", "0", 1),
            ("content-length", "65535", 1),
            ("content-length", "65536", 2),
            ("content-length", "8388608", 129),
            ("content-length", "rubbish", 1),
            ("content-length", "99999999999999999999", 1),
            ("content-length", "18446744073709551615", u32::MAX),
            ("transfer-encoding", "chunked", 17),
            ("accept", "x", 1),
        ] {
            let request = Request::builder().header(name, value).body(Body::empty()).unwrap();
            assert_eq!(counts(&request), expected, "{name}: {value}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_asks_too_much_waits_and_others_do_not() {
        let limit = AddressLimit::new(Some(10));
        let ask = |from: [u8; 4]| {
            let mut request = Request::new(Body::empty());
            come_from(&mut request, from.into());
            limit.admit(&request)
        };
        for _ in 0..20 {
            ask([10, 0, 0, 1]).unwrap();
        }
        let refused = ask([10, 0, 0, 1]).unwrap_err();
        assert_eq!((refused.status().as_u16(), refused.code()), (429, "too_many_requests"));
        assert!(refused.detail().contains("this address asks for more than 10 requests a second"), "{refused:?}");
        ask([10, 0, 0, 2]).unwrap();
        tokio::time::advance(std::time::Duration::from_secs(1)).await;
        ask([10, 0, 0, 1]).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn three_hundred_thousand_events_a_second_of_one_token_are_taken() {
        // Bodies of 1,000 events of some 300 bytes.
        let limit = RequestLimit::new(super::REQUESTS_PER_SECOND_MAX, "this token");
        for _ in 0..10 {
            for _ in 0..300 {
                let request = Request::builder().header("content-length", "300000").body(Body::empty()).unwrap();
                limit.admit("till", &request).unwrap();
            }
            tokio::time::advance(std::time::Duration::from_secs(1)).await;
        }
    }
}
