//! Storefold's part: written, rebuilt, asked.

use std::time::Duration;

use anyhow::{Context, Result};
use storefold_simulation::Network;
use tempfile::TempDir;
use tokio::time::Instant;

use super::{
    client::{Rebuilds, Rebuilt},
    disk::settled_bytes,
    history,
    serving::{self, CONNECTIONS, Serving},
    totals::Totals,
};
use crate::{
    Plan, Role,
    audit::folded,
    http::Connection,
    readers::{Reader, questions},
    server::{Log, Server},
    usage::{Cores, Usage, forget_memory_max, memory_bytes_max},
};

/// What was measured of the server.
pub struct Measured {
    /// The last position of the history: as many events are folded.
    pub position: u64,
    /// Facts sent, without what they brought about.
    pub sent: u64,
    /// How long writing them took.
    pub wrote_in: Duration,
    /// Stores and days.
    pub stores: u32,
    pub days: u32,
    /// What everybody must come to.
    pub totals: Totals,
    /// What the log takes on disk.
    pub log_bytes: u64,
    /// The most memory while writing and folding live, and while rebuilding alone.
    pub memory_writing: Option<u64>,
    pub memory_rebuilding: Option<u64>,
    /// Rebuilds beside nothing else.
    pub alone: Vec<Rebuilt>,
    pub cores_alone: Option<Cores>,
    /// Beside queries; and beside queries and new events, with how many came in a second.
    pub asked: Serving,
    pub asked_and_fed: (Serving, f64),
}

/// Writes the history and measures rebuilds of it. Answers too what the server has left on disk.
pub async fn measure(plan: &Plan, network: &Network) -> Result<(Measured, TempDir)> {
    let server = Server::start_empty(plan, Role::All, Log::Embedded).await?;
    let pid = server.pid().context("the server has ended")?;
    eprintln!("writing the history");
    let written = history::write(&server, network).await?;
    let mut connection = Connection::open(server.address()).await?;
    folded(&mut connection, written.position, Instant::now()).await?;
    let memory_writing = memory_bytes_max(pid);

    eprintln!("checking the read models of {} events", written.position);
    let totals = Totals::expected(&written.expected, network);
    let answered = Totals::answered(&mut connection, &written.expected, network).await?;
    answered.must_be(&totals, "the read models")?;
    eprintln!("waiting until the log is packed");
    let log_bytes = settled_bytes(&server.log()).await?;

    eprintln!("measuring rebuilds");
    let mut rebuilds = Rebuilds::over(connection);
    forget_memory_max(pid);
    let (mut alone, used, begun) = (Vec::new(), Usage::now(Some(pid)), Instant::now());
    for _ in 0..plan.runs {
        alone.push(rebuilds.all(written.position).await?);
    }
    let cores_alone = used.zip(Usage::now(Some(pid))).map(|(before, after)| after.since(before, begun.elapsed()));
    let memory_rebuilding = memory_bytes_max(pid);

    eprintln!("measuring rebuilds beside queries");
    let questions = questions(serving::paths(network));
    let mut readers = Reader::connect_all(server.address(), &questions, CONNECTIONS).await?;
    let asked = serving::measure(plan, &server, &mut readers, &mut rebuilds, written.position).await?;
    eprintln!("measuring rebuilds beside queries and new events");
    let mut sender = serving::live(&server, network).await?;
    let asked_and_fed =
        serving::measure_beside_traffic(plan, &server, &mut readers, &mut rebuilds, written.position, &mut sender)
            .await?;

    let mut connection = Connection::open(server.address()).await?;
    let head = written.position + sender.sent().positions;
    folded(&mut connection, head, Instant::now()).await?;
    let measured = Measured {
        position: written.position,
        sent: written.sent,
        wrote_in: written.took,
        stores: network.settings().stores,
        days: network.settings().days,
        totals,
        log_bytes,
        memory_writing,
        memory_rebuilding,
        alone,
        cores_alone,
        asked,
        asked_and_fed,
    };
    Ok((measured, server.stop().await?))
}
