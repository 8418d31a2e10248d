//! `storefold token`: what machines are known by.

use std::process::ExitCode;

use anyhow::Result;
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    client::Client,
    clock,
    output::{self, Printed},
    who_asks::WhoAsks,
};

/// How long a token holds when nothing else is said, in days.
const DAYS_DEFAULT: u32 = 365;

/// Make, list and revoke tokens, by which tills, scanners and programs are known
///
/// For a server with --access required. Whoever makes one is an administrator (--user), or asks with a token that has the
/// right `administer` (`STOREFOLD_TOKEN`, --token-file). A secret is printed once and kept nowhere; the server keeps a digest.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  storefold token make till-7 --right produce --right read --source till-7 --store FR-PAR-01 \
        --user anna@acme.example\n  \
        storefold token make report --right read --organisation acme/fr --model store-performance --days 30\n  \
        storefold token list\n  storefold token revoke till-7"
)]
pub struct Token {
    #[command(flatten)]
    who: WhoAsks,

    /// Print the result as JSON
    #[arg(long, global = true)]
    json: bool,

    #[command(subcommand)]
    order: Order,
}

#[derive(Subcommand)]
enum Order {
    /// Make one, and print its secret, this once
    Make(Make),
    /// Print every token that was made, also those that are over
    List,
    /// Have one open nothing any more, at once
    Revoke {
        /// Its name
        token: String,
    },
}

#[derive(Args)]
struct Make {
    /// Its name, by which it is listed and revoked
    token: String,

    /// What it may be used for; several times for several
    #[arg(long = "right", value_enum, required = true)]
    rights: Vec<Right>,

    /// The only producer that it may send as, as in `source` of its events; several times for several
    #[arg(long = "source", value_name = "SOURCE")]
    sources: Vec<String>,

    /// The organisation that it may look at, with everything below it
    #[arg(long, value_name = "ORGANISATION", conflicts_with = "store")]
    organisation: Option<String>,

    /// The one store that it may look at, and whose events it may send
    #[arg(long, value_name = "STORE")]
    store: Option<String>,

    /// The only read model that it may look at; several times for several
    #[arg(long = "model", value_name = "MODEL")]
    models: Vec<String>,

    /// In how many days it ends
    #[arg(long, default_value_t = DAYS_DEFAULT, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: u32,

    /// Never ends by itself
    #[arg(long, conflicts_with = "days")]
    endless: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Right {
    /// Send events and commands
    Produce,
    /// Ask read models
    Read,
    /// Look after the server: rebuilds, snapshots, quarantine, the log
    Operate,
    /// Make and revoke tokens, and read the audit
    Administer,
}

#[derive(Deserialize)]
struct Listed {
    token: String,
    rights: Vec<String>,
    organisation: Option<String>,
    store: Option<String>,
    sources: Vec<String>,
    models: Vec<String>,
    issued_by: String,
    until: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl Token {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let Self { who, json, order } = self;
        let asking = who.ask().await?;
        asking
            .then(async |client| match order {
                Order::Make(make) => make.run(client, json).await,
                Order::List => list(client, json).await,
                Order::Revoke { token } => revoke(client, &token, json).await,
            })
            .await?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Make {
    async fn run(self, client: &Client, json: bool) -> Result<()> {
        let Self { token, rights, sources, organisation, store, models, days, endless } = self;
        let rights: Vec<_> = rights.into_iter().map(Right::name).collect();
        let days = (!endless).then_some(days);
        let sent = json!({
            "rights": rights, "sources": sources, "organisation": organisation, "store": store, "models": models,
            "days": days,
        });
        let made: Value = client.put(&path(&token)?, &sent).await?;
        let secret = made["secret"].as_str().unwrap_or_default();
        if json {
            return output::json(&json!({ "token": token, "secret": secret }));
        }
        let until = days.map_or_else(|| "until it is revoked".to_owned(), |days| format!("for {days} days"));
        output::remark(format_args!("The secret of {token} is printed this once; it holds {until}."));
        output::line(secret)
    }
}

async fn list(client: &Client, json: bool) -> Result<()> {
    let mut answer: Value = client.get("/v1/access/tokens", &[]).await?;
    if json {
        return output::json(&answer);
    }
    let tokens: Vec<Listed> = serde_json::from_value(answer["tokens"].take())?;
    if tokens.is_empty() {
        return output::line("No token was made yet.");
    }
    let mut table = Printed::new(&["token", "rights", "sends as", "place", "read models", "holds", "made by"]);
    for token in tokens {
        let holds = holds(&token);
        let any = |names: &[String], all: &str| if names.is_empty() { all.to_owned() } else { names.join(", ") };
        let has = |right: &str| token.rights.iter().any(|known| known == right);
        table.row([
            token.token.clone(),
            token.rights.join(", "),
            if has("produce") { any(&token.sources, "anybody") } else { "–".to_owned() },
            token.organisation.clone().or(token.store.clone()).unwrap_or_else(|| "the network".to_owned()),
            if has("read") { any(&token.models, "all") } else { "–".to_owned() },
            holds,
            token.issued_by,
        ]);
    }
    table.print("Tokens")
}

fn holds(token: &Listed) -> String {
    let day = |at: DateTime<Utc>| at.format("%Y-%m-%d");
    match (token.revoked_at, token.until) {
        (Some(at), _) => format!("revoked {}", day(at)),
        (None, Some(until)) if until.timestamp_millis() <= clock::now_ms() => format!("over since {}", day(until)),
        (None, Some(until)) => format!("until {}", day(until)),
        (None, None) => "until it is revoked".to_owned(),
    }
}

async fn revoke(client: &Client, token: &str, json: bool) -> Result<()> {
    let _: Value = client.delete(&path(token)?).await?;
    if json {
        return output::json(&json!({ "token": token, "revoked": true }));
    }
    output::remark(format_args!("{token} opens nothing any more."));
    Ok(())
}

/// The path of a token, whatever signs its name has.
fn path(token: &str) -> Result<String> {
    let mut url = url::Url::parse("http://localhost/v1/access/tokens")?;
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.push(token);
    }
    Ok(url.path().to_owned())
}

impl Right {
    fn name(self) -> &'static str {
        match self {
            Self::Produce => "produce",
            Self::Read => "read",
            Self::Operate => "operate",
            Self::Administer => "administer",
        }
    }
}
