//! Signing in and out, and one's own password.

use axum::{
    Extension, Form, Router,
    extract::{Request, State, rejection::FormRejection},
    http::{HeaderMap, Uri, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;
use storefold_access::{Desk, SignInRefused, is_same};
use storefold_http_kit::{Params, Problem, SignedInAs, peer};

use super::{Nobody, audit, contracts, finished, tokens, user, users};
use crate::visit::{Page, Visit};

/// The largest form that is read; names and passwords are short.
const FORM_BYTES_MAX: usize = 16 * 1_024;

/// The pages that stand where somebody has to sign in.
pub fn entry_pages(desk: Desk) -> Router {
    Router::new()
        .route("/sign-in", get(ask_who).post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/account", get(account).post(change_password))
        .route("/users", get(users::list).post(users::create))
        .route("/users/{user}", get(user::page).post(user::act))
        .route("/contracts", get(contracts::page).post(contracts::set))
        .route("/tokens", get(tokens::page).post(tokens::act))
        .route("/audit", get(audit::page))
        .layer(axum::extract::DefaultBodyLimit::max(FORM_BYTES_MAX))
        .with_state(desk)
}

/// What a form has to carry that somebody sends who has signed in.
#[derive(Deserialize)]
pub(super) struct Token {
    pub(super) form_token: String,
}

#[derive(Deserialize)]
struct SignIn {
    user: String,
    password: String,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
struct ChangePassword {
    form_token: String,
    old: String,
    new: String,
}

async fn ask_who(uri: Uri, headers: HeaderMap, params: Result<Params, Problem>) -> Response {
    let mut params = params.unwrap_or_default();
    let next = params.take("next").unwrap_or_default();
    shown(&uri, &headers, None, params, |visit| {
        Page::of(visit.texts().entry.sign_in, sign_in_form(visit, "", &next, None))
    })
}

async fn sign_in(State(desk): State<Desk>, headers: HeaderMap, uri: Uri, request: Request) -> Response {
    let from = peer(&request);
    let form = <Form<SignIn> as axum::extract::FromRequest<_>>::from_request(request, &()).await;
    let Ok(Form(SignIn { user, password, next })) = form else { return unreadable(&uri, &headers, None) };
    match desk.sign_in(&user, password, from).await {
        Ok(begun) => match desk.session_cookie(&headers, Some(&begun.secret)) {
            Some(cookie) => ([(header::SET_COOKIE, cookie)], Redirect::to(within(&next))).into_response(),
            None => unreadable(&uri, &headers, None),
        },
        Err(refused) => shown(&uri, &headers, None, Params::default(), |visit| {
            let texts = &visit.texts().entry;
            let (said, problem) = match refused {
                SignInRefused::Wrong => (texts.wrong.to_owned(), Problem::not_signed_in(&refused)),
                SignInRefused::Wait { retry_after_s } => {
                    ((texts.wait)(&retry_after_s.to_string()), Problem::too_many_requests(retry_after_s, &refused))
                }
                SignInRefused::Failed(error) => {
                    let problem = Problem::from(error);
                    (problem.detail().to_owned(), problem)
                }
            };
            Page::of(texts.sign_in, sign_in_form(visit, &user, &next, Some(&said))).but(Some(problem))
        }),
    }
}

async fn sign_out(
    State(desk): State<Desk>,
    Extension(who): Extension<SignedInAs>,
    headers: HeaderMap,
    uri: Uri,
    form: Result<Form<Token>, FormRejection>,
) -> Response {
    if !form.is_ok_and(|Form(Token { form_token })| is_same(&form_token, &who.form_token)) {
        return unreadable(&uri, &headers, Some(&who));
    }
    if let Err(error) = desk.sign_out_of(&headers).await {
        return super::problem_page(&error.into(), Some(&who), &uri, &headers);
    }
    let cookie = desk.session_cookie(&headers, None);
    (cookie.map(|cookie| [(header::SET_COOKIE, cookie)]), Redirect::to("/sign-in")).into_response()
}

async fn account(Extension(who): Extension<SignedInAs>, uri: Uri, headers: HeaderMap, params: Params) -> Response {
    shown(&uri, &headers, Some(&who), params, |visit| {
        Page::of(visit.texts().entry.account, password_form(visit, &who, None))
    })
}

async fn change_password(
    State(desk): State<Desk>,
    Extension(who): Extension<SignedInAs>,
    Extension(viewer): Extension<std::sync::Arc<storefold_access::Viewer>>,
    headers: HeaderMap,
    uri: Uri,
    form: Result<Form<ChangePassword>, FormRejection>,
) -> Response {
    let Ok(Form(ChangePassword { form_token, old, new })) = form else {
        return unreadable(&uri, &headers, Some(&who));
    };
    let user = viewer.user().filter(|_| is_same(&form_token, &who.form_token));
    let Some(user) = user else { return unreadable(&uri, &headers, Some(&who)) };
    match desk.change_password(user, old, new).await {
        Ok(()) => Redirect::to("/sign-in").into_response(),
        Err(problem) => shown(&uri, &headers, Some(&who), Params::default(), |visit| {
            let body = password_form(visit, &who, Some(problem.detail()));
            Page::of(visit.texts().entry.account, body).but(Some(problem))
        }),
    }
}

fn sign_in_form(visit: &Visit<'_>, user: &str, next: &str, said: Option<&str>) -> Markup {
    let texts = &visit.texts().entry;
    html! {
        header.head { h1 { (texts.sign_in) } }
        @if let Some(said) = said { p.notice role="alert" { (said) } }
        form.stacked method="post" action="/sign-in" {
            input type="hidden" name="next" value=(next);
            label for="user" { (texts.user) }
            input #user type="text" name="user" value=(user) autocomplete="username" autocapitalize="none" required maxlength="128" autofocus;
            label for="password" { (texts.password) }
            input #password type="password" name="password" autocomplete="current-password" required maxlength="1024";
            button type="submit" { (texts.sign_in) }
        }
    }
}

fn password_form(visit: &Visit<'_>, who: &SignedInAs, said: Option<&str>) -> Markup {
    let texts = &visit.texts().entry;
    html! {
        header.head { h1 { (texts.account) } p.quiet { (who.name) } }
        @if let Some(said) = said { p.notice role="alert" lang="en" { (said) } }
        form.stacked method="post" action="/account" {
            input type="hidden" name="form_token" value=(who.form_token);
            label for="old" { (texts.old_password) }
            input #old type="password" name="old" autocomplete="current-password" required maxlength="1024";
            label for="new" { (texts.new_password) }
            input #new type="password" name="new" autocomplete="new-password" required minlength="12" maxlength="256" aria-describedby="rule";
            p.quiet #rule { (texts.rule) }
            button type="submit" { (texts.change_password) }
        }
    }
}

/// A page of somebody, or of nobody.
pub(super) fn shown(
    uri: &Uri,
    headers: &HeaderMap,
    who: Option<&SignedInAs>,
    mut params: Params,
    page: impl FnOnce(&Visit<'_>) -> Page,
) -> Response {
    let (visit, language) = Visit::of(&Nobody, uri, headers, &mut params);
    let visit = visit.by(who.cloned());
    let shown = match &language {
        Err(problem) => Err(problem.clone()),
        Ok(_) => params.none_left().map(|()| page(&visit).into()),
    };
    finished(&visit, language.ok().flatten(), shown)
}

/// A form that no page of this server has sent.
pub(super) fn unreadable(uri: &Uri, headers: &HeaderMap, who: Option<&SignedInAs>) -> Response {
    let problem =
        Problem::forbidden("this form was not sent from a page of this server, or the page was too old; load it anew");
    super::problem_page(&problem, who, uri, headers)
}

/// A path of this server, and nothing that leads elsewhere.
fn within(next: &str) -> &str {
    let inside = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n']);
    if inside { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn who_has_signed_in_stays_on_this_server() {
        for (next, expected) in [
            ("/stores/S?window=90d", "/stores/S?window=90d"),
            ("", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("/a\r\nset-cookie: b", "/"),
        ] {
            assert_eq!(within(next), expected, "{next:?}");
        }
    }
}
