//! What the pages read of the answers; they hold more.

pub(crate) mod cards;
pub(crate) mod customers;
pub(crate) mod improving;
pub(crate) mod kpis;
pub(crate) mod late;
pub(crate) mod loyalty;
pub(crate) mod person;
pub(crate) mod scanners;
pub(crate) mod scans;
pub(crate) mod stores;
