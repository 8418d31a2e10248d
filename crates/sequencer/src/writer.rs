//! The one writer: a loop on a thread of its own.
//!
//! While one record is being appended, the next is decided: group commit without waiting for company. Facts are decided
//! on what is known including records not yet durable; nobody is answered before they are.

mod append;
mod clock;
mod deciding;
mod looking;
mod start;
mod trying_out;
mod turns;
pub(crate) use trying_out::PriceAsked;
pub use trying_out::{Priced, Quote};
pub use turns::Turn;
pub(crate) use turns::{Told, take_turns};

use std::{collections::VecDeque, pin::Pin, sync::Arc};

use storefold_event_log::{
    AppendError, EventLog, Head,
    priority::{self, stand_behind},
};
use storefold_events::Position;
use tokio::sync::{mpsc, oneshot, watch};

use self::{append::append_until_known, clock::passed, looking::Looking, turns::Halt};
use crate::{
    Decided, MemoryError, Outcome, Quarantine, QuarantineError, Settings, SourceReport, Submission,
    handle::Share,
    limits::{DECIDED_AT_A_TIME, RECORDS_WAITING_MAX},
    memory::Memory,
    open_record::OpenRecord,
    waiting::Waiting,
};

pub(crate) enum Work {
    Submit { submission: Submission, answer: oneshot::Sender<Answer>, share: Share },
    Price { asked: PriceAsked, answer: oneshot::Sender<Priced>, _share: Share },
    Quote { sale: Vec<u8>, instruments: Vec<String>, answer: oneshot::Sender<Quote>, _share: Share },
    TryOut { encoded: Vec<u8>, answer: oneshot::Sender<Outcome>, _share: Share },
    Report { source: String, answer: oneshot::Sender<Option<SourceReport>> },
    Stop,
}

/// An answer, and what it still waits for: the refused being kept.
pub(crate) struct Answer {
    pub(crate) decided: Decided,
    pub(crate) kept: Option<oneshot::Receiver<Result<(), QuarantineError>>>,
}

/// An answer that waits until the log is durable up to a position.
struct Pending {
    needs: Position,
    to: oneshot::Sender<Answer>,
    answer: Answer,
    /// Given back with the answer.
    _share: Share,
}

type Appending = Pin<Box<dyn Future<Output = Result<Head, AppendError>> + Send>>;

pub(crate) struct Writer {
    log: Arc<dyn EventLog>,
    settings: Settings,
    memory: Memory,
    quarantine: Quarantine,
    waiting: Waiting,
    /// Where the durable log ends.
    head: Head,
    recorded_at_ms: i64,
    open: OpenRecord,
    full: VecDeque<OpenRecord>,
    appending: Option<Appending>,
    pending: Vec<Pending>,
    /// Digests of waiting facts that were taken in, with the position that makes it durable.
    taken_in: Vec<(Position, u64)>,
    saving: Option<oneshot::Receiver<Result<(), MemoryError>>>,
    stopping: bool,
}

impl Writer {
    pub(crate) fn head_position(&self) -> Position {
        self.head.position
    }

    /// Writes until it is stopped or may not write any more; answers why not.
    async fn write(&mut self, inbox: &mut mpsc::Receiver<Work>, head: &watch::Sender<Position>) -> Result<(), Halt> {
        let turn = self.settings.turn.clone();
        let mut looking = Looking::at(&self.log, &turn);
        loop {
            self.begin_append()?;
            self.begin_save();
            if self.stopping && self.is_settled() && self.saving.is_none() {
                return Ok(self.save_now()?);
            }
            let may_take = !self.stopping && self.has_room() && !self.save_is_due();
            let due = if may_take { self.until_due()? } else { None };
            tokio::select! {
                biased;
                appended = settle(&mut self.appending) => {
                    self.appended(appended, head).await?;
                }
                saved = finished(&mut self.saving) => self.saved(saved)?,
                () = turn.becomes(false) => {
                    return Err(Halt::Overtaken("the lease is another node's".to_owned()));
                }
                found = looking.found() => {
                    // What is found beyond may be the record that is under way.
                    if self.appending.is_none() && found.sequence > self.head.sequence {
                        return Err(Halt::Overtaken("the log has a record of another node's".to_owned()));
                    }
                }
                work = inbox.recv(), if may_take => self.take(work, inbox).await?,
                () = passed(due) => self.tick()?,
            }
        }
    }

    async fn take(&mut self, work: Option<Work>, inbox: &mut mpsc::Receiver<Work>) -> Result<(), String> {
        let mut next = work;
        let mut decided = 0;
        loop {
            match next {
                Some(Work::Submit { submission, answer, share }) => {
                    self.tick()?;
                    decided += submission.len();
                    self.decide(&submission, answer, share).await?;
                }
                Some(Work::TryOut { encoded, answer, .. }) => {
                    // A caller that has gone does not need its answer.
                    drop(answer.send(self.try_out(&encoded).map_err(|error| error.to_string())?));
                    // However many are tried out, what was decided goes on to be written.
                    return Ok(());
                }
                Some(Work::Quote { sale, instruments, answer, .. }) => {
                    drop(answer.send(self.quote(&sale, &instruments).map_err(|error| error.to_string())?));
                    return Ok(());
                }
                Some(Work::Price { asked, answer, .. }) => {
                    drop(answer.send(self.price(&asked).map_err(|error| error.to_string())?));
                    return Ok(());
                }
                Some(Work::Report { source, answer }) => drop(answer.send(self.memory.source(&source))),
                Some(Work::Stop) | None => self.stopping = true,
            }
            if self.stopping || !self.has_room() || decided >= DECIDED_AT_A_TIME {
                return Ok(());
            }
            match inbox.try_recv() {
                Ok(work) => next = Some(work),
                Err(_) => return Ok(()),
            }
        }
    }

    fn has_room(&self) -> bool {
        self.full.len() < RECORDS_WAITING_MAX
    }

    /// Whether everything that was decided is durable.
    fn is_settled(&self) -> bool {
        self.appending.is_none() && self.full.is_empty() && self.open.is_empty()
    }

    fn begin_append(&mut self) -> Result<(), String> {
        if self.appending.is_some() {
            return Ok(());
        }
        let record = self.full.pop_front().unwrap_or_else(|| std::mem::take(&mut self.open));
        if record.is_empty() {
            return Ok(());
        }
        // Readers may ask what was known at a time, so the times of records never go back.
        self.recorded_at_ms = self.recorded_at_ms.max((self.settings.clock)());
        let record =
            record.seal(&self.head, &self.settings.tenant, self.recorded_at_ms).map_err(|error| error.to_string())?;
        self.appending = Some(Box::pin(append_until_known(Arc::clone(&self.log), self.head, record)));
        Ok(())
    }

    async fn appended(
        &mut self,
        appended: Result<Head, AppendError>,
        head: &watch::Sender<Position>,
    ) -> Result<(), Halt> {
        // What was decided after another writer's record was decided on stale knowledge: it is dropped with this
        // writer, unanswered, and its senders repeat it (invariant 3).
        self.head = appended.map_err(|error| match error {
            AppendError::Conflict { .. } => Halt::Overtaken(error.to_string()),
            error => Halt::Failed(error.to_string()),
        })?;
        let durable = self.head.position;
        // Before anybody is answered: whoever has an answer may ask for the head.
        head.send_replace(durable);
        let taken_in: Vec<u64> =
            self.taken_in.extract_if(.., |(position, _)| *position <= durable).map(|(_, digest)| digest).collect();
        if !taken_in.is_empty() {
            self.quarantine.taken_in(taken_in).await;
        }
        for pending in self.pending.extract_if(.., |pending| pending.needs <= durable) {
            let Pending { to, mut answer, .. } = pending;
            answer.decided.position = durable;
            // A caller that has gone will send again and be told the same.
            drop(to.send(answer));
        }
        Ok(())
    }

    fn save_is_due(&self) -> bool {
        self.saving.is_none() && self.memory.since_snapshot() >= self.settings.snapshot_every_events
    }

    /// Begins to save the memory on another thread, once it holds nothing that is not durable.
    fn begin_save(&mut self) {
        if !self.save_is_due() || !self.is_settled() {
            return;
        }
        if let Some(snapshot) = self.memory.freeze(self.head.hash) {
            let (done, saving) = oneshot::channel();
            std::thread::spawn(move || {
                stand_behind(priority::LIVE);
                drop(done.send(snapshot.write()));
            });
            self.saving = Some(saving);
        }
    }

    fn saved(&mut self, saved: Result<(), MemoryError>) -> Result<(), String> {
        let thawed = saved.and_then(|()| self.memory.thaw());
        let thawed = thawed.map_err(|error| format!("{error}; free space or delete it, then restart"))?;
        // Hundreds of thousands of states take longer to be given back than a record takes to be written.
        // Without a thread it takes that long.
        drop(std::thread::Builder::new().spawn(move || {
            stand_behind(priority::LIVE);
            drop(thawed);
        }));
        Ok(())
    }

    fn save_now(&mut self) -> Result<(), String> {
        if self.memory.since_snapshot() == 0 {
            return Ok(());
        }
        match self.memory.freeze(self.head.hash) {
            Some(snapshot) => snapshot.write().map_err(|error| error.to_string()),
            None => Ok(()),
        }
    }
}

/// The outcome of the append that is under way; waits for ever when there is none.
async fn settle(appending: &mut Option<Appending>) -> Result<Head, AppendError> {
    match appending {
        Some(append) => {
            let appended = append.await;
            *appending = None;
            appended
        }
        None => std::future::pending().await,
    }
}

/// The outcome of the save that is under way; waits for ever when there is none.
async fn finished(saving: &mut Option<oneshot::Receiver<Result<(), MemoryError>>>) -> Result<(), MemoryError> {
    match saving {
        Some(save) => {
            let saved = save.await.unwrap_or_else(|_| Err(MemoryError("the thread that saves it has died".to_owned())));
            *saving = None;
            saved
        }
        None => std::future::pending().await,
    }
}
