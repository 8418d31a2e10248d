//! The network goes on: a few events a second.

use std::time::Duration;

use storefold_events::Event;
use storefold_sequencer::{Clock, SequencerHandle, Submission};
use storefold_simulation::Live;
use storefold_vault::{Needs, Vault, VaultError};
use tokio::time::sleep;

/// How often what has happened since is sent.
const EVERY: Duration = Duration::from_millis(200);

/// Submits what happens, for ever.
pub async fn run(mut live: Live, sequencer: SequencerHandle, vault: Vault, clock: Clock) {
    loop {
        let submission = match sealed(live.next(clock()), &vault).await {
            Ok(submission) => submission,
            Err(error) => {
                tracing::error!(%error, "the live traffic ends");
                return;
            }
        };
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

async fn sealed(events: Vec<Event<'static>>, vault: &Vault) -> Result<Submission, VaultError> {
    let (mut submission, mut needs) = (Submission::default(), Needs::default());
    for event in events {
        let sealed = vault.seal(event)?;
        needs = needs.and(sealed.needs);
        submission.push(&sealed.event);
    }
    vault.durable(needs).await.map(|()| submission)
}
