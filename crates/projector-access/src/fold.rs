//! What each event adds to which rows.

use storefold_events::{
    Payload, Recorded, Text,
    access::{AccessGranted, AccessLevel, AccessRevoked, DataPolicySet, SignedIn, SignedOut, TokenIssued, TokenRight},
};
use storefold_projection::{Part, Poison, Rows};

use crate::rows::{AuditRow, Grant, PolicyRow, Row, SessionRow, TokenRow, place};

pub(crate) fn apply(recorded: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let (at_ms, position) = (recorded.event.occurred_at_ms, recorded.position);
    match &recorded.event.payload {
        Payload::StoreConfigured(configured) => {
            let store = recorded.event.store.as_deref().unwrap_or_default();
            *rows.row(&Row::store_key(store))? = Row::Store(configured.organisation.as_ref().map(ToString::to_string));
            return Ok(());
        }
        Payload::UserInvited(body) => {
            let row = rows.row(&Row::user_key(&body.user))?.user()?;
            (row.name, row.invited_at_ms) = (body.name.to_string(), at_ms);
            row.invited_by = body.by.as_ref().map(ToString::to_string);
        }
        Payload::AccessGranted(body) => granted(body, rows)?,
        Payload::AccessRevoked(body) => revoked(body, rows)?,
        Payload::PasswordSet(body) => {
            let row = rows.row(&Row::user_key(&body.user))?.user()?;
            (row.verifier, row.sessions_from) = (Some(body.verifier.to_string()), position);
        }
        Payload::SignedIn(body) => signed_in(recorded, body, rows)?,
        Payload::SignedOut(body) => signed_out(recorded, body, rows)?,
        Payload::DataPolicySet(body) => policy_set(recorded, body, rows)?,
        Payload::TokenIssued(body) => issued(recorded, body, rows)?,
        Payload::TokenRevoked(body) => {
            if let Row::Token(row) = rows.row(&Row::token_key(&body.token))? {
                row.revoked_at_ms = Some(at_ms);
                let digest = row.digest.clone();
                *rows.row(&Row::digest_key(&digest))? = Row::None;
            }
        }
        Payload::DataDownloaded(_) | Payload::CustomerErased(_) => {}
        _ => return Ok(()),
    }
    if let Some(audit) = audit_of(at_ms, &recorded.event.payload) {
        rows.append(&Row::audit_key(position), &Row::Audit(Box::new(audit)))?;
    }
    Ok(())
}

/// All rows are of one part: there are few events, and most concern several rows.
pub(crate) fn part<'e>(recorded: &'e Recorded<'_>) -> Part<'e> {
    match &recorded.event.payload {
        Payload::StoreConfigured(_)
        | Payload::UserInvited(_)
        | Payload::AccessGranted(_)
        | Payload::AccessRevoked(_)
        | Payload::PasswordSet(_)
        | Payload::SignedIn(_)
        | Payload::SignedOut(_)
        | Payload::DataPolicySet(_)
        | Payload::TokenIssued(_)
        | Payload::TokenRevoked(_)
        | Payload::DataDownloaded(_)
        | Payload::CustomerErased(_) => Part::Of(""),
        _ => Part::Nobody,
    }
}

fn granted(body: &AccessGranted<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let row = rows.row(&Row::user_key(&body.user))?.user()?;
    let grant = Grant {
        organisation: body.organisation.as_ref().map(ToString::to_string),
        store: body.store.as_ref().map(ToString::to_string),
        level: body.level,
    };
    row.grants.retain(|known| !known.is_for(grant.organisation.as_deref(), grant.store.as_deref()));
    row.grants.push(grant);
    row.grants.sort_unstable();
    Ok(())
}

fn revoked(body: &AccessRevoked<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let row = rows.row(&Row::user_key(&body.user))?.user()?;
    row.grants.retain(|known| !known.is_for(body.organisation.as_deref(), body.store.as_deref()));
    Ok(())
}

fn signed_in(recorded: &Recorded<'_>, body: &SignedIn<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    rows.row(&Row::user_key(&body.user))?.user()?.signed_in_at_ms = Some(recorded.event.occurred_at_ms);
    let row = SessionRow { user: body.user.to_string(), position: recorded.position, until_ms: body.until_ms };
    *rows.row(&Row::session_key(&body.session))? = Row::Session(Box::new(row));
    Ok(())
}

fn signed_out(recorded: &Recorded<'_>, body: &SignedOut<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    match &body.session {
        Some(session) => {
            let row = rows.row(&Row::session_key(session))?;
            if matches!(row, Row::Session(of) if of.user == *body.user) {
                *row = Row::None;
            }
        }
        None => rows.row(&Row::user_key(&body.user))?.user()?.sessions_from = recorded.position,
    }
    Ok(())
}

fn policy_set(recorded: &Recorded<'_>, body: &DataPolicySet<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let names = |names: &[Text<'_>]| names.iter().map(ToString::to_string).collect();
    let row = PolicyRow {
        view: names(&body.view),
        download: names(&body.download),
        set_at_ms: recorded.event.occurred_at_ms,
        set_by: body.by.to_string(),
    };
    *rows.row(&Row::policy_key(body.organisation.as_deref().unwrap_or_default()))? = Row::Policy(Box::new(row));
    Ok(())
}

fn issued(recorded: &Recorded<'_>, body: &TokenIssued<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let row = TokenRow {
        digest: body.digest.to_string(),
        rights: body.rights.clone(),
        organisation: body.organisation.as_ref().map(ToString::to_string),
        store: body.store.as_ref().map(ToString::to_string),
        sources: body.sources.iter().map(ToString::to_string).collect(),
        models: body.models.iter().map(ToString::to_string).collect(),
        issued_at_ms: recorded.event.occurred_at_ms,
        issued_by: body.by.to_string(),
        until_ms: body.until_ms,
        revoked_at_ms: None,
    };
    *rows.row(&Row::token_key(&body.token))? = Row::Token(Box::new(row));
    *rows.row(&Row::digest_key(&body.digest))? = Row::Digest(body.token.to_string());
    Ok(())
}

/// Who did what, in words.
fn audit_of(at_ms: i64, payload: &Payload<'_>) -> Option<AuditRow> {
    let level = |level: AccessLevel| match level {
        AccessLevel::Standard => "Standard user",
        AccessLevel::Manager => "Manager",
        AccessLevel::Administrator => "administrator",
    };
    let listed = |names: &[Text<'_>]| if names.is_empty() { "nothing".to_owned() } else { joined(names) };
    let (by, of, detail) = match payload {
        Payload::UserInvited(body) => (body.by.as_ref(), &body.user, format!("created the user, {}", body.name)),
        Payload::AccessGranted(body) => {
            let place = place(body.organisation.as_deref(), body.store.as_deref());
            (body.by.as_ref(), &body.user, format!("made {} of {place}", level(body.level)))
        }
        Payload::AccessRevoked(body) => {
            let place = place(body.organisation.as_deref(), body.store.as_deref());
            (Some(&body.by), &body.user, format!("took {place} away"))
        }
        Payload::PasswordSet(body) => (body.by.as_ref(), &body.user, "set the password".to_owned()),
        Payload::SignedIn(body) => {
            let from = body.address.as_ref().map_or(String::new(), |address| format!(" from {address}"));
            (Some(&body.user), &body.user, format!("signed in{from}"))
        }
        Payload::SignedOut(body) => {
            let which = if body.session.is_some() { "signed out" } else { "ended every session" };
            (Some(&body.by), &body.user, which.to_owned())
        }
        Payload::DataPolicySet(body) => {
            let of = body.organisation.as_ref().map_or("the network", Text::as_str);
            let detail = format!("may view {}; may download {}", listed(&body.view), listed(&body.download));
            return Some(row(at_ms, Some(&body.by), payload, of, detail));
        }
        Payload::TokenIssued(body) => (Some(&body.by), &body.token, issued_in_words(body)),
        Payload::TokenRevoked(body) => (Some(&body.by), &body.token, "revoked the token".to_owned()),
        Payload::DataDownloaded(body) => {
            let snapshot = body.snapshot.as_ref().map_or(String::new(), |name| format!(", snapshot {name}"));
            (Some(&body.by), &body.model, format!("downloaded the table {} as {}{snapshot}", body.table, body.format))
        }
        Payload::CustomerErased(body) => {
            let from = body.address.as_ref().map_or(String::new(), |address| format!(" from {address}"));
            (body.by.as_ref(), &body.customer, format!("erased the customer{from}"))
        }
        _ => return None,
    };
    Some(row(at_ms, by, payload, of, detail))
}

/// What a token is for, as "issued the token to produce as till-1 for store FR-1".
fn issued_in_words(body: &TokenIssued<'_>) -> String {
    let rights = body.rights.iter().map(|right| match right {
        TokenRight::Produce => "produce",
        TokenRight::Read => "read",
        TokenRight::Operate => "operate",
        TokenRight::Administer => "administer",
    });
    let mut said = format!("issued the token to {}", rights.collect::<Vec<_>>().join(" and "));
    if !body.sources.is_empty() {
        said.extend([" as ", &joined(&body.sources)]);
    }
    if !body.models.is_empty() {
        said.extend([" of ", &joined(&body.models)]);
    }
    if body.organisation.is_some() || body.store.is_some() {
        said.extend([" for ", &place(body.organisation.as_deref(), body.store.as_deref())]);
    }
    said
}

fn joined(names: &[Text<'_>]) -> String {
    names.iter().map(Text::as_str).collect::<Vec<_>>().join(", ")
}

fn row(at_ms: i64, by: Option<&Text<'_>>, payload: &Payload<'_>, of: &str, detail: String) -> AuditRow {
    let (by, what) = (by.map(ToString::to_string), payload.info().name.to_owned());
    AuditRow { at_ms, by, what, of: of.to_owned(), detail }
}
