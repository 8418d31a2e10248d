//! What pages with forms share: what a form carries, and how places and people are written.

use axum::{Form, extract::rejection::FormRejection, http::HeaderMap};
use maud::{Markup, html};
use storefold_access::{ListedGrant, is_same};
use storefold_events::access::AccessLevel;
use storefold_http_kit::{Problem, SignedInAs, sent_from_here};

use crate::{links, visit::Visit};

/// A form as a browser sends it; a field may come several times.
pub(super) type Sent = Result<Form<Vec<(String, String)>>, FormRejection>;

/// The fields of a form that a page of this server has sent, for the session that sends it.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// None when another site may have sent it.
    pub(super) fn of(sent: Sent, who: &SignedInAs) -> Option<Self> {
        let Form(fields) = sent.ok()?;
        let fields = Self(fields);
        let token = fields.given("form_token")?;
        is_same(&token, &who.form_token).then_some(fields)
    }

    /// The same on a page that everybody may use where nobody signs in: a form of another site is refused all the same.
    pub(super) fn sent_here(sent: Sent, who: Option<&SignedInAs>, headers: &HeaderMap) -> Option<Self> {
        match who {
            Some(who) => Self::of(sent, who),
            None => sent.ok().filter(|_| sent_from_here(headers) != Some(false)).map(|Form(fields)| Self(fields)),
        }
    }

    /// A field that is not left empty.
    pub(super) fn given(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(known, _)| known == name).and_then(|(_, text)| filled(text))
    }

    /// Every value of a field that is not left empty.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(known, _)| known == name).filter_map(|(_, text)| filled(text)).collect()
    }
}

fn filled(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// What every form carries.
pub(super) fn form_token(who: &SignedInAs) -> Markup {
    html! { input type="hidden" name="form_token" value=(who.form_token); }
}

/// The same on a page that everybody may use where nobody signs in.
pub(super) fn page_token(visit: &Visit<'_>) -> Markup {
    html! { @if let Some(who) = &visit.who { (form_token(who)) } }
}

/// The pages of access, for who may look at more than users.
pub(super) fn tabs(visit: &Visit<'_>, who: &SignedInAs) -> Markup {
    let texts = visit.texts();
    let all = [
        ("/users", texts.entry.users),
        ("/contracts", texts.access.contracts),
        ("/tokens", texts.access.tokens),
        ("/audit", texts.access.audit),
    ];
    html! {
        @if who.is_administrator() {
            nav.choice aria-label=(texts.access.title) {
                @for (path, name) in all {
                    @let current = if visit.is_at(path) { Some("page") } else { visit.is_below(path).then_some("true") };
                    a href=(path) aria-current=[current] { (name) }
                }
            }
        }
    }
}

/// Why a form has not done what it should.
pub(super) fn refusal(problem: Option<&Problem>) -> Markup {
    html! { @if let Some(problem) = problem { p.notice role="alert" lang="en" { (problem.detail()) } } }
}

/// A secret that is shown this once.
pub(super) fn secret(said: &str, secret: &str, what_to_do: &str) -> Markup {
    html! {
        div.notice.done role="status" {
            p { (said) }
            p { code { (secret) } }
            p.quiet { (what_to_do) }
        }
    }
}

/// Fields for a place.
pub(super) fn place_fields(visit: &Visit<'_>) -> Markup {
    let texts = visit.texts();
    html! {
        label for="organisation" { (texts.entry.organisation) }
        input #organisation type="text" name="organisation" autocomplete="off" maxlength="256" placeholder="acme/fr";
        label for="store" { (texts.entry.store) }
        input #store type="text" name="store" autocomplete="off" maxlength="256" placeholder="FR-PAR-01";
    }
}

/// Fields for what may be done at a place.
pub(super) fn level_field(visit: &Visit<'_>, is_administrator: bool) -> Markup {
    let texts = &visit.texts().entry;
    html! {
        label for="level" { (texts.level) }
        select #level name="level" {
            option value="standard" { (texts.standard) }
            @if is_administrator {
                option value="manager" { (texts.manager) }
                option value="administrator" { (texts.administrator) }
            }
        }
    }
}

/// The level that a form names; Standard when it names none that there is.
pub(super) fn level_of(fields: &Fields) -> AccessLevel {
    match fields.given("level").as_deref() {
        Some("manager") => AccessLevel::Manager,
        Some("administrator") => AccessLevel::Administrator,
        _ => AccessLevel::Standard,
    }
}

/// A level, short.
pub(super) fn level(visit: &Visit<'_>, level: AccessLevel) -> &'static str {
    match level {
        AccessLevel::Standard => "Standard",
        AccessLevel::Manager => "Manager",
        AccessLevel::Administrator => visit.texts().entry.administrator,
    }
}

/// A place, which leads to its page.
pub(super) fn place(visit: &Visit<'_>, organisation: Option<&str>, store: Option<&str>) -> Markup {
    html! {
        @match (organisation, store) {
            (Some(organisation), _) => a href=(links::to_organisation(organisation)) { (organisation) },
            (None, Some(store)) => a href=(links::to_store(store)) { (store) },
            (None, None) => (visit.texts().entry.everything),
        }
    }
}

/// A granted place with its level, in words.
pub(super) fn granted(visit: &Visit<'_>, grant: &ListedGrant) -> String {
    let place = grant.organisation.as_deref().or(grant.store.as_deref()).unwrap_or(visit.texts().entry.everything);
    format!("{place} ({})", level(visit, grant.level))
}
