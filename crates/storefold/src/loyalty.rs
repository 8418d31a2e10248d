//! What the commands share that look at loyalty ahead or otherwise: books in memory, and figures of programmes.
//!
//! What it is not: nothing here is written anywhere. The books hold the state of every sale and account, about 0.3 GB for a
//! million sales.

mod books;
mod figures;
mod zones;

pub use books::{Books, concerns_loyalty};
pub use figures::{Figures, Ledger};
pub use zones::{Zones, calendar};

#[cfg(test)]
pub mod test_log;
