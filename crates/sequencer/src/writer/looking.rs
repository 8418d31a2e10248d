//! Looking whether the log is as its writer knows it.
//!
//! What another writer had under way when his turn ended may be in the log later than the turn came here. The fence tells whoever
//! appends; who has nothing to append would answer questions without it.

use std::{future::pending, pin::Pin, sync::Arc, time::Duration};

use storefold_event_log::{EventLog, Head, ReadError};

use super::Turn;

/// How often it is looked.
const LOOKED_EVERY: Duration = Duration::from_millis(500);

type Look = Pin<Box<dyn Future<Output = Result<Head, ReadError>> + Send>>;

/// Where the log ends, looked at again and again.
pub(super) struct Looking {
    log: Arc<dyn EventLog>,
    others_may_write: bool,
    under_way: Option<Look>,
}

impl Looking {
    pub(super) fn at(log: &Arc<dyn EventLog>, turn: &Turn) -> Self {
        let others_may_write = !matches!(turn, Turn::Always);
        Self { log: Arc::clone(log), others_may_write, under_way: None }
    }

    /// Where the log was found to end; waits for ever where nobody else may write it. Cancel-safe: what is under way goes on.
    pub(super) async fn found(&mut self) -> Head {
        if !self.others_may_write {
            return pending().await;
        }
        loop {
            let look = self.under_way.get_or_insert_with(|| {
                let log = Arc::clone(&self.log);
                Box::pin(async move {
                    tokio::time::sleep(LOOKED_EVERY).await;
                    log.head().await
                })
            });
            let found = look.await;
            self.under_way = None;
            // A log that does not answer is looked at again.
            if let Ok(head) = found {
                return head;
            }
        }
    }
}
