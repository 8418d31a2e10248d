//! A server, its tenant and what is written to it.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use storefold_event_log::{
    AppendError, EventLog, Head, Record, Tenant,
    conformance::{Bench, Script},
};
use storefold_event_log_jetstream::{JetStreamLog, OpenError, Settings};
use storefold_nats_testbed::{NatsServer, ServerOptions};
use tokio::sync::Mutex;

/// One server with one tenant.
pub struct World {
    pub server: Mutex<NatsServer>,
    pub url: String,
    pub settings: Settings,
}

pub fn tenant() -> Tenant {
    Tenant::new("test").unwrap()
}

impl World {
    pub async fn start() -> Self {
        Self::start_with(&ServerOptions::default()).await
    }

    pub async fn start_with(options: &ServerOptions) -> Self {
        let server = NatsServer::start_with(options).await.unwrap();
        let settings = Settings { monitor_url: Some(server.monitor_url()), ..Settings::default() };
        Self { url: server.url(), server: Mutex::new(server), settings }
    }

    /// Gives up soon, for tests that make the server silent.
    pub fn impatient(mut self) -> Self {
        self.settings.answer_timeout = Duration::from_millis(300);
        self.settings.give_up_after = Duration::from_millis(600);
        self
    }

    pub async fn log(&self) -> JetStreamLog {
        self.try_log().await.unwrap()
    }

    pub async fn try_log(&self) -> Result<JetStreamLog, OpenError> {
        JetStreamLog::open(&self.url, &tenant(), &self.settings).await
    }

    pub async fn script(&self) -> Script {
        Script::new(self, Arc::new(self.log().await)).await
    }

    /// A client that is not Storefold.
    pub async fn stranger(&self) -> async_nats::jetstream::Context {
        async_nats::jetstream::new(async_nats::connect(&self.url).await.unwrap())
    }
}

#[async_trait]
impl Bench for World {
    fn tenant(&self) -> Tenant {
        tenant()
    }

    async fn open(&self) -> Arc<dyn EventLog> {
        Arc::new(self.log().await)
    }

    /// The server is killed too: what was acknowledged must stand in its files.
    async fn reopen(&self) -> Arc<dyn EventLog> {
        self.server.lock().await.restart().await.unwrap();
        self.open().await
    }
}

/// Appends until it is settled; what comes in between must leave it open.
pub async fn append_until_settled(log: &dyn EventLog, expected: &Head, record: &Record) -> Head {
    loop {
        match log.append(expected, record).await {
            Ok(head) => return head,
            Err(AppendError::Unknown(_) | AppendError::Unavailable(_)) => {}
            Err(error) => panic!("a lone writer cannot be refused: {error}"),
        }
    }
}
