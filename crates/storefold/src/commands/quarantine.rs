//! `storefold quarantine`: what a server refused.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    client::{Answer, Client, EventResult},
    output::{self, Printed},
    server_address::ServerAddress,
};

/// Look at what a server refused, try it again, or drop it
///
/// Nothing that is sent gets lost: what cannot be taken is kept with a code and what to do. An event that came before its
/// cause, such as a return before its sale, is taken in by itself when the cause arrives. A request, such as the claim of
/// a gift, never is: whoever asked was told no. It is retried with --ask-anew alone.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  storefold quarantine list --code unknown_store\n  storefold quarantine retry 17\n  \
        storefold quarantine drop 17 --reason \"a test of the new till\""
)]
pub struct Quarantine {
    #[command(flatten)]
    server: ServerAddress,

    /// Print the result as JSON
    #[arg(long, global = true)]
    json: bool,

    #[command(subcommand)]
    order: Order,
}

#[derive(Subcommand)]
enum Order {
    /// Print what was refused, oldest first
    List {
        /// Only refusals with this code
        #[arg(long)]
        code: Option<String>,

        /// Only what this producer sent
        #[arg(long)]
        source: Option<String>,

        /// Only entries after this one
        #[arg(long, default_value_t = 0)]
        after: u64,

        /// How many entries at most
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=1_000))]
        limit: u64,
    },
    /// Try an entry again, as once its store is configured
    Retry {
        /// Number of the entry
        entry: u64,

        /// Ask anew for what was refused to somebody, such as a gift: points move now
        #[arg(long)]
        ask_anew: bool,
    },
    /// Mark an entry as dropped; it stays, with the reason
    Drop {
        /// Number of the entry
        entry: u64,

        /// Why, in a sentence
        #[arg(long)]
        reason: String,
    },
}

#[derive(Deserialize)]
struct Kept {
    entry: u64,
    code: String,
    detail: String,
    #[serde(default)]
    source: Option<String>,
    refused_at: String,
    attempts: u64,
    #[serde(default)]
    dropped: Option<String>,
}

impl Quarantine {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let client = Client::new(&self.server)?;
        client.reach().await?;
        match self.order {
            Order::List { code, source, after, limit } => {
                let mut asked = vec![("after", after.to_string()), ("limit", limit.to_string())];
                asked.extend(code.map(|code| ("code", code)));
                asked.extend(source.map(|source| ("source", source)));
                let page: Value = client.get("/v1/quarantine", &asked).await?;
                if self.json {
                    output::json(&page)?;
                } else {
                    print_page(page)?;
                }
                Ok(ExitCode::SUCCESS)
            }
            Order::Retry { entry, ask_anew } => {
                let path = format!("/v1/quarantine/{entry}/retry?ask_anew={ask_anew}");
                let answer: Value = client.post(&path, &json!({})).await?;
                if self.json {
                    output::json(&answer)?;
                }
                let rejected = serde_json::from_value::<Answer>(answer)?.results.into_iter().find_map(|result| {
                    if let EventResult::Rejected { code, detail } = result { Some((code, detail)) } else { None }
                });
                let Some((code, detail)) = rejected else {
                    output::remark(format_args!("Entry {entry} is in the log."));
                    return Ok(ExitCode::SUCCESS);
                };
                output::remark(format_args!("Entry {entry} is refused again ({code}): {detail}"));
                Ok(ExitCode::FAILURE)
            }
            Order::Drop { entry, reason } => {
                let path = format!("/v1/quarantine/{entry}/drop");
                let dropped: Value = client.post(&path, &json!({ "reason": reason })).await?;
                if self.json {
                    output::json(&dropped)?;
                }
                output::remark(format_args!("Entry {entry} is dropped."));
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

fn print_page(mut page: Value) -> Result<()> {
    let entries: Vec<Kept> = serde_json::from_value(page["entries"].take())?;
    if entries.is_empty() {
        return output::line("Nothing is in quarantine.");
    }
    let mut table = Printed::new(&[">entry", "code", "source", "refused", ">times", "what to do"]);
    for entry in entries {
        let detail = entry.dropped.map_or(entry.detail, |reason| format!("dropped: {reason}"));
        table.row([
            entry.entry.to_string(),
            entry.code,
            entry.source.unwrap_or_default(),
            entry.refused_at,
            entry.attempts.to_string(),
            detail,
        ]);
    }
    table.print("Quarantine")?;
    if let Some(next) = page["next"].as_u64() {
        output::remark(format_args!("There is more: add --after {next}."));
    }
    Ok(())
}
