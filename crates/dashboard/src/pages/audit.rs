//! Who changed access, signed in, or took data away (rows 0.20, B82).

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};
use maud::{Markup, html};
use storefold_access::{Audit, AuditAsked, AuditEntry, Desk};
use storefold_http_kit::{Params, SignedInAs};

use super::{
    entry::shown,
    forms::{refusal, tabs},
};
use crate::{
    links,
    texts::AUDITED,
    visit::{Page, Visit, chosen},
};

/// What is asked for, as the form shows it.
type Asked = [(&'static str, Option<String>); 5];

pub(super) async fn page(
    State(desk): State<Desk>,
    Extension(who): Extension<SignedInAs>,
    uri: Uri,
    headers: HeaderMap,
    mut params: Params,
) -> Response {
    let asked = ["by", "of", "event", "from", "to"].map(|name| (name, chosen(&mut params, name)));
    let [by, of, event, from, to] = asked.clone().map(|(_, text)| text);
    let before = chosen(&mut params, "before");
    let found = desk.audit(&AuditAsked { by, of, event, from, to, before, limit: None });
    shown(&uri, &headers, Some(&who), params, |visit| {
        let texts = &visit.texts().access;
        let (found, problem) = match found {
            Ok(found) => (Some(found), None),
            Err(problem) => (None, Some(problem)),
        };
        let body = html! {
            header.head {
                h1 { (texts.audit) }
                p.quiet { (texts.audit_rule) }
                (tabs(visit, &who))
                (form(visit, &asked))
            }
            (refusal(problem.as_ref()))
            @if let Some(found) = &found { section aria-label=(texts.audit) { (table(visit, found, &asked)) } }
        };
        Page::of(texts.audit, body).but(problem)
    })
}

fn form(visit: &Visit<'_>, asked: &Asked) -> Markup {
    let texts = visit.texts();
    let value = |name: &str| asked.iter().find(|(known, _)| *known == name).and_then(|(_, text)| text.as_deref());
    html! {
        form.lookup method="get" action="/audit" role="search" {
            label for="by" { (texts.access.who) }
            input #by name="by" value=[value("by")] maxlength="200" autocomplete="off" placeholder="anna@acme.example";
            label for="of" { (texts.access.to_what) }
            input #of name="of" value=[value("of")] maxlength="200" autocomplete="off";
            label for="event" { (texts.access.did) }
            select #event name="event" {
                option value="" { (texts.access.any_event) }
                @for (event, name) in AUDITED.iter().zip(texts.access.events) {
                    option value=(event) selected[value("event") == Some(event)] { (name) }
                }
            }
            label for="from" { (texts.access.from) }
            input #from name="from" type="date" value=[value("from")];
            label for="to" { (texts.access.until) }
            input #to name="to" type="date" value=[value("to")];
            button type="submit" { (texts.frame.show) }
        }
    }
}

fn table(visit: &Visit<'_>, found: &Audit, asked: &Asked) -> Markup {
    let texts = visit.texts();
    let next = found.next.map(|next| next.to_string());
    let mut kept: Vec<_> = asked.iter().map(|(name, text)| (*name, text.as_deref())).collect();
    kept.push(("before", next.as_deref()));
    html! {
        @if found.entries.is_empty() { p.quiet { (texts.access.nothing_done) } } @else {
            div.scroll.tall tabindex="0" role="region" aria-label=(texts.access.audit) {
                table {
                    thead {
                        tr {
                            th.text scope="col" { (texts.access.when) }
                            th.text scope="col" { (texts.access.who) }
                            th.text scope="col" { (texts.access.did) }
                            th.text scope="col" { (texts.access.to_what) }
                            th scope="col" { (texts.words.position) }
                        }
                    }
                    tbody { @for entry in &found.entries { (row(visit, entry)) } }
                }
            }
        }
        @if next.is_some() { p.more { a rel="next" href=(links::with("/audit", &kept)) { (texts.frame.next) } } }
    }
}

fn row(visit: &Visit<'_>, entry: &AuditEntry) -> Markup {
    let (texts, language) = (visit.texts(), visit.language);
    let named = AUDITED.iter().position(|event| *event == entry.event).map(|at| texts.access.events[at]);
    html! {
        tr {
            td.text { (entry.at.map_or("–".to_owned(), |at| language.time(at))) }
            td.text { (entry.by.as_deref().unwrap_or(texts.access.command_line)) }
            td.text.told {
                (named.unwrap_or(&entry.event))
                p.quiet lang="en" { (entry.detail) }
            }
            th.text scope="row" { (entry.of) }
            td { (language.count(entry.position)) }
        }
    }
}
