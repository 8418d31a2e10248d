//! What a basket costs: final prices, then what rules and VIP cards take off (rows 2.48 to 2.51, 2.67).

mod basket;
mod kept;

pub use basket::{PricedBasket, PricedLine, Pricing, price};
pub(crate) use kept::{evolve_rule, evolve_set};
