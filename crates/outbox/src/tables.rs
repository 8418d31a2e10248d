//! The tables of the file, and what an order does to them.

use redb::{ReadableTable, ReadableTableMetadata, Table, TableDefinition, WriteTransaction};

use crate::{
    Draft, Form, Settled, StorageError, Taken,
    outbox::{Counted, failed},
    row::{Row, index_key, size_bytes, write_refused},
};

/// The refused that are kept to be looked at; older ones make room. The receiver has them all.
pub const REFUSED_MAX: u64 = 10_000;

/// Entries by number.
pub(crate) const ENTRIES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("entries");
/// Numbers by the key of the event.
const KEYS: TableDefinition<'_, &[u8], u64> = TableDefinition::new("keys");
/// What is reserved, by subject.
const RESERVED: TableDefinition<'_, &str, i64> = TableDefinition::new("reserved");
/// The refused by number.
pub(crate) const REFUSED: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("refused");
/// Counts that outlive the entries.
pub(crate) const COUNTS: TableDefinition<'_, &str, u64> = TableDefinition::new("counts");

pub(crate) struct Tables<'t> {
    entries: Table<'t, u64, &'static [u8]>,
    keys: Table<'t, &'static [u8], u64>,
    reserved: Table<'t, &'static str, i64>,
    refused: Table<'t, u64, &'static [u8]>,
    counts: Table<'t, &'static str, u64>,
    pub(crate) counted: Counted,
}

impl<'t> Tables<'t> {
    pub(crate) fn open(transaction: &'t WriteTransaction) -> Result<Self, StorageError> {
        let counts = transaction.open_table(COUNTS).map_err(failed)?;
        let counted = Counted::read(&counts)?;
        Ok(Self {
            entries: transaction.open_table(ENTRIES).map_err(failed)?,
            keys: transaction.open_table(KEYS).map_err(failed)?,
            reserved: transaction.open_table(RESERVED).map_err(failed)?,
            refused: transaction.open_table(REFUSED).map_err(failed)?,
            counts,
            counted,
        })
    }

    /// Keeps the counts, before the transaction is committed. Answers when the oldest entry was kept.
    pub(crate) fn finish(mut self) -> Result<(Counted, Option<i64>), StorageError> {
        self.counted.write(&mut self.counts)?;
        let oldest = self.entries.first().map_err(failed)?;
        let oldest = oldest.and_then(|(_, row)| Row::read(row.value()).map(|row| row.kept_at_ms));
        Ok((self.counted, oldest))
    }

    /// Keeps an event, or tells why it is not.
    pub(crate) fn keep(&mut self, draft: &Draft, kept_at_ms: i64) -> Result<Taken, StorageError> {
        let key = index_key(draft.form, &draft.body);
        let waiting = match &key {
            Some(key) => self.keys.get(key.as_slice()).map_err(failed)?.map(|number| number.value()),
            None => None,
        };
        if let Some(number) = waiting {
            let there = self.entries.get(number).map_err(failed)?;
            let there = there.as_ref().and_then(|row| Row::read(row.value()));
            let there = there.ok_or_else(|| StorageError::new("an entry that is kept cannot be read"))?;
            if there.body == draft.body {
                return Ok(Taken::Duplicate { reserved: !there.reserves.is_empty() });
            }
            if draft.is_command {
                return Ok(Taken::Mismatch);
            }
        } else if let Some(exceeded) = self.reserve(draft)? {
            return Ok(exceeded);
        }
        if let Some(lead) = &draft.lead {
            self.put(&Row { form: Form::Event, kept_at_ms, reserves: Vec::new(), body: lead }, None)?;
        }
        let reserves = if waiting.is_some() { &[][..] } else { &draft.reserves };
        let reserves = reserves.iter().map(|reserve| (reserve.subject.as_str(), reserve.amount)).collect();
        let row = Row { form: draft.form, kept_at_ms, reserves, body: &draft.body };
        self.put(&row, key.as_deref().filter(|_| waiting.is_none()))?;
        Ok(if waiting.is_some() { Taken::Mismatch } else { Taken::Kept })
    }

    /// Reserves all that a draft asks for, or nothing.
    fn reserve(&mut self, draft: &Draft) -> Result<Option<Taken>, StorageError> {
        for reserve in &draft.reserves {
            let reserved = self.reserved.get(reserve.subject.as_str()).map_err(failed)?.map_or(0, |sum| sum.value());
            // A draft may name a subject more than once.
            let same = draft.reserves.iter().filter(|other| other.subject == reserve.subject);
            let asked = same.fold(0_i64, |sum, other| sum.saturating_add(other.amount));
            if reserved.saturating_add(asked) > reserve.limit {
                let subject = reserve.subject.clone();
                return Ok(Some(Taken::Exceeded { subject, reserved, limit: reserve.limit }));
            }
        }
        for reserve in &draft.reserves {
            self.add_reserved(&reserve.subject, reserve.amount)?;
        }
        Ok(None)
    }

    fn add_reserved(&mut self, subject: &str, amount: i64) -> Result<(), StorageError> {
        let before = self.reserved.get(subject).map_err(failed)?.map_or(0, |sum| sum.value());
        let after = before.saturating_add(amount);
        if after <= 0 {
            self.reserved.remove(subject).map_err(failed)?;
        } else {
            self.reserved.insert(subject, after).map_err(failed)?;
        }
        Ok(())
    }

    fn put(&mut self, row: &Row<'_>, key: Option<&[u8]>) -> Result<(), StorageError> {
        let number = self.counted.next;
        let bytes = row.write();
        self.entries.insert(number, bytes.as_slice()).map_err(failed)?;
        if let Some(key) = key {
            self.keys.insert(key, number).map_err(failed)?;
        }
        self.counted.next += 1;
        self.counted.events += 1;
        self.counted.bytes += size_bytes(&bytes, row.index_key().as_deref());
        Ok(())
    }

    /// Takes an entry out that was sent on; nothing when it is out already.
    pub(crate) fn settle(&mut self, number: u64, settled: &Settled, at_ms: i64) -> Result<(), StorageError> {
        let Some(bytes) = self.entries.remove(number).map_err(failed)?.map(|row| row.value().to_vec()) else {
            return Ok(());
        };
        let row = Row::read(&bytes).ok_or_else(|| StorageError::new("an entry that is kept cannot be read"))?;
        let key = row.index_key();
        if let Some(key) = &key {
            let indexed = self.keys.get(key.as_slice()).map_err(failed)?.map(|number| number.value());
            if indexed == Some(number) {
                self.keys.remove(key.as_slice()).map_err(failed)?;
            }
        }
        for (subject, amount) in &row.reserves {
            self.add_reserved(subject, -amount)?;
        }
        self.counted.events = self.counted.events.saturating_sub(1);
        self.counted.bytes = self.counted.bytes.saturating_sub(size_bytes(&bytes, key.as_deref()));
        match settled {
            Settled::Sent => self.counted.sent += 1,
            Settled::Refused { code, detail } => {
                self.counted.refused += 1;
                let refused = write_refused(at_ms, code, detail, &bytes);
                self.refused.insert(number, refused.as_slice()).map_err(failed)?;
                if self.refused.len().map_err(failed)? > REFUSED_MAX {
                    self.refused.pop_first().map_err(failed)?;
                }
            }
        }
        Ok(())
    }
}
