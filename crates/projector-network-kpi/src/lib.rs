//! How is the network doing: key figures of stores, organisations and the network, against what they were and should be?
//! (FEATURES 1.7 to 1.24, 2.71, B72 to B77)
//!
//! What is measured is counted on store days; KPIs are formulas over it, the standard ones and a company's own alike, each
//! defined once. What comes late is kept beside, so that a day can be read as it was known on another, and a closed month
//! stays as it was.
//!
//! What it is not: it decides nothing, and keeps no scanner, article or till apart.

mod buyers;
mod customer;
mod decided;
mod definitions;
mod evidence;
mod fold;
mod gather;
mod measures;
mod place;
mod retail_calendar;
mod rows;
mod scope;
mod settings;

pub mod anomalies;
pub mod closed;
pub mod explain;
pub mod figure;
pub mod kpi;
pub mod list;
pub mod plans;
pub mod ranking;
pub mod restatements;
pub mod satisfaction;
pub mod tables;

use storefold_events::Recorded;
use storefold_projection::{Part, Poison, Projector, Question, Rows, Table};

/// The read model `network-kpi`.
pub struct NetworkKpi;

impl Projector for NetworkKpi {
    const NAME: &'static str = "network-kpi";
    const VERSION: u32 = 2;
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
        vec![
            list::question(),
            kpi::question(),
            ranking::question(),
            explain::question(),
            restatements::question(),
            closed::question(),
            anomalies::question(),
            plans::question(),
            satisfaction::question(),
        ]
    }

    fn tables() -> Vec<Table> {
        tables::tables()
    }
}
