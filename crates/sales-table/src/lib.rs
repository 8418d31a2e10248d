//! A table of sales in CSV, as events: what a retailer has before it has anything else.
//!
//! Columns are found by their names. A row is a sale ([`Rows`]), or it is left out and named ([`Unreadable`]); [`Terms`]
//! make the events of it.
//!
//! What it is not: it opens no file, sends nothing, and has no clock.

mod decimal;
pub use decimal::minor_units;
mod rows;
pub use rows::{Place, Row, Rows, TableError, Unreadable};
mod terms;
pub use terms::{Terms, UnwritableEvent};
