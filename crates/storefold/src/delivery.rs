//! Events from a file or a simulation on their way to a server.
//!
//! They travel in rounds: a round holds the next few thousand events, split by source over several connections, and the
//! next round begins when all of it is answered. So the events of one source arrive in the order of the file, and what
//! configures stores and programmes has arrived before what follows it. Within a round, an event may still
//! overtake its cause at another source: a return the sale of another till. The server keeps such an event and takes it
//! in by itself; it is asked again at the end of the round what became of it.

mod round;
mod tally;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use futures::future::try_join_all;
use tokio::{sync::mpsc, task, time::sleep_until};

use self::round::{Batch, Round};
pub use self::{
    round::{Line, Rounds},
    tally::Tally,
};
use crate::{
    client::{Answer, Client, EventResult},
    progress::Progress,
};

/// The most events in one request.
pub const EVENTS_PER_REQUEST: usize = 1_000;

/// The most bytes in one request, one event beyond it aside; the server takes 8 MiB.
const REQUEST_BYTES: usize = 2 * 1_024 * 1_024;

/// Rounds that wait to be sent.
const ROUNDS_WAITING_MAX: usize = 2;

/// How events are sent.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Requests under way at a time.
    pub connections: usize,
    /// Events a second at most; as fast as the server takes them when absent.
    pub rate: Option<u32>,
}

impl Pace {
    /// How many events a round holds: at a given rate a tenth of a second's, so that they flow.
    fn round_events(self) -> usize {
        let most = self.connections * EVENTS_PER_REQUEST;
        self.rate.map_or(most, |rate| (rate as usize / 10).clamp(1, most))
    }
}

/// Sends everything that `feed` pushes, and tells what became of it. `feed` runs on a thread of its own.
pub async fn deliver(
    client: &Client,
    pace: Pace,
    progress: &Arc<Progress>,
    feed: impl FnOnce(&mut Rounds) -> Result<()> + Send + 'static,
) -> Result<Tally> {
    let (to, mut rounds) = mpsc::channel(ROUNDS_WAITING_MAX);
    let feeding = task::spawn_blocking(move || {
        let mut rounds = Rounds::new(to, pace.connections, pace.round_events());
        feed(&mut rounds)?;
        rounds.finish();
        Ok::<_, anyhow::Error>(())
    });
    let started = Instant::now();
    let mut tally = Tally::default();
    while let Some(round) = rounds.recv().await {
        if let Some(rate) = pace.rate {
            let due = Duration::from_secs_f64(tally.sent() as f64 / f64::from(rate.max(1)));
            sleep_until((started + due).into()).await;
        }
        let before = tally.sent();
        send_round(client, &round, &mut tally).await?;
        progress.advance(tally.sent() - before, round.share);
    }
    feeding.await.context("reading the events panicked")??;
    Ok(tally)
}

async fn send_round(client: &Client, round: &Round, tally: &mut Tally) -> Result<()> {
    let lanes = try_join_all(round.lanes.iter().map(|lane| send_lane(client, lane))).await?;
    let mut waiting = Vec::new();
    for (batch, answer) in round.lanes.iter().flatten().zip(lanes.into_iter().flatten()) {
        tally.position = tally.position.max(answer.position);
        for (index, result) in answer.results.into_iter().enumerate() {
            match result {
                EventResult::Rejected { code, .. } if code == "unknown_sale" || code == "unknown_scan" => {
                    waiting.push((batch, index));
                }
                result => tally.count(batch.line(index), result),
            }
        }
    }
    waiting.sort_unstable_by_key(|(batch, index)| batch.line(*index));
    for some in waiting.chunks(EVENTS_PER_REQUEST) {
        ask_again(client, some, tally).await?;
    }
    Ok(())
}

async fn send_lane(client: &Client, lane: &[Batch]) -> Result<Vec<Answer>> {
    let mut answers = Vec::with_capacity(lane.len());
    for batch in lane {
        answers.push(send(client, batch).await?);
    }
    Ok(answers)
}

async fn send(client: &Client, batch: &Batch) -> Result<Answer> {
    let (first, last) = (batch.line(0), batch.line(batch.len() - 1));
    let place = || format!("lines {first} to {last} were not taken");
    let answer = client.post_events(batch.body()).await.with_context(place)?;
    anyhow::ensure!(
        answer.results.len() == batch.len(),
        "the server answers {} results for the {} events of lines {first} to {last}",
        answer.results.len(),
        batch.len()
    );
    Ok(answer)
}

/// Sends events again whose cause had not arrived: those that the server has taken in since are duplicates now.
async fn ask_again(client: &Client, waiting: &[(&Batch, usize)], tally: &mut Tally) -> Result<()> {
    let mut again = Batch::default();
    for (batch, index) in waiting {
        again.push(batch.line(*index), batch.event(*index));
    }
    let answer = send(client, &again).await?;
    tally.position = tally.position.max(answer.position);
    for (index, result) in answer.results.into_iter().enumerate() {
        let result = match result {
            EventResult::Duplicate {} => EventResult::Accepted {},
            result => result,
        };
        tally.count(again.line(index), result);
    }
    Ok(())
}
