//! How many points does a customer have, and where do they come from? (FEATURES 2.25, 2.26, 2.32, 2.33, B18)
//!
//! An account is the lots that the movements in its ledger have filled and emptied (rows B1, B2, B5, B6, B18), and the
//! tier that is held (B20, B22). Every movement names its position in the log and, where it has them, the sale, the
//! return and the store. For a till, the gifts of the programmes stand beside the accounts (rows 2.29, 2.35).
//!
//! What it is not: it decides nothing about points. What a sale earns and a return takes back stands in the log when it
//! comes here.

pub mod customer;
pub mod explain;
pub mod till;

mod account;
mod catalogue;
mod fold;
mod lots;
mod movements;
mod rows;
mod seen;
pub mod tables;

pub use account::{Expiry, Fall, Pending, Standing, Tier};
pub use movements::MovementKind;

use storefold_events::Recorded;
use storefold_projection::{Part, Poison, Projector, Question, Rows, Table};

/// The read model `loyalty-balance`.
pub struct LoyaltyBalance;

impl Projector for LoyaltyBalance {
    const NAME: &'static str = "loyalty-balance";
    const VERSION: u32 = 3;
    type Row = rows::Row;

    fn apply(event: &Recorded<'_>, rows: &mut Rows<'_, Self::Row>) -> Result<(), Poison> {
        fold::apply(event, rows)
    }

    fn part<'e>(event: &'e Recorded<'_>) -> Part<'e> {
        fold::part(event)
    }

    fn questions() -> Vec<Question> {
        vec![customer::question(), explain::question(), till::question()]
    }

    fn tables() -> Vec<Table> {
        tables::tables()
    }
}
