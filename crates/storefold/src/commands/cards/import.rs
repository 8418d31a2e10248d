//! Cards that were issued elsewhere.

use std::{path::Path, process::ExitCode};

use anyhow::{Context, Result};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};
use storefold_sales_table::minor_units;

use super::Terms;
use crate::{
    client::{Client, EventResult},
    delivery::Tally,
    output::remark,
    progress::Progress,
};

/// Cards of one request.
const BATCH: usize = 1_000;

#[derive(Deserialize)]
struct Row {
    code: String,
    amount: String,
    #[serde(default)]
    customer: Option<String>,
    #[serde(default)]
    expires_on: Option<NaiveDate>,
    #[serde(default)]
    instrument_type: Option<String>,
}

pub(super) async fn import(client: &Client, terms: &Terms, file: &Path) -> Result<ExitCode> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_path(file)
        .with_context(|| format!("cannot read {}", file.display()))?;
    let mut tally = Tally::default();
    let mut events: Vec<(u64, Value)> = Vec::new();
    for (index, row) in reader.deserialize::<Row>().enumerate() {
        let line = index as u64 + 2;
        match row.map_err(|error| error.to_string()).and_then(|row| event(terms, &row)) {
            Ok(event) => events.push((line, event)),
            Err(detail) => tally.count(line, EventResult::Rejected { code: "unreadable_row".to_owned(), detail }),
        }
    }
    client.reach().await?;
    let progress = Progress::start("Importing", "cards");
    let mut done = 0;
    for batch in events.chunks(BATCH) {
        let lines: Vec<_> = batch.iter().map(|(_, event)| event.to_string()).collect();
        let answer = client.post_events(lines.join("\n").into()).await?;
        for ((line, _), result) in batch.iter().zip(answer.results) {
            tally.count(*line, result);
        }
        tally.position = answer.position;
        done += batch.len();
        progress.advance(batch.len() as u64, done as f64 / events.len() as f64);
    }
    progress.finish();
    tally.print(false)?;
    if tally.rejected == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    remark("Something was rejected. Correct it and import the file again: what is in the log stays as it is.");
    Ok(ExitCode::FAILURE)
}

fn event(terms: &Terms, row: &Row) -> Result<Value, String> {
    if row.code.is_empty() {
        return Err("column `code`: is empty; every card that is there has a code".to_owned());
    }
    let amount_minor = minor_units(&row.amount, terms.currency.exponent())
        .map_err(|wrong| format!("column `amount`: `{}` {wrong}", row.amount))?;
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let data = json!({"card": row.code, "amount_minor": amount_minor, "currency": terms.currency,
        "customer": filled(&row.customer), "expires_on": row.expires_on.or(terms.expires_on),
        "instrument_type": filled(&row.instrument_type).or_else(|| terms.instrument_type.clone())});
    Ok(terms.event(&json!(["imported", row.code.to_ascii_uppercase()]).to_string(), &data))
}
