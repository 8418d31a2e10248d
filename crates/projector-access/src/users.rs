//! `GET /v1/access/users`: who may sign in, and what may they look at?

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::access::AccessLevel;
use storefold_projection::{QueryError, Question, RowKey, View};

use crate::{
    Access, Grant,
    rows::{Row, UserRow},
};

/// All of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UsersAsked {}

/// The users there are.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Users {
    /// By the names that they sign in with.
    pub users: Vec<ListedUser>,
}

/// A user.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ListedUser {
    /// The name that is signed in with.
    pub user: String,
    /// The name for people.
    pub name: String,
    /// Whether there is a password to sign in with.
    pub has_password: bool,
    /// When the user was created.
    pub created_at: Option<DateTime<Utc>>,
    /// Who did it; null is the command line.
    pub created_by: Option<String>,
    /// When the user signed in last; null when never.
    pub signed_in_at: Option<DateTime<Utc>>,
    /// What the user may look at.
    pub grants: Vec<ListedGrant>,
}

/// A place with what may be done there; with neither organisation nor store, the network.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ListedGrant {
    /// What may be done.
    pub level: AccessLevel,
    /// The organisation, with everything below it.
    pub organisation: Option<String>,
    /// The store.
    pub store: Option<String>,
}

impl From<&ListedGrant> for Grant {
    fn from(grant: &ListedGrant) -> Self {
        Self { organisation: grant.organisation.clone(), store: grant.store.clone(), level: grant.level }
    }
}

impl From<Grant> for ListedGrant {
    fn from(grant: Grant) -> Self {
        Self { level: grant.level, organisation: grant.organisation, store: grant.store }
    }
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/access/users",
        "Users and what they may look at",
        "Every user with grants and when the user signed in last. For those who see the network.",
        |view: &View<'_, Access>, _: &UsersAsked| Ok(Users { users: all_users(view)? }),
    )
}

/// Every user, by the names that they sign in with.
///
/// # Errors
/// When the rows cannot be read.
pub fn all_users(view: &View<'_, Access>) -> Result<Vec<ListedUser>, QueryError> {
    let mut users = Vec::new();
    view.scan(&Row::users_key(), &Row::users_key(), |key, row| {
        if let (Row::User(row), Some(user)) = (row, RowKey::last_text(key)) {
            users.push(listed(user, *row));
        }
        Ok(())
    })?;
    Ok(users)
}

fn listed(user: String, row: UserRow) -> ListedUser {
    ListedUser {
        user,
        name: row.name,
        has_password: row.verifier.is_some(),
        created_at: DateTime::from_timestamp_millis(row.invited_at_ms),
        created_by: row.invited_by,
        signed_in_at: row.signed_in_at_ms.and_then(DateTime::from_timestamp_millis),
        grants: row.grants.into_iter().map(ListedGrant::from).collect(),
    }
}
