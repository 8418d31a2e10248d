//! `storefold export`: a table of a read model, as a file.

mod events;
mod lines;
mod target;

use std::{
    ffi::OsStr,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storefold_event_log::Tenant;
use storefold_events::Position;
use storefold_table_files::FileFormat;

use self::{events::EVENTS, lines::Lines, target::Target};
use crate::{
    client::{Client, Reply},
    log_address::LogAddress,
    output::{self, Printed, grouped, remark},
    progress::Progress,
    server_address::ServerAddress,
    signals::Stop,
};

/// Export a table of a read model as CSV, NDJSON, JSON, XLSX or Parquet, from a running server
///
/// All records as they stand at one position of the log, which is said with them: of the rows that are served, or of a
/// snapshot, which holds an earlier time (`storefold rebuild all --snapshot NAME --as-of WHEN`). Amounts are integers in
/// minor units, with their currency in a column of its own; days are days of the store. Every format has the same records;
/// XLSX and Parquet have them with their types.
///
/// `events` are not a read model but the log itself, all of its events with their data in JSON; they are read from where
/// the log is (`--log`), which holds codes of cards and addresses in the clear. An embedded log is open in one process: stop
/// its server first.
///
/// A file is there when it is whole: until then it is called FILE.part, and one that was there before stays.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  storefold export --list\n  storefold export store-performance --output days.csv\n  \
        storefold export store-performance --table errors --format ndjson | head\n  \
        storefold export network-kpi --output days.parquet\n  \
        storefold export events --log embedded:storefold-data/log --output events.parquet\n  \
        storefold export loyalty-balance --snapshot january --output balances-january.csv --json\n\n\
        Exit status: 0 when everything was exported, 1 when it was not."
)]
pub struct Export {
    /// Name of a read model, or `events`
    #[arg(required_unless_present = "list")]
    model: Option<String>,

    /// Which of its tables [default: its first]
    #[arg(long, value_name = "NAME")]
    table: Option<String>,

    /// From this snapshot instead of the rows that are served
    #[arg(long, value_name = "NAME")]
    snapshot: Option<String>,

    /// Wait until the rows are complete up to this position
    #[arg(long, value_name = "POSITION", conflicts_with = "snapshot")]
    at_least: Option<Position>,

    /// How records are written [default: by the name of the file, otherwise csv]
    #[arg(long, value_enum)]
    format: Option<Format>,

    /// Where to write to [default: stdout]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Print the read models and their tables
    #[arg(long, conflicts_with_all = ["model", "table", "snapshot", "at_least", "format", "output"])]
    list: bool,

    #[command(flatten)]
    server: ServerAddress,

    /// Where the log is that `events` are read from: embedded:DIR or nats://HOST:PORT
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["url", "table", "snapshot", "at_least", "list"])]
    log: Option<LogAddress>,

    /// Whose log
    #[arg(long, default_value = "demo", value_parser = Tenant::new)]
    tenant: Tenant,

    /// Print what was exported, or the list, as JSON; the records then need --output
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    /// Names of columns first; opens in any spreadsheet
    Csv,
    /// A JSON object a line
    Ndjson,
    /// One JSON array of objects
    Json,
    /// A workbook with one sheet; to a file
    Xlsx,
    /// Apache Parquet; to a file
    Parquet,
}

impl Format {
    fn file_format(self) -> FileFormat {
        match self {
            Self::Csv => FileFormat::Csv,
            Self::Ndjson => FileFormat::Ndjson,
            Self::Json => FileFormat::Json,
            Self::Xlsx => FileFormat::Xlsx,
            Self::Parquet => FileFormat::Parquet,
        }
    }

    /// Its name, in the parameter of the route and at the end of a file's name.
    fn name(self) -> &'static str {
        self.file_format().name()
    }

    /// The counting of records as they go by; none where they are not lines.
    fn lines(self) -> Option<Lines> {
        matches!(self, Self::Csv | Self::Ndjson).then(|| Lines::new(self == Self::Csv))
    }
}

/// How much was exported, and as of where.
struct Taken {
    position: Position,
    rows: u64,
    bytes: u64,
}

/// What was exported.
#[derive(Serialize)]
struct Exported<'e> {
    model: &'e str,
    table: Option<&'e str>,
    snapshot: Option<&'e str>,
    format: Format,
    /// Every event up to it (inclusive) is in the records.
    position: Position,
    rows: u64,
    bytes: u64,
    file: Option<&'e Path>,
}

impl Export {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let format = self.format();
        let mut stop = Stop::catch()?;
        if self.model.is_some() {
            self.check_target(format)?;
        }
        let model = match (&self.log, &self.model) {
            (None, Some(model)) if model == EVENTS => {
                bail!("events are read from the log itself: add --log embedded:DIR or --log nats://HOST:PORT")
            }
            (Some(log), Some(model)) => {
                ensure!(model == EVENTS, "--log is for events; {model} is asked for from a server, at --url");
                let taken = events::export((log, &self.tenant), format, self.output.as_deref(), &mut stop).await?;
                return self.tell(model, format, taken);
            }
            (_, model) => model,
        };
        let client = Client::new(&self.server)?;
        client.reach().await?;
        let Some(model) = model else {
            list(&client, self.json).await?;
            return Ok(ExitCode::SUCCESS);
        };
        let answer = client.stream(&format!("/v1/read-models/{model}/rows"), &self.parameters(format)).await?;
        let (position, rows) = (number(&answer, "x-storefold-position")?, number(&answer, "x-storefold-rows")?);
        let mut target = Target::open(self.output.as_deref())?;
        let taken = tokio::select! {
            taken = take(answer, &mut target, format, rows) => taken,
            () = stop.wait() => Err(anyhow!("the export was interrupted")),
        };
        let bytes = target.close(taken)?;
        self.tell(model, format, Taken { position, rows, bytes })
    }

    fn check_target(&self, format: Format) -> Result<()> {
        ensure!(
            !self.json || self.output.is_some(),
            "--json says what was exported; give the records an --output FILE"
        );
        ensure!(
            !matches!(format, Format::Xlsx | Format::Parquet) || self.output.is_some() || !io::stdout().is_terminal(),
            "{} is nothing to look at; write it to a file with --output, or send it on through a pipe",
            format.name()
        );
        Ok(())
    }

    fn tell(&self, model: &str, format: Format, Taken { position, rows, bytes }: Taken) -> Result<ExitCode> {
        let (table, snapshot, file) = (self.table.as_deref(), self.snapshot.as_deref(), self.output.as_deref());
        self.print(&Exported { model, table, snapshot, format, position, rows, bytes, file })?;
        Ok(ExitCode::SUCCESS)
    }

    /// As asked, or as the name of the file ends.
    fn format(&self) -> Format {
        let ends = self.output.as_ref().and_then(|path| path.extension()).and_then(OsStr::to_str);
        let by_name = ends.and_then(|ends| match ends {
            "jsonl" => Some(Format::Ndjson),
            _ => Format::value_variants().iter().copied().find(|format| format.name() == ends),
        });
        self.format.or(by_name).unwrap_or(Format::Csv)
    }

    fn parameters(&self, format: Format) -> Vec<(&'static str, String)> {
        let given = [
            ("format", Some(format.name().to_owned())),
            ("table", self.table.clone()),
            ("snapshot", self.snapshot.clone()),
            ("at_least", self.at_least.map(|position| position.to_string())),
        ];
        given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    fn print(&self, exported: &Exported<'_>) -> Result<()> {
        if self.json {
            return output::json(exported);
        }
        let of = exported.snapshot.map(|name| format!(" of the snapshot {name}")).unwrap_or_default();
        let to = exported.file.map(|path| format!(", in {}", path.display())).unwrap_or_default();
        remark(format_args!(
            "{} rows of {}{of}, complete up to position {}{to}",
            grouped(exported.rows),
            exported.model,
            grouped(exported.position)
        ));
        Ok(())
    }
}

/// Writes what comes. Answers its length in bytes.
async fn take(mut answer: Reply, target: &mut Target, format: Format, rows: u64) -> Result<u64> {
    let progress = Progress::start("Exporting", "rows");
    let (mut lines, mut bytes) = (format.lines(), 0);
    // The names of the columns are a line of their own.
    let beside = u64::from(format == Format::Csv);
    let mut shown = 0;
    loop {
        let piece = answer.chunk().await;
        let Some(piece) = piece.map_err(|error| anyhow!("the server broke off: {error}; export again"))? else {
            break;
        };
        target.write(&piece)?;
        bytes += piece.len() as u64;
        if let Some(lines) = &mut lines {
            lines.count(&piece);
            let come = lines.ended().saturating_sub(beside);
            progress.advance_of(come - shown, rows);
            shown = come;
        }
    }
    progress.finish();
    // Where records are no lines, that the answer came to its end says that all of them did.
    ensure!(
        lines.is_none() || shown == rows,
        "{shown} rows came of the {rows} that the server had announced; export again"
    );
    Ok(bytes)
}

fn number(answer: &Reply, header: &str) -> Result<u64> {
    let number = answer.headers().get(header).and_then(|value| value.to_str().ok()?.parse().ok());
    number.with_context(|| format!("the server does not say {header}; is it of this release?"))
}

async fn list(client: &Client, json: bool) -> Result<()> {
    #[derive(Deserialize)]
    struct Model {
        model: String,
        tables: Vec<Table>,
    }
    #[derive(Deserialize)]
    struct Table {
        #[serde(rename = "table")]
        name: String,
        summary: String,
        columns: Vec<Value>,
    }
    let mut listed: Value = client.get("/v1/read-models", &[]).await?;
    if json {
        return output::json(&listed);
    }
    let models: Vec<Model> = serde_json::from_value(listed["read_models"].take())?;
    if models.is_empty() {
        bail!("this server has no read models");
    }
    let mut printed = Printed::new(&["read model", "table", ">columns", "what a row is"]);
    for Model { model, tables } in &models {
        for Table { name, summary, columns } in tables {
            printed.row([model.clone(), name.clone(), columns.len().to_string(), summary.clone()]);
        }
    }
    printed.print("Tables")
}
