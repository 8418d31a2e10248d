//! Many events a request, as NDJSON.

use anyhow::Result;

use super::{Figure, Peer, Row, with_role};
use crate::{
    Plan,
    audit::nothing_was_lost,
    feed::Mix,
    measure,
    senders::{Sender, send_for, total},
    server::Server,
    usage::memory_bytes_max,
};

const CONNECTIONS: u32 = 8;
const EVENTS_PER_REQUEST: u64 = 1_000;

pub(super) async fn measure(plan: &Plan, row: &Row, mix: Mix, peer: Peer) -> Result<Figure> {
    figure(plan, row, mix, Some(peer), (CONNECTIONS, EVENTS_PER_REQUEST, "events/s")).await
}

/// Any number of connections and of events a request.
pub(super) async fn figure(
    plan: &Plan,
    row: &Row,
    mix: Mix,
    peer: Option<Peer>,
    (connections, events_per_request, unit): (u32, u64, &'static str),
) -> Result<Figure> {
    let server = Server::start(plan, plan.role, row.log().await?).await?;
    let head = server.head().await?;
    let mut senders = Sender::connect_all(server.address(), mix, connections, events_per_request).await?;
    let runs = measure::runs(plan, server.pid(), async |time| send_for(&mut senders, time).await).await?;
    let folded_after = nothing_was_lost(&server, plan.role, head, &senders).await?;
    let sent = total(&senders);
    let mut notes = vec![
        format!("{} events of {} bytes, all found in the log", sent.events, sent.bytes / sent.events.max(1)),
        format!("folded {:.1} s after the last answer", folded_after.as_secs_f64()),
    ];
    let memory = server.pid().and_then(memory_bytes_max);
    notes.extend(memory.map(|bytes| format!("the server held {} MiB at most", bytes >> 20)));
    Ok(row.figure(&with_role(mix, plan.role), unit, runs, peer, notes))
}
