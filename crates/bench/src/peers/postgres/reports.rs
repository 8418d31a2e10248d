//! The three reports by GROUP BY over a table of events in JSONB.

use std::{
    fs::File,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::Stdio,
};

use anyhow::{Context, Result, ensure};

use super::{Database, database::find};
use crate::{
    Plan,
    measure::Runs,
    peers::reports::{EVENTS, REPORTS, TOTALS},
    rebuild::{COLUMNS, CUSTOMERS_SUMMED, Totals},
    rows::Peer,
};

/// One helper beside the one that asks, for two cores; and room to group in memory.
const SETTINGS: &str = "set max_parallel_workers_per_gather = 1; set work_mem = '256MB'";

/// Between the values of one answer.
const CLOCK: &str = "select extract(epoch from clock_timestamp())";

/// Makes the reports of the first events of a CSV file. Answers its rates and its sums; nothing where it is missing.
pub async fn measure(plan: &Plan, csv: &Path, events: u64) -> Result<Option<(Peer, Totals)>> {
    let Some(programs) = find() else { return Ok(None) };
    eprintln!("measuring PostgreSQL with the first {events} events");
    let database = Database::start(programs).await?;
    let columns = COLUMNS.map(|(name, kind)| format!("{name} {kind}"));
    database.psql(&format!("create unlogged table staged ({})", columns.join(", ")))?;
    database.copy(csv, events)?;
    database.psql(&table())?;

    let reports = REPORTS.map(|(name, query)| {
        let query = query.replace(EVENTS, &events_in_json());
        format!("drop table if exists {name}; create temp table {name} as {query}")
    });
    let run = format!("{CLOCK}; {}; {CLOCK};", reports.join("; "));
    let (mut rates, mut totals) = (Vec::new(), None);
    for run_of in 0..=plan.runs {
        let sums = TOTALS.replace("CUSTOMERS", CUSTOMERS_SUMMED);
        let said = database.psql(&format!("{SETTINGS}; {run} select to_json(sums) from ({sums}) sums"))?;
        let mut values = said.lines();
        let mut next = || values.next().with_context(|| format!("PostgreSQL said too little: {said}"));
        let (begun, ended): (f64, f64) = (next()?.parse()?, next()?.parse()?);
        totals = Some(serde_json::from_str(next()?)?);
        // The first is the warm-up.
        if run_of > 0 {
            rates.push(events as f64 / (ended - begun));
        }
    }
    let name = format!("PostgreSQL, 3 GROUP BYs over {events} of the events in JSONB, 2 processes, nothing else");
    Ok(Some((Peer { name, runs: Some(Runs::of_rates(rates)) }, totals.context("no run was made")?)))
}

/// A row an event, all but its place in JSON.
fn table() -> String {
    let fields = COLUMNS.iter().skip(1).map(|(name, _)| match *name {
        "data" => "'data', data::jsonb".to_owned(),
        name => format!("'{name}', {name}"),
    });
    format!(
        "create table events (position bigint primary key, event jsonb); \
         insert into events select position, jsonb_strip_nulls(jsonb_build_object({})) from staged order by position; \
         drop table staged; vacuum analyze events",
        fields.collect::<Vec<_>>().join(", ")
    )
}

/// The table as the reports want it, with each field taken from the JSON where it is asked for.
fn events_in_json() -> String {
    let fields = COLUMNS.iter().skip(1).map(|(name, kind)| match *kind {
        "BIGINT" | "BOOLEAN" => format!("(event->>'{name}')::{kind} as {name}"),
        _ => format!("event->>'{name}' as {name}"),
    });
    format!("(select {} from events) events", fields.collect::<Vec<_>>().join(", "))
}

impl Database {
    /// Copies the first lines of a CSV file.
    fn copy(&self, csv: &Path, lines: u64) -> Result<()> {
        let mut psql = self.client("psql")?;
        psql.args(["--dbname=postgres", "--quiet", "--command", "copy staged from stdin (format csv)"]);
        let mut psql = psql.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        let mut input = psql.stdin.take().context("its standard input is a pipe")?;
        let mut file = BufReader::with_capacity(1 << 20, File::open(csv)?);
        let mut line = Vec::new();
        for _ in 0..lines {
            line.clear();
            // No text in it has a line break: JSON writes them otherwise.
            if file.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            input.write_all(&line)?;
        }
        drop(input);
        ensure!(psql.wait()?.success(), "PostgreSQL did not take the events");
        Ok(())
    }
}
