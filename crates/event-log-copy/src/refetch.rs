//! Blocks that the disk has changed are fetched anew from the log.

use std::{
    sync::{Arc, PoisonError, mpsc},
    time::Duration,
};

use storefold_event_log::{Block, EventLog, Hash, History, ReadError, Record, Slab};
use storefold_events::Position;
use tokio::{runtime::Handle, task};

use crate::{CopyError, LogCopy, reading::SlabFault};

/// The longest wait for a block from the log.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// How many blocks are fetched anew for one slab: the same may be damaged again only by a broken disk.
const TRIES_MAX: usize = 3;

/// The history of a copy whose log can be asked.
#[derive(Clone)]
pub(crate) struct Mended {
    pub(crate) copy: Arc<LogCopy>,
    pub(crate) log: Arc<dyn EventLog>,
    /// Where the log is asked: readers of history are threads of their own.
    pub(crate) runtime: Handle,
}

impl History for Mended {
    fn position(&self) -> Position {
        self.copy.position()
    }

    fn slab(&self, after: Position) -> Result<Option<Slab>, ReadError> {
        for _ in 0..TRIES_MAX {
            match self.copy.sound_slab(after) {
                Err(SlabFault::Block { first_position, detail }) => self.fetch(first_position, &detail)?,
                Err(SlabFault::Copy(error)) => return Err(error.while_reading(after)),
                Ok(slab) => return Ok(slab),
            }
        }
        let detail = format!("{} does not keep what is written to it", self.copy.file().display());
        Err(ReadError::Unavailable(detail))
    }
}

impl Mended {
    /// Waits until a block was fetched from the log.
    fn fetch(&self, first_position: Position, damage: &str) -> Result<(), ReadError> {
        let (answer, answered) = mpsc::channel();
        let (copy, log) = (self.copy.clone(), self.log.clone());
        self.runtime.spawn(async move {
            // Nobody may wait any more.
            let _ = answer.send(fetch(copy, log, first_position).await);
        });
        match answered.recv_timeout(WAIT_MAX) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) if !error.may_pass() => {
                let detail = format!("{damage}; and it cannot be fetched from the log: {error}");
                Err(ReadError::Damaged { after: first_position - 1, detail })
            }
            Ok(Err(error)) => Err(ReadError::Unavailable(format!("{damage}; fetching it from the log: {error}"))),
            Err(_) => Err(ReadError::Unavailable(format!("{damage}; the log did not answer within {WAIT_MAX:?}"))),
        }
    }
}

/// Puts the records of the log in the place of a damaged block.
async fn fetch(copy: Arc<LogCopy>, log: Arc<dyn EventLog>, first_position: Position) -> Result<(), CopyError> {
    let asked = copy.clone();
    let place = blocking(&copy, move || asked.place_of(first_position)).await?;
    let mut tail = log.tail(first_position - 1).await?;
    let mut records: Vec<Record> = Vec::new();
    while records.last().is_none_or(|last| last.last_position() < place.last_position) {
        records.extend(tail.next().await?);
    }
    records.retain(|record| record.last_position() <= place.last_position);
    let fits = |first: &Record, last: &Record| {
        first.header().first_position == first_position
            && last.last_position() == place.last_position
            && place.previous_hash.is_none_or(|hash| hash == first.header().previous_hash)
            && place.last_hash.is_none_or(|hash| hash == last.hash())
    };
    if !records.first().zip(records.last()).is_some_and(|(first, last)| fits(first, last)) {
        let detail = format!("its records from position {first_position} on are others");
        return Err(CopyError::AnotherLog { file: copy.file().to_owned(), detail });
    }
    let writing = copy.clone();
    blocking(&copy, move || writing.store.replace(&Block::pack(&records))).await
}

async fn blocking<T: Send + 'static>(
    copy: &LogCopy,
    work: impl FnOnce() -> Result<T, CopyError> + Send + 'static,
) -> Result<T, CopyError> {
    let done = task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(CopyError::unavailable(copy.file(), &error)))
}

/// What a copy knows of a block without reading it.
struct Place {
    last_position: Position,
    /// None when the block before is damaged too.
    previous_hash: Option<Hash>,
    /// None when the block after is damaged too.
    last_hash: Option<Hash>,
}

impl LogCopy {
    fn place_of(&self, first_position: Position) -> Result<Place, CopyError> {
        let _nothing_is_packed_meanwhile = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let neighbour = |position| -> Result<Option<Block>, CopyError> {
            Ok(self.store.block_bytes(position)?.and_then(|(_, bytes)| Block::read(bytes).ok()))
        };
        let previous_hash = match first_position - 1 {
            0 => Some(Hash::default()),
            before => neighbour(before)?.map(|block| block.last_hash()),
        };
        if let Some(next) = self.store.next_block(first_position)? {
            let last_hash = neighbour(next)?.map(|block| block.previous_hash());
            return Ok(Place { last_position: next - 1, previous_hash, last_hash });
        }
        let state = self.state();
        let (last_position, last_hash) = match state.loose.records().first() {
            Some(loose) => (loose.header().first_position - 1, loose.header().previous_hash),
            None => (state.end.position, state.end.hash),
        };
        Ok(Place { last_position, previous_hash, last_hash: Some(last_hash) })
    }
}
