//! Connections that send events, each the next when the last is answered.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Result, ensure};
use futures::future::try_join_all;
use tokio::time::Instant;

use crate::{
    feed::{Feed, Mix},
    http::{Connection, post},
    measure::Count,
};

/// A producer and its connection.
pub struct Sender {
    connection: Connection,
    feed: Feed,
    events_per_request: u64,
    body: Vec<u8>,
    request: Vec<u8>,
    sent: Sent,
}

/// What was sent since the beginning, all of it accepted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sent {
    /// Events.
    pub events: u64,
    /// Places they take in the log, with what they bring about.
    pub positions: u64,
    /// Bytes of their JSON.
    pub bytes: u64,
}

impl Sender {
    /// Connects to send the feed with so many events in each request: one as JSON, more as NDJSON.
    pub async fn connect(address: SocketAddr, feed: Feed, events_per_request: u64) -> Result<Self> {
        let connection = Connection::open(address).await?;
        Ok(Self { connection, feed, events_per_request, body: Vec::new(), request: Vec::new(), sent: Sent::default() })
    }

    /// So many of them, with a store and sources of its own for each.
    pub async fn connect_all(address: SocketAddr, mix: Mix, count: u32, events_per_request: u64) -> Result<Vec<Self>> {
        try_join_all((0..count).map(|index| Self::connect(address, mix.feed(index), events_per_request))).await
    }

    /// Sends one request and checks that all of it was accepted.
    pub async fn send(&mut self) -> Result<()> {
        ensure!(self.try_send().await?, "the server has sent a request away");
        Ok(())
    }

    /// Sends one request; false when it was sent away, whose events are then never sent.
    pub async fn try_send(&mut self) -> Result<bool> {
        self.body.clear();
        let mut positions = 0;
        for _ in 0..self.events_per_request {
            positions += self.feed.write(&mut self.body);
            self.body.push(b'\n');
        }
        let content_type = if self.events_per_request == 1 { "application/json" } else { "application/x-ndjson" };
        post(&mut self.request, "/v1/events", content_type, &self.body);
        let answer = self.connection.ask(&self.request).await?;
        if answer.status == 503 {
            return Ok(false);
        }
        let answer = answer.ok()?;
        let accepted = answer.leading_number("accepted")?;
        ensure!(accepted == self.events_per_request, "not all was accepted: {}", answer.first_not_accepted());
        self.sent.events += accepted;
        self.sent.positions += positions;
        self.sent.bytes += self.body.len() as u64;
        Ok(true)
    }

    /// Sends until a moment has come; the request under way then is finished and counted.
    async fn send_until(&mut self, end: Instant) -> Result<Count> {
        let mut count = Count::default();
        while Instant::now() < end {
            let begun = Instant::now();
            self.send().await?;
            count.answered(self.events_per_request, begun.elapsed());
        }
        Ok(count)
    }

    /// What it has sent.
    pub fn sent(&self) -> Sent {
        self.sent
    }

    /// Its sources, and how many events of each were accepted.
    pub fn sources(&self) -> impl Iterator<Item = (&str, u64)> {
        self.feed.sources()
    }
}

/// All of them at once for a time.
pub async fn send_for(senders: &mut [Sender], time: Duration) -> Result<Count> {
    let end = Instant::now() + time;
    let counts = try_join_all(senders.iter_mut().map(|sender| sender.send_until(end))).await?;
    Ok(counts.into_iter().fold(Count::default(), Count::and))
}

/// What all of them have sent.
pub fn total(senders: &[Sender]) -> Sent {
    senders.iter().map(Sender::sent).fold(Sent::default(), |one, other| Sent {
        events: one.events + other.events,
        positions: one.positions + other.positions,
        bytes: one.bytes + other.bytes,
    })
}
