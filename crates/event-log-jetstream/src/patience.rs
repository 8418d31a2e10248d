//! Trying again, with growing pauses, for a while.

use std::time::Duration;

use tokio::time::{Instant, sleep};

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_millis(500);

/// How long something is still tried.
pub(crate) struct Patience {
    give_up: Instant,
    pause: Duration,
}

impl Patience {
    pub(crate) fn of(at_most: Duration) -> Self {
        Self { give_up: Instant::now() + at_most, pause: FIRST_PAUSE }
    }

    /// When it ends.
    pub(crate) fn end(&self) -> Instant {
        self.give_up
    }

    /// Pauses before another attempt; false, without a pause, when it is time to give up.
    pub(crate) async fn lasts(&mut self) -> bool {
        if Instant::now() + self.pause > self.give_up {
            return false;
        }
        sleep(self.pause).await;
        self.pause = PAUSE_MAX.min(2 * self.pause);
        true
    }
}
