//! What is kept: users, sessions, contracts, tokens, where stores stand, and who did what.

use serde::{Deserialize, Serialize};
use storefold_events::{
    Position,
    access::{AccessLevel, TokenRight},
};
use storefold_projection::{Poison, RowKey};

/// A row; its key begins with the byte of its kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Row {
    /// Nothing is kept.
    #[default]
    #[serde(rename = "-")]
    None,
    /// Under [`Row::user_key`].
    #[serde(rename = "u")]
    User(Box<UserRow>),
    /// Under [`Row::session_key`].
    #[serde(rename = "s")]
    Session(Box<SessionRow>),
    /// Under [`Row::policy_key`].
    #[serde(rename = "c")]
    Policy(Box<PolicyRow>),
    /// Under [`Row::token_key`].
    #[serde(rename = "t")]
    Token(Box<TokenRow>),
    /// Under [`Row::digest_key`]: the name of the token.
    #[serde(rename = "d")]
    Digest(String),
    /// Under [`Row::store_key`]: its organisation.
    #[serde(rename = "o")]
    Store(Option<String>),
    /// Under [`Row::audit_key`].
    #[serde(rename = "a")]
    Audit(Box<AuditRow>),
}

/// A user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRow {
    pub name: String,
    pub invited_at_ms: i64,
    pub invited_by: Option<String>,
    /// What a password is checked against; none before the first is set.
    pub verifier: Option<String>,
    /// By their places.
    pub grants: Vec<Grant>,
    /// Sessions that began before this position have ended.
    pub sessions_from: Position,
    pub signed_in_at_ms: Option<i64>,
}

/// A place with what may be done there; with neither, the place is the network.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Grant {
    /// The organisation, with everything below it.
    pub organisation: Option<String>,
    /// The store.
    pub store: Option<String>,
    /// What may be done there.
    pub level: AccessLevel,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    pub user: String,
    pub position: Position,
    /// Exclusive, in ms since 1970 UTC.
    pub until_ms: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRow {
    pub view: Vec<String>,
    pub download: Vec<String>,
    pub set_at_ms: i64,
    pub set_by: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRow {
    pub digest: String,
    pub rights: Vec<TokenRight>,
    pub organisation: Option<String>,
    pub store: Option<String>,
    /// Any when there is none.
    pub sources: Vec<String>,
    /// All when there is none.
    pub models: Vec<String>,
    pub issued_at_ms: i64,
    pub issued_by: String,
    /// Exclusive, in ms since 1970 UTC.
    pub until_ms: Option<i64>,
    pub revoked_at_ms: Option<i64>,
}

/// What somebody did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    pub at_ms: i64,
    /// None is the command line.
    pub by: Option<String>,
    /// The type of the event.
    pub what: String,
    /// The user, organisation, token or table.
    pub of: String,
    /// In words.
    pub detail: String,
}

impl Row {
    pub fn user_key(user: &str) -> RowKey {
        Self::users_key().text(user)
    }

    pub fn users_key() -> RowKey {
        RowKey::of(b'u')
    }

    pub fn session_key(digest: &str) -> RowKey {
        RowKey::of(b's').text(digest)
    }

    /// The network is the organisation without a name.
    pub fn policy_key(organisation: &str) -> RowKey {
        Self::policies_key().text(organisation)
    }

    pub fn policies_key() -> RowKey {
        RowKey::of(b'c')
    }

    pub fn token_key(token: &str) -> RowKey {
        Self::tokens_key().text(token)
    }

    pub fn tokens_key() -> RowKey {
        RowKey::of(b't')
    }

    pub fn digest_key(digest: &str) -> RowKey {
        RowKey::of(b'd').text(digest)
    }

    pub fn store_key(store: &str) -> RowKey {
        Self::stores_key().text(store)
    }

    pub fn stores_key() -> RowKey {
        RowKey::of(b'o')
    }

    /// The newest stands first.
    pub fn audit_key(position: Position) -> RowKey {
        Self::audits_key().number(Position::MAX - position)
    }

    /// The position of an entry's key.
    pub fn audit_position(key: &[u8]) -> Option<Position> {
        RowKey::last_number(key).map(|number| Position::MAX - number)
    }

    pub fn audits_key() -> RowKey {
        RowKey::of(b'a')
    }

    /// The user, begun when there is none.
    pub fn user(&mut self) -> Result<&mut UserRow, Poison> {
        if matches!(self, Self::None) {
            *self = Self::User(Box::default());
        }
        match self {
            Self::User(row) => Ok(row),
            _ => Err(Poison("a row stands under the key of another kind".to_owned())),
        }
    }
}

impl Grant {
    /// Whether it is for exactly this place.
    pub fn is_for(&self, organisation: Option<&str>, store: Option<&str>) -> bool {
        self.organisation.as_deref() == organisation && self.store.as_deref() == store
    }

    /// The place in words.
    pub fn place(&self) -> String {
        place(self.organisation.as_deref(), self.store.as_deref())
    }
}

/// A place in words.
pub fn place(organisation: Option<&str>, store: Option<&str>) -> String {
    match (organisation, store) {
        (Some(organisation), _) => format!("organisation {organisation}"),
        (None, Some(store)) => format!("store {store}"),
        (None, None) => "the network".to_owned(),
    }
}
