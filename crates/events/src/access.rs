//! Who may look at what: users, grants, sessions, contracts and tokens (rows 0.17–0.20).
//!
//! These events are written by the node alone, for somebody who has signed in or for the command line; nobody can send
//! them. What proves who somebody is stands in them only as a digest.

mod token;

pub use token::{TOKEN_PREFIX, TokenIssued, TokenRevoked, TokenRight};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{EventType, Malformed, Scope, Text, event_type::not_empty};

/// The longest name that a user signs in with, in bytes.
pub const USER_BYTES_MAX: usize = 128;

/// What a user may do where a grant reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccessLevel {
    /// Looks at figures.
    Standard,
    /// Creates Standard users as well.
    Manager,
    /// Does everything, everywhere.
    Administrator,
}

/// Somebody may sign in from now on, once there is a password. May look at nothing yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserInvited<'a> {
    /// The name that is signed in with, in small letters, as an address of email.
    #[serde(borrow)]
    pub user: Text<'a>,
    /// The name for people.
    #[serde(borrow)]
    pub name: Text<'a>,
    /// The user who did it; none when it was the command line, for the first administrator.
    #[serde(borrow, default)]
    pub by: Option<Text<'a>>,
}

impl<'a> EventType<'a> for UserInvited<'a> {
    const NAME: &'static str = "UserInvited";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;
    const DECIDED: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.name", &self.name)?;
        let fits = |char: char| char.is_ascii_graphic() && !char.is_ascii_uppercase();
        if self.user.is_empty() || self.user.len() > USER_BYTES_MAX || !self.user.chars().all(fits) {
            let detail = format!(
                "is not 1 to {USER_BYTES_MAX} small letters, digits and signs without a space; write it as an address of email"
            );
            return Err(Malformed::InvalidValue { field: "data.user".to_owned(), detail });
        }
        Ok(())
    }
}

/// A user may look at an organisation with everything below it, at one store, or, with neither, at the network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessGranted<'a> {
    /// The user.
    #[serde(borrow)]
    pub user: Text<'a>,
    /// What the user may do there; a grant of another level for the same place takes the place of this.
    pub level: AccessLevel,
    /// The organisation.
    #[serde(borrow, default)]
    pub organisation: Option<Text<'a>>,
    /// The store.
    #[serde(borrow, default)]
    pub store: Option<Text<'a>>,
    /// The user who did it; none when it was the command line.
    #[serde(borrow, default)]
    pub by: Option<Text<'a>>,
}

impl<'a> EventType<'a> for AccessGranted<'a> {
    const NAME: &'static str = "AccessGranted";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;
    const DECIDED: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        let place = self.organisation.is_some() || self.store.is_some();
        let wrong = |field: &str, detail: &str| {
            Err(Malformed::InvalidValue { field: field.to_owned(), detail: detail.to_owned() })
        };
        if self.organisation.is_some() && self.store.is_some() {
            return wrong("data.store", "stands beside `organisation`; send one of them");
        }
        if self.level == AccessLevel::Administrator && place {
            return wrong("data.level", "is administrator, who is one everywhere; name no place, or another level");
        }
        Ok(())
    }
}

/// A grant for exactly this place has ended, at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessRevoked<'a> {
    /// The user.
    #[serde(borrow)]
    pub user: Text<'a>,
    /// The organisation of the grant.
    #[serde(borrow, default)]
    pub organisation: Option<Text<'a>>,
    /// The store of the grant.
    #[serde(borrow, default)]
    pub store: Option<Text<'a>>,
    /// The user who did it.
    #[serde(borrow)]
    pub by: Text<'a>,
}

impl<'a> EventType<'a> for AccessRevoked<'a> {
    const NAME: &'static str = "AccessRevoked";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;
    const DECIDED: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.user", &self.user)
    }
}

/// A user signs in with another password from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordSet<'a> {
    /// The user.
    #[serde(borrow)]
    pub user: Text<'a>,
    /// What a password is checked against, as a string of the Password Hashing Competition's format (Argon2id).
    #[serde(borrow)]
    pub verifier: Text<'a>,
    /// The user who did it; none when it was the command line, for the first administrator.
    #[serde(borrow, default)]
    pub by: Option<Text<'a>>,
}

impl<'a> EventType<'a> for PasswordSet<'a> {
    const NAME: &'static str = "PasswordSet";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;
    const DECIDED: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.verifier", &self.verifier)
    }
}

/// A user has signed in, and is who holds the secret of the session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignedIn<'a> {
    /// The user.
    #[serde(borrow)]
    pub user: Text<'a>,
    /// BLAKE3 of the session's secret, in hexadecimal digits.
    #[serde(borrow)]
    pub session: Text<'a>,
    /// When it ends by itself, in ms since 1970 UTC (exclusive).
    pub until_ms: i64,
    /// From which address, as far as is known.
    #[serde(borrow, default)]
    pub address: Option<Text<'a>>,
}

impl<'a> EventType<'a> for SignedIn<'a> {
    const NAME: &'static str = "SignedIn";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;
    const DECIDED: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.session", &self.session)
    }
}

/// A session, or all sessions of a user, have ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignedOut<'a> {
    /// The user whose sessions they are.
    #[serde(borrow)]
    pub user: Text<'a>,
    /// The session; all of the user's when there is none.
    #[serde(borrow, default)]
    pub session: Option<Text<'a>>,
    /// The user who did it.
    #[serde(borrow)]
    pub by: Text<'a>,
}

impl<'a> EventType<'a> for SignedOut<'a> {
    const NAME: &'static str = "SignedOut";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;
    const DECIDED: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.user", &self.user)
    }
}

/// What a contract lets an organisation, with those below it, view and download (row 0.19). The nearest one above counts;
/// where there is none, everything may be viewed and downloaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataPolicySet<'a> {
    /// The organisation; none is the network.
    #[serde(borrow, default)]
    pub organisation: Option<Text<'a>>,
    /// Names of the read models that may be viewed.
    #[serde(borrow)]
    pub view: Vec<Text<'a>>,
    /// Names of the read models whose tables may be downloaded as well.
    #[serde(borrow)]
    pub download: Vec<Text<'a>>,
    /// The user who did it.
    #[serde(borrow)]
    pub by: Text<'a>,
}

impl<'a> EventType<'a> for DataPolicySet<'a> {
    const NAME: &'static str = "DataPolicySet";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;
    const DECIDED: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        match self.download.iter().find(|model| !self.view.contains(model)) {
            None => Ok(()),
            Some(model) => {
                let detail = format!("names `{model}`, which may not be viewed; add it to `view` as well");
                Err(Malformed::InvalidValue { field: "data.download".to_owned(), detail })
            }
        }
    }
}

/// Somebody took a table away (rows 0.20, B82).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataDownloaded<'a> {
    /// The read model.
    #[serde(borrow)]
    pub model: Text<'a>,
    /// The table of it.
    #[serde(borrow)]
    pub table: Text<'a>,
    /// As what, as `xlsx`.
    #[serde(borrow)]
    pub format: Text<'a>,
    /// The snapshot that it was taken from; the rows of the time when there is none.
    #[serde(borrow, default)]
    pub snapshot: Option<Text<'a>>,
    /// The user who did it, or the name of the token after `token:`.
    #[serde(borrow)]
    pub by: Text<'a>,
}

impl<'a> EventType<'a> for DataDownloaded<'a> {
    const NAME: &'static str = "DataDownloaded";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;
    const DECIDED: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.model", &self.model)
    }
}
