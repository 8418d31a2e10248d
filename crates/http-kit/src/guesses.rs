//! Codes that are worth money are not to be found by trying: who asks for many that are none has to wait (row B30).
//!
//! Each address may ask for so many at once, and for one more with every pause. What is found is never counted, so a till
//! that mistypes now and then notices nothing.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{extract::Request, http::StatusCode, response::Response};
use tokio::time::Instant;

use crate::Problem;

/// Codes that are none that an address may ask for at once (inclusive).
pub const MISSES_MAX: u32 = 30;

/// One more may be asked for each time this is over.
pub const MISS_PAUSE: Duration = Duration::from_secs(2);

/// Addresses that are told apart; beyond it all others count as one.
const ADDRESSES_MAX: usize = 16_384;

/// Set on a response: how many of the codes in its request are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missed(pub u32);

/// Set on a request: where its connection comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Where a request comes from, as far as is known.
pub fn peer(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<Peer>().map(|peer| peer.0)
}

/// Sets where a request comes from, when who hands it over has shown that it may say so.
pub fn come_from(request: &mut Request, from: IpAddr) {
    request.extensions_mut().insert(Peer(from));
}

/// Who asked for what is none, on routes that are protected.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guesses {
    prefixes: Arc<[&'static str]>,
    /// For each address, when all that it missed is forgiven.
    forgiven_at: Arc<Mutex<HashMap<IpAddr, Instant>>>,
}

impl Guesses {
    /// Protects the routes whose paths begin so.
    pub(crate) fn on(prefixes: &[&'static str]) -> Self {
        Self { prefixes: prefixes.into(), forgiven_at: Arc::default() }
    }

    /// Where a request comes from, if its route is protected; refuses it when too much is not yet forgiven.
    pub(crate) fn enter(&self, request: &Request) -> Result<Option<IpAddr>, Problem> {
        let path = request.uri().path();
        if !self.prefixes.iter().any(|prefix| path.starts_with(prefix)) {
            return Ok(None);
        }
        let peer = request.extensions().get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| network(peer.0));
        let forgiven_at = self.forgiven_at.lock().unwrap_or_else(PoisonError::into_inner);
        let known = forgiven_at.get(&peer).or_else(|| forgiven_at.get(&IpAddr::V4(Ipv4Addr::UNSPECIFIED)));
        let owed = known.map_or(Duration::ZERO, |at| at.saturating_duration_since(Instant::now()));
        let too_much = owed.saturating_sub(MISS_PAUSE * (MISSES_MAX - 1));
        if too_much.is_zero() {
            return Ok(Some(peer));
        }
        let retry_after_s = u32::try_from(too_much.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX);
        Err(Problem::too_many_requests(
            retry_after_s,
            format_args!(
                "more than {MISSES_MAX} codes that are none were asked for from here; look at the code, and ask again in \
                 {retry_after_s} s"
            ),
        ))
    }

    /// Counts what an answer says was none.
    pub(crate) fn leave(&self, peer: IpAddr, response: &Response) {
        let told = response.extensions().get::<Missed>().map_or(0, |missed| missed.0);
        let missed = told.max(u32::from(response.status() == StatusCode::NOT_FOUND));
        if missed == 0 {
            return;
        }
        let now = Instant::now();
        let mut forgiven_at = self.forgiven_at.lock().unwrap_or_else(PoisonError::into_inner);
        if forgiven_at.len() >= ADDRESSES_MAX && !forgiven_at.contains_key(&peer) {
            forgiven_at.retain(|_, at| *at > now);
        }
        let is_full = forgiven_at.len() >= ADDRESSES_MAX && !forgiven_at.contains_key(&peer);
        let counted = if is_full { IpAddr::V4(Ipv4Addr::UNSPECIFIED) } else { peer };
        let at = forgiven_at.entry(counted).or_insert(now);
        *at = (*at).max(now) + MISS_PAUSE * missed;
    }
}

/// One customer of a network provider has many addresses of IPv6, which count as one.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address @ IpAddr::V4(_) => address,
    }
}
