//! One quarantine for several nodes: changes go into a journal, and every node carries out what the journal says.
//!
//! A change is answered when the journal has it and it is carried out here. A change whose answer was lost may still
//! come: keeping the same body again is one more attempt, and letting go twice is letting go once.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use redb::{Database, ReadableDatabase, ReadableTable};
use thiserror::Error;
use tokio::sync::mpsc;

use super::{
    Entry, Kept, QuarantineError,
    change::{Change, ENTRIES, PLACE, carry_out},
    failed,
    keeper::{Answer, ORDERS_MAX, Order, reply, settle},
};

/// The most bytes of one change; what is more is several.
const CHANGE_BYTES_MAX: usize = 256 * 1_024;

/// The pause before a journal that failed is asked again.
const PAUSE: Duration = Duration::from_millis(200);

/// The journal does not answer; a retry may help.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct JournalError(pub String);

/// An ordered, durable list of changes that several nodes append to and read. Sequences are 1, 2, 3, ….
#[async_trait]
pub trait Journal: Send + Sync {
    /// Appends a change; answers its sequence when it is durable. After an error it may or may not be there.
    async fn append(&self, change: Vec<u8>) -> Result<u64, JournalError>;

    /// The next changes after a sequence, at least one; waits as long as there is none. Cancel-safe.
    async fn after(&self, sequence: u64) -> Result<Vec<(u64, Vec<u8>)>, JournalError>;

    /// The last sequence; 0 when it is empty.
    async fn last(&self) -> Result<u64, JournalError>;
}

/// Somebody who waits until the journal is carried out up to a sequence.
struct Waiting {
    answer: Option<Answer>,
    /// The sequences that his order became; the worst outcome is his.
    first: u64,
    outcome: Result<(), QuarantineError>,
}

/// The quarantine of a node that shares it.
pub(super) struct Journaled {
    database: Arc<Database>,
    journal: Arc<dyn Journal>,
    place: u64,
    /// By the last sequence that they wait for.
    waiting: BTreeMap<u64, Vec<Waiting>>,
}

impl Journaled {
    pub(super) fn new(database: Arc<Database>, journal: Arc<dyn Journal>) -> Self {
        Self { database, journal, place: 0, waiting: BTreeMap::new() }
    }

    pub(super) async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        while let Err(error) = self.begin().await {
            tracing::warn!(%error, "the quarantine's journal is not to be used; trying again");
            tokio::time::sleep(PAUSE).await;
        }
        let mut batch = Vec::new();
        loop {
            let journal = Arc::clone(&self.journal);
            tokio::select! {
                taken = orders.recv_many(&mut batch, ORDERS_MAX) => {
                    if taken == 0 {
                        return;
                    }
                    for order in batch.drain(..) {
                        self.order(order).await;
                    }
                }
                changes = journal.after(self.place) => self.carry_out(changes).await,
            }
        }
    }

    /// Finds out how far this node is. What it kept before there was a journal goes into it.
    async fn begin(&mut self) -> Result<(), QuarantineError> {
        let (place, alone) = {
            let transaction = self.database.begin_read().map_err(failed)?;
            let place =
                transaction.open_table(PLACE).map_err(failed)?.get(0).map_err(failed)?.map(|place| place.value());
            let entries = transaction.open_table(ENTRIES).map_err(failed)?;
            let alone = entries.iter().map_err(failed)?.map(|row| {
                let (number, bytes) = row.map_err(failed)?;
                Ok((number.value(), Entry::from_bytes(bytes.value()).map_err(failed)?))
            });
            (place, if place.is_some() { Vec::new() } else { alone.collect::<Result<Vec<_>, QuarantineError>>()? })
        };
        for (number, entry) in &alone {
            self.append(&Change::Bring(*number, Box::new(entry.clone()))).await?;
        }
        if place.is_none() {
            // They come back by the journal, among those of other nodes.
            let leave: Vec<Change> = alone.iter().map(|(number, _)| Change::Resolve(*number)).collect();
            carry_out(&self.database, &leave.iter().collect::<Vec<_>>(), Some(0))?;
        }
        self.place = place.unwrap_or(0);
        Ok(())
    }

    async fn order(&mut self, order: Order) {
        match order {
            Order::Level(answer) => match self.journal.last().await {
                Ok(last) => self.wait(last, Waiting { answer: Some(answer), first: last + 1, outcome: Ok(()) }),
                Err(error) => reply(answer, Err(failed(error))),
            },
            Order::Change(change, answer) => match self.append_in_parts(change).await {
                Ok((first, last)) => self.wait(last, Waiting { answer, first, outcome: Ok(()) }),
                Err(error) => settle(answer, Err(error)),
            },
        }
    }

    fn wait(&mut self, last: u64, waiting: Waiting) {
        if last <= self.place {
            settle(waiting.answer, waiting.outcome);
        } else {
            self.waiting.entry(last).or_default().push(waiting);
        }
    }

    /// Appends a change in parts that the journal takes; the first and the last sequence.
    async fn append_in_parts(&self, change: Change) -> Result<(u64, u64), QuarantineError> {
        let Change::Keep(kept) = change else {
            let sequence = self.append(&change).await?;
            return Ok((sequence, sequence));
        };
        let (mut first, mut last, mut part, mut bytes) = (None, 0, Vec::new(), 0);
        for kept in kept {
            bytes += size_of(&kept);
            part.push(kept);
            if bytes >= CHANGE_BYTES_MAX {
                last = self.append(&Change::Keep(std::mem::take(&mut part))).await?;
                first.get_or_insert(last);
                bytes = 0;
            }
        }
        if !part.is_empty() {
            last = self.append(&Change::Keep(part)).await?;
        }
        Ok((first.unwrap_or(last), last))
    }

    async fn append(&self, change: &Change) -> Result<u64, QuarantineError> {
        let bytes = rmp_serde::to_vec_named(change).map_err(failed)?;
        self.journal.append(bytes).await.map_err(failed)
    }

    async fn carry_out(&mut self, changes: Result<Vec<(u64, Vec<u8>)>, JournalError>) {
        if let Err(error) = self.try_to_carry_out(changes) {
            tracing::warn!(%error, place = self.place, "the quarantine's journal is not carried out; trying again");
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn try_to_carry_out(&mut self, changes: Result<Vec<(u64, Vec<u8>)>, JournalError>) -> Result<(), QuarantineError> {
        let mut decoded = Vec::new();
        for (sequence, bytes) in changes.map_err(failed)? {
            decoded.push((sequence, rmp_serde::from_slice::<Change>(&bytes).map_err(failed)?));
        }
        let Some((last, _)) = decoded.last() else { return Ok(()) };
        let last = *last;
        let outcomes =
            carry_out(&self.database, &decoded.iter().map(|(_, change)| change).collect::<Vec<_>>(), Some(last))?;
        for ((sequence, _), outcome) in decoded.iter().zip(outcomes) {
            let Err(error) = outcome else { continue };
            for waiting in self.waiting.range_mut(sequence..).flat_map(|(_, waiting)| waiting) {
                if waiting.first <= *sequence {
                    waiting.outcome = Err(error.clone());
                }
            }
        }
        self.place = last;
        let later = self.waiting.split_off(&(last + 1));
        for waiting in std::mem::replace(&mut self.waiting, later).into_values().flatten() {
            settle(waiting.answer, waiting.outcome);
        }
        Ok(())
    }
}

/// About how many bytes it takes in the journal.
fn size_of(kept: &Kept) -> usize {
    use super::KeptBody as B;
    let body = match &kept.body {
        B::Event(bytes) | B::Json(bytes) | B::Msgpack(bytes) | B::Request { start: bytes, .. } => bytes.len() * 2,
    };
    256 + kept.detail.len() + body
}
