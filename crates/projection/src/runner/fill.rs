//! Filling empty rows from history: read, fold in bulk, put down.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use storefold_event_log::{
    EventLog, History, ReadError, Slab, Tail,
    priority::{self, stand_behind},
};
use storefold_events::Position;
use thiserror::Error;
use tokio::{
    runtime::Handle,
    sync::{oneshot, watch},
    time::{Instant, sleep},
};

use crate::{
    AsOf, Batch, Poisoned, ReadModel, RowStore, StoreError,
    bulk::{Bulk, BulkError, FoldedRows, Workers},
};

/// When history has grown by this much while it was folded, the rest is folded in bulk too.
const REST_EVENTS_MIN: u64 = 65_536;
/// Slabs that each thread gets at a time: few, so that what is unpacked stays in the processor's cache.
const SLABS_PER_THREAD: usize = 2;
/// Events of a slab that is made of what a log without history on disk sends.
const LOOSE_EVENTS: u64 = 4_096;
/// Name of the threads that fold.
const WORKERS: &str = "rebuild";

/// Empty rows to be filled.
pub(super) struct Filling {
    pub(super) log: Arc<dyn EventLog>,
    /// Models, each with the store that its rows are put into.
    pub(super) models: Vec<(Arc<dyn ReadModel>, Arc<dyn RowStore>)>,
    pub(super) as_of: Option<AsOf>,
    /// Share of one processor that may be used; none is all that there are.
    pub(super) cpu_percent_max: Option<u32>,
    pub(super) progress: Arc<Progress>,
    pub(super) cancelled: watch::Receiver<bool>,
}

/// How far a filling has come, for those who watch.
#[derive(Default)]
pub(super) struct Progress {
    pub(super) position: AtomicU64,
    pub(super) until: AtomicU64,
    /// Time spent on reading and folding so far, without putting down, in µs.
    pub(super) folding_us: AtomicU64,
}

/// What was filled.
pub(super) struct Filled {
    /// Up to where the rows are complete, for each model.
    pub(super) position: Position,
    /// The event that a model stopped before. Its rows are not put down.
    pub(super) poisoned: Vec<Option<Poisoned>>,
}

/// Why nothing was filled.
#[derive(Debug, Error)]
pub(super) enum FillError {
    #[error("it was cancelled")]
    Cancelled,
    #[error("{0}")]
    Log(BulkError),
    #[error("the new rows cannot be written: {0}")]
    Rows(#[from] StoreError),
}

impl FillError {
    /// Whether a retry may help.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self, Self::Log(BulkError::Log(ReadError::Unavailable(_))))
    }
}

impl From<BulkError> for FillError {
    fn from(error: BulkError) -> Self {
        match error {
            BulkError::Rows(error) => Self::Rows(error),
            error => Self::Log(error),
        }
    }
}

impl From<ReadError> for FillError {
    fn from(error: ReadError) -> Self {
        Self::Log(error.into())
    }
}

impl Filling {
    /// Fills the rows on threads of their own, at low priority: up to `until`, or with `follow` up to where the log ends
    /// by then, nearly.
    pub(super) async fn run(self, until: Position, follow: bool) -> Result<Filled, FillError> {
        let (done, filled) = oneshot::channel();
        let runtime = Handle::current();
        let thread = thread::Builder::new().name(WORKERS.to_owned()).spawn(move || {
            stand_behind(priority::REBUILD);
            // Nobody waits any more when the process stops.
            drop(done.send(self.fill(until, follow, &runtime)));
        });
        thread.map_err(|error| StoreError::storage(format!("no thread can be started: {error}")))?;
        filled.await.unwrap_or_else(|_| Err(StoreError::storage("the rebuild broke off").into()))
    }

    fn fill(self, mut until: Position, follow: bool, runtime: &Handle) -> Result<Filled, FillError> {
        let models: Vec<_> = self.models.iter().map(|(model, _)| model.clone()).collect();
        let workers = match self.cpu_percent_max {
            Some(_) => Workers::new(WORKERS, 1),
            None => Workers::on_every_processor(WORKERS),
        };
        let mut bulk = Bulk::new(&models, workers.clone(), self.as_of);
        let mut source = Source::of(&*self.log);
        loop {
            self.progress.until.store(until, Ordering::Relaxed);
            while bulk.position() < until {
                let begun = Instant::now();
                let slabs =
                    source.next(&*self.log, bulk.position(), until, workers.threads() * SLABS_PER_THREAD, runtime)?;
                bulk.fold(slabs, until)?;
                let took = begun.elapsed();
                self.progress.position.store(bulk.position(), Ordering::Relaxed);
                self.progress.folding_us.fetch_add(took.as_micros() as u64, Ordering::Relaxed);
                self.go_on()?;
                self.rest(took, runtime);
            }
            let head = *self.log.watch().borrow();
            if !follow || head < until + REST_EVENTS_MIN {
                break;
            }
            until = head;
        }
        let position = bulk.position();
        let work = bulk.finish()?.into_iter().zip(&self.models).collect();
        let put_down = |(folded, (_, store)): (Result<FoldedRows, Poisoned>, &(_, Arc<dyn RowStore>))| match folded {
            Ok(rows) => self.put_down(rows, &**store, position).map(|()| None),
            Err(stopped) => Ok(Some(stopped)),
        };
        let poisoned = workers.side_by_side(work, put_down).into_iter().collect::<Result<_, FillError>>()?;
        Ok(Filled { position, poisoned })
    }

    fn put_down(&self, rows: FoldedRows, store: &dyn RowStore, position: Position) -> Result<(), FillError> {
        rows.put_down(store, &|| self.go_on().is_ok())?;
        self.go_on()?;
        store.write(Batch { rows: Vec::new(), position })?;
        store.flush()?;
        Ok(())
    }

    fn go_on(&self) -> Result<(), FillError> {
        if *self.cancelled.borrow() { Err(FillError::Cancelled) } else { Ok(()) }
    }

    /// After some work, rests for as long as keeps it within its share of a processor.
    fn rest(&self, worked: Duration, runtime: &Handle) {
        if let Some(percent) = self.cpu_percent_max {
            let rest = worked * 100_u32.saturating_sub(percent) / percent.max(1);
            runtime.block_on(sleep(rest));
        }
    }
}

/// Where slabs come from.
enum Source {
    Disk(Arc<dyn History>),
    /// What is not on this machine's disk is asked of the log.
    Log(Option<Tail>),
}

impl Source {
    fn of(log: &dyn EventLog) -> Self {
        log.history().map_or(Self::Log(None), Self::Disk)
    }

    /// Up to `count` slabs that follow position `after`; at least one. `until` lies beyond `after`.
    fn next(
        &mut self,
        log: &dyn EventLog,
        after: Position,
        until: Position,
        count: usize,
        runtime: &Handle,
    ) -> Result<Vec<Slab>, ReadError> {
        let mut slabs = Vec::with_capacity(count);
        let mut end = after;
        if let Self::Disk(history) = self {
            while slabs.len() < count
                && end < until
                && let Some(slab) = history.slab(end)?
            {
                end = slab.last_position();
                slabs.push(slab);
            }
            if !slabs.is_empty() {
                return Ok(slabs);
            }
            *self = Self::Log(None);
        }
        let Self::Log(tail) = self else { return Ok(slabs) };
        let mut tail = match tail.take() {
            Some(tail) => tail,
            None => runtime.block_on(log.tail(after))?,
        };
        while slabs.len() < count && end < until {
            let mut records = Vec::new();
            let slab_until = until.min(end + LOOSE_EVENTS);
            while end < slab_until {
                records.extend(runtime.block_on(tail.next())?);
                end = records.last().map_or(end, storefold_event_log::Record::last_position);
            }
            slabs.push(Slab::loose(records));
        }
        *self = Self::Log(Some(tail));
        Ok(slabs)
    }
}
