//! Handing a request over to the node that writes.
//!
//! Everything but reading is the writer's, except what a node does to its own read models. The request goes there as it
//! came, with the address it came from, and the answer comes back as it is: a caller needs to know one node.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use http_body_util::Full;
use storefold_event_log_jetstream::Holder;
use storefold_http_kit::{BodyRefused, Caller, NoAnswer, NotRead, Problem, Room, come_from, peer};
use storefold_sequencer::Standing;
use tokio::sync::watch;

/// Shows that another node of this log hands over.
const KEY: HeaderName = HeaderName::from_static("x-storefold-handover");

/// The address that the request came from, believed with the key only.
const FROM: HeaderName = HeaderName::from_static("x-storefold-handover-from");

/// The largest body that is handed over; every route takes less.
const BODY_BYTES_MAX: usize = 16 << 20;

/// Bytes of bodies that are held at a time; requests beyond it are told to come again.
const BODIES_BYTES_MAX: usize = 256 << 20;

/// The longest wait for the writer; it gives up itself after 30 s.
const ANSWER_MAX: Duration = Duration::from_secs(35);

/// The longest wait until the writer is reached.
pub(super) const CONNECT_MAX: Duration = Duration::from_secs(1);

/// Paths below which a change is of this node alone.
const OWN: [&str; 2] = ["/v1/rebuilds", "/v1/snapshots"];

/// Paths below which also reading is the writer's.
const OF_THE_WRITER: [&str; 2] = ["/v1/sources/", "/v1/quarantine"];

/// Headers that are of one connection (RFC 9110, 7.6.1), and the length, which is counted anew.
const OF_A_CONNECTION: [HeaderName; 7] = [
    header::CONNECTION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::CONTENT_LENGTH,
    header::EXPECT,
];

/// What this node needs to hand requests over, and to take those of others.
pub struct HandOver {
    me: Holder,
    holder: watch::Receiver<Option<Holder>>,
    standing: Option<watch::Receiver<Standing>>,
    caller: Caller,
    /// For bodies.
    room: Room,
}

impl HandOver {
    pub(super) fn new(
        me: Holder,
        holder: watch::Receiver<Option<Holder>>,
        standing: Option<watch::Receiver<Standing>>,
        caller: Caller,
    ) -> Self {
        Self { me, holder, standing, caller, room: Room::of(BODIES_BYTES_MAX) }
    }

    /// Puts it around all routes.
    pub fn around(self, router: Router) -> Router {
        router.layer(from_fn_with_state(Arc::new(self), hand_over))
    }

    fn writes_here(&self) -> bool {
        self.standing.as_ref().is_some_and(|standing| *standing.borrow() == Standing::Writing)
    }

    /// Takes what another node has shown off the request; whether it was one.
    fn handed_over(&self, request: &mut Request) -> bool {
        let from = request.headers_mut().remove(FROM);
        let Some(shown) = request.headers_mut().remove(KEY) else { return false };
        // Hashes are compared without telling by the time taken how much of the key was right.
        if blake3::hash(shown.as_bytes()) != blake3::hash(self.me.handover_key.as_bytes()) {
            return false;
        }
        if let Some(from) = from.and_then(|from| from.to_str().ok()?.parse::<IpAddr>().ok()) {
            come_from(request, from);
        }
        true
    }
}

async fn hand_over(State(over): State<Arc<HandOver>>, mut request: Request, next: Next) -> Response {
    let handed_over = over.handed_over(&mut request);
    if over.writes_here() || !is_for_the_writer(request.method(), request.uri().path()) {
        return next.run(request).await;
    }
    let holder = over.holder.borrow().clone().filter(|holder| holder.node != over.me.node);
    let outcome = match holder {
        // Whoever handed it over was wrong about the writer; it does not go round in circles.
        _ if handed_over => Err(nobody_writes("this node has just ceased to write")),
        None => Err(nobody_writes("no node writes now; one takes over in a few seconds")),
        Some(Holder { address: None, .. }) => Err(nobody_writes(
            "another node writes, and has not told where it is reached; start it with --advertise URL",
        )),
        Some(Holder { address: Some(address), handover_key, .. }) => {
            carry(&over.caller, &over.room, (&address, &handover_key), request).await
        }
    };
    outcome.unwrap_or_else(IntoResponse::into_response)
}

fn is_for_the_writer(method: &Method, path: &str) -> bool {
    let below = |prefixes: &[&str]| prefixes.iter().any(|prefix| path.starts_with(prefix));
    match *method {
        Method::GET | Method::HEAD | Method::OPTIONS => below(&OF_THE_WRITER),
        _ => !below(&OWN),
    }
}

fn nobody_writes(detail: &str) -> Problem {
    Problem::not_ready("not_writer", 1, format_args!("{detail}; send the same again"))
}

async fn carry(
    caller: &Caller,
    room: &Room,
    (address, key): (&str, &str),
    request: Request,
) -> Result<Response, Problem> {
    let from = peer(&request);
    let (head, body) = request.into_parts();
    let read = room.read(&head.headers, body, BODY_BYTES_MAX).await;
    let (body, _room) = read.map_err(|not_read| match not_read {
        NotRead::NoRoom(problem) => problem,
        NotRead::Refused(BodyRefused::TooLarge { size_bytes, .. }) => {
            let detail = format!("the body has {size_bytes} bytes; at most {BODY_BYTES_MAX} are taken");
            Problem::too_large("body_too_large", BODY_BYTES_MAX as u64, detail)
        }
        NotRead::Refused(BodyRefused::Broken { detail, .. }) => Problem::unparseable(detail),
    })?;
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut headers = without_connection(head.headers);
    if let Ok(key) = HeaderValue::from_str(key) {
        headers.insert(KEY, key);
    }
    if let Some(from) = from.and_then(|from| HeaderValue::from_str(&from.to_string()).ok()) {
        headers.insert(FROM, from);
    }
    let mut carried = hyper::Request::new(Full::new(body));
    let uri = format!("{}{path}", address.trim_end_matches('/')).parse();
    *carried.uri_mut() = uri.map_err(|_| nobody_writes("the node that writes has told an address that is none"))?;
    (*carried.method_mut(), *carried.headers_mut()) = (head.method, headers);
    let answered = caller.call(carried, ANSWER_MAX).await.map_err(|error| {
        tracing::warn!(address, %error, "a request could not be handed over to the node that writes");
        match error {
            NoAnswer::Unreachable(_) => {
                nobody_writes("the node that writes is not reached; another takes over in a few seconds")
            }
            NoAnswer::NotTrusted(_) => nobody_writes(
                "the node that writes is not trusted by this one; its log says why, and --ca names whom it trusts",
            ),
            NoAnswer::Unknown(_) => {
                Problem::outcome_unknown(1, "the node that writes has not answered; send the same again")
            }
        }
    })?;
    let (head, body) = answered.into_parts();
    let mut response = Response::new(Body::new(body));
    (*response.status_mut(), *response.headers_mut()) = (head.status, without_connection(head.headers));
    Ok(response)
}

fn without_connection(mut headers: HeaderMap) -> HeaderMap {
    for name in &OF_A_CONNECTION {
        headers.remove(name);
    }
    headers
}

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use super::is_for_the_writer;

    #[test]
    fn what_changes_the_log_is_the_writers_and_what_is_read_is_every_nodes() {
        for (method, path, expected) in [
            (Method::POST, "/v1/events", true),
            (Method::POST, "/v1/commands/claim-gift", true),
            (Method::POST, "/v1/tenders/quote", true),
            (Method::POST, "/sign-in", true),
            (Method::DELETE, "/v1/access/tokens/7", true),
            (Method::GET, "/v1/sources/till-1", true),
            (Method::GET, "/v1/quarantine", true),
            (Method::GET, "/v1/stores", false),
            (Method::GET, "/", false),
            (Method::POST, "/v1/rebuilds", false),
            (Method::DELETE, "/v1/snapshots/x", false),
            (Method::HEAD, "/v1/events", false),
        ] {
            assert_eq!(is_for_the_writer(&method, path), expected, "{method} {path}");
        }
    }
}
