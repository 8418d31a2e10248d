//! Vouchers: what is given away for sales, for new customers and in runs, and what of it is taken back (rows 2.52 to
//! 2.58).

mod created;
mod gift;
mod returned;
mod rules;
mod run;
mod sold;

pub(super) use created::{decide_created, evolve_created};
pub use gift::voucher_worth_minor;
pub(super) use returned::{Back, decide_back, evolve_back};
pub(super) use rules::{decide_defined, evolve_defined};
pub(super) use run::{decide_granted, decide_launched, evolve_launched};
pub(super) use sold::{decide_sale, evolve_issued, evolve_sale};
