//! What is known of a person? (FEATURES 2.1, 1.12)
//!
//! The file of each customer with who said what when, a consent for each way to write, what was bought and answered, the
//! scans of his addresses, and whether he was erased. What is about the person stands in the rows sealed, as in the log;
//! an answer shows it where the keys are.
//!
//! What it is not: it opens nothing itself, and counts nothing. Scans are found by the key that seals their address, so
//! those of a log without keys are not.
//!
//! Limits: an answer shows at most [`FACTS_MAX`] facts and scans.

mod fold;
mod rows;

pub mod file;
pub mod tables;

pub use file::{ErasedOn, FACTS_MAX, erased_on, has_file};

use storefold_events::Recorded;
use storefold_projection::{Part, Poison, Projector, Question, Rows, Table};

/// The read model `customer-file`.
pub struct CustomerFile;

impl Projector for CustomerFile {
    const NAME: &'static str = "customer-file";
    const VERSION: u32 = 1;
    type Row = rows::Row;

    fn apply(event: &Recorded<'_>, rows: &mut Rows<'_, Self::Row>) -> Result<(), Poison> {
        fold::apply(event, rows)
    }

    fn part<'e>(event: &'e Recorded<'_>) -> Part<'e> {
        fold::part(event)
    }

    fn questions() -> Vec<Question> {
        vec![file::question()]
    }

    fn tables() -> Vec<Table> {
        tables::tables()
    }
}
