//! Which sellers open the most customer files while a challenge runs? (FEATURES 1.5)
//!
//! A file counts for who opened it, in the store and on the store day on which it was opened, however late that is uploaded;
//! those that came after the challenge was closed are told apart. Each file is opened once in the log.
//!
//! What it is not: it gives no prize, and knows no person but the seller's name in the event.

mod fold;
mod rows;
mod scope;

pub mod challenge;
pub mod challenges;
pub mod tables;

use storefold_events::Recorded;
use storefold_projection::{Part, Poison, Projector, Question, Rows, Table};

/// The read model `seller-challenges`.
pub struct SellerChallenges;

impl Projector for SellerChallenges {
    const NAME: &'static str = "seller-challenges";
    const VERSION: u32 = 2;
    type Row = rows::Row;

    fn apply(event: &Recorded<'_>, rows: &mut Rows<'_, Self::Row>) -> Result<(), Poison> {
        fold::apply(event, rows)
    }

    fn part<'e>(event: &'e Recorded<'_>) -> Part<'e> {
        fold::part(event)
    }

    fn questions() -> Vec<Question> {
        vec![challenges::question(), challenge::question()]
    }

    fn tables() -> Vec<Table> {
        tables::tables()
    }
}
