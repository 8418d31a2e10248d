//! Users that somebody looks after, and one more (row 0.17).

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};
use maud::{Markup, html};
use storefold_access::{Desk, Grant, ListedUser, Viewer};
use storefold_http_kit::{Params, Problem, SignedInAs};

use super::{
    entry::{shown, unreadable},
    forms::{Fields, Sent, form_token, granted, level_field, level_of, place_fields, refusal, secret, tabs},
};
use crate::{
    links,
    visit::{Page, Visit},
};

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
    sent: Sent,
) -> Response {
    let Some(fields) = Fields::of(sent, &who) else { return unreadable(&uri, &headers, Some(&who)) };
    let grant =
        Grant { organisation: fields.given("organisation"), store: fields.given("store"), level: level_of(&fields) };
    let user = fields.given("user").unwrap_or_default().to_lowercase();
    let name = fields.given("name").unwrap_or_default();
    let outcome = match desk.create_user(&viewer, &user, name, grant).await {
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
        let (created, problem) = match outcome {
            Outcome::Nothing => (None, None),
            Outcome::Created { user, password } => (Some((user, password)), None),
            Outcome::Refused(problem) => (None, Some(problem)),
        };
        let body = html! {
            header.head { h1 { (texts.users) } (tabs(visit, who)) }
            @if let Some((user, password)) = &created { (secret(&(texts.created)(user), password, texts.hand_over)) }
            (refusal(problem.as_ref()))
            section aria-label=(texts.users) { (table(visit, &users)) }
            section aria-labelledby="create" {
                h2 #create { (texts.create_user) }
                (form(visit, who))
            }
        };
        Page::of(texts.users, body).but(problem)
    })
}

fn form(visit: &Visit<'_>, who: &SignedInAs) -> Markup {
    let texts = visit.texts();
    html! {
        form.stacked method="post" action="/users" {
            (form_token(who))
            label for="user" { (texts.entry.user) }
            input #user type="text" name="user" autocomplete="off" autocapitalize="none" required maxlength="128" placeholder="anna@acme.example";
            label for="name" { (texts.entry.name) }
            input #name type="text" name="name" autocomplete="off" required maxlength="128";
            (level_field(visit, who.is_administrator()))
            (place_fields(visit))
            p.quiet { (texts.access.place_rule) }
            button type="submit" { (texts.entry.create_user) }
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
                                th scope="row" { a href=(links::to_user(&user.user)) { (user.name) } " " span.quiet { (user.user) } }
                                td.text { (sees(visit, user)) }
                                td.text {
                                    @match user.signed_in_at {
                                        Some(at) => (visit.language.time(at)),
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
    user.grants.iter().map(|grant| granted(visit, grant)).collect::<Vec<_>>().join(", ")
}
