//! The network goes on: a few events a second.

use std::time::Duration;

use storefold_sequencer::{Clock, SequencerHandle, Submission};
use storefold_simulation::Live;
use tokio::time::sleep;

/// How often what has happened since is sent.
const EVERY: Duration = Duration::from_millis(200);

/// Submits what happens, for ever.
pub async fn run(mut live: Live, sequencer: SequencerHandle, clock: Clock) {
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
