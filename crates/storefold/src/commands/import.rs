//! `storefold import`: a file of events, or a table of sales, to a running server.

mod ndjson;
mod sales_csv;

use std::{
    fs::File,
    io::{self, Seek},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context, Result};
use clap::Args;
use storefold_events::Currency;
use storefold_sales_table::Terms;

use crate::{
    client::{Client, EventResult},
    delivery::{Pace, deliver},
    output::remark,
    progress::Progress,
    server_address::ServerAddress,
};

/// Send a file of events, or a table of sales, to a running server
///
/// FILE holds one event a line, as JSON. Its order is kept for the events of each source, and stores and programmes
/// arrive before what follows them. Importing twice is safe: what the server has, it counts as duplicate. When the
/// server does not answer, the same is sent again for two minutes.
///
/// With --sales-csv, a table of sales becomes events. Its columns are found by their names: sale, store, customer (may be
/// empty), date (2026-01-31), quantity, amount (for the whole sale, tax included, as 29.33). Each store is configured with
/// the zone and the currency, and the programme `brand` with --minor-per-point. A row becomes a sale at noon of that
/// day in the store, with one line, its tender `unknown`. Rows that cannot be read are named and left out.
#[derive(Args)]
#[command(after_help = "Examples:\n  storefold import events.ndjson\n  zcat events.gz | storefold import -\n  \
        storefold import --sales-csv sales.csv --zone America/New_York --currency USD --minor-per-point 1000\n\n\
        Exit status: 0 when everything is in the log, 1 when something was rejected.")]
pub struct Import {
    /// Events, one a line; - reads them from stdin
    #[arg(value_name = "FILE", required_unless_present = "sales_csv", conflicts_with = "sales_csv")]
    file: Option<PathBuf>,

    /// A table of sales with a line of headings; - reads it from stdin
    #[arg(long, value_name = "FILE", requires_all = ["zone", "currency"])]
    sales_csv: Option<PathBuf>,

    /// IANA zone of the table's stores, such as Europe/Paris
    #[arg(long, requires = "sales_csv")]
    zone: Option<String>,

    /// Currency of the table's amounts, such as USD
    #[arg(long, requires = "sales_csv", value_parser = currency)]
    currency: Option<Currency>,

    /// Configure the programme `brand`: a point for so many minor units of a sale; without it no points are earned
    #[arg(long, requires = "sales_csv", value_name = "MINOR", value_parser = clap::value_parser!(i64).range(1..))]
    minor_per_point: Option<i64>,

    #[command(flatten)]
    server: ServerAddress,

    /// Requests under way at a time
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=64))]
    connections: u8,

    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn currency(code: &str) -> Result<Currency, String> {
    let currency = Currency::new(code).filter(Currency::is_known);
    currency.ok_or_else(|| "it is no currency of ISO 4217; write a code such as EUR".to_owned())
}

impl Import {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let client = Client::new(&self.server)?;
        let pace = Pace { connections: self.connections.into(), rate: None };
        let table = self.sales_csv.clone().zip(self.zone.as_deref().zip(self.currency));
        // What is wrong with the table itself is said before anything is sent.
        let table = match table {
            Some((path, (zone, currency))) => {
                let terms =
                    Terms::new(zone, currency, self.minor_per_point).context("write the zone as Europe/Paris")?;
                let input = Input::open(&path)?;
                let table = sales_csv::SalesTable::read(input, terms)?;
                remark(table.announcement());
                Some(table)
            }
            None => None,
        };
        client.reach().await?;
        let progress = Arc::new(Progress::start("Importing", "events"));
        let (tally, unreadable) = if let Some(table) = table {
            let unreadable = table.unreadable();
            (deliver(&client, pace, &progress, |rounds| table.push_to(rounds)).await?, unreadable)
        } else {
            let input = Input::open(&self.file.context("there is no file to import")?)?;
            (deliver(&client, pace, &progress, move |rounds| ndjson::push_to(input, rounds)).await?, Vec::new())
        };
        progress.finish();
        let mut tally = tally;
        for row in unreadable {
            tally.count(row.line, EventResult::Rejected { code: "unreadable_row".to_owned(), detail: row.to_string() });
        }
        tally.print(self.json)?;
        if tally.rejected == 0 {
            return Ok(ExitCode::SUCCESS);
        }
        remark("Something was rejected. Correct it and import the file again: what is in the log stays as it is.");
        Ok(ExitCode::FAILURE)
    }
}

/// A file that is read more than once; what comes from stdin is put down first.
struct Input {
    name: String,
    file: File,
    bytes: u64,
}

impl Input {
    fn open(path: &Path) -> Result<Self> {
        if path == Path::new("-") {
            let mut file = tempfile::tempfile().context("stdin cannot be put down in a temporary file")?;
            let bytes = io::copy(&mut io::stdin().lock(), &mut file).context("stdin cannot be read")?;
            file.rewind()?;
            return Ok(Self { name: "stdin".to_owned(), file, bytes });
        }
        let file = File::open(path).with_context(|| format!("{} cannot be opened", path.display()))?;
        let bytes = file.metadata()?.len();
        let name = path.file_stem().map_or_else(|| "file".to_owned(), |stem| stem.to_string_lossy().into_owned());
        Ok(Self { name, file, bytes })
    }
}
