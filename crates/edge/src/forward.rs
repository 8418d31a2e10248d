//! Sends the outbox on to the centre, in its order, until the centre has it.
//!
//! A lost answer does no harm: the same is sent again, and the centre tells what it has already. An event leaves the
//! outbox only when the centre has taken it, had it before, or keeps it in quarantine.

use std::{sync::Arc, time::Duration};

use axum::http::{HeaderValue, Method, StatusCode, header};
use bytes::Bytes;
use serde::Deserialize;
use storefold_outbox::Settled;
use tokio::{
    sync::watch,
    task::spawn_blocking,
    time::{sleep, timeout},
};

use crate::{
    Edge,
    batch::{Batch, Size},
    central::{Answer, Ask},
    line::State,
};

/// The longest wait for the answer to a batch; the centre itself gives up after 30 s.
const ANSWER_MAX: Duration = Duration::from_secs(45);

/// The first pause after a failure; it doubles each time.
const PAUSE_FIRST: Duration = Duration::from_millis(500);

/// The longest pause while nobody answers: the line is not back for longer unnoticed.
const PAUSE_MAX: Duration = Duration::from_secs(15);

/// The longest pause that the centre may ask for.
const RETRY_AFTER_MAX: Duration = Duration::from_mins(5);

/// How often the line is looked after while nothing waits.
const PROBE_EVERY: Duration = Duration::from_secs(10);

/// How long that may take.
const PROBE_WITHIN: Duration = Duration::from_secs(5);

/// How one request ended.
enum Sent {
    /// What became of each event.
    Taken(Vec<Settled>),
    /// The same may go through later.
    NotNow { why: String, retry_after: Option<Duration> },
    /// Smaller requests may go through.
    TooLarge { why: String },
    /// The centre does not read it: what is wrong, by code and sentence.
    NotRead { code: String, detail: String },
    /// The same goes through only after a person has done something.
    Blocked { why: String },
}

/// Sends on what is in the outbox, for ever.
pub async fn forward(edge: Arc<Edge>) {
    let mut standing = edge.outbox.standing();
    let (mut size, mut pause) = (Size::MAX, PAUSE_FIRST);
    loop {
        let outbox = edge.outbox.clone();
        let next = spawn_blocking(move || Batch::next(&outbox, size)).await;
        let batch = match next {
            Ok(Ok(Some(batch))) => batch,
            Ok(Ok(None)) => {
                wait_for_more(&edge, &mut standing).await;
                continue;
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "nothing is sent on");
                sleep(PAUSE_MAX).await;
                continue;
            }
            // The runtime ends.
            Err(_) => return,
        };
        edge.upload.begin(edge.standing().events);
        match send(&edge, &batch, ANSWER_MAX).await {
            Sent::Taken(settled) => {
                edge.line.up();
                if settle(&edge, batch.numbers, settled).await {
                    (size, pause) = (size.doubled(), PAUSE_FIRST);
                } else {
                    sleep(PAUSE_MAX).await;
                }
            }
            Sent::TooLarge { .. } | Sent::NotRead { .. } if batch.numbers.len() > 1 => {
                size = size.halved(batch.numbers.len());
            }
            Sent::NotRead { code, detail } => {
                edge.line.up();
                settle(&edge, batch.numbers, vec![Settled::Refused { code, detail }]).await;
            }
            Sent::TooLarge { why } | Sent::Blocked { why } => {
                edge.line.blocked(&why);
                edge.upload.end();
                sleep(PAUSE_MAX).await;
            }
            Sent::NotNow { why, retry_after } => {
                edge.line.down(&why);
                edge.upload.end();
                sleep(retry_after.map_or_else(|| shaken(pause), |after| after.min(RETRY_AFTER_MAX))).await;
                pause = (pause * 2).min(PAUSE_MAX);
            }
        }
    }
}

/// Waits until something is in the outbox, and looks after the line meanwhile.
async fn wait_for_more(edge: &Edge, standing: &mut watch::Receiver<storefold_outbox::Standing>) {
    let is_new = edge.line.now().state == State::Unknown;
    let every = if edge.line.is_up() { PROBE_EVERY } else { PAUSE_FIRST * 4 };
    let more = standing.wait_for(|standing| standing.events > 0);
    if is_new || timeout(every, more).await.is_err() {
        probe(edge).await;
    }
}

/// Sends nothing, and learns whether something would be taken.
async fn probe(edge: &Edge) {
    let nothing = Batch {
        content_type: HeaderValue::from_static("application/json"),
        body: Bytes::from_static(b"[]"),
        numbers: Vec::new(),
    };
    match send(edge, &nothing, PROBE_WITHIN).await {
        Sent::Taken(_) => edge.line.up(),
        Sent::NotNow { why, .. } => edge.line.down(&why),
        Sent::Blocked { why } | Sent::TooLarge { why } | Sent::NotRead { detail: why, .. } => edge.line.blocked(&why),
    }
}

async fn send(edge: &Edge, batch: &Batch, within: Duration) -> Sent {
    let ask = Ask {
        method: Method::POST,
        path: "/v1/events",
        content_type: Some(batch.content_type.clone()),
        body: batch.body.clone(),
        within,
    };
    match edge.central.ask(ask).await {
        Ok(answer) => understood(edge.central.address(), &answer, batch.numbers.len()),
        Err(error) => Sent::NotNow { why: error.to_string(), retry_after: None },
    }
}

/// Takes what was answered out of the outbox; `false` when the disk failed: then the same is sent once more.
async fn settle(edge: &Edge, numbers: Vec<u64>, settled: Vec<Settled>) -> bool {
    for refused in &settled {
        if let Settled::Refused { code, detail } = refused {
            tracing::warn!(code, detail, "the centre refuses an event; it stands under /v1/outbox");
        }
    }
    let count = settled.len() as u64;
    match edge.outbox.settle(numbers.into_iter().zip(settled).collect(), edge.now_ms()).await {
        Ok(()) => {
            edge.upload.advance(count, edge.standing().events);
            true
        }
        Err(error) => {
            tracing::error!(%error, "what was sent on stays in the outbox");
            false
        }
    }
}

#[derive(Deserialize)]
struct Taken {
    results: Vec<EventResult>,
}

#[derive(Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
enum EventResult {
    Accepted {},
    Duplicate {},
    /// By another edge on the way.
    Kept {},
    Rejected {
        code: String,
        detail: String,
    },
}

#[derive(Deserialize)]
struct Problem {
    code: String,
    detail: String,
}

fn understood(address: &str, answer: &Answer, count: usize) -> Sent {
    let status = answer.status;
    if status == StatusCode::OK {
        return match serde_json::from_slice::<Taken>(&answer.body) {
            Ok(taken) if taken.results.len() == count => {
                Sent::Taken(taken.results.into_iter().map(EventResult::settled).collect())
            }
            // As the page of a hotspot that wants to be signed in to.
            _ => Sent::Blocked {
                why: format!("what answers at {address} is no Storefold server; look at the line, and at --central"),
            },
        };
    }
    // Only what Storefold itself says is taken for its word: anything else may come from something on the way.
    let problem: Option<Problem> = serde_json::from_slice(&answer.body).ok();
    let said = problem.as_ref().map_or_else(|| format!("{address} answers {status}"), |problem| problem.detail.clone());
    match (status, problem) {
        (StatusCode::PAYLOAD_TOO_LARGE, Some(problem)) if count == 1 => {
            Sent::NotRead { code: problem.code, detail: problem.detail }
        }
        (StatusCode::PAYLOAD_TOO_LARGE, _) => Sent::TooLarge {
            why: format!(
                "{said}; something between here and the centre takes no request of this size, raise its limit to 8 MiB"
            ),
        },
        (
            StatusCode::BAD_REQUEST | StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::UNPROCESSABLE_ENTITY,
            Some(problem),
        ) => Sent::NotRead { code: problem.code, detail: problem.detail },
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => Sent::Blocked {
            why: format!(
                "{said}; issue a token that may send events (PUT /v1/access/tokens/TOKEN at the centre), and start this with it in --token-file"
            ),
        },
        (StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT, _) => {
            Sent::NotNow { why: said, retry_after: retry_after(answer) }
        }
        _ if status.is_server_error() => Sent::NotNow { why: said, retry_after: retry_after(answer) },
        _ => Sent::Blocked { why: format!("{said}; look at --central, and at what stands between here and there") },
    }
}

impl EventResult {
    fn settled(self) -> Settled {
        match self {
            Self::Accepted {} | Self::Duplicate {} | Self::Kept {} => Settled::Sent,
            Self::Rejected { code, detail } => Settled::Refused { code, detail },
        }
    }
}

fn retry_after(answer: &Answer) -> Option<Duration> {
    let after = answer.headers.get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(after))
}

/// From half of a pause to the whole, so that the stores of a network do not all come at once.
fn shaken(pause: Duration) -> Duration {
    let chance = getrandom::u32().unwrap_or(u32::MAX);
    pause.mul_f64(0.5 + 0.5 * f64::from(chance) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, StatusCode};

    use super::{Answer, Sent, Settled, understood};

    fn kind(status: u16, body: &str, count: usize) -> &'static str {
        let status = StatusCode::from_u16(status).expect("a status");
        let answer = Answer { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec().into() };
        match understood("http://centre", &answer, count) {
            Sent::Taken(settled) if settled == [Settled::Sent] => "sent",
            Sent::Taken(_) => "refused",
            Sent::NotNow { .. } => "not now",
            Sent::TooLarge { .. } => "too large",
            Sent::NotRead { .. } => "not read",
            Sent::Blocked { .. } => "blocked",
        }
    }

    #[test]
    fn only_the_word_of_the_centre_takes_an_event_out() {
        let problem = r#"{"code": "c", "detail": "d"}"#;
        for (status, body, count, expected) in [
            (200, r#"{"results": [{"status": "accepted", "position": 1, "caused": []}]}"#, 1, "sent"),
            (200, r#"{"results": [{"status": "duplicate", "position": 1}]}"#, 1, "sent"),
            (200, r#"{"results": [{"status": "rejected", "code": "c", "detail": "d", "field": null}]}"#, 1, "refused"),
            (200, r#"{"results": []}"#, 1, "blocked"),
            (200, "<html>Welcome to our hotspot</html>", 1, "blocked"),
            (302, "", 1, "blocked"),
            (400, problem, 2, "not read"),
            (400, "<html>Bad Request</html>", 1, "blocked"),
            (401, problem, 1, "blocked"),
            (404, problem, 1, "blocked"),
            (413, problem, 1, "not read"),
            (413, problem, 2, "too large"),
            (413, "<html>nginx</html>", 1, "too large"),
            (429, problem, 1, "not now"),
            (500, problem, 1, "not now"),
            (503, problem, 1, "not now"),
        ] {
            assert_eq!(kind(status, body, count), expected, "{status} {body}");
        }
    }
}
