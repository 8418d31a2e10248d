//! Requests that are due at fixed times.

use std::{net::SocketAddr, ops::Range, time::Duration};

use anyhow::{Result, bail, ensure};
use futures::future::try_join_all;
use tokio::time::{Instant, sleep_until};

use crate::{
    feed::{Feed, Mix},
    http::{Connection, post},
};

/// What became of what was offered.
#[derive(Default)]
pub struct Offered {
    /// Requests.
    pub accepted: u64,
    /// How long each took that was accepted, and that was sent away, in µs.
    pub took: Vec<u32>,
    pub away_took: Vec<u32>,
    /// From the first request to the last answer.
    pub offering_took: Duration,
}

/// Offers so many requests a second for a time, over a connection with a store of its own for each of `stores`.
pub async fn offer(
    address: SocketAddr,
    stores: Range<u32>,
    events_per_request: u64,
    requests_per_second: f64,
    time: Duration,
) -> Result<Offered> {
    let count = stores.len() as u32;
    let every = Duration::from_secs_f64(f64::from(count) / requests_per_second);
    // Before anything is due: making up what is sent takes this thread longer than the server takes for an answer.
    let feeds: Vec<Feed> = stores.map(|store| Mix::Scans.feed(store)).collect();
    let connections = try_join_all(feeds.iter().map(|_| Connection::open(address))).await?;
    let begun = Instant::now();
    let offered = connections.into_iter().zip(feeds).zip(0..).map(|((connection, feed), index): (_, u32)| {
        one(connection, feed, events_per_request, begun + every * index / count, every, begun + time)
    });
    let mut all = Offered::default();
    for one in try_join_all(offered).await? {
        all.accepted += one.accepted;
        all.took.extend(one.took);
        all.away_took.extend(one.away_took);
    }
    all.offering_took = begun.elapsed();
    Ok(all)
}

async fn one(
    mut connection: Connection,
    mut feed: Feed,
    events_per_request: u64,
    mut due: Instant,
    every: Duration,
    end: Instant,
) -> Result<Offered> {
    let (mut offered, mut body, mut request) = (Offered::default(), Vec::new(), Vec::new());
    while due < end {
        sleep_until(due).await;
        // Whoever is late does not send at once what he could not send in time: that would be another load.
        due = (due + every).max(Instant::now());
        body.clear();
        for _ in 0..events_per_request {
            feed.write(&mut body);
            body.push(b'\n');
        }
        post(&mut request, "/v1/events", "application/x-ndjson", &body);
        let begun = Instant::now();
        let answer = connection.ask(&request).await?;
        let took = u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX);
        match answer.status {
            200 => {
                let accepted = answer.leading_number("accepted")?;
                ensure!(accepted == events_per_request, "not all was accepted: {}", answer.first_not_accepted());
                offered.accepted += 1;
                offered.took.push(took);
            }
            503 => {
                ensure!(answer.says("retry-after"), "503 without Retry-After");
                offered.away_took.push(took);
            }
            status => bail!("the server answered {status}"),
        }
    }
    Ok(offered)
}
