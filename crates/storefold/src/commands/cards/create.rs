//! Cards whose codes the server makes.

use std::{
    fs::OpenOptions,
    io::{BufWriter, Write},
    path::Path,
    process::ExitCode,
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};
use storefold_sales_table::minor_units;

use super::Terms;
use crate::{
    client::Client,
    output::{self, grouped},
    progress::Progress,
};

/// Cards of one request.
const BATCH: u32 = 1_000;

/// The answer to events, with what they brought about.
#[derive(Deserialize)]
struct Answer {
    results: Vec<Taken>,
}

#[derive(Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
enum Taken {
    Accepted { caused: Vec<Value> },
    Duplicate { caused: Option<Vec<Value>> },
    Rejected { code: String, detail: String },
}

pub(super) async fn create(
    client: &Client,
    terms: &Terms,
    (count, amount): (u32, &str),
    batch: &str,
    out: &Path,
) -> Result<ExitCode> {
    let amount_minor = match minor_units(amount, terms.currency.exponent()) {
        Ok(amount_minor) => amount_minor,
        Err(wrong) => bail!("--amount `{amount}` {wrong}"),
    };
    client.reach().await?;
    // Nobody else shall read the codes, and none that were written before are lost.
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(out).with_context(|| {
        format!(
            "cannot begin {}; name a file that is not there yet: what was made under `{batch}` comes again",
            out.display()
        )
    })?;
    let mut file = BufWriter::new(file);
    writeln!(file, "code,amount,currency,expires_on,batch,number")?;
    let progress = Progress::start("Making cards", "cards");
    let card = |number: u32| {
        let data = json!({"amount_minor": amount_minor, "currency": terms.currency, "expires_on": terms.expires_on,
            "instrument_type": terms.instrument_type});
        terms.event(&json!(["card", batch, number]).to_string(), &data)
    };
    let mut done = 0;
    while done < count {
        let numbers: Vec<_> = (done + 1..=(done + BATCH).min(count)).collect();
        let events: Vec<_> = numbers.iter().map(|number| card(*number)).collect();
        for (number, taken) in numbers.iter().zip(send(client, &events).await?) {
            let taken = match taken {
                // Many at once are not told what they brought about the first time; one is.
                Taken::Duplicate { caused: None } => send(client, &[card(*number)]).await?.remove(0),
                taken => taken,
            };
            let code = code_of(taken)?;
            let expires_on = terms.expires_on.map(|day| day.to_string()).unwrap_or_default();
            writeln!(file, "{code},{amount},{},{expires_on},{batch},{number}", terms.currency)?;
        }
        done += u32::try_from(numbers.len()).unwrap_or(BATCH);
        progress.advance(numbers.len() as u64, f64::from(done) / f64::from(count));
    }
    file.flush()?;
    progress.finish();
    output::line(format_args!("{} cards of {amount} {} in {}", grouped(count), terms.currency, out.display()))?;
    Ok(ExitCode::SUCCESS)
}

async fn send(client: &Client, events: &[Value]) -> Result<Vec<Taken>> {
    let lines: Vec<_> = events.iter().map(Value::to_string).collect();
    let answer: Answer = client.post_events_for(lines.join("\n").into()).await?;
    Ok(answer.results)
}

fn code_of(taken: Taken) -> Result<String> {
    let caused = match taken {
        Taken::Accepted { caused } | Taken::Duplicate { caused: Some(caused) } => caused,
        Taken::Duplicate { caused: None } => Vec::new(),
        Taken::Rejected { code, detail } => bail!("a card was refused ({code}): {detail}"),
    };
    let issued = caused.iter().find(|effect| effect["type"] == "InstrumentIssued");
    let code = issued.and_then(|issued| issued["data"]["instrument"].as_str());
    code.map(ToOwned::to_owned).context("the server does not say which code a card has; is it of an older release?")
}
