//! What was refused and is kept, to be retried or dropped for a reason.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, Uri},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use storefold_http_kit::{Params, Problem, SignedInAs};

use super::{
    entry::unreadable,
    forms::{Fields, Sent},
};
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

pub(super) async fn retry(
    models: State<Arc<dyn Ask>>,
    who: Option<Extension<SignedInAs>>,
    uri: Uri,
    headers: HeaderMap,
    params: Params,
    sent: Sent,
) -> Response {
    settle(models, who, uri, headers, params, sent, |_| Some(Settle::Retry)).await
}

pub(super) async fn drop(
    models: State<Arc<dyn Ask>>,
    who: Option<Extension<SignedInAs>>,
    uri: Uri,
    headers: HeaderMap,
    params: Params,
    sent: Sent,
) -> Response {
    settle(models, who, uri, headers, params, sent, |fields| fields.given("reason").map(Settle::Drop)).await
}

async fn settle(
    State(models): State<Arc<dyn Ask>>,
    who: Option<Extension<SignedInAs>>,
    uri: Uri,
    headers: HeaderMap,
    mut params: Params,
    sent: Sent,
    how: impl FnOnce(&Fields) -> Option<Settle>,
) -> Response {
    let who = who.map(|Extension(who)| who);
    let number = params.take_number("entry");
    let fields = Fields::sent_here(sent, who.as_ref(), &headers);
    let (Some(fields), Ok(Some(number))) = (fields, number) else {
        return unreadable(&uri, &headers, who.as_ref());
    };
    let Some(how) = how(&fields) else {
        let problem = Problem::refused("reason_missing", Some("reason".to_owned()), "say why it is not wanted");
        return super::problem_page(&problem, who.as_ref(), &uri, &headers);
    };
    match models.settle(number, how).await {
        Ok(()) => Redirect::to("/quarantine").into_response(),
        Err(problem) => super::problem_page(&problem, who.as_ref(), &uri, &headers),
    }
}
