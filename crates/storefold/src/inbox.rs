//! Takes what devices published on NATS into the log.
//!
//! A message is acknowledged when everything in it is in the log or in quarantine. Until then it comes again, which the
//! sequencer's memory makes harmless.

use std::time::Duration;

use anyhow::{Context, Result};
use futures::future::join_all;
use storefold_event_log::Tenant;
use storefold_event_log_jetstream::{
    Settings as NatsSettings,
    inbox::{Inbox, InboxError, InboxMessage, InboxSettings},
};
use storefold_ingest_api::{Delivered, Format, Intake};
use storefold_sequencer::Standing;
use tokio::time::sleep;

/// Messages that are taken in together.
const MESSAGES_MAX: usize = 1_024;

/// How long an empty inbox is waited for at a time.
const WAIT: Duration = Duration::from_secs(5);

/// The pause after a failure before the same is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// Opens the inbox of a tenant.
pub async fn open(url: &str, tenant: &Tenant, nats: &NatsSettings) -> Result<Inbox> {
    let NatsSettings { replicas, sign_in, .. } = nats.clone();
    let settings = InboxSettings { replicas, sign_in, ..InboxSettings::default() };
    let opened = Inbox::open(url, tenant, &settings).await;
    opened.context("the inbox does not open; with --inbox off the server starts without it")
}

/// Takes messages in for ever, while the sequencer writes. Cancel-safe: what it had not acknowledged comes again.
pub async fn run(mut inbox: Inbox, intake: Intake) {
    let mut standing = intake.sequencer().standing();
    while standing.wait_for(|standing| *standing == Standing::Writing).await.is_ok() {
        match inbox.next_batch(MESSAGES_MAX, WAIT).await {
            Ok(messages) if messages.is_empty() => {}
            Ok(messages) => take_in(&intake, &messages).await,
            Err(error) => {
                tracing::warn!(%error, "asking the inbox again");
                sleep(PAUSE).await;
            }
        }
        if *standing.borrow() != Standing::Writing {
            inbox.pause();
        }
    }
}

async fn take_in(intake: &Intake, messages: &[InboxMessage]) {
    let delivered: Vec<Delivered> = messages.iter().map(delivered).collect();
    let standing = intake.sequencer().standing();
    while let Err(error) = intake.ingest_batch(&delivered).await {
        if *standing.borrow() != Standing::Writing {
            // The node that writes now takes them.
            told(join_all(messages.iter().map(InboxMessage::give_back)).await);
            return;
        }
        tracing::warn!(%error, "messages of the inbox are not taken in; trying again");
        sleep(PAUSE).await;
    }
    told(join_all(messages.iter().map(InboxMessage::ack)).await);
}

fn told(outcomes: Vec<Result<(), InboxError>>) {
    for error in outcomes.into_iter().filter_map(Result::err) {
        tracing::debug!(%error, "the inbox was not told about a message; it comes again");
    }
}

fn delivered(message: &InboxMessage) -> Delivered {
    Delivered {
        source: message.source.clone(),
        format: message.content_type.as_deref().and_then(Format::named),
        payload: message.payload.clone(),
    }
}
