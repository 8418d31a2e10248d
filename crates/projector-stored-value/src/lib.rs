//! What is on this card, and how did it come to that? (FEATURES 2.59 to 2.69, 2.72, B25 to B38)
//!
//! Every gift card, wallet, credit note and store credit has a row with what it holds, what of it is held for a checkout
//! (row B26), whether it pays, and every movement with its place in the log. They are found by their code in any case, by
//! its last four characters, and by customer; VIP cards likewise. An answer shows a code by its last four characters
//! (row B30), and a reference by which the instrument is asked for again.
//!
//! What it is not: it decides nothing. What a movement comes to and what is left after it stand in the log when it comes
//! here. What is owed on all instruments together is not counted here.
//!
//! Limits: a list shows [`instruments::LIMIT_MAX`] at a time, an explanation [`explain::LIMIT_MAX`] movements.

pub mod customer;
pub mod explain;
pub mod instrument;
pub mod instruments;
pub mod vip_card;
pub mod vip_cards;

mod asked;
mod fold;
mod given;
mod life;
mod movements;
mod rows;
mod seen;
mod standing;
mod terms;
mod vip;

pub mod tables;

pub use given::VoucherGiven;
pub use life::InstrumentState;
pub use movements::InstrumentMovementKind;
pub use standing::InstrumentStanding;

use storefold_events::Recorded;
use storefold_projection::{Part, Poison, Projector, Question, Rows, Table};

/// The read model `stored-value`.
pub struct StoredValue;

impl Projector for StoredValue {
    const NAME: &'static str = "stored-value";
    const VERSION: u32 = 1;
    type Row = rows::Row;

    fn apply(event: &Recorded<'_>, rows: &mut Rows<'_, Self::Row>) -> Result<(), Poison> {
        fold::apply(event, rows)
    }

    fn part<'e>(event: &'e Recorded<'_>) -> Part<'e> {
        fold::part(event)
    }

    fn questions() -> Vec<Question> {
        vec![
            instrument::question(),
            explain::question(),
            instruments::question(),
            vip_card::question(),
            vip_cards::question(),
            customer::question(),
        ]
    }

    fn tables() -> Vec<Table> {
        tables::tables()
    }
}
