//! Appending one record until its fate is known.

use std::{sync::Arc, time::Duration};

use storefold_event_log::{AppendError, EventLog, Head, Record};

const PAUSE_MIN: Duration = Duration::from_millis(20);
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Appends the record, again and again while the storage does not answer: the log recognises a record it has, so
/// repeating is harmless, and giving up would leave callers with an unknown outcome.
///
/// # Errors
/// Only those that repeating cannot mend.
pub(super) async fn append_until_known(
    log: Arc<dyn EventLog>,
    head: Head,
    record: Record,
) -> Result<Head, AppendError> {
    let mut pause = PAUSE_MIN;
    loop {
        match log.append(&head, &record).await {
            Err(error @ (AppendError::Unavailable(_) | AppendError::Unknown(_))) => {
                tracing::warn!(%error, position = head.position, "the append is repeated");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(PAUSE_MAX);
            }
            settled => return settled,
        }
    }
}
