//! `storefold cards`: gift cards by the hundred, made or brought in (rows 2.64, B30).

mod create;
mod import;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use storefold_events::Currency;

use crate::{client::Client, server_address::ServerAddress};

/// Make many gift cards, or bring in those that are there already
///
/// Codes that are made have 16 characters: 75 bits of chance and one that notices typing errors. They are written to a
/// file once; later answers show their last four characters.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    storefold cards create --count 500 --amount 25.00 --currency EUR --store HQ --batch xmas-2026 --out codes.csv\n  \
    storefold cards import old-cards.csv --currency EUR --store HQ\n\n\
    Both may be started again after a break: no card is made or brought in twice.")]
pub struct Cards {
    #[command(flatten)]
    server: ServerAddress,

    #[command(subcommand)]
    order: Order,
}

#[derive(Subcommand)]
enum Order {
    /// Make cards of one amount and write their codes to a file
    Create {
        /// How many
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        count: u32,

        /// What each is worth, as 25.00
        #[arg(long)]
        amount: String,

        /// A name for these cards: the same name and number is the same card
        #[arg(long)]
        batch: String,

        /// Where the codes are written, one a line under a heading; must not be there yet
        #[arg(long, value_name = "FILE")]
        out: PathBuf,

        #[command(flatten)]
        terms: Terms,
    },
    /// Bring in cards from a table
    ///
    /// Its columns are found by their names: code, amount (as 25.00), and, where it has them, customer, `expires_on`
    /// (2027-12-31, the last day) and `instrument_type`.
    Import {
        /// The table, with a line of headings
        #[arg(value_name = "FILE")]
        file: PathBuf,

        #[command(flatten)]
        terms: Terms,
    },
}

/// What all cards have in common.
#[derive(Args)]
struct Terms {
    /// Currency of the amounts, such as EUR
    #[arg(long, value_parser = super::import::currency)]
    currency: Currency,

    /// The store that issues them
    #[arg(long)]
    store: String,

    /// Day of issue; started again on another day, name the first
    #[arg(long, value_name = "DAY", default_value_t = today())]
    on: NaiveDate,

    /// Their type; without one they are spent whole and never expire
    #[arg(long = "type", value_name = "TYPE")]
    instrument_type: Option<String>,

    /// Last day on which they pay; by their type when absent
    #[arg(long, value_name = "DAY")]
    expires_on: Option<NaiveDate>,
}

/// Today, in UTC.
fn today() -> NaiveDate {
    chrono::DateTime::from_timestamp_millis(crate::clock::now_ms()).unwrap_or_default().date_naive()
}

impl Cards {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let client = Client::new(&self.server)?;
        match self.order {
            Order::Create { count, amount, batch, out, terms } => {
                create::create(&client, &terms, (count, &amount), &batch, &out).await
            }
            Order::Import { file, terms } => import::import(&client, &terms, &file).await,
        }
    }
}

impl Terms {
    /// A card as it is sent: the same each time for the same name.
    fn event(&self, name: &str, data: &serde_json::Value) -> serde_json::Value {
        let id = crate::client::id_of(name);
        let at = self.on.and_time(chrono::NaiveTime::MIN).and_utc();
        serde_json::json!({"source": "cards", "id": id, "store": self.store, "occurred_at": at, "type": "GiftCardIssued",
            "data": data})
    }
}
