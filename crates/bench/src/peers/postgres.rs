//! PostgreSQL: the rows of one store from a table with an index, as a materialized view is read.
//!
//! It is asked by its own pgbench, over prepared statements, and does nothing else meanwhile: no event is written beside.

mod database;
mod reports;

pub use self::{database::find, reports::measure as measure_reports};

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context, Result};

use self::database::{Database, finish};
use crate::{Plan, measure::Runs, rows::Peer, server::STORES};

/// Why it is not measured, where it is not.
pub const MISSING: &str = "PostgreSQL is not on this machine: no initdb in /usr/lib/postgresql/*/bin or on PATH";

const CONNECTIONS: &str = "16";

/// The columns are what the read model keeps of a day; 90 rows a store.
const TABLE: &str = "
    create table store_day (store int, day date, attempted bigint, succeeded bigint, failed bigint, female bigint,
        male bigint, unknown bigint, emails bigint, sales bigint, returns bigint, units bigint, turnover_minor bigint,
        net_minor bigint, primary key (store, day));
    insert into store_day select store, date '2025-08-15' + day, 20, 18, 2, 10, 9, 1, 11, 4, 0, 6, 38000, 31667
        from generate_series(0, STORES - 1) store, generate_series(0, 89) day;
    vacuum analyze store_day;";

const QUESTION: &str = "\\set store random(0, STORES - 1)\n\
    select * from store_day where store = :store and day between date '2025-08-15' and date '2025-11-12' order by day;\n";

/// Measures it, or says why not.
pub async fn measure(plan: &Plan) -> Result<Peer> {
    let Some(programs) = find() else {
        return Ok(Peer::missing(MISSING));
    };
    eprintln!("measuring PostgreSQL");
    let database = Database::start(programs).await?;
    database.fill()?;
    database.ask(Duration::from_secs(1)).await?;
    let mut rates = Vec::new();
    for _ in 0..plan.runs {
        rates.push(database.ask(plan.run).await?);
    }
    let name = format!("PostgreSQL, the same 90 rows by a prepared statement, {CONNECTIONS} connections, nothing else");
    Ok(Peer { name, runs: Some(Runs::of_rates(rates)) })
}

impl Database {
    fn fill(&self) -> Result<()> {
        self.psql(&TABLE.replace("STORES", &STORES.to_string()))?;
        Ok(fs::write(self.script(), QUESTION.replace("STORES", &STORES.to_string()))?)
    }

    /// Queries a second.
    async fn ask(&self, time: Duration) -> Result<f64> {
        let mut pgbench = self.client("pgbench")?;
        pgbench.args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--client", CONNECTIONS, "--time"]);
        pgbench.arg(time.as_secs().to_string()).arg("--file").arg(self.script()).arg("postgres");
        // It takes as long as a run, and nothing else is to be done meanwhile.
        let said = tokio::task::spawn_blocking(move || finish(&mut pgbench)).await??;
        let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        rate.with_context(|| format!("pgbench said no rate: {said}"))
    }

    fn script(&self) -> PathBuf {
        self.directory().join("question.sql")
    }
}
