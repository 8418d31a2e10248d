//! How is a programme doing: its members, and the points they earned, spent, lost and hold? (B1 to B10, B15, B20)
//!
//! Every movement of points is counted on its day of the programme's calendar, its store, and the tier of its account.
//! Days are kept for themselves and as months, so that the sum up to any day reads the days of one month only. For every
//! answer holds: earned + given back + moved − spent − expired − reversed = outstanding.
//!
//! What it is not: it knows what an account holds as a sum, not its lots nor its ledger; `loyalty-balance` does.
//!
//! A movement that comes late counts on its own day, in the tier that its account has when it comes.

mod counts;
mod days;
mod rows;

mod fold;
pub mod summary;
pub mod tables;

use storefold_events::Recorded;
use storefold_projection::{Part, Poison, Projector, Question, Rows, Table};

/// The read model `loyalty-programme`.
pub struct LoyaltyProgramme;

impl Projector for LoyaltyProgramme {
    const NAME: &'static str = "loyalty-programme";
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
        vec![summary::question()]
    }

    fn tables() -> Vec<Table> {
        tables::tables()
    }
}
