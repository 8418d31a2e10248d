//! Who comes into a store, by day and hour, and how many of them buy? (FEATURES 1.8, 2.70, B75, B76)
//!
//! Visitors are those who came in without staff and companions; conversion is transactions by visitors. Counts that come
//! late, and returns and voids, count as in store performance: a void takes its sale back, a return is on its own day.
//!
//! What it is not: it tells no counter from another, and no visitor.

mod figures;
mod fold;
mod rows;

pub mod network;
pub mod store;
pub mod tables;

pub use figures::Footfall;

use storefold_events::Recorded;
use storefold_projection::{Part, Poison, Projector, Question, Rows, Table};

/// The read model `footfall`.
pub struct FootfallOfStores;

impl Projector for FootfallOfStores {
    const NAME: &'static str = "footfall";
    const VERSION: u32 = 1;
    type Row = rows::Row;

    fn apply(event: &Recorded<'_>, rows: &mut Rows<'_, Self::Row>) -> Result<(), Poison> {
        fold::apply(event, rows)
    }

    fn part<'e>(event: &'e Recorded<'_>) -> Part<'e> {
        fold::part(event)
    }

    fn questions() -> Vec<Question> {
        vec![store::question(), network::question()]
    }

    fn tables() -> Vec<Table> {
        tables::tables()
    }
}
