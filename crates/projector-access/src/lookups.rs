//! What is looked up for every request: who it is, and what may be seen.

use storefold_events::access::TokenRight;
use storefold_projection::{QueryError, RowKey, View};

use crate::{
    Access, Grant,
    rows::{Row, TokenRow},
};

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The name that is signed in with.
    pub user: String,
    /// The name for people.
    pub name: String,
    /// What a password is checked against; none before the first is set.
    pub verifier: Option<String>,
    /// Places that may be seen.
    pub grants: Vec<Grant>,
}

/// A session that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose it is.
    pub user: User,
    /// When it ends by itself, in ms since 1970 UTC (exclusive).
    pub until_ms: i64,
}

/// A token that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its name.
    pub token: String,
    /// What it may be used for.
    pub rights: Vec<TokenRight>,
    /// The organisation that it may look at, with those below it.
    pub organisation: Option<String>,
    /// The one store that it may look at and send events of; with neither, the network.
    pub store: Option<String>,
    /// The only producers that it may send as; any when there is none.
    pub sources: Vec<String>,
    /// The only read models that it may look at; all when there is none.
    pub models: Vec<String>,
}

/// What a contract allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Read models that may be viewed, by name.
    pub view: Vec<String>,
    /// Read models whose tables may be downloaded, by name.
    pub download: Vec<String>,
}

/// A user, whether or not there are grants.
///
/// # Errors
/// When the rows cannot be read.
pub fn user(view: &View<'_, Access>, user: &str) -> Result<Option<User>, QueryError> {
    let Some(Row::User(row)) = view.get(&Row::user_key(user))? else { return Ok(None) };
    Ok(Some(User { user: user.to_owned(), name: row.name, verifier: row.verifier, grants: row.grants }))
}

/// The session with this digest, when it stands at the view's time.
///
/// # Errors
/// When the rows cannot be read.
pub fn session(view: &View<'_, Access>, digest: &str) -> Result<Option<Session>, QueryError> {
    let Some(Row::Session(row)) = view.get(&Row::session_key(digest))? else { return Ok(None) };
    let Some(Row::User(user)) = view.get(&Row::user_key(&row.user))? else { return Ok(None) };
    if view.now_ms() >= row.until_ms || row.position < user.sessions_from {
        return Ok(None);
    }
    let user = User { user: row.user, name: user.name, verifier: user.verifier, grants: user.grants };
    Ok(Some(Session { user, until_ms: row.until_ms }))
}

/// The token with this digest, when it stands at the view's time.
///
/// # Errors
/// When the rows cannot be read.
pub fn token(view: &View<'_, Access>, digest: &str) -> Result<Option<Token>, QueryError> {
    let Some(Row::Digest(token)) = view.get(&Row::digest_key(digest))? else { return Ok(None) };
    let Some(Row::Token(row)) = view.get(&Row::token_key(&token))? else { return Ok(None) };
    if row.revoked_at_ms.is_some() || row.until_ms.is_some_and(|until_ms| view.now_ms() >= until_ms) {
        return Ok(None);
    }
    let TokenRow { rights, organisation, store, sources, models, .. } = *row;
    Ok(Some(Token { token, rights, organisation, store, sources, models }))
}

/// What the contract of an organisation allows: the nearest one above counts, and that of the network last. None where
/// there is no contract.
///
/// # Errors
/// When the rows cannot be read.
pub fn policy_of(view: &View<'_, Access>, organisation: Option<&str>) -> Result<Option<Policy>, QueryError> {
    let own = organisation.filter(|name| !name.is_empty());
    let above = std::iter::successors(own, |below| below.rsplit_once('/').map(|(above, _)| above));
    for organisation in above.chain([""]) {
        if let Some(Row::Policy(row)) = view.get(&Row::policy_key(organisation))? {
            return Ok(Some(Policy { view: row.view, download: row.download }));
        }
    }
    Ok(None)
}

/// Every store with its organisation, by name.
///
/// # Errors
/// When the rows cannot be read.
pub fn stores(view: &View<'_, Access>) -> Result<Vec<(String, Option<String>)>, QueryError> {
    let mut stores = Vec::new();
    view.scan(&Row::stores_key(), &Row::stores_key(), |key, row| {
        if let (Row::Store(organisation), Some(store)) = (row, RowKey::last_text(key)) {
            stores.push((store, organisation));
        }
        Ok(())
    })?;
    Ok(stores)
}

/// The organisation of a store; none when the store is not known, `Some(None)` when it stands outside any.
///
/// # Errors
/// When the rows cannot be read.
pub fn organisation_of(view: &View<'_, Access>, store: &str) -> Result<Option<Option<String>>, QueryError> {
    match view.get(&Row::store_key(store))? {
        Some(Row::Store(organisation)) => Ok(Some(organisation)),
        _ => Ok(None),
    }
}
