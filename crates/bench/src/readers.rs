//! Connections that ask, each the next when the last is answered.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Result, ensure};
use futures::future::try_join_all;
use tokio::time::Instant;

use crate::{
    feed::scatter,
    http::{Connection, get},
    measure::Count,
};

/// A connection that asks one of several questions at random.
pub struct Reader<'q> {
    connection: Connection,
    questions: &'q [Vec<u8>],
    asked: u64,
}

/// The questions about so many paths.
pub fn questions(paths: impl Iterator<Item = String>) -> Vec<Vec<u8>> {
    paths.map(|path| get(&path)).collect()
}

impl<'q> Reader<'q> {
    /// So many connections.
    pub async fn connect_all(address: SocketAddr, questions: &'q [Vec<u8>], count: u64) -> Result<Vec<Self>> {
        let connected = (0..count).map(async |index| {
            // Far apart, so that no two ask the same in the same order.
            Ok(Self { connection: Connection::open(address).await?, questions, asked: index << 40 })
        });
        try_join_all(connected).await
    }

    async fn ask_while(&mut self, goes_on: impl Fn() -> bool) -> Result<Count> {
        let mut count = Count::default();
        while goes_on() {
            self.asked += 1;
            let question = &self.questions[(scatter(self.asked) % self.questions.len() as u64) as usize];
            let begun = Instant::now();
            let answer = self.connection.ask(question).await?.ok()?;
            ensure!(answer.body.last() == Some(&b'}'), "an answer that is no JSON object");
            count.answered(1, begun.elapsed());
        }
        Ok(count)
    }
}

/// All of them at once for a time.
pub async fn ask_for(readers: &mut [Reader<'_>], time: Duration) -> Result<Count> {
    let end = Instant::now() + time;
    ask_while(readers, || Instant::now() < end).await
}

/// All of them at once until something has come to an end.
pub async fn ask_while(readers: &mut [Reader<'_>], goes_on: impl Fn() -> bool) -> Result<Count> {
    let counts = try_join_all(readers.iter_mut().map(|reader| reader.ask_while(&goes_on))).await?;
    Ok(counts.into_iter().fold(Count::default(), Count::and))
}
