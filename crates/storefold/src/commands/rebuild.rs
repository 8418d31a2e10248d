//! `storefold rebuild`: read models anew from the log.

use std::{process::ExitCode, str::FromStr, time::Duration};

use anyhow::{Result, bail};
use chrono::{DateTime, Utc};
use clap::Args;
use serde_json::{Value, json};
use storefold_projection::{AsOf, RebuildState, RebuildStatus};
use tokio::time::sleep;

use crate::{
    client::Client,
    output::{self, Printed, grouped},
    progress::Progress,
    server_address::ServerAddress,
};

/// How often the server is asked how far it is.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// Rebuild read models from the log, while they are served
///
/// New rows are folded from the first event on, beside those that are served. When they are level with the log both are
/// compared, and the new ones take their place: questions never wait, and never see a mixture. Cancelling or killing it
/// at any moment leaves the old rows as they were.
#[derive(Args)]
#[command(after_help = "Examples:\n  storefold rebuild all\n  storefold rebuild store-performance loyalty-balance\n  \
        storefold rebuild all --snapshot january --as-of 2026-01-31T23:59:59+01:00\n  \
        storefold rebuild all --snapshot before-the-import --as-of 4711\n  \
        storefold rebuild --list\n  storefold rebuild --cancel 3\n\n\
        A snapshot is asked with ?snapshot=NAME in any question, and is kept for 7 days.")]
pub struct Rebuild {
    /// Names of read models, or all
    #[arg(required_unless_present_any = ["list", "cancel"])]
    models: Vec<String>,

    /// Keep the new rows under this name, beside those that are served
    #[arg(long, value_name = "NAME")]
    snapshot: Option<String>,

    /// Only events up to here: a position, an event time, or recorded:TIME; needs --snapshot
    #[arg(long, value_name = "WHEN", requires = "snapshot")]
    as_of: Option<Bound>,

    /// Print the rebuilds that are under way or were of late
    #[arg(long, conflicts_with_all = ["models", "cancel"])]
    list: bool,

    /// Cancel the rebuild with this number
    #[arg(long, value_name = "REBUILD", conflicts_with = "models")]
    cancel: Option<u64>,

    #[command(flatten)]
    server: ServerAddress,

    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// Which events are folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bound(AsOf);

impl FromStr for Bound {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let time = |text: &str| {
            let time = DateTime::parse_from_rfc3339(text).map(|time| time.with_timezone(&Utc));
            time.map_err(|error| {
                format!(
                    "{error}; write a position as 4711, an event time as 2026-01-31T23:59:59+01:00, a recorded \
                    time as recorded:2026-01-31T23:59:59+01:00"
                )
            })
        };
        Ok(Self(match (text.parse(), text.strip_prefix("recorded:")) {
            (Ok(position), _) => AsOf::Position(position),
            (_, Some(recorded)) => AsOf::RecordedAt(time(recorded)?),
            _ => AsOf::OccurredAt(time(text)?),
        }))
    }
}

impl Rebuild {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let client = Client::new(&self.server)?;
        client.reach().await?;
        if self.list {
            let mut listed: Value = client.get("/v1/rebuilds", &[]).await?;
            if self.json {
                output::json(&listed)?;
            } else {
                print_list(&serde_json::from_value::<Vec<_>>(listed["rebuilds"].take())?)?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        let status = if let Some(rebuild) = self.cancel {
            client.delete(&format!("/v1/rebuilds/{rebuild}")).await?
        } else {
            let as_of = self.as_of.map(|Bound(as_of)| as_of);
            let order = json!({ "models": self.models, "snapshot": self.snapshot, "as_of": as_of });
            client.post("/v1/rebuilds", &order).await?
        };
        let status = watch(&client, status).await?;
        if self.json {
            output::json(&status)?;
        } else {
            print_outcome(&status)?;
        }
        match status.state {
            RebuildState::Done => Ok(ExitCode::SUCCESS),
            RebuildState::Cancelled if self.cancel.is_some() => Ok(ExitCode::SUCCESS),
            RebuildState::Cancelled => bail!("rebuild {} was cancelled; the old rows are served", status.rebuild),
            _ => bail!("rebuild {} failed: {}", status.rebuild, status.detail.unwrap_or_default()),
        }
    }
}

/// Shows how far it is until it has ended.
async fn watch(client: &Client, mut status: RebuildStatus) -> Result<RebuildStatus> {
    let progress = Progress::start("Rebuilding", "events");
    let mut shown = 0;
    let path = format!("/v1/rebuilds/{}", status.rebuild);
    while !matches!(status.state, RebuildState::Done | RebuildState::Failed | RebuildState::Cancelled) {
        progress.advance_of(status.position.saturating_sub(shown), status.until);
        shown = shown.max(status.position);
        sleep(ASK_EVERY).await;
        status = client.get(&path, &[]).await?;
    }
    progress.advance_of(status.position.saturating_sub(shown), status.until);
    progress.finish();
    Ok(status)
}

fn print_outcome(status: &RebuildStatus) -> Result<()> {
    if status.outcome.is_empty() {
        return Ok(());
    }
    let mut table = Printed::new(&["read model", ">position", "digest", "before"]);
    for model in &status.outcome {
        let before = match model.equal {
            Some(true) => "equal",
            Some(false) => "was not the fold of the log; mended",
            None => "not compared",
        };
        let digest = model.digest.chars().take(16).collect();
        table.row([model.model.clone(), grouped(model.position), digest, before.to_owned()]);
    }
    let title = match &status.snapshot {
        Some(name) => format!("Rebuild {}, kept as the snapshot {name}", status.rebuild),
        None => format!("Rebuild {}", status.rebuild),
    };
    table.print(&title)?;
    let rate = grouped(status.events_per_second as u64);
    output::line(format_args!("{} events, {rate}/s, {:.1} s in all", grouped(status.position), status.seconds))
}

fn print_list(rebuilds: &[RebuildStatus]) -> Result<()> {
    if rebuilds.is_empty() {
        return output::line("Nothing was rebuilt since the server started.");
    }
    let mut table =
        Printed::new(&[">rebuild", "read models", "snapshot", "state", ">position", ">of", ">events/s", "detail"]);
    for rebuild in rebuilds {
        let state = serde_json::to_value(rebuild.state)?;
        table.row([
            rebuild.rebuild.to_string(),
            rebuild.models.join(", "),
            rebuild.snapshot.clone().unwrap_or_default(),
            state.as_str().unwrap_or_default().replace('_', " "),
            grouped(rebuild.position),
            grouped(rebuild.until),
            grouped(rebuild.events_per_second as u64),
            rebuild.detail.clone().unwrap_or_default(),
        ]);
    }
    table.print("Rebuilds")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use storefold_projection::AsOf;

    use super::Bound;

    #[test]
    fn a_bound_is_a_position_an_event_time_or_a_recorded_time() {
        let time = "2026-01-31T22:59:59Z".parse().unwrap();
        assert_eq!("4711".parse(), Ok(Bound(AsOf::Position(4711))));
        assert_eq!("2026-01-31T23:59:59+01:00".parse(), Ok(Bound(AsOf::OccurredAt(time))));
        assert_eq!("recorded:2026-01-31T23:59:59+01:00".parse(), Ok(Bound(AsOf::RecordedAt(time))));
        let refused = "yesterday".parse::<Bound>().unwrap_err();
        assert!(refused.contains("write a position as 4711"), "{refused}");
    }
}
