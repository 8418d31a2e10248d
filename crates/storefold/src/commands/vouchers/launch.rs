//! Launching a run: what has changed since the preview, then a voucher for each customer.

use std::{collections::BTreeMap, fs, io::ErrorKind, path::Path, process::ExitCode};

use anyhow::{Context, Result, bail, ensure};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    preview::{Preview, Receivers},
    run_file::RunFile,
};
use crate::{
    client::{Client, EventResult, id_of},
    clock,
    output::{self, grouped, remark},
    progress::Progress,
};

/// Vouchers of one request.
const BATCH: usize = 1_000;

/// Who sends the events of runs.
const SOURCE: &str = "voucher-runs";

/// What differs between the list that was looked at and the one of now.
struct Changed {
    more: usize,
    fewer: usize,
    other_turnover: usize,
}

impl Changed {
    fn between(before: &Receivers, now: &Receivers) -> Self {
        let (before, now) = (&before.turnover_minor, &now.turnover_minor);
        let differs =
            |(customer, turnover): &(&String, &i64)| before.get(*customer).is_some_and(|was| was != *turnover);
        Self {
            more: now.keys().filter(|customer| !before.contains_key(*customer)).count(),
            fewer: before.keys().filter(|customer| !now.contains_key(*customer)).count(),
            other_turnover: now.iter().filter(differs).count(),
        }
    }

    fn is_nothing(&self) -> bool {
        (self.more, self.fewer, self.other_turnover) == (0, 0, 0)
    }
}

/// What is given to whom, once it is confirmed: written down before the first voucher, so that a launch that was cut off
/// goes on with the same.
#[derive(Serialize, Deserialize)]
struct Confirmed {
    run: String,
    author: String,
    occurred_at: DateTime<Utc>,
    receivers: Receivers,
}

/// Says what has changed, and gives the vouchers.
pub async fn launch(
    client: &Client,
    run: &RunFile,
    (file, author): (&Path, &str),
    yes: bool,
    as_json: bool,
) -> Result<ExitCode> {
    let beside = file.with_extension("launched.json");
    let confirmed = match fs::read(&beside) {
        Ok(text) => {
            let confirmed: Confirmed = serde_json::from_slice(&text)
                .with_context(|| format!("{} is no launch of a run; move it away", beside.display()))?;
            ensure!(
                confirmed.run == run.digest(),
                "{} was launched before it was changed; give the changed run a name and a file of its own",
                file.display()
            );
            remark("The run was launched before; it goes on with the list of then.");
            confirmed
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let preview = Preview::kept(file, run)?;
            let Some(receivers) = compared(client, run, &preview, yes).await? else { return Ok(ExitCode::FAILURE) };
            let occurred_at = DateTime::from_timestamp_millis(clock::now_ms()).unwrap_or_default();
            let confirmed = Confirmed { run: run.digest(), author: author.to_owned(), occurred_at, receivers };
            let written = fs::write(&beside, serde_json::to_vec(&confirmed)?);
            written.with_context(|| format!("cannot write {}", beside.display()))?;
            confirmed
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", beside.display())),
    };
    let given = give(client, run, &confirmed).await?;
    given.print(run, confirmed.receivers.position, as_json)?;
    Ok(if given.refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The list as it is now; `None` when it is another than was previewed and nobody said to go on.
async fn compared(client: &Client, run: &RunFile, preview: &Preview, yes: bool) -> Result<Option<Receivers>> {
    let now = Receivers::ask(client, run).await?;
    let changed = Changed::between(&preview.receivers, &now);
    let since = grouped(preview.receivers.position);
    if changed.is_nothing() {
        remark(format_args!("The list is the same as at position {since}."));
        return Ok(Some(now));
    }
    remark(format_args!(
        "Since position {since}: {} more, {} fewer, {} with another turnover.",
        counted(changed.more),
        grouped(changed.fewer),
        grouped(changed.other_turnover)
    ));
    if yes {
        return Ok(Some(now));
    }
    remark("Nothing was given. Preview the run again, or add --yes to give to the list of now.");
    Ok(None)
}

fn counted(customers: usize) -> String {
    if customers == 1 { "1 customer".to_owned() } else { format!("{} customers", grouped(customers)) }
}

impl Outcome {
    fn print(&self, run: &RunFile, position: u64, as_json: bool) -> Result<()> {
        if as_json {
            return output::json(&json!({"run": run.launched.run, "position": position, "given": self.given,
                "given_before": self.before, "refused": self.refused}));
        }
        output::line(format_args!(
            "Run `{}`: {} vouchers given, {} were given before.",
            run.launched.run,
            grouped(self.given),
            grouped(self.before)
        ))?;
        for (code, (count, detail)) in &self.refused {
            remark(format_args!("{} refused ({code}): {detail}", grouped(*count)));
        }
        Ok(())
    }
}

#[derive(Default)]
struct Outcome {
    given: usize,
    before: usize,
    /// By code: how many, and what one was told.
    refused: BTreeMap<String, (usize, String)>,
}

async fn give(client: &Client, run: &RunFile, confirmed: &Confirmed) -> Result<Outcome> {
    let mut launched = run.body.clone();
    launched["author"] = json!(confirmed.author);
    launched["previewed_at"] = json!(confirmed.receivers.position);
    let mut given = Outcome::default();
    let name = &*run.launched.run;
    let at = confirmed.occurred_at;
    let results = send(client, &[event((name, at), None, "VoucherRunLaunched", &launched)]).await?;
    if let Some(EventResult::Rejected { detail, .. }) = results.into_iter().next() {
        bail!(detail);
    }
    let progress = Progress::start("Giving vouchers", "vouchers");
    let all: Vec<_> = confirmed.receivers.turnover_minor.iter().collect();
    let mut done = 0;
    for batch in all.chunks(BATCH) {
        let granted = batch.iter().map(|(customer, turnover)| {
            let data = json!({"run": name, "customer": customer, "turnover_minor": turnover});
            event((name, at), Some(customer), "VoucherGranted", &data)
        });
        for result in send(client, &granted.collect::<Vec<_>>()).await? {
            match result {
                EventResult::Accepted {} => given.given += 1,
                EventResult::Duplicate {} => given.before += 1,
                EventResult::Rejected { code, detail } => given.refused.entry(code).or_insert((0, detail)).0 += 1,
            }
        }
        done += batch.len();
        progress.advance(batch.len() as u64, done as f64 / all.len() as f64);
    }
    progress.finish();
    Ok(given)
}

/// An event with an identifier of its own for each customer of a run, so that nobody receives two.
fn event((run, at): (&str, DateTime<Utc>), customer: Option<&str>, event_type: &str, data: &Value) -> Value {
    let id = id_of(&json!([run, customer]).to_string());
    json!({"source": SOURCE, "id": id, "occurred_at": at, "type": event_type, "data": data})
}

async fn send(client: &Client, events: &[Value]) -> Result<Vec<EventResult>> {
    let lines: Vec<_> = events.iter().map(Value::to_string).collect();
    Ok(client.post_events(lines.join("\n").into()).await?.results)
}
