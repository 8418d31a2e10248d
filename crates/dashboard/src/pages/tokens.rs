//! Tokens of machines: made, listed, revoked.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, Uri},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use storefold_access::{Desk, ListedToken, TokenFor, Viewer};
use storefold_events::access::TokenRight;
use storefold_http_kit::{Params, Problem, SignedInAs};

use super::{
    entry::{shown, unreadable},
    forms::{Fields, Sent, form_token, place, place_fields, refusal, secret, tabs},
    problem_page,
};
use crate::{
    texts::Texts,
    visit::{Page, Visit},
};

/// In how many days a token ends unless something else is written.
const DAYS_DEFAULT: u32 = 365;

const RIGHTS: [TokenRight; 4] = [TokenRight::Produce, TokenRight::Read, TokenRight::Operate, TokenRight::Administer];

/// What has come of a form.
enum Outcome {
    Nothing,
    Made { token: String, secret: String },
    Refused(Problem),
}

/// What the page is made of.
struct Known {
    tokens: Vec<ListedToken>,
    models: Vec<String>,
    now_ms: i64,
}

pub(super) async fn page(
    State(desk): State<Desk>,
    Extension(who): Extension<SignedInAs>,
    uri: Uri,
    headers: HeaderMap,
    params: Params,
) -> Response {
    show(&desk, &who, &uri, &headers, params, Outcome::Nothing)
}

pub(super) async fn act(
    State(desk): State<Desk>,
    Extension(who): Extension<SignedInAs>,
    Extension(viewer): Extension<Arc<Viewer>>,
    uri: Uri,
    headers: HeaderMap,
    sent: Sent,
) -> Response {
    let Some(fields) = Fields::of(sent, &who) else { return unreadable(&uri, &headers, Some(&who)) };
    let token = fields.given("token").unwrap_or_default();
    let outcome = if fields.given("act").as_deref() == Some("revoke") {
        match desk.revoke_token(&viewer, &token).await {
            Ok(()) => return Redirect::to("/tokens").into_response(),
            Err(problem) => Outcome::Refused(problem),
        }
    } else {
        match make(&desk, &viewer, &token, &fields).await {
            Ok(secret) => Outcome::Made { token, secret },
            Err(problem) => Outcome::Refused(problem),
        }
    };
    show(&desk, &who, &uri, &headers, Params::default(), outcome)
}

async fn make(desk: &Desk, viewer: &Viewer, token: &str, fields: &Fields) -> Result<String, Problem> {
    let rights = fields.all("right");
    let days = fields.given("days").map(|days| days.parse::<u32>()).transpose();
    let days = days.map_err(|_| Problem::bad_parameter("days", "is not a whole number of days; write one, or none"))?;
    let sources = fields.given("sources").unwrap_or_default();
    let what_for = TokenFor {
        rights: RIGHTS.into_iter().filter(|right| rights.iter().any(|name| name == name_of(*right))).collect(),
        organisation: fields.given("organisation"),
        store: fields.given("store"),
        sources: sources.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect(),
        models: fields.all("model"),
        days,
    };
    desk.issue_token(viewer, token, what_for).await
}

fn show(desk: &Desk, who: &SignedInAs, uri: &Uri, headers: &HeaderMap, params: Params, outcome: Outcome) -> Response {
    let tokens = match desk.tokens() {
        Ok(tokens) => tokens,
        Err(error) => return problem_page(&error.into(), Some(who), uri, headers),
    };
    let known = Known { tokens, models: desk.models(), now_ms: desk.now_ms() };
    shown(uri, headers, Some(who), params, |visit| {
        let texts = &visit.texts().access;
        let (made, problem) = match outcome {
            Outcome::Nothing => (None, None),
            Outcome::Made { token, secret } => (Some((token, secret)), None),
            Outcome::Refused(problem) => (None, Some(problem)),
        };
        let body = html! {
            header.head {
                h1 { (texts.tokens) }
                p.quiet { (texts.tokens_rule) }
                (tabs(visit, who))
            }
            @if let Some((token, made)) = &made { (secret(&(texts.made)(token), made, texts.shown_once)) }
            (refusal(problem.as_ref()))
            section aria-label=(texts.tokens) { (table(visit, who, &known)) }
            section aria-labelledby="make" {
                h2 #make { (texts.make_token) }
                (form(visit, who, &known.models))
            }
        };
        Page::of(texts.tokens, body).but(problem)
    })
}

fn table(visit: &Visit<'_>, who: &SignedInAs, known: &Known) -> Markup {
    let texts = &visit.texts().access;
    html! {
        @if known.tokens.is_empty() { p.quiet { (texts.no_token) } } @else {
            div.scroll.tall tabindex="0" role="region" aria-label=(texts.tokens) {
                table {
                    thead {
                        tr {
                            th.text scope="col" { (texts.token) }
                            th.text scope="col" { (texts.rights) }
                            th.text scope="col" { (texts.place) }
                            th.text scope="col" { (texts.ends) }
                            th scope="col" { span.unseen { (texts.revoke) } }
                        }
                    }
                    tbody { @for token in &known.tokens { (row(visit, who, token, known.now_ms)) } }
                }
            }
        }
    }
}

fn row(visit: &Visit<'_>, who: &SignedInAs, token: &ListedToken, now_ms: i64) -> Markup {
    let (texts, language) = (visit.texts(), visit.language);
    let day = |at: chrono::DateTime<chrono::Utc>| language.day(at.date_naive());
    let is_over = token.until.is_some_and(|until| until.timestamp_millis() <= now_ms);
    let rights: Vec<_> = token.rights.iter().map(|right| in_words(texts, *right)).collect();
    html! {
        tr {
            th scope="row" { (token.token) " " span.quiet { ((texts.access.by)(&token.issued_by)) } }
            td.text.told {
                (rights.join(" · "))
                @if !token.sources.is_empty() { p.quiet { (texts.access.sources) " " (token.sources.join(", ")) } }
                @if !token.models.is_empty() { p.quiet lang="en" { (token.models.join(", ")) } }
            }
            td.text { (place(visit, token.organisation.as_deref(), token.store.as_deref())) }
            td.text {
                @match (token.revoked_at, token.until) {
                    (Some(at), _) => span.state { ((texts.access.revoked)(&day(at))) },
                    (None, Some(until)) if is_over => span.state { ((texts.access.over)(&day(until))) },
                    (None, Some(until)) => (day(until)),
                    (None, None) => (texts.access.never),
                }
            }
            td {
                @if token.revoked_at.is_none() {
                    form.inline method="post" action="/tokens" {
                        (form_token(who))
                        input type="hidden" name="token" value=(token.token);
                        button.plain type="submit" name="act" value="revoke" aria-label=(format!("{} {}", texts.access.revoke, token.token)) {
                            (texts.access.revoke)
                        }
                    }
                }
            }
        }
    }
}

fn form(visit: &Visit<'_>, who: &SignedInAs, models: &[String]) -> Markup {
    let texts = visit.texts();
    html! {
        form.stacked method="post" action="/tokens" {
            (form_token(who))
            label for="token" { (texts.access.token) }
            input #token type="text" name="token" autocomplete="off" autocapitalize="none" required maxlength="128" placeholder="till-FR-PAR-01-1";
            fieldset {
                legend { (texts.access.rights) }
                @for right in RIGHTS {
                    label.tick { input type="checkbox" name="right" value=(name_of(right)); (in_words(texts, right)) }
                }
            }
            label for="sources" { (texts.access.sources) }
            input #sources type="text" name="sources" autocomplete="off" maxlength="4096" placeholder="till-FR-PAR-01-1" aria-describedby="sources-rule";
            p.quiet #sources-rule { (texts.access.sources_rule) }
            (place_fields(visit))
            p.quiet { (texts.access.place_rule) }
            details {
                summary { (texts.access.models_rule) }
                fieldset lang="en" {
                    legend.unseen { (texts.access.read_model) }
                    @for model in models { label.tick { input type="checkbox" name="model" value=(model); (model) } }
                }
            }
            label for="days" { (texts.access.days) }
            input #days type="number" name="days" value=(DAYS_DEFAULT) min="1" max="36500";
            button type="submit" name="act" value="make" { (texts.access.make_token) }
        }
    }
}

fn name_of(right: TokenRight) -> &'static str {
    match right {
        TokenRight::Produce => "produce",
        TokenRight::Read => "read",
        TokenRight::Operate => "operate",
        TokenRight::Administer => "administer",
    }
}

fn in_words(texts: &Texts, right: TokenRight) -> &'static str {
    match right {
        TokenRight::Produce => texts.access.produce,
        TokenRight::Read => texts.access.read,
        TokenRight::Operate => texts.access.operate,
        TokenRight::Administer => texts.access.administer,
    }
}
