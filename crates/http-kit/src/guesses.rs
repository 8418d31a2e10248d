//! Codes that are worth money are not to be found by trying: who asks for many that are none has to wait (row B30).
//!
//! Each address may ask for so many at once, and for one more with every pause. What is found is never counted, so a till
//! that mistypes now and then notices nothing.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{extract::Request, http::StatusCode, response::Response};

use crate::{Problem, allowance::Allowance, limits::whole_seconds, peers::from};

/// Codes that are none that an address may ask for at once (inclusive).
pub const MISSES_MAX: u32 = 30;

/// One more may be asked for each time this is over.
pub const MISS_PAUSE: Duration = Duration::from_secs(2);

/// Set on a response: how many of the codes in its request are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missed(pub u32);

/// Who asked for what is none, on routes that are protected.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guesses(Option<Arc<Protected>>);

#[derive(Debug)]
struct Protected {
    prefixes: Vec<&'static str>,
    misses: Allowance<IpAddr>,
}

impl Guesses {
    /// Protects the routes whose paths begin so.
    pub(crate) fn on(prefixes: &[&'static str]) -> Self {
        let misses = Allowance::new(MISS_PAUSE, MISSES_MAX);
        Self(Some(Arc::new(Protected { prefixes: prefixes.to_vec(), misses })))
    }

    /// Where a request comes from, if its route is protected; refuses it when too much is not yet forgiven.
    pub(crate) fn enter(&self, request: &Request) -> Result<Option<IpAddr>, Problem> {
        let Some(protected) = &self.0 else { return Ok(None) };
        let path = request.uri().path();
        if !protected.prefixes.iter().any(|prefix| path.starts_with(prefix)) {
            return Ok(None);
        }
        let from = from(request);
        let Some(wait) = protected.misses.wait(&from) else { return Ok(Some(from)) };
        let retry_after_s = whole_seconds(wait);
        Err(Problem::too_many_requests(
            retry_after_s,
            format_args!(
                "more than {MISSES_MAX} codes that are none were asked for from here; look at the code, and ask again in \
                 {retry_after_s} s"
            ),
        ))
    }

    /// Counts what an answer says was none.
    pub(crate) fn leave(&self, from: IpAddr, response: &Response) {
        let told = response.extensions().get::<Missed>().map_or(0, |missed| missed.0);
        let missed = told.max(u32::from(response.status() == StatusCode::NOT_FOUND));
        if let Some(protected) = self.0.as_ref().filter(|_| missed > 0) {
            protected.misses.count(from, missed);
        }
    }
}
