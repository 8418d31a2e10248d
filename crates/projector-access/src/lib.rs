//! Who may look at what? (FEATURES 0.17–0.20, B82)
//!
//! Users with their grants, sessions, contracts and tokens as they stand, and who has changed or taken away what. What
//! proves who somebody is stands in the rows only as a digest, and in no table or answer.
//!
//! What it is not: it grants nothing, and checks no password.
//!
//! Limits: what is asked of the audit is at most 1,000 entries at a time.

mod fold;
mod lookups;
mod rows;

pub mod audit;
pub mod policies;
pub mod tables;
pub mod tokens;
pub mod users;

pub use lookups::{Policy, Session, Token, User, organisation_of, policy_of, session, stores, token, user};
pub use rows::Grant;

use storefold_events::Recorded;
use storefold_projection::{Part, Poison, Projector, Question, Rows, Table};

/// The read model `access`.
pub struct Access;

impl Projector for Access {
    const NAME: &'static str = "access";
    const VERSION: u32 = 2;
    type Row = rows::Row;

    fn apply(event: &Recorded<'_>, rows: &mut Rows<'_, Self::Row>) -> Result<(), Poison> {
        fold::apply(event, rows)
    }

    fn part<'e>(event: &'e Recorded<'_>) -> Part<'e> {
        fold::part(event)
    }

    fn questions() -> Vec<Question> {
        vec![users::question(), policies::question(), tokens::question(), audit::question()]
    }

    fn tables() -> Vec<Table> {
        tables::tables()
    }
}
