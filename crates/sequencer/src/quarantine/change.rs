//! What may happen to the quarantine, and how it changes the file.

use redb::{Database, Durability, ReadableTable, ReadableTableMetadata, Table, TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize};

use super::{Entry, Kept, QuarantineError, failed};
use crate::limits::QUARANTINE_ENTRIES_MAX;

pub(super) const ENTRIES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("entries");
pub(super) const BY_DIGEST: TableDefinition<'_, u64, u64> = TableDefinition::new("by_digest");

/// How far a journal has been carried out, under the only key 0.
pub(super) const PLACE: TableDefinition<'_, u8, u64> = TableDefinition::new("place");

/// One change. The same changes in the same order leave the same entries under the same numbers, on every node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Change {
    /// Keep what was refused.
    Keep(Vec<Kept>),
    /// Let go of bodies with these digests, which are in the log now.
    TakenIn(Vec<u64>),
    /// Let go of an entry.
    Resolve(u64),
    /// Mark an entry as dropped, and why.
    Drop(u64, String),
    /// Keep an entry of a file that had no journal, such as one that was restored: with its history, and under its number
    /// unless that is taken.
    Bring(u64, Box<Entry>),
}

/// Carries changes out in one commit that is durable when it returns, and tells what became of each. With a journal, they end
/// at its sequence `place`.
pub(super) fn carry_out(
    database: &Database,
    changes: &[&Change],
    place: Option<u64>,
) -> Result<Vec<Result<(), QuarantineError>>, QuarantineError> {
    let mut transaction = database.begin_write().map_err(failed)?;
    let mut outcomes = Vec::with_capacity(changes.len());
    {
        let mut tables = Tables::open(&transaction)?;
        for change in changes {
            outcomes.push(tables.change(change));
        }
    }
    if let Some(place) = place {
        transaction.open_table(PLACE).map_err(failed)?.insert(0, place).map_err(failed)?;
    }
    transaction.set_durability(Durability::Immediate).map_err(failed)?;
    transaction.commit().map_err(failed)?;
    Ok(outcomes)
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

    fn change(&mut self, change: &Change) -> Result<(), QuarantineError> {
        match change {
            Change::Keep(kept) => self.keep(kept),
            Change::TakenIn(digests) => digests.iter().try_for_each(|digest| self.remove_body(*digest)),
            Change::Resolve(number) => self.remove(*number),
            Change::Drop(number, reason) => self.mark(*number, reason),
            Change::Bring(number, entry) => self.bring(*number, entry),
        }
    }

    fn keep(&mut self, kept: &[Kept]) -> Result<(), QuarantineError> {
        let entries = self.entries.len().map_err(failed)?;
        if entries + kept.len() as u64 > QUARANTINE_ENTRIES_MAX {
            return Err(QuarantineError::Full { entries });
        }
        for kept in kept {
            self.keep_one(kept.clone())?;
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

    /// Of two that bring the same, the first counts.
    fn bring(&mut self, number: u64, entry: &Entry) -> Result<(), QuarantineError> {
        let digest = entry.kept.digest();
        if self.by_digest.get(digest).map_err(failed)?.is_some() {
            return Ok(());
        }
        let last = self.entries.last().map_err(failed)?.map_or(0, |(number, _)| number.value());
        let number = number.max(last + 1);
        self.write(number, entry)?;
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
