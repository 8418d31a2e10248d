//! The thread that writes, many orders a commit.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use redb::{Database, Durability};
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    Draft, KeepError, Settings, Settled, Standing, StorageError, Taken,
    outbox::failed,
    row::{index_key, size_bytes},
    tables::Tables,
};

/// Orders that wait, and the most that one commit carries out.
pub const ORDERS_WAITING_MAX: usize = 1_024;

/// Bytes of orders that one commit carries out, the last order aside: who waits for it does not wait for long.
const COMMIT_BYTES_MAX: usize = 16 << 20;

pub(crate) enum Order {
    Keep(Vec<Draft>, i64, oneshot::Sender<Result<Vec<Taken>, KeepError>>),
    Settle(Vec<(u64, Settled)>, i64, oneshot::Sender<Result<(), StorageError>>),
}

impl Order {
    fn size_bytes(&self) -> usize {
        match self {
            Self::Keep(drafts, ..) => drafts.iter().map(|draft| draft.body.len()).sum(),
            Self::Settle(..) => 0,
        }
    }
}

pub(crate) struct Writer {
    pub(crate) database: Arc<Database>,
    pub(crate) path: PathBuf,
    pub(crate) settings: Settings,
    pub(crate) standing: watch::Sender<Standing>,
}

enum Answer {
    Kept(oneshot::Sender<Result<Vec<Taken>, KeepError>>, Result<Vec<Taken>, KeepError>),
    Settled(oneshot::Sender<Result<(), StorageError>>, Result<(), StorageError>),
}

impl Writer {
    pub(crate) fn start(self) -> io::Result<mpsc::Sender<Order>> {
        let (sender, mut orders) = mpsc::channel::<Order>(ORDERS_WAITING_MAX);
        thread::Builder::new().name("outbox".to_owned()).spawn(move || {
            while let Some(first) = orders.blocking_recv() {
                let mut size_bytes = first.size_bytes();
                let mut batch = vec![first];
                while size_bytes < COMMIT_BYTES_MAX && batch.len() < ORDERS_WAITING_MAX {
                    let Ok(order) = orders.try_recv() else { break };
                    size_bytes += order.size_bytes();
                    batch.push(order);
                }
                self.carry_out(batch);
            }
        })?;
        Ok(sender)
    }

    /// Carries orders out in one commit and answers each after it.
    fn carry_out(&self, orders: Vec<Order>) {
        let mut answers = Vec::with_capacity(orders.len());
        let committed = self.commit(orders, &mut answers);
        if let Err(error) = &committed {
            tracing::error!(%error, "the outbox could not be written");
        }
        for answer in answers {
            // A caller that has gone does not need its answer.
            match answer {
                Answer::Kept(to, outcome) => {
                    let outcome = committed.clone().map_err(KeepError::Storage).and(outcome);
                    drop(to.send(outcome));
                }
                Answer::Settled(to, outcome) => drop(to.send(committed.clone().and(outcome))),
            }
        }
    }

    fn commit(&self, orders: Vec<Order>, answers: &mut Vec<Answer>) -> Result<(), StorageError> {
        // The answers are collected even when the transaction cannot begin, so that nobody waits for ever.
        let transaction = self.database.begin_write().map_err(failed);
        let mut tables = match &transaction {
            Ok(transaction) => Tables::open(transaction),
            Err(error) => Err(error.clone()),
        };
        for order in orders {
            match order {
                Order::Keep(drafts, at_ms, to) => {
                    let kept = match &mut tables {
                        Ok(tables) => self.keep(tables, &drafts, at_ms),
                        Err(error) => Err(KeepError::Storage(error.clone())),
                    };
                    answers.push(Answer::Kept(to, kept));
                }
                Order::Settle(numbers, at_ms, to) => {
                    let settled = match &mut tables {
                        Ok(tables) => numbers.iter().try_for_each(|(number, how)| tables.settle(*number, how, at_ms)),
                        Err(error) => Err(error.clone()),
                    };
                    answers.push(Answer::Settled(to, settled));
                }
            }
        }
        // What failed half-way must not be committed by the orders beside it.
        if let Some(error) = answers.iter().find_map(Answer::storage_failure) {
            return Err(error);
        }
        let (counted, oldest_kept_at_ms) = tables?.finish()?;
        let mut transaction = transaction?;
        transaction.set_durability(Durability::Immediate).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        self.standing.send_replace(counted.standing(oldest_kept_at_ms, self.settings.bytes_max));
        Ok(())
    }

    fn keep(&self, tables: &mut Tables<'_>, drafts: &[Draft], at_ms: i64) -> Result<Vec<Taken>, KeepError> {
        let size = |form, body: &[u8]| size_bytes(body, index_key(form, body).as_deref());
        let more: u64 = drafts
            .iter()
            .map(|draft| size(draft.form, &draft.body) + draft.lead.as_ref().map_or(0, |lead| size(draft.form, lead)))
            .sum();
        let Settings { bytes_max, free_bytes_min } = self.settings;
        let bytes = tables.counted.bytes;
        if bytes.saturating_add(more) > bytes_max {
            return Err(KeepError::Full { events: tables.counted.events, bytes, bytes_max });
        }
        if let Some(free_bytes) = free_bytes(&self.path).filter(|free| *free < free_bytes_min.saturating_add(2 * more))
        {
            return Err(KeepError::DiskFull { free_bytes, free_bytes_min });
        }
        drafts.iter().map(|draft| Ok(tables.keep(draft, at_ms)?)).collect()
    }
}

impl Answer {
    fn storage_failure(&self) -> Option<StorageError> {
        match self {
            Self::Kept(_, Err(KeepError::Storage(error))) | Self::Settled(_, Err(error)) => Some(error.clone()),
            _ => None,
        }
    }
}

/// What the disk has left for us; `None` where the system does not tell.
fn free_bytes(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}
