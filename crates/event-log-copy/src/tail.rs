//! Reading on from a position: the copy first, then the log.

use async_trait::async_trait;
use storefold_event_log::{History, ReadError, Record, Tail, TailSource};
use storefold_events::Position;
use tokio::task::{self, JoinHandle};

use crate::refetch::Mended;

/// Where a copy ends and the log goes on, the chain is checked by the [`Tail`] around it.
pub(crate) struct CopyTail {
    history: Mended,
    /// The last position that was given.
    after: Position,
    /// A slab being read; it stays when the caller stops waiting for it.
    reading: Option<JoinHandle<Result<Vec<Record>, ReadError>>>,
    /// Once the copy is read to its end.
    live: Option<Tail>,
}

impl CopyTail {
    pub(crate) fn new(history: Mended, after: Position) -> Self {
        Self { history, after, reading: None, live: None }
    }

    async fn next_of_copy(&mut self) -> Result<Vec<Record>, ReadError> {
        let reading = self.reading.get_or_insert_with(|| {
            let (history, after) = (self.history.clone(), self.after);
            task::spawn_blocking(move || records_after(&history, after))
        });
        let read = reading.await;
        self.reading = None;
        let records = read.unwrap_or_else(|error| Err(ReadError::Unavailable(error.to_string())))?;
        self.after = records.last().map_or(self.after, Record::last_position);
        Ok(records)
    }
}

/// The records of the slab that holds `after + 1`, from the one that holds it on.
fn records_after(history: &Mended, after: Position) -> Result<Vec<Record>, ReadError> {
    let Some(slab) = history.slab(after)? else { return Ok(Vec::new()) };
    let mut records = slab.unpack()?;
    let known = records.partition_point(|record| record.last_position() <= after);
    records.drain(..known);
    Ok(records)
}

#[async_trait]
impl TailSource for CopyTail {
    async fn next(&mut self) -> Result<Vec<Record>, ReadError> {
        while self.live.is_none() {
            if self.reading.is_some() || self.history.position() > self.after {
                let records = self.next_of_copy().await?;
                if !records.is_empty() {
                    return Ok(records);
                }
            } else {
                self.live = Some(self.history.log.tail(self.after).await?);
            }
        }
        match &mut self.live {
            Some(live) => live.next().await,
            None => unreachable!("the loop ends when the log is read"),
        }
    }
}
