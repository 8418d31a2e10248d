//! Following a log: what comes is taken into the copy, now and then.

use std::{sync::Arc, time::Duration};

use storefold_event_log::{EventLog, ReadError, Record};
use storefold_events::Position;
use tokio::{
    sync::{Mutex, watch},
    task::{self, JoinHandle},
    time::{Instant, sleep, sleep_until},
};

use crate::{CopyError, LogCopy};

/// The longest that a record waits for the next commit.
pub const LAG_MAX: Duration = Duration::from_millis(250);

/// As many bytes of records are committed without waiting.
const COMMIT_BYTES: usize = 8 * 1_024 * 1_024;

/// The pauses after a failure, the first and the longest.
const PAUSE: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// How the copying goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Last position of the copy.
    pub position: Position,
    /// Why nothing is taken in now.
    pub failure: Option<String>,
    /// Nothing will be taken in any more: somebody has to see to the failure, or the keeper was stopped.
    pub is_over: bool,
}

/// A task that fills a copy from its log. Dropping it stops it, and what was not committed is fetched again next time.
pub struct Keeper {
    stop: watch::Sender<bool>,
    kept: watch::Receiver<Kept>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Keeper {
    /// Begins to fill a copy of this log, from the end of the copy on. Must be called on a tokio runtime.
    pub fn begin(copy: Arc<LogCopy>, log: Arc<dyn EventLog>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let (telling, kept) = watch::channel(Kept { position: copy.position(), ..Kept::default() });
        let task = tokio::spawn(keep(copy, log, stopped, telling));
        Self { stop, kept, task: Mutex::new(Some(task)) }
    }

    /// How the copying goes; changes wake those who wait for them.
    pub fn kept(&self) -> watch::Receiver<Kept> {
        self.kept.clone()
    }

    /// Commits what has come, and ends. A second call does nothing.
    pub async fn stop(&self) {
        self.stop.send_replace(true);
        if let Some(task) = self.task.lock().await.take() {
            // If it broke off, what it had not committed is fetched again next time.
            let _ = task.await;
        }
    }
}

async fn keep(
    copy: Arc<LogCopy>,
    log: Arc<dyn EventLog>,
    mut stopped: watch::Receiver<bool>,
    telling: watch::Sender<Kept>,
) {
    let mut pause = PAUSE;
    loop {
        let before = copy.position();
        let Err(error) = follow(&copy, &log, &mut stopped, &telling).await else {
            telling.send_modify(|kept| kept.is_over = true);
            return;
        };
        let is_over = !error.may_pass();
        telling.send_modify(|kept| (kept.failure, kept.is_over) = (Some(error.to_string()), is_over));
        if is_over {
            return;
        }
        pause = if copy.position() > before { PAUSE } else { (pause * 2).min(PAUSE_MAX) };
        tokio::select! {
            () = sleep(pause) => {}
            _ = stopped.changed() => return,
        }
    }
}

/// Takes in what the log has after the copy, and what comes, until it is stopped.
async fn follow(
    copy: &Arc<LogCopy>,
    log: &Arc<dyn EventLog>,
    stopped: &mut watch::Receiver<bool>,
    telling: &watch::Sender<Kept>,
) -> Result<(), CopyError> {
    let mut tail = log.tail(copy.position()).await.map_err(|error| beyond(copy, error))?;
    let (mut waiting, mut bytes, mut commit_at) = (Vec::<Record>::new(), 0, Instant::now());
    loop {
        let is_last = tokio::select! {
            came = tail.next() => {
                if waiting.is_empty() {
                    commit_at = Instant::now() + LAG_MAX;
                }
                for record in came? {
                    bytes += record.bytes().len();
                    waiting.push(record);
                }
                if bytes < COMMIT_BYTES && Instant::now() < commit_at {
                    continue;
                }
                false
            }
            () = sleep_until(commit_at), if !waiting.is_empty() => false,
            // The other end is dropped with the keeper.
            _ = stopped.wait_for(|stopped| *stopped) => true,
        };
        let (taking, records) = (copy.clone(), std::mem::take(&mut waiting));
        bytes = 0;
        let taken = task::spawn_blocking(move || taking.take_in(&records)).await;
        let position = taken.unwrap_or_else(|error| Err(CopyError::unavailable(copy.file(), &error)))?;
        telling.send_replace(Kept { position, failure: None, is_over: false });
        if is_last {
            return Ok(());
        }
    }
}

/// A copy that is ahead is of another log, or of one that has lost its end.
fn beyond(copy: &LogCopy, error: ReadError) -> CopyError {
    match error {
        ReadError::BeyondHead { asked, head } => CopyError::AnotherLog {
            file: copy.file().to_owned(),
            detail: format!("it ends at position {asked}, and the log at {head}"),
        },
        error => error.into(),
    }
}
