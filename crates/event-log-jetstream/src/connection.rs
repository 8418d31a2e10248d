//! A connection that tells when it was lost.

use std::{
    future::{pending, ready},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use async_nats::{
    Client, Event, ServerAddr,
    connection::State,
    jetstream::{Context, context::ContextBuilder},
};
use tokio::sync::watch;

use crate::{OpenError, SignIn};

/// How often a silent server is asked whether it is there; after two silences the connection counts as lost.
const PING_INTERVAL: Duration = Duration::from_secs(1);

/// The longest pause between two attempts to connect again.
const RECONNECT_PAUSE_MAX: Duration = Duration::from_secs(1);

/// The client connects again by itself, for ever. Answers and consumers of the lost connection do not come back.
pub(crate) struct Connection {
    pub(crate) client: Client,
    pub(crate) jetstream: Context,
    losses: watch::Receiver<u64>,
    /// The number of the last connection that was left.
    left: AtomicU64,
}

impl Connection {
    pub(crate) async fn open(
        url: &str,
        name: &str,
        sign_in: &SignIn,
        answer_timeout: Duration,
    ) -> Result<Self, OpenError> {
        let addresses = addresses(url)?;
        let hosts = addresses.iter().map(|a| format!("{}:{}", a.host(), a.port())).collect::<Vec<_>>().join(", ");
        let (lost, losses) = watch::channel(0);
        let client = sign_in
            .options(&addresses)?
            .name(name)
            .connection_timeout(answer_timeout)
            .request_timeout(Some(answer_timeout))
            .ping_interval(PING_INTERVAL)
            .reconnect_delay_callback(|attempts| {
                RECONNECT_PAUSE_MAX.min(Duration::from_millis(50).saturating_mul(attempts as u32))
            })
            .event_callback(move |event| {
                if matches!(event, Event::Disconnected) {
                    lost.send_modify(|count| *count += 1);
                }
                ready(())
            })
            .connect(addresses)
            .await
            .map_err(|error| OpenError::Unreachable { hosts, detail: error.to_string() })?;
        let jetstream = ContextBuilder::new().timeout(answer_timeout).build(client.clone());
        Ok(Self { client, jetstream, losses, left: AtomicU64::new(0) })
    }

    /// Which connection it is, counted from 1.
    pub(crate) fn number(&self) -> u64 {
        connects(&self.client)
    }

    /// Goes over to another server when the connection with this number has not answered: a server that is paused keeps its
    /// connections, and is noticed by its silence alone. Does nothing when that connection is gone already.
    pub(crate) async fn leave_if_still(&self, number: u64) {
        let is_first = self.left.fetch_max(number, Ordering::Relaxed) < number;
        if is_first && self.client.connection_state() == State::Connected && connects(&self.client) == number {
            // It fails only when the client has ended.
            drop(self.client.force_reconnect().await);
        }
    }

    /// Watches for the loss of the connection from now on.
    pub(crate) fn life(&self) -> Life {
        let mut losses = self.losses.clone();
        losses.mark_unchanged();
        Life { losses, client: self.client.clone(), connects: connects(&self.client) }
    }
}

/// One connection to one server, as long as it lasts.
pub(crate) struct Life {
    losses: watch::Receiver<u64>,
    client: Client,
    connects: u64,
}

impl Life {
    /// Waits until the connection is lost. Cancel-safe. The client reports a loss some time after it has happened, so
    /// a report may be about a connection before this one.
    pub(crate) async fn lost(&mut self) {
        while self.losses.changed().await.is_ok() {
            if self.client.connection_state() != State::Connected || connects(&self.client) != self.connects {
                return;
            }
        }
        pending::<()>().await;
    }

    /// Goes over to the connection that just gave an answer.
    pub(crate) fn renew(&mut self) {
        self.connects = connects(&self.client);
    }
}

fn connects(client: &Client) -> u64 {
    client.statistics().connects.load(Ordering::Relaxed)
}

fn addresses(url: &str) -> Result<Vec<ServerAddr>, OpenError> {
    url.split(',').map(|one| one.trim().parse().map_err(|error| OpenError::Address(format!("{error}")))).collect()
}
