//! Takes what devices published on NATS into the log.
//!
//! A message is acknowledged when everything in it is in the log or in quarantine. Until then it comes again, which the
//! sequencer's memory makes harmless.

use std::time::Duration;

use anyhow::{Context, Result};
use futures::future::join_all;
use storefold_event_log::Tenant;
use storefold_event_log_jetstream::inbox::{Inbox, InboxMessage, InboxSettings};
use storefold_ingest_api::{Delivered, Format, Intake};
use tokio::time::sleep;

/// Messages that are taken in together.
const MESSAGES_MAX: usize = 1_024;

/// How long an empty inbox is waited for at a time.
const WAIT: Duration = Duration::from_secs(5);

/// The pause after a failure before the same is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// Opens the inbox of a tenant.
pub async fn open(url: &str, tenant: &Tenant, replicas: usize) -> Result<Inbox> {
    let settings = InboxSettings { replicas, ..InboxSettings::default() };
    let opened = Inbox::open(url, tenant, &settings).await;
    opened.context("the inbox does not open; with --inbox off the server starts without it")
}

/// Takes messages in for ever. Cancel-safe: what it had not acknowledged comes again.
pub async fn run(mut inbox: Inbox, intake: Intake) {
    loop {
        match inbox.next_batch(MESSAGES_MAX, WAIT).await {
            Ok(messages) if messages.is_empty() => {}
            Ok(messages) => take_in(&intake, &messages).await,
            Err(error) => {
                tracing::warn!(%error, "asking the inbox again");
                sleep(PAUSE).await;
            }
        }
    }
}

async fn take_in(intake: &Intake, messages: &[InboxMessage]) {
    let delivered: Vec<Delivered> = messages.iter().map(delivered).collect();
    while let Err(error) = intake.ingest_batch(&delivered).await {
        tracing::warn!(%error, "messages of the inbox are not taken in; trying again");
        sleep(PAUSE).await;
    }
    for acknowledged in join_all(messages.iter().map(InboxMessage::ack)).await {
        if let Err(error) = acknowledged {
            tracing::debug!(%error, "a message was not acknowledged; it comes again");
        }
    }
}

fn delivered(message: &InboxMessage) -> Delivered {
    Delivered {
        source: message.source.clone(),
        format: message.content_type.as_deref().and_then(Format::named),
        payload: message.payload.clone(),
    }
}
