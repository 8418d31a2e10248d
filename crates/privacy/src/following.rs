//! Follows the log and destroys the keys of whoever was erased.

use std::{sync::Arc, time::Duration};

use memchr::memmem;
use storefold_event_log::{EventLog, ReadError, Record};
use storefold_events::{EventType, Payload, Position, customer::CustomerErased};
use storefold_sequencer::{KeptBody, Quarantine, QuarantineError, Query};
use storefold_vault::{Vault, VaultError};
use thiserror::Error;
use tokio::{
    sync::watch,
    task::{JoinHandle, spawn_blocking},
    time::{sleep, timeout},
};

/// Positions after which it is noted how far the log was followed.
const NOTED_EVERY: Position = 65_536;

/// The pause after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// Entries of the quarantine that are looked at together.
const ENTRIES_A_PAGE: usize = 1_000;

/// Destroys keys for as long as it lives.
pub struct Follower {
    done: watch::Receiver<Position>,
    task: JoinHandle<()>,
}

/// Why it cannot go on just now.
#[derive(Debug, Error)]
enum FollowError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("an event cannot be decoded: {0}")]
    Event(String),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Quarantine(#[from] QuarantineError),
}

impl Follower {
    /// Follows a log from where the vault has been followed to. Bodies in the quarantine that name somebody who is erased
    /// lose their key as well.
    pub fn start(log: Arc<dyn EventLog>, vault: Vault, quarantine: Option<Quarantine>) -> Self {
        let (told, done) = watch::channel(0);
        let task = tokio::spawn(async move {
            loop {
                // A tail that ends has failed.
                let Err(error) = follow(&log, &vault, quarantine.as_ref(), &told).await;
                tracing::error!(%error, "erasures wait; trying again");
                sleep(PAUSE).await;
            }
        });
        Self { done, task }
    }

    /// How far erasures are done; changes wake who waits.
    pub fn done(&self) -> watch::Receiver<Position> {
        self.done.clone()
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Waits until the erasures up to a position are done; answers whether they are.
pub(crate) async fn done_up_to(done: &watch::Receiver<Position>, position: Position, within: Duration) -> bool {
    let mut done = done.clone();
    timeout(within, done.wait_for(|done| *done >= position)).await.is_ok_and(|reached| reached.is_ok())
}

async fn follow(
    log: &Arc<dyn EventLog>,
    vault: &Vault,
    quarantine: Option<&Quarantine>,
    told: &watch::Sender<Position>,
) -> Result<std::convert::Infallible, FollowError> {
    let head = log.head().await?.position;
    let noted = vault.followed()?;
    // Of another log, or of one that was put back: what it erased is erased again, which changes nothing.
    let mut noted = if noted > head { 0 } else { noted };
    told.send_replace(noted);
    let mut tail = log.tail(noted).await?;
    loop {
        for record in tail.next().await? {
            let last = record.last_position();
            let erased = erased_in(&record)?;
            let any = !erased.is_empty();
            for (customer, at_ms) in erased {
                erase(vault, quarantine, customer, at_ms).await?;
            }
            if any || last >= noted + NOTED_EVERY {
                vault.set_followed(last)?;
                noted = last;
            }
            told.send_replace(last);
        }
    }
}

/// Who is erased by a record. Almost no record erases anybody, so it is decoded only when it has the name of the type.
fn erased_in(record: &Record) -> Result<Vec<(String, i64)>, FollowError> {
    let mut erased = Vec::new();
    if memmem::find(record.bytes(), CustomerErased::NAME.as_bytes()).is_none() {
        return Ok(erased);
    }
    for recorded in record.events() {
        let recorded = recorded.map_err(|error| FollowError::Event(error.to_string()))?;
        if let Payload::CustomerErased(body) = &recorded.event.payload {
            erased.push((body.customer.to_string(), recorded.event.occurred_at_ms));
        }
    }
    Ok(erased)
}

async fn erase(
    vault: &Vault,
    quarantine: Option<&Quarantine>,
    customer: String,
    at_ms: i64,
) -> Result<(), FollowError> {
    let (vault, quarantine) = (vault.clone(), quarantine.cloned());
    let done = spawn_blocking(move || {
        let erased = vault.erase(&customer, at_ms)?;
        if let Some(quarantine) = quarantine {
            forget_bodies(&vault, &quarantine, at_ms)?;
        }
        Ok::<_, FollowError>(erased)
    });
    let erased = done.await.expect("erasing does not panic")?;
    tracing::info!(keys = erased.keys, "keys of a person were destroyed");
    Ok(())
}

/// Destroys the keys of bodies that name somebody who is erased.
fn forget_bodies(vault: &Vault, quarantine: &Quarantine, at_ms: i64) -> Result<(), FollowError> {
    let mut query = Query { limit: ENTRIES_A_PAGE, ..Query::default() };
    loop {
        let page = quarantine.list(&query)?;
        for (_, entry) in page.entries {
            let sealed = match entry.kept.body {
                KeptBody::Event(_) => continue,
                KeptBody::Json(sealed) | KeptBody::Msgpack(sealed) | KeptBody::Request { start: sealed, .. } => sealed,
            };
            if let Some(body) = vault.open_body(&sealed)
                && vault.names_somebody_erased(&body)?
            {
                vault.erase_body(&sealed, at_ms)?;
            }
        }
        match page.next {
            Some(next) => query.after = next,
            None => return Ok(()),
        }
    }
}
