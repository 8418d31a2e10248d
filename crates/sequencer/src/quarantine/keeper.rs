//! The thread that writes the quarantine, many orders a commit.

use std::{io, sync::Arc, thread};

use redb::{Database, Durability, ReadableTable, ReadableTableMetadata, Table, TableDefinition, WriteTransaction};
use tokio::sync::{mpsc, oneshot};

use super::{Entry, Kept, QuarantineError, failed};
use crate::limits::QUARANTINE_ENTRIES_MAX;

pub(super) const ENTRIES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("entries");
pub(super) const BY_DIGEST: TableDefinition<'_, u64, u64> = TableDefinition::new("by_digest");

/// Orders that wait, and the most that one commit carries out.
const ORDERS_MAX: usize = 256;

type Answer = oneshot::Sender<Result<(), QuarantineError>>;

pub(super) enum Order {
    Keep(Vec<Kept>, Answer),
    TakenIn(Vec<u64>),
    Resolve(u64, Answer),
    Drop(u64, String, Answer),
}

pub(super) fn start(database: Arc<Database>) -> io::Result<mpsc::Sender<Order>> {
    let (sender, mut orders) = mpsc::channel(ORDERS_MAX);
    thread::Builder::new().name("quarantine".to_owned()).spawn(move || {
        let mut batch = Vec::new();
        while orders.blocking_recv_many(&mut batch, ORDERS_MAX) > 0 {
            carry_out(&database, batch.drain(..));
        }
    })?;
    Ok(sender)
}

/// Carries out a batch in one commit and answers each order after it.
fn carry_out(database: &Database, orders: impl Iterator<Item = Order>) {
    let mut answers = Vec::new();
    let committed = commit(database, orders, &mut answers);
    if let Err(error) = &committed {
        tracing::error!(%error, "the quarantine could not be written");
    }
    for (answer, outcome) in answers {
        // A caller that has gone does not need its answer.
        drop(answer.send(committed.clone().and(outcome)));
    }
}

type Answers = Vec<(Answer, Result<(), QuarantineError>)>;

fn commit(
    database: &Database,
    orders: impl Iterator<Item = Order>,
    answers: &mut Answers,
) -> Result<(), QuarantineError> {
    // The answers are collected even when the transaction cannot begin, so that nobody waits for ever.
    let transaction = database.begin_write().map_err(failed);
    for order in orders {
        let done = |work: &dyn Fn(&mut Tables<'_>) -> Result<(), QuarantineError>| {
            let transaction = transaction.as_ref().map_err(Clone::clone)?;
            work(&mut Tables::open(transaction)?)
        };
        match order {
            Order::Keep(kept, answer) => answers.push((answer, done(&|tables| tables.keep(&kept)))),
            Order::Resolve(number, answer) => answers.push((answer, done(&|tables| tables.remove(number)))),
            Order::Drop(number, reason, answer) => answers.push((answer, done(&|tables| tables.mark(number, &reason)))),
            Order::TakenIn(digests) => {
                let removed = done(&|tables| digests.iter().try_for_each(|digest| tables.remove_body(*digest)));
                if let Err(error) = removed {
                    tracing::warn!(%error, "entries that were taken in stay in the quarantine");
                }
            }
        }
    }
    let mut transaction = transaction?;
    transaction.set_durability(Durability::Immediate).map_err(failed)?;
    transaction.commit().map_err(failed)
}

struct Tables<'t> {
    entries: Table<'t, u64, &'static [u8]>,
    by_digest: Table<'t, u64, u64>,
}

impl<'t> Tables<'t> {
    fn open(transaction: &'t WriteTransaction) -> Result<Self, QuarantineError> {
        let entries = transaction.open_table(ENTRIES).map_err(failed)?;
        Ok(Self { entries, by_digest: transaction.open_table(BY_DIGEST).map_err(failed)? })
    }

    fn keep(&mut self, kept: &[Kept]) -> Result<(), QuarantineError> {
        let entries = self.entries.len().map_err(failed)?;
        if entries + kept.len() as u64 > QUARANTINE_ENTRIES_MAX {
            return Err(QuarantineError::Full { entries });
        }
        for kept in kept {
            self.keep_one(kept.clone().within_limit())?;
        }
        Ok(())
    }

    fn keep_one(&mut self, kept: Kept) -> Result<(), QuarantineError> {
        let digest = kept.digest();
        let known = self.by_digest.get(digest).map_err(failed)?.map(|number| number.value());
        let number = match known {
            Some(number) => number,
            None => self.entries.last().map_err(failed)?.map_or(0, |(number, _)| number.value()) + 1,
        };
        let before = self.entry(number)?;
        let entry = Entry {
            first_refused_at_ms: before.as_ref().map_or(kept.refused_at_ms, |entry| entry.first_refused_at_ms),
            attempts: before.as_ref().map_or(0, |entry| entry.attempts) + 1,
            dropped: before.and_then(|entry| entry.dropped),
            kept,
        };
        self.write(number, &entry)?;
        self.by_digest.insert(digest, number).map_err(failed)?;
        Ok(())
    }

    fn mark(&mut self, number: u64, reason: &str) -> Result<(), QuarantineError> {
        let mut entry = self.entry(number)?.ok_or(QuarantineError::NoSuchEntry(number))?;
        entry.dropped = Some(reason.to_owned());
        self.write(number, &entry)
    }

    fn remove_body(&mut self, digest: u64) -> Result<(), QuarantineError> {
        let number = self.by_digest.get(digest).map_err(failed)?.map(|number| number.value());
        number.map_or(Ok(()), |number| self.remove(number))
    }

    fn remove(&mut self, number: u64) -> Result<(), QuarantineError> {
        if let Some(entry) = self.entry(number)? {
            self.by_digest.remove(entry.kept.digest()).map_err(failed)?;
            self.entries.remove(number).map_err(failed)?;
        }
        Ok(())
    }

    fn entry(&self, number: u64) -> Result<Option<Entry>, QuarantineError> {
        let bytes = self.entries.get(number).map_err(failed)?;
        bytes.map(|bytes| Entry::from_bytes(bytes.value()).map_err(failed)).transpose()
    }

    fn write(&mut self, number: u64, entry: &Entry) -> Result<(), QuarantineError> {
        let bytes = entry.to_bytes().map_err(failed)?;
        self.entries.insert(number, bytes.as_slice()).map_err(failed)?;
        Ok(())
    }
}
