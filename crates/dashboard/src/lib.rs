//! Four pages for people: how a store does, with the points of a customer; how a loyalty programme does; what is owed on
//! cards, and what is on one; and how the read models do.
//!
//! The pages of stores, programmes and cards ask the same questions as the API and show the answers; the page of the system
//! shows what a [`System`] holds. They are whole without scripts, ask no other server for anything, and escape every text from
//! outside.
//!
//! What it is not: it computes no figure that a read model does not give, takes no event in, and starts no rebuild.

mod pages;
pub use pages::pages;
mod asker;
pub use asker::{Ask, Asker};
mod system;
pub use system::System;
mod answers;
mod cards_page;
mod choice;
mod document;
mod figures;
mod loyalty_page;
mod sections;
mod store_page;
mod system_page;
