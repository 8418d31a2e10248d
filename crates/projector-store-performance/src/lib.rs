//! How a store and its scanners perform, store day by store day: scans by outcome, error and gender, emails, sales,
//! returns, units and turnover (FEATURES 0.1, 0.3–0.11, 0.15, 0.16, 0.22–0.23); and what to make of it.
//!
//! Everything counts on the store and the store day of the event's envelope, whenever it arrives. A return counts on its
//! own day and in its own store (row B73); a void takes its sale off the sale's day.
//!
//! What it is not: it keeps no single scan or sale, so it cannot tell which ones make up a figure; the log can.
//!
//! Limits: of the error codes of one store day, the first [`ERROR_CODES_MAX`] in the order of the alphabet are counted
//! apart; the failures under any others are among the failed all the same.

mod rows;
pub use rows::ERROR_CODES_MAX;
pub mod catalogue;
pub mod consistency;
pub mod correlation;
mod day;
mod figures;
mod fold;
pub mod hints;
pub mod scanner;
pub mod scans;
mod scope;
pub mod store;
pub mod stores;
pub mod tables;
pub mod turnover;

use storefold_events::Recorded;
use storefold_projection::{Part, Poison, Projector, Question, Rows, Table};

pub use catalogue::{ERROR_CATALOGUE, ErrorExplained};
pub use day::PerformanceDay;
pub use figures::{ErrorCount, Flag, Genders, SUCCESS_RATE_MIN_PERCENT, SaleFigures, ScanFigures, ScanTotals, Scans};
pub use scope::stores_of_scanner;

/// The read model `store-performance`.
pub struct StorePerformance;

impl Projector for StorePerformance {
    const NAME: &'static str = "store-performance";
    const VERSION: u32 = 1;
    type Row = rows::Row;

    fn apply(event: &Recorded<'_>, rows: &mut Rows<'_, Self::Row>) -> Result<(), Poison> {
        fold::apply(event, rows)
    }

    fn part<'e>(event: &'e Recorded<'_>) -> Part<'e> {
        fold::part(event)
    }

    fn merge(row: &mut Self::Row, other: Self::Row) -> Result<(), Poison> {
        row.merge(other)
    }

    fn questions() -> Vec<Question> {
        vec![
            stores::question(),
            store::question(),
            scanner::question(),
            scans::question(),
            catalogue::question(),
            hints::question(),
            consistency::question(),
            turnover::question(),
        ]
    }

    fn tables() -> Vec<Table> {
        tables::tables()
    }
}
