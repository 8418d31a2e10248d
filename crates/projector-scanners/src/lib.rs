//! Which scanners are there, where do they stand, when were they last heard of, and has anything of theirs been lost?
//! (FEATURES 0.1, 0.2, 0.21, 0.22, gap detection)
//!
//! A fold has no clock, so nothing here is "offline for two hours": facts stand with their times and positions. What is
//! missing of a source are the numbers below its highest that the log does not hold; a scanner that is silent since its
//! last number may hold more.
//!
//! What it is not: it counts no scans, and it does not know what stands in quarantine: a number that was refused is
//! missing here until it is taken.
//!
//! Limits: of one source the highest [`MISSING_RANGES_MAX`] ranges of missing numbers are listed, and all are counted;
//! of the sources that sent scans of one scanner, the first [`SOURCES_MAX`] in the order of the alphabet.

mod rows;
mod sequence;
pub use rows::SOURCES_MAX;
pub use sequence::MISSING_RANGES_MAX;
pub mod directory;
mod fold;
pub mod source;
pub mod status;
pub mod tables;

use storefold_events::Recorded;
use storefold_projection::{Part, Poison, Projector, Question, Rows, Table};

/// The read model `scanners`.
pub struct Scanners;

impl Projector for Scanners {
    const NAME: &'static str = "scanners";
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
        vec![directory::question(), status::question(), source::question()]
    }

    fn tables() -> Vec<Table> {
        tables::tables()
    }
}
