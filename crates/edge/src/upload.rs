//! How a backlog that is being sent on gets along.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// How often a long upload is told of.
const TOLD_EVERY: Duration = Duration::from_secs(10);

/// Shorter ones are not worth a word.
const TOLD_EVENTS_MIN: u64 = 1_000;

/// From the first batch of a backlog to the last.
struct Burst {
    began: Instant,
    told: Instant,
    sent: u64,
    is_told: bool,
}

/// How far an upload is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Progress {
    pub(crate) sent: u64,
    pub(crate) events_per_s: f64,
    /// `None` while there is no rate yet.
    pub(crate) left_s: Option<f64>,
}

/// The upload that is under way, if one is.
#[derive(Default)]
pub(crate) struct Upload(Mutex<Option<Burst>>);

impl Upload {
    /// A batch is about to be sent, with so many events waiting.
    pub(crate) fn begin(&self, waiting: u64) {
        let mut burst = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if burst.is_none() {
            let now = Instant::now();
            let is_told = waiting >= TOLD_EVENTS_MIN;
            if is_told {
                tracing::info!("sending {waiting} events on to the centre");
            }
            *burst = Some(Burst { began: now, told: now, sent: 0, is_told });
        }
    }

    /// So many more were answered; so many wait.
    pub(crate) fn advance(&self, sent: u64, waiting: u64) {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(burst) = slot.as_mut() else { return };
        burst.sent += sent;
        let took = burst.began.elapsed();
        let rate = burst.sent as f64 / took.as_secs_f64().max(0.001);
        if waiting == 0 {
            if burst.is_told {
                tracing::info!("sent {} events on in {:.1} s, {rate:.0}/s", burst.sent, took.as_secs_f64());
            }
            *slot = None;
        } else if burst.is_told && burst.told.elapsed() >= TOLD_EVERY {
            burst.told = Instant::now();
            tracing::info!(
                "sent {} events on, {waiting} wait, {rate:.0}/s, {:.0} s left",
                burst.sent,
                waiting as f64 / rate
            );
        }
    }

    /// The line broke in the middle: what comes later is another upload.
    pub(crate) fn end(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(crate) fn progress(&self, waiting: u64) -> Option<Progress> {
        let burst = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let burst = burst.as_ref()?;
        let events_per_s = burst.sent as f64 / burst.began.elapsed().as_secs_f64().max(0.001);
        let left_s = (burst.sent > 0).then(|| waiting as f64 / events_per_s);
        Some(Progress { sent: burst.sent, events_per_s, left_s })
    }
}
