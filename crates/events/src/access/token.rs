//! Tokens, by which machines are known: what each may do, and for how long.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{EventType, Malformed, Scope, Text, event_type::not_empty};

/// The longest name of a token, in bytes.
const TOKEN_BYTES_MAX: usize = 128;

/// The most producers, and the most read models, that a token is narrowed to.
const TOKEN_NAMES_MAX: usize = 64;

/// What stands before the name of a token where somebody is named who did something.
pub const TOKEN_PREFIX: &str = "token:";

/// What a token may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenRight {
    /// Sends events and commands.
    Produce,
    /// Asks read models, within the organisation of the token.
    Read,
    /// Looks after the server: rebuilds, snapshots, quarantine, the log.
    Operate,
    /// Issues and revokes tokens, and reads who may look at what and who did what.
    Administer,
}

/// A machine may use the server with a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenIssued<'a> {
    /// The name of the token, unique in the network.
    #[serde(borrow)]
    pub token: Text<'a>,
    /// BLAKE3 of its secret, in hexadecimal digits.
    #[serde(borrow)]
    pub digest: Text<'a>,
    /// What it may be used for.
    pub rights: Vec<TokenRight>,
    /// The organisation that it may look at, with those below it; the network when there is none.
    #[serde(borrow, default)]
    pub organisation: Option<Text<'a>>,
    /// When it ends, in ms since 1970 UTC (exclusive); never by itself when there is none.
    #[serde(default)]
    pub until_ms: Option<i64>,
    /// The user who did it, or the name of the token after `token:`.
    #[serde(borrow)]
    pub by: Text<'a>,
    /// The only producers that it may send as, by `source` of their events; any when there is none. Since version 2.
    #[serde(borrow, default)]
    pub sources: Vec<Text<'a>>,
    /// The one store that it may look at, and whose events it may send. Since version 2.
    #[serde(borrow, default)]
    pub store: Option<Text<'a>>,
    /// Names of the only read models that it may look at; all when there is none. Since version 2.
    #[serde(borrow, default)]
    pub models: Vec<Text<'a>>,
}

impl<'a> EventType<'a> for TokenIssued<'a> {
    const NAME: &'static str = "TokenIssued";
    const VERSION: u16 = 2;
    const READ_FROM_VERSION: u16 = 1;
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;
    const DECIDED: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.token", &self.token)?;
        let wrong = |field: &str, detail: &str| {
            Err(Malformed::InvalidValue { field: field.to_owned(), detail: detail.to_owned() })
        };
        let has = |right| self.rights.contains(&right);
        if self.token.len() > TOKEN_BYTES_MAX {
            return wrong("data.token", "is longer than 128 bytes; choose a shorter name");
        }
        if self.rights.is_empty() {
            return wrong("data.rights", "is empty; name produce, read, operate or administer");
        }
        if self.organisation.is_some() && self.store.is_some() {
            return wrong("data.store", "stands beside `organisation`; send one of them");
        }
        if self.sources.len() > TOKEN_NAMES_MAX || self.models.len() > TOKEN_NAMES_MAX {
            return wrong("data.sources", "or `models` has more than 64 names; issue several tokens");
        }
        if self.sources.iter().chain(&self.models).any(|name| name.trim().is_empty()) {
            return wrong("data.sources", "or `models` has an empty name; leave it out");
        }
        if !self.sources.is_empty() && !has(TokenRight::Produce) {
            return wrong("data.sources", "says who is sent as, and the token may not send; add the right produce");
        }
        if !self.models.is_empty() && !has(TokenRight::Read) {
            return wrong("data.models", "says what is looked at, and the token may not look; add the right read");
        }
        let narrowed = self.organisation.is_some() || self.store.is_some() || !self.models.is_empty();
        if narrowed && has(TokenRight::Administer) {
            return wrong("data.rights", "has administer, which is for the network; name no place and no read model");
        }
        Ok(())
    }
}

/// A token opens nothing any more, from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenRevoked<'a> {
    /// The token.
    #[serde(borrow)]
    pub token: Text<'a>,
    /// The user who did it, or the name of the token after `token:`.
    #[serde(borrow)]
    pub by: Text<'a>,
}

impl<'a> EventType<'a> for TokenRevoked<'a> {
    const NAME: &'static str = "TokenRevoked";
    const SCOPE: Scope = Scope::Network;
    const SENT: bool = false;
    const DECIDED: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.token", &self.token)
    }
}
