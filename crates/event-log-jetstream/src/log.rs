//! The engine, as the rest of Storefold sees it.

use std::sync::Arc;

use async_trait::async_trait;
use storefold_event_log::{AppendError, EventLog, Head, ReadError, Record, Tail, Tenant};
use storefold_events::Position;
use tokio::sync::watch;

use crate::{
    OpenError, Settings, Warning, connection::Connection, patience::Patience, server, stream::LogStream, stream_config,
    tail::Feed,
};

/// A tenant's log on JetStream.
pub struct JetStreamLog {
    stream: Arc<LogStream>,
    warnings: Vec<Warning>,
}

impl JetStreamLog {
    /// Opens the log of `tenant`, creating its stream when it is absent.
    ///
    /// `url` is `nats://[USER:PASSWORD@]HOST:PORT`; several servers of a cluster are separated by commas.
    ///
    /// # Errors
    /// Refuses a stream or a server that could lose what it acknowledges; each message says what to change.
    pub async fn open(url: &str, tenant: &Tenant, settings: &Settings) -> Result<Self, OpenError> {
        let Settings { sign_in, answer_timeout, .. } = settings;
        let writes = Connection::open(url, &format!("storefold log {tenant} writes"), sign_in, *answer_timeout).await?;
        let reads = Connection::open(url, &format!("storefold log {tenant} reads"), sign_in, *answer_timeout).await?;
        let server = writes.client.server_info();
        let old = server::check_info(&server)?;

        let wanted = stream_config::log(tenant, settings.replicas);
        let info = stream_config::open(&writes.jetstream, &wanted, settings.give_up_after).await?;
        if info.state.messages != info.state.last_sequence {
            let (messages, last) = (info.state.messages, info.state.last_sequence);
            return Err(OpenError::Damaged { stream: wanted.name, messages, last });
        }
        let keeper = info.cluster.and_then(|cluster| cluster.leader).unwrap_or(server.server_name);
        let unsynced = server::check_sync(&keeper, info.config.num_replicas, settings).await?;

        let stream = LogStream::new(tenant.clone(), wanted.name, writes, reads, settings.clone());
        let mut patience = Patience::of(settings.give_up_after);
        while let Err(error) = stream.head().await {
            if !matches!(error, ReadError::Unavailable(_)) || !patience.lasts().await {
                return Err(OpenError::Unreadable { stream: stream.name.clone(), error });
            }
        }
        Ok(Self { stream: Arc::new(stream), warnings: old.into_iter().chain(unsynced).collect() })
    }

    /// What is doubtful about the server, to be shown to whoever runs it.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

#[async_trait]
impl EventLog for JetStreamLog {
    async fn head(&self) -> Result<Head, ReadError> {
        self.stream.head().await
    }

    /// Tries for as long as [`Settings::give_up_after`] says.
    async fn append(&self, expected: &Head, record: &Record) -> Result<Head, AppendError> {
        self.stream.append(expected, record).await
    }

    async fn tail(&self, after: Position) -> Result<Tail, ReadError> {
        let head = self.stream.head().await?;
        if after > head.position {
            return Err(ReadError::BeyondHead { asked: after, head: head.position });
        }
        let sequence = self.stream.sequence_of(after + 1, &head).await?;
        let feed = Feed::begin(Arc::clone(&self.stream), after, sequence).await?;
        Ok(Tail::new(Box::new(feed), self.stream.tenant.clone(), after))
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.stream.heard()
    }
}
