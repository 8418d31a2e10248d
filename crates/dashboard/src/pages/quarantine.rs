//! What was refused and is kept, to be retried or dropped for a reason.

use std::sync::Arc;

use axum::{
    Extension, Form,
    extract::{State, rejection::FormRejection},
    http::{HeaderMap, Uri},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use storefold_http_kit::{Params, Problem, SignedInAs, sent_from_here};

use super::entry::unreadable;

use crate::{
    asker::{Ask, Quarantine, QuarantineEntry, Settle},
    links,
    visit::{Page, Shown, Visit},
};

pub(crate) fn page(visit: &Visit<'_>, mut params: Params) -> Result<Shown, Problem> {
    let after = params.take_number("after")?.unwrap_or(0);
    params.none_left()?;
    let texts = visit.texts();
    let kept = visit.models.quarantine(after).transpose()?;
    let body = html! {
        header.head {
            h1 { (texts.frame.quarantine) }
            p.quiet { (texts.refused.what) }
        }
        section aria-label=(texts.frame.quarantine) {
            @match &kept {
                None => p.quiet { (texts.refused.not_here) },
                Some(kept) if kept.entries.is_empty() => p.quiet { (texts.refused.none) },
                Some(kept) => (list(visit, kept)),
            }
        }
    };
    Ok(Page::of(texts.frame.quarantine, body).into())
}

fn list(visit: &Visit<'_>, kept: &Quarantine) -> Markup {
    let texts = visit.texts();
    let next = kept.next.map(|next| next.to_string());
    html! {
        div.scroll.tall tabindex="0" role="region" aria-label=(texts.frame.quarantine) {
            table {
                thead {
                    tr {
                        th scope="col" { (texts.refused.number) }
                        th.text scope="col" { (texts.refused.source) }
                        th.text scope="col" { (texts.refused.code) }
                        th.text scope="col" { (texts.refused.why) }
                        th.text scope="col" { (texts.refused.since) }
                        th scope="col" { (texts.refused.times) }
                    }
                }
                tbody { @for entry in &kept.entries { (row(visit, entry)) } }
            }
        }
        @if next.is_some() {
            p.more { a rel="next" href=(links::with("/quarantine", &[("after", next.as_deref())])) { (texts.frame.next) } }
        }
    }
}

fn row(visit: &Visit<'_>, entry: &QuarantineEntry) -> Markup {
    let language = visit.language;
    html! {
        tr {
            th scope="row" { (entry.number) }
            td.text { (entry.source.as_deref().unwrap_or("–")) }
            td.text { code { (entry.code) } }
            td.text.told lang="en" {
                (entry.detail)
                @match &entry.dropped {
                    Some(why) => p.quiet { "dropped: " (why) },
                    None => (settling(visit, entry.number)),
                }
            }
            td.text { (language.time_ms(entry.first_refused_at_ms)) }
            td { (language.count(entry.attempts)) }
        }
    }
}

/// Forms that settle an entry.
fn settling(visit: &Visit<'_>, number: u64) -> Markup {
    let texts = &visit.texts().entry;
    let token = visit.who.as_ref().map(|who| who.form_token.as_str()).unwrap_or_default();
    let described = |what: &str| format!("{what} {number}");
    html! {
        div.settling lang=(visit.language.tag()) {
            form method="post" action=(format!("/quarantine/{number}/retry")) {
                input type="hidden" name="form_token" value=(token);
                button.plain type="submit" aria-label=(described(texts.retry)) { (texts.retry) }
            }
            form method="post" action=(format!("/quarantine/{number}/drop")) {
                input type="hidden" name="form_token" value=(token);
                input type="text" name="reason" required maxlength="512" placeholder=(texts.reason) aria-label=(format!("{} {number}", texts.reason));
                button.plain type="submit" aria-label=(described(texts.drop)) { (texts.drop) }
            }
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Settling {
    #[serde(default)]
    form_token: String,
    #[serde(default)]
    reason: String,
}

pub(super) async fn retry(
    models: State<Arc<dyn Ask>>,
    who: Option<Extension<SignedInAs>>,
    uri: Uri,
    headers: HeaderMap,
    params: Params,
    form: Result<Form<Settling>, FormRejection>,
) -> Response {
    settle(models, who, uri, headers, params, form, |_| Some(Settle::Retry)).await
}

pub(super) async fn drop(
    models: State<Arc<dyn Ask>>,
    who: Option<Extension<SignedInAs>>,
    uri: Uri,
    headers: HeaderMap,
    params: Params,
    form: Result<Form<Settling>, FormRejection>,
) -> Response {
    let how = |reason: String| (!reason.trim().is_empty()).then_some(Settle::Drop(reason));
    settle(models, who, uri, headers, params, form, how).await
}

async fn settle(
    State(models): State<Arc<dyn Ask>>,
    who: Option<Extension<SignedInAs>>,
    uri: Uri,
    headers: HeaderMap,
    mut params: Params,
    form: Result<Form<Settling>, FormRejection>,
    how: impl FnOnce(String) -> Option<Settle>,
) -> Response {
    let who = who.map(|Extension(who)| who);
    let number = params.take_number("entry");
    let form = form.ok().filter(|Form(form)| {
        let token = who.as_ref().is_none_or(|who| storefold_access::is_same(&form.form_token, &who.form_token));
        // Where everybody may ask, a form of another site is refused all the same.
        token && sent_from_here(&headers) != Some(false)
    });
    let (Some(Form(form)), Ok(Some(number))) = (form, number) else {
        return unreadable(&uri, &headers, who.as_ref());
    };
    let Some(how) = how(form.reason) else {
        let problem = Problem::refused("reason_missing", Some("reason".to_owned()), "say why it is not wanted");
        return super::problem_page(&problem, who.as_ref(), &uri, &headers);
    };
    match models.settle(number, how).await {
        Ok(()) => Redirect::to("/quarantine").into_response(),
        Err(problem) => super::problem_page(&problem, who.as_ref(), &uri, &headers),
    }
}
