//! How many points does a customer have, and where do they come from? (FEATURES 2.25, 2.26, 2.32, 2.33, B18)
//!
//! The balance of a customer in a programme is the sum of the movements in its ledger. Every movement names its position
//! in the log and, where it has them, the sale, the return and the store. Points never expire.
//!
//! What it is not: it decides nothing about points. What a sale earns and a return takes back stands in the log when it
//! comes here.

pub mod customer;
mod fold;
mod movements;
mod rows;
pub mod tables;

use storefold_events::Recorded;
use storefold_projection::{Part, Poison, Projector, Question, Rows, Table};

/// The read model `loyalty-balance`.
pub struct LoyaltyBalance;

impl Projector for LoyaltyBalance {
    const NAME: &'static str = "loyalty-balance";
    const VERSION: u32 = 2;
    type Row = rows::Row;

    fn apply(event: &Recorded<'_>, rows: &mut Rows<'_, Self::Row>) -> Result<(), Poison> {
        fold::apply(event, rows)
    }

    fn part<'e>(event: &'e Recorded<'_>) -> Part<'e> {
        fold::part(event)
    }

    fn questions() -> Vec<Question> {
        vec![customer::question()]
    }

    fn tables() -> Vec<Table> {
        tables::tables()
    }
}
