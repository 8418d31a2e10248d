//! A user: the places that are granted, and what a Manager or an administrator does for somebody (row 0.17).

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, Uri},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use storefold_access::{Desk, Grant, ListedUser, Viewer};
use storefold_http_kit::{Params, Problem, SignedInAs};

use super::{
    entry::{shown, unreadable},
    forms::{Fields, Sent, form_token, level, level_field, level_of, place, place_fields, refusal, secret, tabs},
    problem_page,
};
use crate::{
    links,
    visit::{Page, Visit},
};

/// What has come of a form.
#[derive(Default)]
struct Outcome {
    password: Option<String>,
    problem: Option<Problem>,
}

pub(super) async fn page(
    State(desk): State<Desk>,
    Extension(who): Extension<SignedInAs>,
    Extension(viewer): Extension<Arc<Viewer>>,
    uri: Uri,
    headers: HeaderMap,
    mut params: Params,
) -> Response {
    let user = params.take("user").unwrap_or_default();
    match known(&desk, &viewer, &user) {
        Ok(user) => show(&user, &who, &uri, &headers, params, Outcome::default()),
        Err(problem) => problem_page(&problem, Some(&who), &uri, &headers),
    }
}

pub(super) async fn act(
    State(desk): State<Desk>,
    Extension(who): Extension<SignedInAs>,
    Extension(viewer): Extension<Arc<Viewer>>,
    uri: Uri,
    headers: HeaderMap,
    mut params: Params,
    sent: Sent,
) -> Response {
    let Some(fields) = Fields::of(sent, &who) else { return unreadable(&uri, &headers, Some(&who)) };
    let user = params.take("user").unwrap_or_default();
    if let Err(problem) = known(&desk, &viewer, &user) {
        return problem_page(&problem, Some(&who), &uri, &headers);
    }
    let outcome = match done(&desk, &viewer, &user, &fields).await {
        Ok(None) => return Redirect::to(&links::to_user(&user)).into_response(),
        Ok(password) => Outcome { password, problem: None },
        Err(problem) => Outcome { password: None, problem: Some(problem) },
    };
    match known(&desk, &viewer, &user) {
        Ok(user) => show(&user, &who, &uri, &headers, Params::default(), outcome),
        Err(problem) => problem_page(&problem, Some(&who), &uri, &headers),
    }
}

/// Does what a form asks for, and answers a password where one was made.
async fn done(desk: &Desk, viewer: &Viewer, user: &str, fields: &Fields) -> Result<Option<String>, Problem> {
    let (organisation, store) = (fields.given("organisation"), fields.given("store"));
    match fields.given("act").as_deref() {
        Some("grant") => {
            let grant = Grant { organisation, store, level: level_of(fields) };
            desk.grant(viewer, user, grant).await.map(|()| None)
        }
        Some("take_away") => desk.revoke(viewer, user, organisation, store).await.map(|()| None),
        Some("end_sessions") => desk.end_sessions(viewer, user).await.map(|()| None),
        Some("new_password") => desk.new_password(viewer, user).await.map(Some),
        _ => Err(Problem::unparseable("the form asks for nothing; load the page anew")),
    }
}

/// A user whom the viewer looks after; all others are not there.
fn known(desk: &Desk, viewer: &Viewer, user: &str) -> Result<ListedUser, Problem> {
    let users = desk.users_of(viewer)?;
    let found = users.into_iter().find(|known| known.user == user);
    found.ok_or_else(|| Problem::unknown("user", format_args!("there is no user `{user}` whom you look after")))
}

fn show(
    user: &ListedUser,
    who: &SignedInAs,
    uri: &Uri,
    headers: &HeaderMap,
    params: Params,
    outcome: Outcome,
) -> Response {
    shown(uri, headers, Some(who), params, |visit| {
        let texts = visit.texts();
        let Outcome { password, problem } = outcome;
        let body = html! {
            header.head {
                h1 { (user.name) }
                p.quiet { (user.user) }
                (tabs(visit, who))
            }
            @if let Some(password) = &password {
                (secret(&(texts.access.password_is)(&user.name), password, texts.entry.hand_over))
            }
            (refusal(problem.as_ref()))
            section aria-labelledby="about" { h2.unseen #about { (user.name) } (facts(visit, user)) }
            section aria-labelledby="places" {
                h2 #places { (texts.access.places) }
                (places(visit, who, user))
            }
            div.columns {
                section aria-labelledby="grant" {
                    h2 #grant { (texts.access.grant) }
                    (grant_form(visit, who, user))
                }
                section aria-labelledby="password" {
                    h2 #password { (texts.entry.password) }
                    p.quiet { (texts.access.new_password_rule) }
                    (act_form(who, user, "new_password", texts.access.new_password))
                    (act_form(who, user, "end_sessions", texts.access.end_sessions))
                }
            }
        };
        Page::of(user.name.clone(), body).but(problem)
    })
}

fn facts(visit: &Visit<'_>, user: &ListedUser) -> Markup {
    let (texts, language) = (visit.texts(), visit.language);
    html! {
        dl.facts {
            div {
                dt { (texts.entry.signed_in_last) }
                dd { (user.signed_in_at.map_or(texts.entry.never.to_owned(), |at| language.time(at))) }
            }
            div {
                dt { (texts.access.created_by) }
                dd {
                    @if let Some(at) = user.created_at { (language.time(at)) " " }
                    ((texts.access.by)(user.created_by.as_deref().unwrap_or(texts.access.command_line)))
                }
            }
        }
    }
}

fn places(visit: &Visit<'_>, who: &SignedInAs, user: &ListedUser) -> Markup {
    let texts = visit.texts();
    html! {
        @if user.grants.is_empty() { p.quiet { (texts.access.no_place) } } @else {
            ul.entries {
                @for grant in &user.grants {
                    @let (organisation, store) = (grant.organisation.as_deref(), grant.store.as_deref());
                    @let described = organisation.or(store).unwrap_or(texts.entry.everything);
                    li.line {
                        span { (place(visit, organisation, store)) " " span.quiet { (level(visit, grant.level)) } }
                        form.inline method="post" action=(links::to_user(&user.user)) {
                            (form_token(who))
                            input type="hidden" name="organisation" value=(organisation.unwrap_or_default());
                            input type="hidden" name="store" value=(store.unwrap_or_default());
                            button.plain type="submit" name="act" value="take_away" aria-label=(format!("{} {described}", texts.access.take_away)) {
                                (texts.access.take_away)
                            }
                        }
                    }
                }
            }
        }
    }
}

fn grant_form(visit: &Visit<'_>, who: &SignedInAs, user: &ListedUser) -> Markup {
    let texts = visit.texts();
    html! {
        form.stacked method="post" action=(links::to_user(&user.user)) {
            (form_token(who))
            (level_field(visit, who.is_administrator()))
            (place_fields(visit))
            p.quiet { (texts.access.place_rule) }
            button type="submit" name="act" value="grant" { (texts.access.grant) }
        }
    }
}

/// A form of one button.
fn act_form(who: &SignedInAs, user: &ListedUser, act: &str, name: &str) -> Markup {
    html! {
        form method="post" action=(links::to_user(&user.user)) {
            (form_token(who))
            button.plain type="submit" name="act" value=(act) { (name) }
        }
    }
}
