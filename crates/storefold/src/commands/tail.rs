//! `storefold tail`: the events of a log.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::Value;
use storefold_event_log::Tenant;
use storefold_events::{EVENT_TYPES, EventTypeInfo, Recorded, wire};

use crate::{
    log_address::{LogAddress, OpenLog},
    output,
    signals::Stop,
};

/// Print the events of a log, and those that come
///
/// Each event is a line: position, when and where it happened, type, source, and its data. An embedded log is open in one
/// process: stop its server first. A log on NATS can be read beside it.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  storefold tail --log embedded:storefold-data/log --type SaleValidated --store FR-PAR-01\n  \
        storefold tail --log nats://127.0.0.1:4222 --follow --json | jq .data"
)]
pub struct Tail {
    /// Where the log is: embedded:DIR or nats://HOST:PORT
    #[arg(long, value_name = "ADDRESS")]
    log: LogAddress,

    /// Whose log
    #[arg(long, default_value = "demo", value_parser = Tenant::new)]
    tenant: Tenant,

    /// The first position to print
    #[arg(long, value_name = "POSITION", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    from: u64,

    /// Only events of this type
    #[arg(long = "type", value_name = "TYPE", value_parser = event_type)]
    event_type: Option<&'static str>,

    /// Only events of this store
    #[arg(long)]
    store: Option<String>,

    /// Wait for events to come instead of ending with the log
    #[arg(long)]
    follow: bool,

    /// Print events as the API shows them, one a line
    #[arg(long)]
    json: bool,
}

fn event_type(name: &str) -> Result<&'static str, String> {
    EventTypeInfo::named(name).map(|info| info.name).ok_or_else(|| {
        let names: Vec<&str> = EVENT_TYPES.iter().map(|info| info.name).collect();
        format!("there is no such type; there are {}", names.join(", "))
    })
}

impl Tail {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let mut stop = Stop::catch()?;
        let opened = OpenLog::open_existing(&self.log, &self.tenant).await?;
        let printed = tokio::select! {
            printed = self.print(&opened) => printed,
            () = stop.wait() => Ok(()),
        };
        opened.close().await?;
        printed.map(|()| ExitCode::SUCCESS)
    }

    async fn print(&self, opened: &OpenLog) -> Result<()> {
        let head = opened.log.head().await?.position;
        let after = self.from - 1;
        if head <= after && !self.follow {
            return Ok(());
        }
        let mut tail = opened.log.tail(after).await?;
        loop {
            for record in tail.next().await? {
                for recorded in record.events() {
                    let recorded = recorded?;
                    if recorded.position > after && self.wants(&recorded) {
                        self.print_event(&recorded)?;
                    }
                }
                if record.last_position() >= head && !self.follow {
                    return Ok(());
                }
            }
        }
    }

    fn wants(&self, recorded: &Recorded<'_>) -> bool {
        let event = &recorded.event;
        self.event_type.is_none_or(|name| event.payload.info().name == name)
            && self.store.as_deref().is_none_or(|store| event.store.as_deref() == Some(store))
    }

    fn print_event(&self, recorded: &Recorded<'_>) -> Result<()> {
        let shown = wire::show(recorded);
        if self.json {
            return output::json(&shown);
        }
        let text = |field: &str| shown[field].as_str().unwrap_or("–").to_owned();
        let cause = shown["cause"].as_u64().map_or_else(String::new, |cause| format!(" (because of {cause})"));
        output::line(format_args!(
            "{:>9}  {}  {:<10}  {:<24} {}{cause}  {}",
            recorded.position,
            text("occurred_at"),
            text("store"),
            text("type"),
            text("source"),
            fields(&shown["data"])
        ))
    }
}

/// `sale=T1-000009 till=1 lines=[…]`, with what is nested in JSON.
fn fields(data: &Value) -> String {
    let Some(fields) = data.as_object() else { return data.to_string() };
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    fields.iter().map(|(name, value)| format!("{name}={}", shown(value))).collect::<Vec<_>>().join(" ")
}
