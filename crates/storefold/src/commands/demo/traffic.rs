//! The network goes on: a few events a second.

use std::time::Duration;

use storefold_sequencer::{Clock, SequencerHandle, Submission};
use storefold_simulation::History;
use tokio::time::sleep;

/// How busy the network is.
const VISITS_PER_MINUTE: u32 = 150;

/// How often what has happened since is sent.
const EVERY: Duration = Duration::from_millis(200);

/// Submits what happens from `from_ms` on, for ever. What the log has from an earlier start is a repeat.
pub async fn run(history: History, from_ms: i64, sequencer: SequencerHandle, clock: Clock) {
    let mut live = history.into_live(from_ms, VISITS_PER_MINUTE);
    loop {
        let mut submission = Submission::default();
        live.next(clock()).iter().for_each(|event| submission.push(event));
        while !submission.is_empty() {
            match sequencer.submit(submission.clone()).await {
                Ok(_) => break,
                Err(error) => tracing::warn!(%error, "the live traffic is held up"),
            }
            sleep(EVERY).await;
        }
        sleep(EVERY).await;
    }
}
