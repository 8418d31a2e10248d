//! Which programmes are there, and what do their points buy? (FEATURES 2.27, 2.28, 2.35)
//!
//! Programmes with the configuration in force, their levels in the order of their points, and the gifts on each with
//! how often they were claimed and given back.
//!
//! What it is not: it knows no customer, so it cannot tell which gifts are in someone's reach; `loyalty-balance` can.

mod rows;

mod fold;
pub mod gifts;
pub mod programmes;
pub mod tables;

use storefold_events::Recorded;
use storefold_projection::{Part, Poison, Projector, Question, Rows, Table};

/// The read model `gift-catalogue`.
pub struct GiftCatalogue;

impl Projector for GiftCatalogue {
    const NAME: &'static str = "gift-catalogue";
    const VERSION: u32 = 1;
    type Row = rows::Row;

    fn apply(event: &Recorded<'_>, rows: &mut Rows<'_, Self::Row>) -> Result<(), Poison> {
        fold::apply(event, rows)
    }

    fn part<'e>(event: &'e Recorded<'_>) -> Part<'e> {
        fold::part(event)
    }

    fn questions() -> Vec<Question> {
        vec![programmes::question(), gifts::question()]
    }

    fn tables() -> Vec<Table> {
        tables::tables()
    }
}
