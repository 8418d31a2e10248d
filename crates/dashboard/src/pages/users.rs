//! Users that somebody looks after, and one more (row 0.17).

use std::sync::Arc;

use axum::{
    Extension, Form,
    extract::{State, rejection::FormRejection},
    http::{HeaderMap, Uri},
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;
use storefold_access::{Desk, Grant, ListedUser, Viewer, is_same};
use storefold_events::access::AccessLevel;
use storefold_http_kit::{Params, Problem, SignedInAs};

use super::entry::{shown, unreadable};
use crate::visit::{Page, Visit};

#[derive(Deserialize)]
pub(super) struct NewUser {
    form_token: String,
    user: String,
    name: String,
    level: AccessLevel,
    #[serde(default)]
    organisation: String,
    #[serde(default)]
    store: String,
}

/// What has come of a form.
enum Outcome {
    Nothing,
    Created { user: String, password: String },
    Refused(Problem),
}

pub(super) async fn list(
    State(desk): State<Desk>,
    Extension(who): Extension<SignedInAs>,
    Extension(viewer): Extension<Arc<Viewer>>,
    uri: Uri,
    headers: HeaderMap,
    params: Params,
) -> Response {
    page(&desk, &who, &viewer, &uri, &headers, params, Outcome::Nothing)
}

pub(super) async fn create(
    State(desk): State<Desk>,
    Extension(who): Extension<SignedInAs>,
    Extension(viewer): Extension<Arc<Viewer>>,
    uri: Uri,
    headers: HeaderMap,
    form: Result<Form<NewUser>, FormRejection>,
) -> Response {
    let Some(Form(new)) = form.ok().filter(|Form(new)| is_same(&new.form_token, &who.form_token)) else {
        return unreadable(&uri, &headers, Some(&who));
    };
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let grant = Grant { organisation: given(&new.organisation), store: given(&new.store), level: new.level };
    let user = new.user.trim().to_lowercase();
    let outcome = match desk.create_user(&viewer, &user, new.name.trim().to_owned(), grant).await {
        Ok(password) => Outcome::Created { user, password },
        Err(problem) => Outcome::Refused(problem),
    };
    page(&desk, &who, &viewer, &uri, &headers, Params::default(), outcome)
}

fn page(
    desk: &Desk,
    who: &SignedInAs,
    viewer: &Viewer,
    uri: &Uri,
    headers: &HeaderMap,
    params: Params,
    outcome: Outcome,
) -> Response {
    let users = match desk.users_of(viewer) {
        Ok(users) => users,
        Err(error) => return super::problem_page(&error.into(), Some(who), uri, headers),
    };
    shown(uri, headers, Some(who), params, |visit| {
        let texts = &visit.texts().entry;
        let body = html! {
            header.head { h1 { (texts.users) } }
            (said(visit, &outcome))
            section aria-labelledby="create" {
                h2 #create { (texts.create_user) }
                (form(visit, who, viewer.is_administrator()))
            }
            section aria-label=(texts.users) { (table(visit, &users)) }
        };
        let problem = if let Outcome::Refused(problem) = outcome { Some(problem) } else { None };
        Page::of(texts.users, body).but(problem)
    })
}

fn said(visit: &Visit<'_>, outcome: &Outcome) -> Markup {
    let texts = &visit.texts().entry;
    html! {
        @match outcome {
            Outcome::Nothing => {}
            Outcome::Created { user, password } => div.notice.done role="status" {
                p { ((texts.created)(user)) }
                p { code { (password) } }
                p.quiet { (texts.hand_over) }
            },
            Outcome::Refused(problem) => p.notice role="alert" lang="en" { (problem.detail()) },
        }
    }
}

fn form(visit: &Visit<'_>, who: &SignedInAs, is_administrator: bool) -> Markup {
    let texts = &visit.texts().entry;
    html! {
        form.stacked method="post" action="/users" {
            input type="hidden" name="form_token" value=(who.form_token);
            label for="user" { (texts.user) }
            input #user type="text" name="user" autocomplete="off" autocapitalize="none" required maxlength="128" placeholder="anna@acme.example";
            label for="name" { (texts.name) }
            input #name type="text" name="name" autocomplete="off" required maxlength="128";
            label for="level" { (texts.level) }
            select #level name="level" {
                option value="standard" { (texts.standard) }
                @if is_administrator {
                    option value="manager" { (texts.manager) }
                    option value="administrator" { (texts.administrator) }
                }
            }
            label for="organisation" { (texts.organisation) }
            input #organisation type="text" name="organisation" maxlength="256" placeholder="acme/fr";
            label for="store" { (texts.store) }
            input #store type="text" name="store" maxlength="256" placeholder="FR-PAR-01";
            button type="submit" { (texts.create_user) }
        }
    }
}

fn table(visit: &Visit<'_>, users: &[ListedUser]) -> Markup {
    let texts = &visit.texts().entry;
    html! {
        @if users.is_empty() { p.quiet { (texts.none) } } @else {
            div.scroll.tall tabindex="0" role="region" aria-label=(texts.users) {
                table {
                    thead {
                        tr {
                            th.text scope="col" { (texts.user) }
                            th.text scope="col" { (texts.sees) }
                            th.text scope="col" { (texts.signed_in_last) }
                        }
                    }
                    tbody {
                        @for user in users {
                            tr {
                                th scope="row" { (user.name) " " span.quiet { (user.user) } }
                                td.text { (sees(visit, user)) }
                                td.text {
                                    @match user.signed_in_at {
                                        Some(at) => (at.format("%Y-%m-%d %H:%M")),
                                        None => (texts.never),
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn sees(visit: &Visit<'_>, user: &ListedUser) -> String {
    let texts = &visit.texts().entry;
    let level = |level: AccessLevel| match level {
        AccessLevel::Standard => "Standard",
        AccessLevel::Manager => "Manager",
        AccessLevel::Administrator => texts.administrator,
    };
    let place = |organisation: &Option<String>, store: &Option<String>| {
        organisation.as_deref().or(store.as_deref()).unwrap_or(texts.everything).to_owned()
    };
    let each = |grant: &storefold_access::ListedGrant| {
        format!("{} ({})", place(&grant.organisation, &grant.store), level(grant.level))
    };
    user.grants.iter().map(each).collect::<Vec<_>>().join(", ")
}
