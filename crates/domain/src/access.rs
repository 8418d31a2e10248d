//! Who may let whom look at what (rows 0.17–0.19).
//!
//! An administrator may do everything. A Manager may create Standard users and grant them places within those that the
//! Manager has. There is always an administrator, once there was a first.

use serde::{Deserialize, Serialize};
use storefold_events::{
    Event, Payload,
    access::{
        AccessGranted, AccessLevel, AccessRevoked, PasswordSet, SignedOut, TOKEN_PREFIX, TokenIssued, TokenRevoked,
        TokenRight, UserInvited,
    },
    store::is_of,
};
use thiserror::Error;

use crate::{Aggregate, Denied, Knowledge, Refusal, Store};

/// The most places that one user is granted.
const GRANTS_MAX: usize = 64;
/// All administrators stand under one identifier.
const ADMINISTRATORS: &str = "";

/// A place with what may be done there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Grant {
    level: AccessLevel,
    organisation: Option<String>,
    store: Option<String>,
}

/// A user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct User {
    grants: Vec<Grant>,
}

impl Aggregate for User {
    const KIND: u8 = b'U';
}

/// Names of the administrators.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Administrators(Vec<String>);

impl Aggregate for Administrators {
    const KIND: u8 = b'A';
}

/// Whether a token's name is in use, and until when it issues and revokes others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Token {
    revoked: bool,
    #[serde(default)]
    administers: bool,
    /// Exclusive, in ms since 1970 UTC.
    #[serde(default)]
    until_ms: Option<i64>,
}

impl Aggregate for Token {
    const KIND: u8 = b'T';
}

/// Why access stays as it is.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is said in its sentence, and its fields are named there")]
pub enum AccessRefusal {
    #[error("there is an administrator already; sign in as one to do this")]
    HasAdministrator,
    #[error("user `{user}` is there already; grant the user what is missing")]
    UserAlreadyThere { user: String },
    #[error("there is no user `{user}`; create the user first")]
    UnknownUser { user: String },
    #[error("`{by}` may not do this: {needed}")]
    NotAllowed { by: String, needed: &'static str },
    #[error("user `{user}` has no such grant")]
    NoSuchGrant { user: String },
    #[error("user `{user}` has {GRANTS_MAX} grants, which is the most; grant an organisation above them instead")]
    TooManyGrants { user: String },
    #[error("`{user}` is the last administrator; make another one first")]
    LastAdministrator { user: String },
    #[error("store `{store}` is not configured; grant a store that is, or its organisation")]
    NoSuchStore { store: String },
    #[error("token `{token}` was issued before; give every token its own name")]
    TokenAlreadyIssued { token: String },
    #[error("there is no token `{token}`, or it was revoked before")]
    UnknownToken { token: String },
}

impl AccessRefusal {
    /// The stable code that a caller can act on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::HasAdministrator => "has_administrator",
            Self::UserAlreadyThere { .. } => "user_already_there",
            Self::UnknownUser { .. } => "unknown_user",
            Self::NotAllowed { .. } => "not_allowed",
            Self::NoSuchGrant { .. } => "no_such_grant",
            Self::TooManyGrants { .. } => "too_many_grants",
            Self::LastAdministrator { .. } => "last_administrator",
            Self::NoSuchStore { .. } => "unknown_store",
            Self::TokenAlreadyIssued { .. } => "token_already_issued",
            Self::UnknownToken { .. } => "unknown_token",
        }
    }

    /// The field to correct.
    pub fn field(&self) -> &'static str {
        match self {
            Self::HasAdministrator | Self::NotAllowed { .. } => "data.by",
            Self::NoSuchStore { .. } => "data.store",
            Self::TokenAlreadyIssued { .. } | Self::UnknownToken { .. } => "data.token",
            _ => "data.user",
        }
    }
}

/// Whether a change of access is taken; it brings nothing else about.
pub(crate) fn decide<K: Knowledge>(event: &Event<'_>, known: &mut K) -> Result<(), Denied<K::Error>> {
    match &event.payload {
        Payload::UserInvited(body) => invited(body, known),
        Payload::AccessGranted(body) => granted(body, known),
        Payload::AccessRevoked(body) => revoked(body, known),
        Payload::PasswordSet(body) => password_set(body, known),
        Payload::SignedIn(body) => user(&body.user, known).map(drop),
        Payload::SignedOut(body) => signed_out(body, known),
        Payload::DataPolicySet(body) => administrator(&body.by, known),
        Payload::TokenIssued(body) => token_issued(body, event.occurred_at_ms, known),
        Payload::TokenRevoked(body) => token_revoked(body, event.occurred_at_ms, known),
        _ => Ok(()),
    }
}

pub(crate) fn evolve<K: Knowledge>(payload: &Payload<'_>, known: &mut K) -> Result<(), K::Error> {
    match payload {
        Payload::UserInvited(body) => known.put(&body.user, &User::default()),
        Payload::AccessGranted(body) => {
            let grant = Grant::of(body);
            let mut user: User = known.get(&body.user)?.unwrap_or_default();
            user.grants.retain(|known| !known.is_for(grant.organisation.as_deref(), grant.store.as_deref()));
            user.grants.push(grant);
            keep(&body.user, &user, known)
        }
        Payload::AccessRevoked(body) => {
            let mut user: User = known.get(&body.user)?.unwrap_or_default();
            user.grants.retain(|known| !known.is_for(body.organisation.as_deref(), body.store.as_deref()));
            keep(&body.user, &user, known)
        }
        Payload::TokenIssued(body) => {
            let administers = body.rights.contains(&TokenRight::Administer);
            known.put(&body.token, &Token { revoked: false, administers, until_ms: body.until_ms })
        }
        Payload::TokenRevoked(body) => {
            known.put(&body.token, &Token { revoked: true, administers: false, until_ms: None })
        }
        _ => Ok(()),
    }
}

fn keep<K: Knowledge>(name: &str, user: &User, known: &mut K) -> Result<(), K::Error> {
    let mut administrators: Administrators = known.get(ADMINISTRATORS)?.unwrap_or_default();
    administrators.0.retain(|known| known != name);
    if user.is_administrator() {
        administrators.0.push(name.to_owned());
    }
    known.put(ADMINISTRATORS, &administrators)?;
    known.put(name, user)
}

fn invited<K: Knowledge>(body: &UserInvited<'_>, known: &mut K) -> Result<(), Denied<K::Error>> {
    if known.get::<User>(&body.user).map_err(Denied::Failed)?.is_some() {
        return refuse(AccessRefusal::UserAlreadyThere { user: body.user.to_string() });
    }
    let Some(by) = body.by.as_deref() else { return no_administrator_yet(known) };
    let by_user = user(by, known)?;
    if by_user.grants.iter().any(|grant| grant.level >= AccessLevel::Manager) {
        return Ok(());
    }
    not_allowed(by, "only Managers and administrators create users")
}

fn granted<K: Knowledge>(body: &AccessGranted<'_>, known: &mut K) -> Result<(), Denied<K::Error>> {
    let of = user(&body.user, known)?;
    let store = match body.store.as_deref() {
        Some(store) => match known.get::<Store>(store).map_err(Denied::Failed)? {
            Some(found) => Some(found),
            None => return refuse(AccessRefusal::NoSuchStore { store: store.to_owned() }),
        },
        None => None,
    };
    let another = !of.grants.iter().any(|grant| grant.is_for(body.organisation.as_deref(), body.store.as_deref()));
    if another && of.grants.len() >= GRANTS_MAX {
        return refuse(AccessRefusal::TooManyGrants { user: body.user.to_string() });
    }
    let place = Grant::of(body);
    // Another level for the network takes the place of administrator.
    if of.is_administrator() && place.is_network() && place.level != AccessLevel::Administrator {
        not_the_last(&body.user, known)?;
    }
    match body.by.as_deref() {
        None => no_administrator_yet(known),
        Some(by) => may_grant(by, &place, store.as_ref(), known),
    }
}

/// Whether a user may grant a place, and so take it back.
fn may_grant<K: Knowledge>(
    by: &str,
    place: &Grant,
    store: Option<&Store>,
    known: &mut K,
) -> Result<(), Denied<K::Error>> {
    let by_user = user(by, known)?;
    if by_user.is_administrator() {
        return Ok(());
    }
    if place.level != AccessLevel::Standard {
        return not_allowed(by, "only administrators make Managers and administrators");
    }
    let managed = by_user.grants.iter().filter(|grant| grant.level == AccessLevel::Manager);
    if managed.into_iter().any(|grant| grant.reaches(place, store)) {
        return Ok(());
    }
    not_allowed(by, "a Manager grants places within those that the Manager has")
}

fn revoked<K: Knowledge>(body: &AccessRevoked<'_>, known: &mut K) -> Result<(), Denied<K::Error>> {
    let of = user(&body.user, known)?;
    let place = of.grants.iter().find(|grant| grant.is_for(body.organisation.as_deref(), body.store.as_deref()));
    let Some(place) = place else {
        return refuse(AccessRefusal::NoSuchGrant { user: body.user.to_string() });
    };
    if place.level == AccessLevel::Administrator {
        not_the_last(&body.user, known)?;
    }
    let store = body.store.as_deref().map(|store| known.get::<Store>(store)).transpose().map_err(Denied::Failed)?;
    may_grant(&body.by, place, store.flatten().as_ref(), known)
}

/// One's own, or that of somebody whose every place one may grant.
fn password_set<K: Knowledge>(body: &PasswordSet<'_>, known: &mut K) -> Result<(), Denied<K::Error>> {
    let of = user(&body.user, known)?;
    match body.by.as_deref() {
        None => no_administrator_yet(known),
        Some(by) if by == &*body.user => Ok(()),
        Some(by) => governs(by, &of, known),
    }
}

fn signed_out<K: Knowledge>(body: &SignedOut<'_>, known: &mut K) -> Result<(), Denied<K::Error>> {
    let of = user(&body.user, known)?;
    if body.by == body.user { Ok(()) } else { governs(&body.by, &of, known) }
}

fn governs<K: Knowledge>(by: &str, of: &User, known: &mut K) -> Result<(), Denied<K::Error>> {
    if user(by, known)?.grants.iter().all(|grant| grant.level < AccessLevel::Manager) {
        return not_allowed(by, "only Managers and administrators look after other users");
    }
    for place in &of.grants {
        let store =
            place.store.as_deref().map(|store| known.get::<Store>(store)).transpose().map_err(Denied::Failed)?;
        may_grant(by, place, store.flatten().as_ref(), known)?;
    }
    Ok(())
}

fn token_issued<K: Knowledge>(body: &TokenIssued<'_>, at_ms: i64, known: &mut K) -> Result<(), Denied<K::Error>> {
    administers_tokens(&body.by, at_ms, known)?;
    if let Some(store) = body.store.as_deref()
        && known.get::<Store>(store).map_err(Denied::Failed)?.is_none()
    {
        return refuse(AccessRefusal::NoSuchStore { store: store.to_owned() });
    }
    if known.get::<Token>(&body.token).map_err(Denied::Failed)?.is_some() {
        return refuse(AccessRefusal::TokenAlreadyIssued { token: body.token.to_string() });
    }
    Ok(())
}

fn token_revoked<K: Knowledge>(body: &TokenRevoked<'_>, at_ms: i64, known: &mut K) -> Result<(), Denied<K::Error>> {
    administers_tokens(&body.by, at_ms, known)?;
    match known.get::<Token>(&body.token).map_err(Denied::Failed)? {
        Some(Token { revoked: false, .. }) => Ok(()),
        _ => refuse(AccessRefusal::UnknownToken { token: body.token.to_string() }),
    }
}

/// An administrator, or a token with that right.
fn administers_tokens<K: Knowledge>(by: &str, at_ms: i64, known: &mut K) -> Result<(), Denied<K::Error>> {
    let Some(token) = by.strip_prefix(TOKEN_PREFIX) else { return administrator(by, known) };
    match known.get::<Token>(token).map_err(Denied::Failed)? {
        Some(Token { administers: true, until_ms, .. }) if until_ms.is_none_or(|until_ms| at_ms < until_ms) => Ok(()),
        _ => not_allowed(by, "only administrators and tokens with the right administer do"),
    }
}

fn user<K: Knowledge>(name: &str, known: &mut K) -> Result<User, Denied<K::Error>> {
    let found = known.get::<User>(name).map_err(Denied::Failed)?;
    found.ok_or_else(|| Refusal::from(AccessRefusal::UnknownUser { user: name.to_owned() }).into())
}

fn administrator<K: Knowledge>(by: &str, known: &mut K) -> Result<(), Denied<K::Error>> {
    if user(by, known)?.is_administrator() { Ok(()) } else { not_allowed(by, "only administrators do") }
}

fn no_administrator_yet<K: Knowledge>(known: &mut K) -> Result<(), Denied<K::Error>> {
    let administrators: Administrators = known.get(ADMINISTRATORS).map_err(Denied::Failed)?.unwrap_or_default();
    if administrators.0.is_empty() { Ok(()) } else { refuse(AccessRefusal::HasAdministrator) }
}

fn not_the_last<K: Knowledge>(name: &str, known: &mut K) -> Result<(), Denied<K::Error>> {
    let administrators: Administrators = known.get(ADMINISTRATORS).map_err(Denied::Failed)?.unwrap_or_default();
    if administrators.0.iter().any(|known| known != name) {
        return Ok(());
    }
    refuse(AccessRefusal::LastAdministrator { user: name.to_owned() })
}

fn not_allowed<E>(by: &str, needed: &'static str) -> Result<(), Denied<E>> {
    refuse(AccessRefusal::NotAllowed { by: by.to_owned(), needed })
}

fn refuse<E>(refusal: AccessRefusal) -> Result<(), Denied<E>> {
    Err(Refusal::from(refusal).into())
}

impl User {
    fn is_administrator(&self) -> bool {
        self.grants.iter().any(|grant| grant.level == AccessLevel::Administrator)
    }
}

impl Grant {
    fn of(body: &AccessGranted<'_>) -> Self {
        Self {
            level: body.level,
            organisation: body.organisation.as_ref().map(ToString::to_string),
            store: body.store.as_ref().map(ToString::to_string),
        }
    }

    fn is_for(&self, organisation: Option<&str>, store: Option<&str>) -> bool {
        self.organisation.as_deref() == organisation && self.store.as_deref() == store
    }

    fn is_network(&self) -> bool {
        self.is_for(None, None)
    }

    /// Whether another place lies within this one. `store` is that of the other place.
    fn reaches(&self, place: &Self, store: Option<&Store>) -> bool {
        if self.is_network() {
            return true;
        }
        if let Some(own) = &self.store {
            return place.store.as_ref() == Some(own);
        }
        let Some(own) = self.organisation.as_deref() else { return false };
        let of = place.organisation.as_deref().or(store.and_then(|store| store.organisation.as_deref()));
        is_of(of, own)
    }
}
