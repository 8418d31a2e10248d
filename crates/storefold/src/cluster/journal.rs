//! The journal of the quarantine, on NATS.

use async_trait::async_trait;
use storefold_event_log::Tenant;
use storefold_event_log_jetstream::{Journal as Stream, OpenError, Settings};
use storefold_sequencer::{Journal, JournalError};

/// The stream, as the sequencer wants it. Neither of them knows the other.
pub struct SharedJournal(Stream);

impl SharedJournal {
    pub async fn open(urls: &str, tenant: &Tenant, settings: &Settings) -> Result<Self, OpenError> {
        Stream::open(urls, tenant, settings).await.map(Self)
    }
}

#[async_trait]
impl Journal for SharedJournal {
    async fn append(&self, change: Vec<u8>) -> Result<u64, JournalError> {
        self.0.append(change).await.map_err(|error| JournalError(error.to_string()))
    }

    async fn after(&self, sequence: u64) -> Result<Vec<(u64, Vec<u8>)>, JournalError> {
        self.0.after(sequence).await.map_err(|error| JournalError(error.to_string()))
    }

    async fn last(&self) -> Result<u64, JournalError> {
        self.0.last().await.map_err(|error| JournalError(error.to_string()))
    }
}
