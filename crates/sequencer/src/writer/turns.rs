//! Writing when it is this node's turn, and following the log while another node writes.
//!
//! Whose turn it is decides only who tries: that nobody writes on stale knowledge is the fence's doing (invariant 3), so
//! a lease may be wrong without harm. A node that follows folds what the other writes, and so takes over with what
//! little is left to fold.

use std::{sync::Arc, time::Duration};

use storefold_event_log::{Head, ReadError, Record};
use storefold_events::Position;
use tokio::sync::{mpsc, watch};

use super::{
    Work, Writer, finished,
    start::{fold, waiting_facts},
};
use crate::{Standing, StartError};

/// The pause before a log that did not answer is asked again.
const PAUSE: Duration = Duration::from_millis(200);

/// Whose turn it is to write.
#[derive(Clone, Debug, Default)]
pub enum Turn {
    /// This node's, always: nobody else writes this log.
    #[default]
    Always,
    /// This node's while it is true.
    Leased(watch::Receiver<bool>),
}

impl Turn {
    fn is_mine(&self) -> bool {
        match self {
            Self::Always => true,
            Self::Leased(mine) => *mine.borrow(),
        }
    }

    /// Waits until it is (or is not) this node's turn; for ever when that does not come. Cancel-safe.
    pub(super) async fn becomes(&self, wanted: bool) {
        match self {
            Self::Always if wanted => {}
            Self::Always => std::future::pending().await,
            Self::Leased(mine) => {
                let gone = mine.clone().wait_for(|mine| *mine == wanted).await.is_err();
                // Whoever had the lease has ended, and with it all changes of turn.
                if gone {
                    std::future::pending::<()>().await;
                }
            }
        }
    }
}

/// Why a writer does not write any more, though nobody asked it to stop.
pub(crate) enum Halt {
    /// Another node writes, or may: this one can follow it.
    Overtaken(String),
    /// Only a person can mend it.
    Failed(String),
}

impl From<String> for Halt {
    fn from(reason: String) -> Self {
        Self::Failed(reason)
    }
}

/// How following ended.
enum Followed {
    /// It is this node's turn, and everything in the log is folded.
    Ready,
    Stopped,
}

/// Where a sequencer tells how it stands.
pub(crate) struct Told {
    pub(crate) head: watch::Sender<Position>,
    pub(crate) standing: watch::Sender<Standing>,
}

/// Follows and writes in turns until it is stopped, or cannot go on.
pub(crate) async fn take_turns(mut writer: Writer, mut inbox: mpsc::Receiver<Work>, told: &Told) {
    let ended = loop {
        let halt = match writer.one_turn(&mut inbox, told).await {
            Ok(()) => break Standing::Stopped,
            Err(halt) => halt,
        };
        match halt {
            // What it was asked before it was overtaken still holds.
            Halt::Overtaken(_) if writer.stopping => break Standing::Stopped,
            Halt::Failed(reason) => break Standing::SteppedDown(reason),
            Halt::Overtaken(reason) if matches!(writer.settings.turn, Turn::Always) => {
                break Standing::SteppedDown(format!("{reason}; restart this node to follow the new writer"));
            }
            Halt::Overtaken(reason) => {
                // Told before anybody hears that he is not answered, so that he learns why.
                told.standing.send_replace(Standing::Following);
                tracing::warn!(reason, position = writer.head.position, "another node writes; this one follows it");
            }
        }
        writer = match writer.forget_undurable(&mut inbox).await {
            Ok(Some(writer)) => writer,
            Ok(None) => break Standing::Stopped,
            Err(reason) => break Standing::SteppedDown(reason),
        };
    };
    told.standing.send_replace(ended);
}

impl Writer {
    async fn one_turn(&mut self, inbox: &mut mpsc::Receiver<Work>, told: &Told) -> Result<(), Halt> {
        if let Followed::Stopped = self.follow(inbox, told).await? {
            return Ok(());
        }
        told.standing.send_replace(Standing::Writing);
        self.write(inbox, &told.head).await
    }

    /// Folds what others write until it is this node's turn. Whoever submits meanwhile is sent on.
    async fn follow(&mut self, inbox: &mut mpsc::Receiver<Work>, told: &Told) -> Result<Followed, Halt> {
        let turn = self.settings.turn.clone();
        if !turn.is_mine() {
            told.standing.send_replace(Standing::Following);
        }
        let log = Arc::clone(&self.log);
        let mut tail = None;
        // Where the log ended when the turn came; everything up to there is folded before anything is decided.
        let mut end: Option<Head> = None;
        loop {
            if let Some(head) = end.filter(|head| head.position <= self.memory.position()) {
                self.head = head;
                if let Followed::Stopped = self.level(inbox).await? {
                    return Ok(Followed::Stopped);
                }
                self.waiting = waiting_facts(&self.quarantine, &mut self.memory).await.map_err(|e| e.to_string())?;
                told.head.send_replace(head.position);
                return Ok(Followed::Ready);
            }
            self.begin_save();
            let after = self.memory.position();
            let read = async {
                if tail.is_none() {
                    tail = Some(log.tail(after).await?);
                }
                match &mut tail {
                    Some(tail) => tail.next().await,
                    None => Ok(Vec::new()),
                }
            };
            tokio::select! {
                biased;
                saved = finished(&mut self.saving) => self.saved(saved)?,
                () = turn.becomes(true), if end.is_none() => match log.head().await {
                    Ok(head) => end = Some(head),
                    Err(error) => pause(error, &mut tail).await?,
                },
                work = inbox.recv() => match work {
                    Some(Work::Report { source, answer }) => drop(answer.send(self.memory.source(&source))),
                    Some(Work::Stop) | None => {
                        self.leave().await?;
                        return Ok(Followed::Stopped);
                    }
                    // Unanswered: its sender is told that this node does not write.
                    Some(_) => {}
                },
                read = read => match read {
                    Ok(records) => self.fold_records(&records, told)?,
                    Err(error) => pause(error, &mut tail).await?,
                },
            }
            if end.is_some() && !turn.is_mine() {
                end = None;
            }
        }
    }

    fn fold_records(&mut self, records: &[Record], told: &Told) -> Result<(), Halt> {
        for record in records {
            if record.last_position() <= self.memory.position() {
                continue;
            }
            fold(record, &mut self.memory).map_err(|error| error.to_string())?;
            self.head = Head { position: record.last_position(), hash: record.hash(), ..self.head };
            self.recorded_at_ms = self.recorded_at_ms.max(record.header().recorded_at_ms);
        }
        told.head.send_replace(self.head.position);
        Ok(())
    }

    /// Waits until everything that other nodes have refused is known here.
    async fn level(&mut self, inbox: &mut mpsc::Receiver<Work>) -> Result<Followed, Halt> {
        let quarantine = self.quarantine.clone();
        let level = async {
            while let Err(error) = quarantine.level().await {
                tracing::warn!(%error, "what others have refused is not known yet; trying again");
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::select! {
            // Who alone writes has nobody to wait for, and turns nobody away.
            biased;
            () = level => return Ok(Followed::Ready),
            () = asked_to_stop(inbox), if !matches!(self.settings.turn, Turn::Always) => {}
        }
        self.leave().await?;
        Ok(Followed::Stopped)
    }

    /// Saves what it has folded, so that the next start folds little.
    async fn leave(&mut self) -> Result<(), Halt> {
        if self.saving.is_some() {
            let saved = finished(&mut self.saving).await;
            self.saved(saved)?;
        }
        Ok(self.save_now()?)
    }

    /// The same writer with nothing but what is in the log: what was decided and not written is dropped, unanswered, and
    /// its senders send it again (invariant 3). None when it is asked to stop before the log can be read.
    async fn forget_undurable(mut self, inbox: &mut mpsc::Receiver<Work>) -> Result<Option<Self>, String> {
        if self.memory.position() == self.head.position && self.pending.is_empty() {
            return Ok(Some(self));
        }
        if self.saving.is_some() {
            // The file of the memory can be opened again once its thread is done with it; whether it was saved is seen then.
            drop(finished(&mut self.saving).await);
        }
        let (log, settings, quarantine) = (Arc::clone(&self.log), self.settings.clone(), self.quarantine.clone());
        drop(self);
        loop {
            match Self::open(Arc::clone(&log), settings.clone(), quarantine.clone()).await {
                Err(StartError::Log(ReadError::Unavailable(detail))) => {
                    tracing::warn!(detail, "the log is not to be read; trying again");
                    if tokio::time::timeout(PAUSE, asked_to_stop(inbox)).await.is_ok() {
                        return Ok(None);
                    }
                }
                opened => return opened.map(Some).map_err(|error| error.to_string()),
            }
        }
    }
}

/// Waits until it is asked to stop. Whoever submits meanwhile is not answered, and told that this node does not write.
async fn asked_to_stop(inbox: &mut mpsc::Receiver<Work>) {
    while !matches!(inbox.recv().await, Some(Work::Stop) | None) {}
}

/// Waits a little before a log that did not answer is read again.
async fn pause<T>(error: ReadError, tail: &mut Option<T>) -> Result<(), Halt> {
    let ReadError::Unavailable(detail) = error else { return Err(Halt::Failed(error.to_string())) };
    tracing::warn!(detail, "the log is not to be read; trying again");
    *tail = None;
    tokio::time::sleep(PAUSE).await;
    Ok(())
}
