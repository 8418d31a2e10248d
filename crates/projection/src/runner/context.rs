//! What rebuilds work with.

use std::{
    path::PathBuf,
    sync::{Arc, Weak},
};

use storefold_event_log::EventLog;
use tokio::sync::{mpsc, watch};

use super::{lane::ToLive, pace::Pace, rebuilds::Rebuilds, snapshots::Snapshots, watched::Shared};
use crate::{ReadModel, StoreKind, bulk::Workers};

/// Shared by the handles of a runner and its rebuilds.
pub(super) struct Context {
    pub(super) log: Arc<dyn EventLog>,
    pub(super) shared: Arc<Shared>,
    pub(super) models: Vec<Arc<dyn ReadModel>>,
    pub(super) kind: StoreKind,
    pub(super) pace: Pace,
    /// Fold models side by side as they follow the log.
    pub(super) workers: Workers,
    /// Where the rows of all models lie.
    pub(super) read_dir: PathBuf,
    pub(super) to_live: mpsc::UnboundedSender<ToLive>,
    pub(super) rebuilds: Rebuilds,
    pub(super) snapshots: Snapshots,
    /// Alive as long as a lane or a rebuild is at work.
    pub(super) running: Weak<watch::Sender<()>>,
}

impl Context {
    pub(super) fn model(&self, name: &str) -> Option<&Arc<dyn ReadModel>> {
        self.models.iter().find(|model| model.name() == name)
    }
}
