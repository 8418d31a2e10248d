//! How often has each customer bought, and for how much? (FEATURES 2.37, 2.52, 2.53)
//!
//! Sales of known customers are counted by store and day, so that any period and any choice of stores can be summed: whom
//! a run of vouchers reaches. What comes back is taken off on the day of its sale, in the store that takes it back; a sale
//! that is voided never was.
//!
//! What it is not: it knows no single sale, and no customer by name. Returns and voids that were recorded before they
//! named the customer are not taken off.

mod fold;
mod rows;

pub mod purchases;
pub mod tables;

use storefold_events::Recorded;
use storefold_projection::{Part, Poison, Projector, Question, Rows, Table};

/// The read model `customer-purchases`.
pub struct CustomerPurchases;

impl Projector for CustomerPurchases {
    const NAME: &'static str = "customer-purchases";
    const VERSION: u32 = 1;
    type Row = rows::Row;

    fn apply(event: &Recorded<'_>, rows: &mut Rows<'_, Self::Row>) -> Result<(), Poison> {
        fold::apply(event, rows)
    }

    fn part<'e>(event: &'e Recorded<'_>) -> Part<'e> {
        fold::part(event)
    }

    fn questions() -> Vec<Question> {
        vec![purchases::question()]
    }

    fn tables() -> Vec<Table> {
        tables::tables()
    }
}
