//! Why a stream cannot be used.

use std::path::PathBuf;

use storefold_event_log::ReadError;
use thiserror::Error;

/// Why the log or the inbox did not open. Addresses in it carry no password.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The address is no address.
    #[error("the address cannot be read ({0}); write nats://HOST:PORT, several separated by commas")]
    Address(String),
    /// A file that the connection is to be made with cannot be used.
    #[error("{file} cannot be used to connect to NATS: {detail}", file = file.display())]
    Unusable {
        /// Which.
        file: PathBuf,
        /// Why.
        detail: String,
    },
    /// Nobody answers there. A retry may help.
    #[error("no NATS server answers at {hosts}: {detail}")]
    Unreachable {
        /// Where it was looked for.
        hosts: String,
        /// What the client says.
        detail: String,
    },
    /// The server takes smaller messages only.
    #[error("the NATS server takes at most {found} bytes a message, but records need {needed}; raise its max_payload")]
    PayloadLimit {
        /// Its `max_payload`.
        found: usize,
        /// What is needed.
        needed: usize,
    },
    /// The server acknowledges what it has not fsynced.
    #[error(
        "NATS server {server} acknowledges before the fsync, so a power cut would lose acknowledged records; \
         set `jetstream {{ sync_interval: always }}` on it, or keep the log on three replicas"
    )]
    AcksBeforeFsync {
        /// Name of the server that keeps the stream.
        server: String,
    },
    /// The stream is there, but set so that it could lose, refuse or alter what is written.
    #[error("stream {stream} cannot be used: {fault}; change it with `nats stream edit {stream}`")]
    Misconfigured {
        /// Its name.
        stream: String,
        /// The setting and what it would do.
        fault: String,
    },
    /// The stream has lost messages.
    #[error("stream {stream} is damaged: it holds {messages} messages, but its last has number {last}; restore it")]
    Damaged {
        /// Its name.
        stream: String,
        /// Messages it holds.
        messages: u64,
        /// Sequence of the last.
        last: u64,
    },
    /// JetStream refused or did not answer. A retry may help.
    #[error("JetStream cannot open stream {stream}: {detail}")]
    JetStream {
        /// Its name.
        stream: String,
        /// What it says.
        detail: String,
    },
    /// The last record of the log cannot be read.
    #[error("the end of stream {stream} cannot be read: {error}")]
    Unreadable {
        /// Its name.
        stream: String,
        /// Why.
        error: ReadError,
    },
}
