//! `storefold audit`: who did what.

use std::process::ExitCode;

use anyhow::Result;
use chrono::{DateTime, Utc};
use clap::Args;
use serde::{Deserialize, Serialize};

use crate::{
    output::{self, Printed},
    who_asks::WhoAsks,
};

/// Entries that are asked for at a time.
const PAGE: usize = 1_000;

/// Print who changed access, signed in, or took data away, the newest first
///
/// Each entry is an event; its position is its place in the log, whose chain of hashes (`storefold verify`) proves that
/// none was removed. Whoever asks is an administrator (--user), or has a token with the right `administer`.
#[derive(Args)]
#[command(after_help = "Examples:\n  storefold audit --from 2026-11-01 --to 2026-11-30\n  \
        storefold audit --by anna@acme.example --event DataDownloaded --json")]
pub struct Audit {
    #[command(flatten)]
    who: WhoAsks,

    /// Only from this day on, in UTC
    #[arg(long, value_name = "DAY")]
    from: Option<String>,

    /// Only up to this day, in UTC
    #[arg(long, value_name = "DAY")]
    to: Option<String>,

    /// Only what this user did, or a token, as token:till-7
    #[arg(long, value_name = "WHO")]
    by: Option<String>,

    /// Only what was done to this user, organisation, token or read model
    #[arg(long, value_name = "WHAT")]
    of: Option<String>,

    /// Only events of this type, as `AccessGranted`
    #[arg(long, value_name = "TYPE")]
    event: Option<String>,

    /// How many entries at most
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    limit: u64,

    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct Page {
    entries: Vec<Entry>,
    next: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    position: u64,
    at: Option<DateTime<Utc>>,
    by: Option<String>,
    event: String,
    of: String,
    detail: String,
}

impl Audit {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let filters = [("from", self.from), ("to", self.to), ("by", self.by), ("of", self.of), ("event", self.event)];
        let asked: Vec<_> = filters.into_iter().filter_map(|(name, text)| Some((name, text?))).collect();
        let asking = self.who.ask().await?;
        let (entries, next) = asking
            .then(async |client| {
                let (mut entries, mut next) = (Vec::new(), None);
                while entries.len() < limit {
                    let mut parameters = asked.clone();
                    parameters.push(("limit", PAGE.min(limit - entries.len()).to_string()));
                    parameters.extend(next.map(|next: u64| ("before", next.to_string())));
                    let page: Page = client.get("/v1/access/audit", &parameters).await?;
                    entries.extend(page.entries);
                    next = page.next;
                    if next.is_none() {
                        break;
                    }
                }
                Ok((entries, next))
            })
            .await?;
        if self.json {
            output::json(&serde_json::json!({ "entries": entries, "next": next }))?;
        } else {
            print(&entries, next.is_some())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn print(entries: &[Entry], more: bool) -> Result<()> {
    if entries.is_empty() {
        return output::line("Nothing like it was done.");
    }
    let mut table = Printed::new(&["when (UTC)", "who", "did", "to", ">position"]);
    for entry in entries {
        table.row([
            entry.at.map_or_else(String::new, |at| at.format("%Y-%m-%d %H:%M:%S").to_string()),
            entry.by.clone().unwrap_or_else(|| "the command line".to_owned()),
            entry.detail.clone(),
            entry.of.clone(),
            entry.position.to_string(),
        ]);
    }
    table.print("Audit")?;
    if more {
        output::remark("There is more: raise --limit, or ask --to an earlier day.");
    }
    Ok(())
}
