//! `GET /v1/access/tokens`: which machines may use the server?

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::access::TokenRight;
use storefold_projection::{QueryError, Question, RowKey, View};

use crate::{Access, rows::Row};

/// All of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokensAsked {}

/// The tokens there were.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Tokens {
    /// By name.
    pub tokens: Vec<ListedToken>,
}

/// A token; its secret is kept nowhere.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ListedToken {
    /// Its name.
    pub token: String,
    /// What it may be used for.
    pub rights: Vec<TokenRight>,
    /// The organisation that it may look at, with those below it.
    pub organisation: Option<String>,
    /// The one store that it may look at and send events of; null beside no organisation is the network.
    pub store: Option<String>,
    /// The only producers that it may send as; any when there is none.
    pub sources: Vec<String>,
    /// The only read models that it may look at; all when there is none.
    pub models: Vec<String>,
    /// When it was issued.
    pub issued_at: Option<DateTime<Utc>>,
    /// Who did it.
    pub issued_by: String,
    /// When it ends by itself (exclusive); null is never.
    pub until: Option<DateTime<Utc>>,
    /// When it was revoked; null while it stands.
    pub revoked_at: Option<DateTime<Utc>>,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/access/tokens",
        "Tokens of machines",
        "Every token that was issued, also those that are revoked or over. For those who see the network.",
        answer,
    )
}

fn answer(view: &View<'_, Access>, _: &TokensAsked) -> Result<Tokens, QueryError> {
    Ok(Tokens { tokens: all_tokens(view)? })
}

/// Every token, by name.
///
/// # Errors
/// When the rows cannot be read.
pub fn all_tokens(view: &View<'_, Access>) -> Result<Vec<ListedToken>, QueryError> {
    let mut tokens = Vec::new();
    view.scan(&Row::tokens_key(), &Row::tokens_key(), |key, row| {
        if let (Row::Token(row), Some(token)) = (row, RowKey::last_text(key)) {
            tokens.push(ListedToken {
                token,
                rights: row.rights,
                organisation: row.organisation,
                store: row.store,
                sources: row.sources,
                models: row.models,
                issued_at: DateTime::from_timestamp_millis(row.issued_at_ms),
                issued_by: row.issued_by,
                until: row.until_ms.and_then(DateTime::from_timestamp_millis),
                revoked_at: row.revoked_at_ms.and_then(DateTime::from_timestamp_millis),
            });
        }
        Ok(())
    })?;
    Ok(tokens)
}
