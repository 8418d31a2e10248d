//! Of how many scanned customers does a store get the address, store day by store day? (FEATURES 0.3 (2), 0.4, 0.12,
//! 0.13, decisions 1 and 2)
//!
//! The rate is identified successful scans by successful scans. An address that comes later counts on the scan's day, so
//! days gone by are restated. Attempted, successful and identified stand beside the rate for any other denominator.
//!
//! What it is not: it keeps no scans and no addresses. Which scan is identified, and that it is so once, the sequencer
//! decides.

mod capture;
mod fold;
pub mod network;
mod rows;
pub mod store;
pub mod tables;

use storefold_events::Recorded;
use storefold_projection::{Part, Poison, Projector, Question, Rows, Table};

pub use capture::{Capture, DEFINITION};

/// The read model `email-capture-rate`.
pub struct EmailCaptureRate;

impl Projector for EmailCaptureRate {
    const NAME: &'static str = "email-capture-rate";
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
