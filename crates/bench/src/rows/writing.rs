//! Events in, over HTTP: how many are durable and answered in a second.

use anyhow::Result;
use storefold_nats_testbed::NatsServer;

use super::{Figure, Peer, Row};
use crate::{
    Plan, Role,
    audit::nothing_was_lost,
    feed::Mix,
    measure,
    senders::{Sender, send_for, total},
    server::{Log, Server},
    usage::memory_bytes_max,
};

/// How events are sent, and to which engine.
#[derive(Clone, Copy)]
pub(super) struct Writing {
    pub(super) is_on_jetstream: bool,
    pub(super) connections: u32,
    pub(super) events_per_request: u64,
    pub(super) unit: &'static str,
    /// A figure for each.
    pub(super) mixes: &'static [Mix],
    /// How many acknowledgements plain JetStream may be waited for at a time.
    pub(super) peer_waiting: usize,
}

impl Writing {
    pub(super) async fn measure(&self, plan: &Plan, row: &Row, mix: Mix, peer: Peer) -> Result<Figure> {
        let log = if self.is_on_jetstream { Log::JetStream(NatsServer::start().await?) } else { Log::Embedded };
        let server = Server::start(plan, plan.role, log).await?;
        let head = server.head().await?;
        let mut senders = Sender::connect_all(server.address(), mix, self.connections, self.events_per_request).await?;
        let runs = measure::runs(plan, server.pid(), async |time| send_for(&mut senders, time).await).await?;
        let folded_after = nothing_was_lost(&server, plan.role, head, &senders).await?;

        let sent = total(&senders);
        let mut notes =
            vec![format!("{} events of {} bytes, each found in the log", sent.events, sent.bytes / sent.events.max(1))];
        let mut what = mix.describe().to_owned();
        match plan.role {
            Role::All => notes.push(format!("folded {:.1} s after the last answer", folded_after.as_secs_f64())),
            Role::Write => what.push_str(", --role write"),
        }
        let memory = server.pid().and_then(memory_bytes_max);
        notes.extend(memory.map(|bytes| format!("the server held {} MiB at most", bytes >> 20)));
        Ok(row.figure(&what, self.unit, runs, peer, notes))
    }
}
