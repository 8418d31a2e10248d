//! One page for people: how a store does, and the points of a customer.
//!
//! The page asks the same questions as the API and shows the answers. It is whole without scripts, asks no other server
//! for anything, and every text from outside is escaped.
//!
//! What it is not: it computes no figure that a read model does not give, and takes no event in.

mod pages;
pub use pages::pages;
mod asker;
pub use asker::{Ask, Asker};
mod answers;
mod choice;
mod figures;
mod page;
mod sections;
