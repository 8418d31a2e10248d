//! The log that a server is given.

use std::path::Path;

use storefold_nats_testbed::{NatsCluster, NatsServer, ServerOptions};

use crate::deployed::Deployed;

/// An engine under a server.
pub enum Engine {
    /// Files beside the server's data.
    Embedded,
    /// A NATS server of its own.
    JetStream(Box<NatsServer>),
    /// Three NATS servers that keep everything three times.
    Cluster(Box<NatsCluster>),
    /// Three NATS servers with the configuration in `deploy/`.
    Deployed(Box<Deployed>),
}

impl Engine {
    pub fn embedded() -> Self {
        Self::Embedded
    }

    pub async fn jetstream() -> Self {
        Self::JetStream(Box::new(NatsServer::start().await.unwrap()))
    }

    pub async fn cluster() -> Self {
        Self::Cluster(Box::new(NatsCluster::start(&ServerOptions::default()).await.unwrap()))
    }

    /// The address of the log for a server with its data in `data`.
    pub fn log(&self, data: &Path) -> String {
        match self {
            Self::Embedded => format!("embedded:{}", data.join("log").display()),
            Self::JetStream(nats) => nats.url(),
            Self::Cluster(nats) => nats.url(),
            Self::Deployed(deployed) => deployed.url(),
        }
    }

    /// The flags of `serve`.
    pub fn flags(&self, data: &Path) -> Vec<String> {
        let mut flags = vec!["--log".to_owned(), self.log(data)];
        match self {
            Self::Embedded => {}
            Self::JetStream(nats) => flags.extend(["--nats-monitor".to_owned(), nats.monitor_url()]),
            Self::Cluster(_) => flags.extend(["--nats-replicas".to_owned(), "3".to_owned()]),
            Self::Deployed(deployed) => flags.extend(deployed.flags()),
        }
        flags
    }
}
