//! How the read models do at one moment.

use storefold_events::Position;
use storefold_projection::{ModelStatus, RebuildPurpose, RebuildState, RebuildStatus, RunnerHandle, SnapshotStatus};

/// Everything that the page of the system shows.
#[derive(Clone, Debug, Default)]
pub struct System {
    /// When this was so, in ms since 1970 UTC.
    pub now_ms: i64,
    /// Where the log ends, as far as this process has heard.
    pub log_position: Position,
    /// Why the log cannot be read just now, or any further.
    pub log_error: Option<String>,
    /// In the order they were registered.
    pub models: Vec<ModelStatus>,
    /// Under way or of late, the newest first.
    pub rebuilds: Vec<RebuildStatus>,
    /// In the order of their names.
    pub snapshots: Vec<SnapshotStatus>,
}

impl System {
    /// How the models of a runner do at a time in ms since 1970 UTC.
    pub fn of(runner: &RunnerHandle, now_ms: i64) -> Self {
        let models = runner.status();
        Self {
            now_ms,
            log_position: models.iter().map(|model| model.position + model.lag_events).max().unwrap_or_default(),
            log_error: runner.log_error(),
            models,
            rebuilds: runner.rebuilds(),
            snapshots: runner.snapshots(now_ms),
        }
    }

    /// Whether a rebuild is under way.
    pub(crate) fn is_rebuilding(&self) -> bool {
        self.rebuilds.iter().any(is_under_way)
    }

    /// The models whose rows differ from the log, as far as is known.
    pub(crate) fn differing(&self) -> usize {
        self.models.iter().filter(|model| self.differs(model)).count()
    }

    /// Whether the last proof of a model found a difference that no rebuild has mended.
    pub(crate) fn differs(&self, model: &ModelStatus) -> bool {
        let differed = model.proof.as_ref().is_some_and(|proof| proof.difference.is_some());
        differed && self.mended_by(model).is_none()
    }

    /// The rebuild that put new rows in place of those that the last proof is about.
    pub(crate) fn mended_by(&self, model: &ModelStatus) -> Option<u64> {
        // Only one at a time concerns a model, so the newest that came to something made the proof or came after it.
        let concerns = |rebuild: &&RebuildStatus| rebuild.outcome.iter().any(|rebuilt| rebuilt.model == model.name);
        let of_served = self.rebuilds.iter().filter(|rebuild| rebuild.purpose != RebuildPurpose::Snapshot);
        let newest = of_served.filter(concerns).max_by_key(|rebuild| rebuild.rebuild)?;
        let replaced = newest.purpose == RebuildPurpose::Replace && newest.state == RebuildState::Done;
        replaced.then_some(newest.rebuild)
    }
}

pub(crate) fn is_under_way(rebuild: &RebuildStatus) -> bool {
    matches!(rebuild.state, RebuildState::Folding | RebuildState::CatchingUp | RebuildState::Comparing)
}
