//! The loop: read ahead, fold in rounds, keep pace.

use std::{collections::HashSet, future::pending, sync::Arc, time::Duration};

use storefold_event_log::{EventLog, ReadError};
use storefold_events::Position;
use tokio::{
    select,
    sync::{mpsc, oneshot, watch},
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
use crate::bulk::Workers;

/// How often an idle runner says that it is alive.
const HEARTBEAT: Duration = Duration::from_millis(250);
/// How long to wait before the log is asked again after it did not answer.
pub(super) const RETRY: Duration = Duration::from_millis(500);

/// A model leaves for the live lane when it lacks no more events than this.
const JOIN_EVENTS_MAX: u64 = 4_096;

/// Models that are folded in the same rounds.
pub(super) struct Lane {
    pub(super) log: Arc<dyn EventLog>,
    pub(super) shared: Arc<Shared>,
    pub(super) members: Vec<Member>,
    pub(super) role: Role,
    pub(super) pace: Pace,
    pub(super) workers: Workers,
    pub(super) stop: watch::Receiver<bool>,
    /// Rebuilds whose models are not wanted any more.
    pub(super) left: HashSet<u64>,
}

/// What a lane is for.
pub(super) enum Role {
    /// Its models are served, or are to be.
    Live {
        /// What is to be done between two rounds.
        asked: mpsc::UnboundedReceiver<ToLive>,
        /// Where models go whose rows are to be filled again.
        emptied: mpsc::UnboundedSender<Member>,
        /// Models that are to take the place of those that are served, as soon as they are level.
        taking_over: Vec<(u64, Settled)>,
    },
    /// Its models, which were filled, come level with the log and leave for the live lane.
    CatchingUp(mpsc::UnboundedSender<ToLive>),
}

/// What the live lane is asked to do.
pub(super) enum ToLive {
    /// Keep this model up with the log.
    Join(Member),
    /// Let the models of this rebuild take the place of those that are served.
    TakeOver(u64, Settled),
    /// Let go of the models of this rebuild.
    Leave(u64),
}

/// Told when a take-over is done, or why it was not.
pub(super) type Settled = oneshot::Sender<Result<(), String>>;

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
        if self.leave_when_level() {
            return Ended::Done;
        }
        let start = self.lowest().unwrap_or_else(|| self.shared.log_end());
        let mut tail = match self.log.tail(start).await {
            Ok(tail) => tail,
            Err(error) => return error.into(),
        };
        self.shared.set_log_error(None);
        let mut backlog = Backlog::after(start);
        let mut round = None;
        let mut joining = Vec::new();
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
                    if !joining.is_empty() {
                        break Ended::FromEarlier;
                    }
                }
                asked = self.role.asked() => {
                    joining.extend(self.do_as_asked(asked));
                    if round.is_none() {
                        self.settle();
                        if !joining.is_empty() {
                            break Ended::FromEarlier;
                        }
                    }
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
        let ended = if round.is_some() {
            let folded = finished(&mut round).await;
            self.take_back(folded, &mut backlog).unwrap_or(ended)
        } else {
            ended
        };
        self.members.append(&mut joining);
        ended
    }

    /// The position up to which all models are folded that still fold.
    fn lowest(&self) -> Option<Position> {
        let folding = self.members.iter().filter(|member| !member.is_stopped() && !member.is_empty());
        folding.map(Member::folded).min()
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
        let workers = self.workers.clone();
        let mut members = std::mem::take(&mut self.members);
        spawn_blocking(move || {
            if let Some(record) = slice.first() {
                shared.log_mark.offer(record);
            }
            let outcome = fold_slice(&mut members, &slice, after, limits, shared.caught_up_at, &workers);
            (members, outcome)
        })
    }

    fn take_back(&mut self, folded: Result<Folded, JoinError>, backlog: &mut Backlog) -> Option<Ended> {
        let (members, outcome) = match folded {
            Ok(folded) => folded,
            Err(error) => return Some(Ended::ForGood(format!("a round broke off: {error}"))),
        };
        self.members.extend(members);
        self.settle();
        if self.leave_when_level() {
            return Some(Ended::Done);
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

impl Lane {
    /// Takes note of what is asked; answers a model that joins.
    fn do_as_asked(&mut self, asked: ToLive) -> Option<Member> {
        let Role::Live { taking_over, .. } = &mut self.role else { return None };
        match asked {
            ToLive::Join(member) => return Some(member),
            ToLive::TakeOver(rebuild, settled) => taking_over.push((rebuild, settled)),
            ToLive::Leave(rebuild) => {
                // They are found when they come back from the round, too.
                taking_over.retain(|(taking_over, _)| *taking_over != rebuild);
                self.left.insert(rebuild);
            }
        }
        None
    }

    /// Sends models that have come level with the log to the live lane; answers whether none is left to wait for.
    fn leave_when_level(&mut self) -> bool {
        let Role::CatchingUp(live) = &self.role else { return false };
        let end = self.shared.log_end();
        let level = |member: &mut Member| member.is_stopped() || end.saturating_sub(member.folded()) <= JOIN_EVENTS_MAX;
        for member in self.members.extract_if(.., level) {
            // A live lane that has ended has said why.
            drop(live.send(ToLive::Join(member)));
        }
        self.members.is_empty()
    }

    /// Between two rounds: lets go of models, sends off those that are empty, and exchanges those that are level.
    fn settle(&mut self) {
        let Role::Live { emptied, taking_over, .. } = &mut self.role else { return };
        let left = &self.left;
        for member in self.members.extract_if(.., |member| member.shadow_of.is_some_and(|of| left.contains(&of))) {
            member.discard();
        }
        for member in self.members.extract_if(.., |member| member.is_empty() && member.shadow_of.is_none()) {
            // Nobody takes it when the process stops.
            drop(emptied.send(member));
        }
        for (rebuild, settled) in std::mem::take(taking_over) {
            match exchange(&mut self.members, rebuild) {
                Some(outcome) => drop(settled.send(outcome)),
                None => taking_over.push((rebuild, settled)),
            }
        }
    }
}

/// Puts the models of a rebuild in the place of those that are served; none when they are not level yet.
fn exchange(members: &mut Vec<Member>, rebuild: u64) -> Option<Result<(), String>> {
    let is_shadow = |member: &Member| member.shadow_of == Some(rebuild);
    let served = |members: &[Member], name| {
        members.iter().position(|member| member.shadow_of.is_none() && member.watched.name == name)
    };
    let mut shadows = members.iter().filter(|member| is_shadow(member));
    let level =
        |shadow: &Member| served(members, shadow.watched.name).is_some_and(|at| members[at].can_yield_to(shadow));
    if !shadows.all(level) {
        return None;
    }
    let shadows: Vec<_> = members.extract_if(.., |member| is_shadow(member)).collect();
    let mut outcome = Ok(());
    for shadow in shadows {
        let Some(at) = served(members, shadow.watched.name) else { continue };
        if let Err(error) = members[at].yield_to(shadow) {
            outcome = Err(format!("the new rows of {} could not be put in place: {error}", members[at].watched.name));
        }
    }
    Some(outcome)
}

impl Role {
    /// What is asked of this lane.
    async fn asked(&mut self) -> ToLive {
        if let Self::Live { asked, .. } = self
            && let Some(asked) = asked.recv().await
        {
            return asked;
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
