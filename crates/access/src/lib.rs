//! Who is asking, and how far does he see? (rows 0.17–0.20)
//!
//! A door ([`Desk::door`]) stands before every route: it finds out who sends a request, from a session or a token, whether the route
//! is for him, and puts beside the request how far he sees ([`storefold_projection::Reach`]), to which questions are
//! narrowed. What changes access goes through a [`Desk`], which writes events in the name of who asked; whether they are
//! taken is decided by the domain.
//!
//! What it is not: it knows no page and no figure, and decides nothing about rights itself.
//!
//! Limits: a session lasts [`SESSION_MS`]; passwords have 12 to 256 characters; after 5 failures in a row a name, and
//! after 20 an address, waits from a minute to a quarter of an hour; two passwords are checked at a time.

mod attempts;
mod contracts;
mod desk;
mod door;
mod entered;
mod first;
mod machines;
mod needs;
mod passwords;
mod people;
mod routes;
mod secrets;
mod viewer;

pub use desk::{Desk, DeskError, Settings};
pub use door::{FORM_TOKEN, SESSION_COOKIE};
pub use entered::{SESSION_MS, SignInRefused, SignedInNow};
pub use first::SETUP_KEY_FILE;
pub use machines::TokenFor;
pub use passwords::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN};
pub use secrets::is_same;
pub use storefold_projector_access::{
    Grant,
    audit::{Audit, AuditAsked, AuditEntry},
    policies::ListedPolicy,
    tokens::ListedToken,
    users::{ListedGrant, ListedUser},
};
pub use viewer::{Viewer, Who};
