//! Opening the writer: the snapshot, then the rest of the log.

use std::{path::Path, sync::Arc};

use storefold_event_log::{EventLog, Hash, Head, Record, Tail};
use storefold_events::{
    Event, Key,
    codec::{self, Digest},
};

use super::Writer;
use crate::{MemoryError, Quarantine, Settings, StartError, memory::Memory, open_record::OpenRecord, waiting::Waiting};

impl Writer {
    pub(crate) async fn open(
        log: Arc<dyn EventLog>,
        settings: Settings,
        quarantine: Quarantine,
    ) -> Result<Self, StartError> {
        let head = log.head().await?;
        let (mut memory, recorded_at_ms) = remember(&*log, &head, &settings.directory.join("memory.redb")).await?;
        let waiting = waiting_facts(&quarantine, &mut memory).await?;
        Ok(Self {
            log,
            settings,
            memory,
            quarantine,
            waiting,
            head,
            recorded_at_ms,
            open: OpenRecord::default(),
            full: std::collections::VecDeque::new(),
            appending: None,
            pending: Vec::new(),
            taken_in: Vec::new(),
            saving: None,
            stopping: false,
        })
    }
}

/// The memory of everything up to `head`, with the time of the last record.
async fn remember(log: &dyn EventLog, head: &Head, file: &Path) -> Result<(Memory, i64), StartError> {
    match Memory::open(file) {
        Ok((mut memory, hash)) => {
            if let Some(recorded_at_ms) = fold_rest(log, head, &mut memory, hash).await? {
                return Ok((memory, recorded_at_ms));
            }
            tracing::warn!("the sequencer's memory is of another log; it is folded anew");
        }
        Err(error) => tracing::warn!(%error, "the sequencer's memory is folded anew"),
    }
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let (mut memory, hash) = Memory::open(file)?;
    let folded = fold_rest(log, head, &mut memory, hash).await?;
    Ok((memory, folded.ok_or_else(|| MemoryError("a new memory is not empty".to_owned()))?))
}

/// Folds what the log has beyond the snapshot. `None` when the snapshot, which ends with the record `hash`, is not of
/// this log.
async fn fold_rest(
    log: &dyn EventLog,
    head: &Head,
    memory: &mut Memory,
    hash: Hash,
) -> Result<Option<i64>, StartError> {
    let snapshot = memory.position();
    if snapshot > head.position || (snapshot == head.position && hash != head.hash) {
        return Ok(None);
    }
    if head.position == 0 {
        return Ok(Some(i64::MIN));
    }
    // The last record is read even when there is nothing to fold: its time is the earliest of the next.
    let mut tail: Tail = log.tail(snapshot.min(head.position - 1)).await?;
    loop {
        for record in tail.next().await? {
            let header = record.header();
            if header.first_position == snapshot + 1 && header.previous_hash != hash {
                return Ok(None);
            }
            fold(&record, memory)?;
            if record.last_position() >= head.position {
                return Ok(Some(header.recorded_at_ms));
            }
        }
    }
}

pub(super) fn fold(record: &Record, memory: &mut Memory) -> Result<(), StartError> {
    for recorded in record.events() {
        let after = memory.position();
        let recorded = recorded.map_err(|error| StartError::Event { after, detail: error.to_string() })?;
        if recorded.position > after {
            memory.record(recorded.position, &recorded.event, digest(&recorded.event))?;
        }
    }
    Ok(())
}

/// The digest that the event had when it was submitted.
fn digest(event: &Event<'_>) -> u64 {
    if event.key == Key::Caused {
        return 0;
    }
    let mut encoded = Vec::with_capacity(160);
    codec::encode(event, &mut encoded);
    Digest::of(event, &encoded).of
}

/// Loads the facts that wait for their cause, and lets go of those that a crash left behind after they were taken in.
pub(super) async fn waiting_facts(quarantine: &Quarantine, memory: &mut Memory) -> Result<Waiting, StartError> {
    let mut waiting = Waiting::default();
    let mut taken_in = Vec::new();
    for (awaited, encoded) in quarantine.waiting()? {
        let Ok(event) = codec::decode(&encoded) else { continue };
        match memory.first(&event.source, event.key)? {
            Some(first) if Digest::of(&event, &encoded).repeats(first.digest) => taken_in.push(first.digest),
            _ => waiting.add(awaited, &encoded),
        }
    }
    quarantine.taken_in(taken_in).await;
    Ok(waiting)
}
