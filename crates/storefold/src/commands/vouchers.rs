//! `storefold vouchers`: runs of vouchers, previewed and then launched (rows 2.52, 2.53).

mod launch;
mod preview;
mod run_file;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Args, Subcommand};

use self::{
    preview::{Preview, Receivers},
    run_file::RunFile,
};
use crate::{client::Client, server_address::ServerAddress};

/// Give vouchers to the customers who bought often or much: look first, then launch
///
/// RUN is a file in JSON: `run` (its name), `currency`, `tiers` (each with `from_minor` and `amount_minor` or `rate_e4`,
/// where 500 is 5 %), `validity` (`until`, or `lasts` with `policy` days and `count`), and `criteria` (`from`, `until`,
/// `stores`, `visits_min`, `turnover_min_minor`, `customer`, `country`, `language`). `instrument_type`, `uses` and
/// `told_by` may be given as well.
///
/// `preview` writes nothing to the log: it shows who would receive how much, at a stated position, and keeps the list
/// beside RUN. `launch` says what has changed since, and gives a voucher to each customer of the list as it is then.
/// Started again, it goes on: nobody receives two.
#[derive(Args)]
#[command(after_help = "Examples:\n  storefold vouchers preview winter.json\n  \
        storefold vouchers launch winter.json --author \"A. Leroy\" --yes")]
pub struct Vouchers {
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
    /// Show who would receive how much, and keep the list
    Preview {
        /// What is given to whom
        #[arg(value_name = "RUN")]
        file: PathBuf,
    },
    /// Give the vouchers of a run that was previewed
    Launch {
        /// What is given to whom
        #[arg(value_name = "RUN")]
        file: PathBuf,

        /// Who confirms it
        #[arg(long)]
        author: String,

        /// Go on, although the list is another than was previewed
        #[arg(long)]
        yes: bool,
    },
}

impl Vouchers {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let client = Client::new(&self.server)?;
        match self.order {
            Order::Preview { file } => {
                let run = RunFile::read(&file)?;
                client.reach().await?;
                let preview = Preview { run: run.digest(), receivers: Receivers::ask(&client, &run).await? };
                preview.keep(&file)?;
                preview.receivers.print(&run, self.json)?;
            }
            Order::Launch { file, author, yes } => {
                let run = RunFile::read(&file)?;
                client.reach().await?;
                return launch::launch(&client, &run, (&file, &author), yes, self.json).await;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
