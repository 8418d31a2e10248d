//! `storefold export`: a table of a read model, as a file.

mod lines;

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::{Args, ValueEnum};
use reqwest::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storefold_events::Position;

use self::lines::Lines;
use crate::{
    client::{Client, cause},
    output::{self, Printed, grouped, remark},
    progress::Progress,
    signals::Stop,
};

/// Export a table of a read model as CSV or NDJSON, from a running server
///
/// All records as they stand at one position of the log, which is said with them: of the rows that are served, or of a
/// snapshot, which holds an earlier time (`storefold rebuild all --snapshot NAME --as-of WHEN`). Amounts are integers in
/// minor units, with their currency in a column of its own; days are days of the store.
///
/// A file is there when it is whole: until then it is called FILE.part, and one that was there before stays.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  storefold export --list\n  storefold export store-performance --output days.csv\n  \
        storefold export store-performance --table errors --format ndjson | head\n  \
        storefold export loyalty-balance --snapshot january --output balances-january.csv --json\n\n\
        Exit status: 0 when everything was exported, 1 when it was not."
)]
pub struct Export {
    /// Name of a read model
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

    /// Where the server is
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,

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

/// Where records go to.
enum Target {
    Stdout,
    /// A file under another name until it is whole.
    File {
        file: File,
        part: PathBuf,
        path: PathBuf,
    },
}

impl Export {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let client = Client::new(&self.url)?;
        client.reach().await?;
        let Some(model) = &self.model else {
            list(&client, self.json).await?;
            return Ok(ExitCode::SUCCESS);
        };
        ensure!(
            !self.json || self.output.is_some(),
            "--json says what was exported; give the records an --output FILE"
        );
        let mut stop = Stop::catch()?;
        let format = self.format();
        let answer = client.stream(&format!("/v1/read-models/{model}/rows"), &self.parameters(format)).await?;
        let (position, rows) = (number(&answer, "x-storefold-position")?, number(&answer, "x-storefold-rows")?);
        let mut target = Target::open(self.output.as_deref())?;
        let taken = tokio::select! {
            taken = take(answer, &mut target, format, rows) => taken,
            () = stop.wait() => Err(anyhow!("the export was interrupted")),
        };
        let bytes = target.close(taken)?;
        let (table, snapshot, file) = (self.table.as_deref(), self.snapshot.as_deref(), self.output.as_deref());
        let exported = Exported { model, table, snapshot, format, position, rows, bytes, file };
        self.print(&exported)?;
        Ok(ExitCode::SUCCESS)
    }

    /// As asked, or as the name of the file ends.
    fn format(&self) -> Format {
        let ends = self.output.as_ref().and_then(|path| path.extension()).and_then(OsStr::to_str);
        self.format.unwrap_or(match ends {
            Some("ndjson" | "jsonl") => Format::Ndjson,
            _ => Format::Csv,
        })
    }

    fn parameters(&self, format: Format) -> Vec<(&'static str, String)> {
        let format = if format == Format::Csv { "csv" } else { "ndjson" };
        let given = [
            ("format", Some(format.to_owned())),
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
async fn take(mut answer: Response, target: &mut Target, format: Format, rows: u64) -> Result<u64> {
    let progress = Progress::start("Exporting", "rows");
    let (mut lines, mut bytes) = (Lines::new(format == Format::Csv), 0);
    // The names of the columns are a line of their own.
    let beside = u64::from(format == Format::Csv);
    let mut shown = 0;
    loop {
        let piece = answer.chunk().await;
        let Some(piece) = piece.map_err(|error| anyhow!("the server broke off: {}; export again", cause(&error)))?
        else {
            break;
        };
        target.write(&piece)?;
        bytes += piece.len() as u64;
        lines.count(&piece);
        let come = lines.ended().saturating_sub(beside);
        progress.advance_of(come - shown, rows);
        shown = come;
    }
    progress.finish();
    ensure!(shown == rows, "{shown} rows came of the {rows} that the server had announced; export again");
    Ok(bytes)
}

impl Target {
    fn open(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else { return Ok(Self::Stdout) };
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = File::create(&part).with_context(|| format!("{} cannot be written", part.display()))?;
        Ok(Self::File { file, part, path: path.to_owned() })
    }

    fn write(&mut self, piece: &[u8]) -> Result<()> {
        match self {
            Self::Stdout => Ok(io::stdout().lock().write_all(piece)?),
            Self::File { file, part, .. } => {
                file.write_all(piece).with_context(|| format!("{} cannot be written", part.display()))
            }
        }
    }

    /// Gives a file its name when everything has come, and removes it otherwise.
    fn close<T>(self, taken: Result<T>) -> Result<T> {
        let Self::File { file, part, path } = self else { return taken };
        let kept = taken.and_then(|taken| {
            file.sync_all().with_context(|| format!("{} cannot be written", part.display()))?;
            fs::rename(&part, &path).with_context(|| format!("{} cannot be written", path.display()))?;
            Ok(taken)
        });
        kept.inspect_err(|_| drop(fs::remove_file(&part)))
    }
}

fn number(answer: &Response, header: &str) -> Result<u64> {
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
