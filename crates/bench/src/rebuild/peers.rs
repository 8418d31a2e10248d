//! The same events put before the peers.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::{Totals, export::Log, measured::Measured};
use crate::{
    Plan,
    peers::{duckdb, measure_drain, postgres},
    rows::Peer,
    server::log_in,
};

/// Peers that did the same.
pub struct Peers {
    pub duckdb: Peer,
    pub postgres: Peer,
    pub jetstream: Peer,
    /// What DuckDB's file of all events takes.
    pub parquet_bytes: Option<u64>,
}

impl Peers {
    /// None of them.
    pub fn left_out() -> Self {
        let left_out = Peer::left_out;
        Self { duckdb: left_out(), postgres: left_out(), jetstream: left_out(), parquet_bytes: None }
    }

    /// Gives them the events that a server has written, all or the first of them.
    ///
    /// # Errors
    /// When one of them fails, or comes to other sums than the read models. Those before it are measured.
    pub async fn measure(&mut self, plan: &Plan, measured: &Measured, data: TempDir, peer_events: u64) -> Result<()> {
        let first = peer_events.min(measured.position);
        let csv = data.path().join("events.csv");
        let log = Log::open(&log_in(data.path()))?;
        eprintln!("writing the events of the log as a table");
        log.write_csv(measured.position, &csv).await?;

        let of_first = self.measure_duckdb(plan, measured, &csv, first)?;
        self.measure_postgres(plan, measured, &csv, first, of_first).await?;
        let encoded = log.encoded(first).await?;
        ensure!(encoded.len() as u64 == first, "{} events of the log instead of {first}", encoded.len());
        self.jetstream = measure_drain(plan, encoded).await.context("plain JetStream")?;
        Ok(())
    }

    /// Answers its sums over the first events.
    fn measure_duckdb(&mut self, plan: &Plan, measured: &Measured, csv: &Path, first: u64) -> Result<Option<Totals>> {
        let Some(directory) = duckdb::find() else {
            self.duckdb = Peer::missing(duckdb::MISSING);
            return Ok(None);
        };
        let answer = duckdb::measure(plan, &directory, csv, measured.position, first).context("DuckDB")?;
        answer.totals.must_be(&measured.totals, "the sums of DuckDB")?;
        self.duckdb = answer.peer;
        self.parquet_bytes = Some(answer.parquet_bytes);
        Ok(Some(answer.totals_of_first))
    }

    async fn measure_postgres(
        &mut self,
        plan: &Plan,
        measured: &Measured,
        csv: &Path,
        first: u64,
        of_first: Option<Totals>,
    ) -> Result<()> {
        let Some((peer, totals)) = postgres::measure_reports(plan, csv, first).await.context("PostgreSQL")? else {
            self.postgres = Peer::missing(postgres::MISSING);
            return Ok(());
        };
        let expected = if first == measured.position { Some(measured.totals) } else { of_first };
        if let Some(expected) = expected {
            totals.must_be(&expected, "the sums of PostgreSQL")?;
        }
        self.postgres = peer;
        Ok(())
    }
}
