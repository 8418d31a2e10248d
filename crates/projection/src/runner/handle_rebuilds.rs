//! Rebuilds, snapshots and proofs from outside.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::{
    select,
    sync::watch,
    time::{Instant, sleep},
};

use super::{
    Proving,
    context::Context,
    handle::{QuestionId, RunnerHandle},
    rebuild,
    rebuilds::{Rebuild, RebuildOrder, RebuildPurpose, RebuildRefused, RebuildStatus},
    snapshots::SnapshotStatus,
};
use crate::{Answered, AsOf, Asked, QueryError};

/// How long a proof that is in the way is given to end.
const MAKE_ROOM_MAX: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(5);

impl RunnerHandle {
    /// Begins a rebuild, ordered at a time in ms since 1970 UTC, and answers at once how it is doing.
    ///
    /// # Errors
    /// [`RebuildRefused`]; nothing has begun then.
    pub async fn rebuild(&self, order: RebuildOrder, now_ms: i64) -> Result<RebuildStatus, RebuildRefused> {
        let models = self.models_named(&order.models)?;
        let Some(name) = &order.snapshot else {
            if order.as_of.is_some() {
                return Err(RebuildRefused::AsOfWithoutSnapshot);
            }
            self.make_room(&models).await;
            return self.context.begin(RebuildPurpose::Replace, models, None);
        };
        if let Some(AsOf::Position(asked)) = order.as_of {
            let head = self.shared.log_end();
            if asked > head {
                return Err(RebuildRefused::BeyondLog { asked, head });
            }
        }
        let reserved = self.context.snapshots.reserve(name, now_ms)?;
        let begun = self.context.rebuilds.begin(RebuildPurpose::Snapshot, models, Some(name.clone()))?;
        let (context, of) = (self.context.clone(), begun.clone());
        self.context.spawn(&begun, rebuild::snapshot(context, of, order.as_of, reserved));
        Ok(begun.status())
    }

    /// Every rebuild that is under way or was of late, the newest first.
    pub fn rebuilds(&self) -> Vec<RebuildStatus> {
        self.context.rebuilds.list().iter().map(|rebuild| rebuild.status()).collect()
    }

    /// How a rebuild is doing.
    pub fn rebuild_status(&self, id: u64) -> Option<RebuildStatus> {
        Some(self.context.rebuilds.find(id)?.status())
    }

    /// Cancels a rebuild; one that has ended stays as it is. Idempotent.
    pub fn cancel_rebuild(&self, id: u64) -> Option<RebuildStatus> {
        let rebuild = self.context.rebuilds.find(id)?;
        rebuild.cancel.send_replace(true);
        Some(rebuild.status())
    }

    /// Answers a question from a snapshot, as of its time where it has one, otherwise at a time in ms since 1970 UTC.
    ///
    /// # Errors
    /// [`QueryError::NoSnapshot`] when there is no such snapshot, or the model is not in it.
    ///
    /// # Panics
    /// When the id is of another runner.
    pub fn answer_from(
        &self,
        snapshot: &str,
        id: QuestionId,
        now_ms: i64,
        asked: &Asked,
    ) -> Result<Answered, QueryError> {
        let unknown = || QueryError::NoSnapshot(snapshot.to_owned());
        let (model, question) = self.question(id);
        let found = self.context.snapshots.find(snapshot).ok_or_else(unknown)?;
        let rows = found.store(model).ok_or_else(unknown)?;
        let time_ms = found.status.as_of.and_then(AsOf::time_ms).unwrap_or(now_ms);
        (question.answer)(&**rows, self.shared.asking(time_ms), asked)
    }

    /// Every snapshot, in the order of their names.
    pub fn snapshots(&self, now_ms: i64) -> Vec<SnapshotStatus> {
        self.context.snapshots.list(now_ms)
    }

    /// Deletes a snapshot; answers whether there was one.
    pub fn delete_snapshot(&self, name: &str) -> bool {
        self.context.snapshots.delete(name)
    }

    pub(super) fn downgraded(&self) -> Weak<Context> {
        Arc::downgrade(&self.context)
    }

    fn models_named(&self, names: &[String]) -> Result<Vec<&'static str>, RebuildRefused> {
        let mut models: Vec<&'static str> = Vec::new();
        for name in names {
            match self.context.model(name) {
                _ if name == "all" => return Ok(self.context.models.iter().map(|model| model.name()).collect()),
                Some(model) if models.contains(&model.name()) => {}
                Some(model) => models.push(model.name()),
                None => return Err(RebuildRefused::UnknownModel(name.clone())),
            }
        }
        if models.is_empty() { Err(RebuildRefused::UnknownModel(String::new())) } else { Ok(models) }
    }

    /// A proof gives way to a rebuild that somebody wants.
    async fn make_room(&self, models: &[&'static str]) {
        let proofs = self.context.rebuilds.list().into_iter().filter(|rebuild| {
            let concerned = rebuild.models.iter().any(|model| models.contains(model));
            rebuild.purpose == RebuildPurpose::Prove && rebuild.is_under_way() && concerned
        });
        let until = Instant::now() + MAKE_ROOM_MAX;
        for proof in proofs {
            proof.cancel.send_replace(true);
            while proof.is_under_way() && Instant::now() < until {
                sleep(LOOK_EVERY).await;
            }
        }
    }
}

impl Context {
    fn begin(
        self: &Arc<Self>,
        purpose: RebuildPurpose,
        models: Vec<&'static str>,
        cpu_percent_max: Option<u32>,
    ) -> Result<RebuildStatus, RebuildRefused> {
        let begun = self.rebuilds.begin(purpose, models, None)?;
        self.spawn(&begun, rebuild::rebuild(self.clone(), begun.clone(), cpu_percent_max));
        Ok(begun.status())
    }

    /// Runs a rebuild, unless everything has ended already.
    fn spawn(&self, rebuild: &Rebuild, work: impl Future<Output = ()> + Send + 'static) {
        let Some(running) = self.running.upgrade() else {
            rebuild.end(super::RebuildState::Cancelled, None);
            return;
        };
        tokio::spawn(async move {
            work.await;
            drop(running);
        });
    }
}

/// Proves one model after the other, for as long as the runner is used.
pub(super) async fn prove_again_and_again(context: Weak<Context>, proving: Proving, mut stop: watch::Receiver<bool>) {
    let mut at = 0;
    loop {
        select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = sleep(proving.every) => {}
        }
        let Some(context) = context.upgrade() else { return };
        let models = context.models.iter().map(|model| model.name());
        let Some(model) = models.clone().nth(at % models.len().max(1)) else { return };
        at += 1;
        // One that is being rebuilt is compared by that.
        drop(context.begin(RebuildPurpose::Prove, vec![model], Some(proving.cpu_percent_max)));
    }
}
