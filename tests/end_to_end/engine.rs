//! The log that a server is given.

use std::path::Path;

use storefold_nats_testbed::NatsServer;

/// An engine under a server.
pub enum Engine {
    /// Files beside the server's data.
    Embedded,
    /// A NATS server of its own.
    JetStream(Box<NatsServer>),
}

impl Engine {
    pub fn embedded() -> Self {
        Self::Embedded
    }

    pub async fn jetstream() -> Self {
        Self::JetStream(Box::new(NatsServer::start().await.unwrap()))
    }

    /// The address of the log for a server with its data in `data`.
    pub fn log(&self, data: &Path) -> String {
        match self {
            Self::Embedded => format!("embedded:{}", data.join("log").display()),
            Self::JetStream(nats) => nats.url(),
        }
    }

    /// The flags of `serve`.
    pub fn flags(&self, data: &Path) -> Vec<String> {
        let mut flags = vec!["--log".to_owned(), self.log(data)];
        if let Self::JetStream(nats) = self {
            flags.extend(["--nats-monitor".to_owned(), nats.monitor_url()]);
        }
        flags
    }
}
