//! After the load: is every event that was accepted in the log, and in the read models?

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    Role,
    http::{Connection, get},
    senders::{Sender, total},
    server::Server,
};

/// How long the read models may take to come to the end of the log.
const FOLDED_MAX: Duration = Duration::from_mins(5);

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

/// Waits until every read model is complete up to a position.
pub async fn folded(connection: &mut Connection, position: u64, since: Instant) -> Result<()> {
    // A question of each model.
    for path in ["/v1/stores", "/v1/email-capture", "/v1/customers/L-0000000/loyalty"] {
        let asked = get(&format!("{path}?at_least={position}"));
        loop {
            let answer = connection.ask(&asked).await.with_context(|| path.to_owned())?;
            if answer.status != 503 {
                let folded = answer.position()?;
                ensure!(
                    folded == position,
                    "EVENTS LOST OR DOUBLED: {path} is at {folded} and the log ends at {position}"
                );
                break;
            }
            let said = String::from_utf8_lossy(answer.body);
            ensure!(!said.contains("model_stopped"), "{path}: {said}");
            ensure!(since.elapsed() < FOLDED_MAX, "{path} is {} s behind the log and more", FOLDED_MAX.as_secs());
        }
    }
    Ok(())
}
