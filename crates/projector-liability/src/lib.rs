//! What does the retailer owe on cards? (rows 2.59 to 2.66, 2.72, B36)
//!
//! Every movement of an instrument is counted on the day of its store, by kind, type and currency. Days are kept for
//! themselves and as months, so that the sum up to any day reads the days of one month only. For every answer holds:
//! issued + loaded + refunded − redeemed − forfeited − expired − cancelled = outstanding, in each currency by itself.
//!
//! Beside them stands what stores gave away offline and was not there (row B43): no card is owed less for it, so it is no
//! part of that sum.
//!
//! What it is not: it knows no single card, nor whose it is. What comes of no store, as an expiry, counts on the day of
//! UTC.

mod counts;
mod rows;

mod fold;
pub mod liability;
pub mod shortfalls;
pub mod tables;

use storefold_events::Recorded;
use storefold_projection::{Part, Poison, Projector, Question, Rows, Table};

/// The read model `liability`.
pub struct Liability;

impl Projector for Liability {
    const NAME: &'static str = "liability";
    const VERSION: u32 = 2;
    type Row = rows::Row;

    fn apply(event: &Recorded<'_>, rows: &mut Rows<'_, Self::Row>) -> Result<(), Poison> {
        fold::apply(event, rows)
    }

    fn part<'e>(event: &'e Recorded<'_>) -> Part<'e> {
        fold::part(event)
    }

    fn questions() -> Vec<Question> {
        vec![liability::question(), shortfalls::question()]
    }

    fn tables() -> Vec<Table> {
        tables::tables()
    }
}
