//! A store's own server: it takes in what scanners and tills send while the line to the centre is down.
//!
//! Facts are kept in a durable [outbox](storefold_outbox) before they are answered, and sent on to the centre in their
//! order, again and again until it has them. Questions and commands of tills go to the centre while the line is up; while
//! it is down, facts are kept, and what spends money or points is decided by a [`Policy`]: not at all, or up to a floor
//! limit. What is spent so carries a marker ahead of it, so that the centre takes it whatever the card holds by then, and
//! records what is missing as a shortfall.
//!
//! What it is not: it holds no log, no read model and no balance, and decides nothing that the centre could decide.
//!
//! Limits: a request as the centre takes it, [`BODIES_BYTES_MAX`] bytes of bodies at a time, the outbox as its settings
//! say; a till waits [`ANSWER_WITHIN`] for the centre.

mod settings;
pub use settings::{Policy, Settings};
mod line;
mod upload;

mod central;
pub use central::AddressError;
mod edge;
pub use edge::{BODIES_BYTES_MAX, Edge};
mod batch;
mod forward;
pub use forward::forward;

mod spends;
mod taking;

mod routes;
pub use routes::routes;
mod commands;
pub use commands::ANSWER_WITHIN;
mod events;
mod relay;

mod health;
pub use health::{check, register_metrics};
mod page;
pub use page::pages;
mod shown;
