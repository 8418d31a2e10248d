//! After the load: is every event that was accepted in the log, and in the read models?

use std::time::Duration;

use anyhow::{Result, ensure};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::{
    Role,
    http::{Connection, get},
    senders::{Sender, total},
    server::Server,
};

/// How long the read models may take to come to the end of the log.
const FOLDED_MAX: Duration = Duration::from_mins(5);

/// How often they are asked.
const POLL: Duration = Duration::from_millis(5);

/// Checks that the log has grown by exactly what was sent since it ended at `head`, that no source has gaps, and that
/// the read models come to its end. Answers how long they took after the last answer.
///
/// # Errors
/// When events were lost or counted twice: nothing measured on this server is worth anything.
pub async fn nothing_was_lost(server: &Server, role: Role, head: u64, senders: &[Sender]) -> Result<Duration> {
    let ended = Instant::now();
    let (found, expected) = (server.head().await?, head + total(senders).positions);
    ensure!(found == expected, "EVENTS LOST OR DOUBLED: the log ends at {found}, and what was accepted at {expected}");
    let mut connection = Connection::open(server.address()).await?;
    if role == Role::All {
        folded(&mut connection, found, ended).await?;
    }
    let folded_after = ended.elapsed();
    for (source, sent) in senders.iter().flat_map(Sender::sources).filter(|(_, sent)| *sent > 0) {
        let answer = connection.ask(&get(&format!("/v1/sources/{source}"))).await?.ok()?;
        let report: Value = serde_json::from_slice(answer.body)?;
        let whole = report["accepted"] == sent
            && report["highest_seq"] == sent
            && report["missing"] == Value::Array(Vec::new());
        ensure!(whole, "EVENTS LOST OR DOUBLED: {sent} events of {source} were accepted, and it is said: {report}");
    }
    Ok(folded_after)
}

/// Waits until every read model is complete up to a position. The log may go on behind it: what time brings about is
/// written when it is due.
pub async fn folded(connection: &mut Connection, position: u64, since: Instant) -> Result<()> {
    loop {
        let answer = connection.ask(&get("/v1/read-models")).await?.ok()?;
        let ReadModels { read_models: models } = serde_json::from_slice(answer.body)?;
        let stopped = models.iter().find(|model| !model.stopped.is_null());
        ensure!(stopped.is_none(), "{} has stopped", stopped.map_or("", |model| &model.model));
        let Some(behind) = models.iter().find(|model| model.position < position) else { return Ok(()) };
        let waited = since.elapsed();
        ensure!(waited < FOLDED_MAX, "{} is {} s behind the log and more", behind.model, FOLDED_MAX.as_secs());
        sleep(POLL).await;
    }
}

#[derive(Deserialize)]
struct ReadModels {
    read_models: Vec<ReadModel>,
}

/// How a read model is doing.
#[derive(Deserialize)]
struct ReadModel {
    model: String,
    position: u64,
    stopped: Value,
}
