//! What a claim needs of an engine.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{EventLog, Tenant};

/// One log of one engine, empty at first, that no other test sees.
#[async_trait]
pub trait Bench: Send + Sync {
    /// Whose log it is.
    fn tenant(&self) -> Tenant;

    /// The log, through a writer of its own if the engine lets several open it, else through the same.
    async fn open(&self) -> Arc<dyn EventLog>;

    /// The log as a restarted process finds it. What was opened before is closed and not used any more.
    async fn reopen(&self) -> Arc<dyn EventLog>;
}
