//! The loop: read ahead, fold in rounds, keep pace.

use std::{future::pending, sync::Arc, time::Duration};

use storefold_event_log::{EventLog, ReadError};
use storefold_events::Position;
use tokio::{
    select,
    sync::{mpsc, watch},
    task::{JoinError, JoinHandle, spawn_blocking},
    time::{Instant, sleep, sleep_until},
};
use tracing::{error, warn};

use super::{
    backlog::Backlog,
    member::Member,
    pace::Pace,
    round::{Undecodable, fold_slice},
    watched::Shared,
};

/// How often an idle runner says that it is alive.
const HEARTBEAT: Duration = Duration::from_millis(250);
/// How long to wait before the log is asked again after it did not answer.
const RETRY: Duration = Duration::from_millis(500);

/// Models that are folded in the same rounds.
pub(super) struct Lane {
    pub(super) log: Arc<dyn EventLog>,
    pub(super) shared: Arc<Shared>,
    pub(super) members: Vec<Member>,
    pub(super) role: Role,
    pub(super) pace: Pace,
    pub(super) stop: watch::Receiver<bool>,
}

/// What becomes of models whose rows are filled.
pub(super) enum Role {
    /// They come here and are kept live.
    Live(mpsc::UnboundedReceiver<Member>),
    /// They leave for the live lane.
    Filling(mpsc::UnboundedSender<Member>),
}

/// Why a lane stopped following the log.
enum Ended {
    /// The process stops, or no model is left here.
    Done,
    /// A model has to be folded from an earlier position.
    FromEarlier,
    /// The log did not answer; a retry may help.
    Unavailable(String),
    /// No model can go further.
    ForGood(String),
}

impl From<ReadError> for Ended {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unavailable(_) => Self::Unavailable(error.to_string()),
            ReadError::Damaged { .. } | ReadError::BeyondHead { .. } => Self::ForGood(error.to_string()),
        }
    }
}

/// A round comes back with the models that it was given.
type Folded = (Vec<Member>, Result<(), Undecodable>);

impl Lane {
    /// Runs until told to stop, then flushes.
    pub(super) async fn run(mut self) {
        loop {
            match self.follow().await {
                Ended::Done => break,
                Ended::FromEarlier => {}
                Ended::Unavailable(sentence) => {
                    warn!(sentence, "the log does not answer");
                    self.shared.set_log_error(Some(sentence));
                    select! {
                        () = told_to(&mut self.stop) => break,
                        () = sleep(RETRY) => {}
                    }
                }
                Ended::ForGood(sentence) => {
                    error!(sentence, "no read model goes further");
                    self.shared.set_log_error(Some(sentence));
                    break;
                }
            }
        }
        let flushed = spawn_blocking(move || self.members.iter().for_each(Member::flush)).await;
        if let Err(error) = flushed {
            error!(%error, "rows were not flushed");
        }
    }

    /// Reads the log from the lowest position that a model needs, until something ends it. No round is left running.
    async fn follow(&mut self) -> Ended {
        let start = self.lowest().unwrap_or_else(|| self.shared.log_end());
        let mut tail = match self.log.tail(start).await {
            Ok(tail) => tail,
            Err(error) => return error.into(),
        };
        self.shared.set_log_error(None);
        let mut backlog = Backlog::after(start);
        let mut round = None;
        let mut next_round_at = Instant::now();
        let ended = loop {
            let waiting = self.lowest().is_some_and(|folded| folded < backlog.end());
            let reading = backlog.has_room() && (round.is_some() || self.lowest().is_some());
            // What is at hand is read before a round starts, so that one round takes all of it.
            select! {
                biased;
                () = told_to(&mut self.stop) => break Ended::Done,
                folded = finished(&mut round), if round.is_some() => {
                    if let Some(ended) = self.take_back(folded, &mut backlog) {
                        break ended;
                    }
                }
                member = self.role.joining() => {
                    self.members.push(member);
                    break Ended::FromEarlier;
                }
                records = tail.next(), if reading => match records {
                    Ok(records) => backlog.push(records),
                    Err(error) => break error.into(),
                },
                () = sleep_until(next_round_at), if round.is_none() && waiting => {
                    next_round_at = Instant::now() + self.pause(&backlog);
                    round = Some(self.start_round(&backlog));
                }
                () = sleep(HEARTBEAT), if round.is_none() && !waiting => {
                    self.members.iter().for_each(|member| member.watched.beat());
                }
            }
        };
        if round.is_some() {
            let folded = finished(&mut round).await;
            return self.take_back(folded, &mut backlog).unwrap_or(ended);
        }
        ended
    }

    /// The position up to which all models are folded that still fold.
    fn lowest(&self) -> Option<Position> {
        self.members.iter().filter(|member| !member.is_stopped()).map(Member::folded).min()
    }

    fn behind(&self, backlog: &Backlog) -> u64 {
        let end = self.shared.log_end().max(backlog.end());
        end.saturating_sub(self.lowest().unwrap_or(end))
    }

    fn pause(&self, backlog: &Backlog) -> Duration {
        self.pace.pause(self.behind(backlog))
    }

    fn start_round(&mut self, backlog: &Backlog) -> JoinHandle<Folded> {
        let limits = self.pace.limits(self.behind(backlog));
        let after = self.lowest().unwrap_or_else(|| backlog.end());
        let slice = backlog.slice(after, limits.events_max);
        let shared = self.shared.clone();
        let mut members = std::mem::take(&mut self.members);
        spawn_blocking(move || {
            if let Some(record) = slice.first() {
                shared.log_mark.offer(record);
            }
            let outcome = fold_slice(&mut members, &slice, after, limits, shared.caught_up_at);
            (members, outcome)
        })
    }

    fn take_back(&mut self, folded: Result<Folded, JoinError>, backlog: &mut Backlog) -> Option<Ended> {
        let (members, outcome) = match folded {
            Ok(folded) => folded,
            Err(error) => return Some(Ended::ForGood(format!("a round broke off: {error}"))),
        };
        self.members.extend(members);
        if let Role::Filling(live) = &self.role {
            for member in self.members.extract_if(.., |member| !member.is_filling()) {
                // A live lane that has ended has said why.
                drop(live.send(member));
            }
            if self.members.is_empty() {
                return Some(Ended::Done);
            }
        }
        if let Err(undecodable) = outcome {
            return Some(Ended::ForGood(undecodable.to_string()));
        }
        let lowest = self.lowest().unwrap_or_else(|| backlog.end());
        if !backlog.reaches(lowest) {
            return Some(Ended::FromEarlier);
        }
        backlog.drop_through(lowest);
        None
    }
}

impl Role {
    /// A model that has been filled and joins this lane.
    async fn joining(&mut self) -> Member {
        if let Self::Live(joining) = self
            && let Some(member) = joining.recv().await
        {
            return member;
        }
        pending().await
    }
}

/// Waits until somebody says so or nobody is left to say so.
async fn told_to(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}

/// What the round brings; there is none running afterwards. Cancel-safe.
async fn finished(round: &mut Option<JoinHandle<Folded>>) -> Result<Folded, JoinError> {
    let Some(running) = round else { return pending().await };
    let folded = running.await;
    *round = None;
    folded
}
