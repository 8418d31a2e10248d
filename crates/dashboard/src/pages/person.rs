//! The page with everything that is known of a person, for who may read it to him.

use maud::{Markup, html};
use storefold_http_kit::{Params, Problem};

use crate::{
    answers::person::{Consent, Fact, File, Scan, Value},
    links,
    visit::{Page, Shown, Visit},
};

pub(crate) fn page(visit: &Visit<'_>, mut params: Params) -> Result<Shown, Problem> {
    let customer = params.take("customer").unwrap_or_default();
    params.none_left()?;
    let texts = &visit.texts().person;
    let file: File = visit.ask("/v1/customers/{customer}/file", &[("customer", &customer)])?;
    let title = (texts.title)(&customer);
    let values = [
        (texts.name, &file.name),
        (texts.first_name, &file.first_name),
        (texts.email, &file.email),
        (texts.mobile, &file.mobile),
        (texts.postal_address, &file.postal_address),
    ];
    let home = [file.country.as_deref(), file.language.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let body = html! {
        header.head {
            h1 { (title) }
            p.quiet {
                a href=(links::to_customer(&customer)) { ((visit.texts().customer.title)(&customer)) }
                " · " a href=(format!("/v1{}", links::to_everything_about(&customer))) { (texts.take_away) }
            }
        }
        @if let Some(erased) = &file.erased {
            p.notice { ((texts.erased)(&visit.language.day(erased.at.date_naive()), &visit.language.count(erased.position))) }
        }
        section aria-labelledby="who" {
            h2 #who { (texts.who) }
            div.scroll tabindex="0" role="region" aria-label=(texts.who) {
                table {
                    thead { tr { th.text scope="col" { "" } th.text scope="col" { (texts.value) } th.text scope="col" { (texts.said_by) } th scope="col" { (visit.texts().words.when_utc) } } }
                    tbody {
                        @for (name, value) in values { @if let Some(value) = value { (said(visit, name, value)) } }
                        @if !home.is_empty() { tr { th.text scope="row" { (texts.home) } td.text { (home) } td.text { "–" } td { "–" } } }
                    }
                }
            }
        }
        section aria-labelledby="consents" {
            h2 #consents { (texts.consents) }
            @if file.consents.is_empty() { p.quiet { (texts.no_consents) } } @else { (consents(visit, &file.consents)) }
        }
        section aria-labelledby="facts" {
            h2 #facts { (texts.facts) }
            @if file.facts.is_empty() { p.quiet { (texts.nothing) } } @else { (facts(visit, &file.facts)) }
        }
        section aria-labelledby="scans" {
            h2 #scans { (texts.scans) }
            @if file.scans.is_empty() { p.quiet { (texts.nothing) } } @else { (scans(visit, &file.scans)) }
        }
        @if file.more { p.notice { (texts.more) } }
    };
    Ok(Page::of(title.clone(), body).into())
}

fn said(visit: &Visit<'_>, name: &str, value: &Value) -> Markup {
    let texts = &visit.texts().person;
    let unreadable = if value.unreadable.as_deref() == Some("erased") { texts.was_erased } else { texts.not_here };
    html! {
        tr {
            th.text scope="row" { (name) }
            td.text { @match &value.text { Some(value) => (value), None => span.quiet { (unreadable) } } }
            td.text { (value.source) }
            td { (visit.language.time(value.at)) }
        }
    }
}

fn consents(visit: &Visit<'_>, consents: &[Consent]) -> Markup {
    let texts = &visit.texts().person;
    html! {
        div.scroll tabindex="0" role="region" aria-label=(texts.consents) {
            table {
                thead { tr { th.text scope="col" { (texts.channel) } th.text scope="col" { (texts.agrees) } th.text scope="col" { (texts.said_by) } th scope="col" { (visit.texts().words.when_utc) } } }
                tbody {
                    @for consent in consents {
                        tr {
                            th.text scope="row" { (texts.channels[consent.channel as usize]) }
                            td.text { (if consent.granted { texts.granted } else { texts.withdrawn }) }
                            td.text { (consent.source) }
                            td { (visit.language.time(consent.at)) }
                        }
                    }
                }
            }
        }
    }
}

fn facts(visit: &Visit<'_>, facts: &[Fact]) -> Markup {
    let (texts, words) = (&visit.texts().person, &visit.texts().words);
    html! {
        div.scroll tabindex="0" role="region" aria-label=(texts.facts) {
            table {
                thead { tr { th scope="col" { (words.when_utc) } th.text scope="col" { (words.what_for) } th.text scope="col" { (words.store) } th scope="col" { (texts.amount) } } }
                tbody {
                    @for fact in facts {
                        tr {
                            th scope="row" { (visit.language.time(fact.at)) }
                            td.text { (fact.what) " " (fact.of) }
                            td.text { (place(fact.store.as_deref())) }
                            td { @match fact.amount { Some(amount) => (visit.language.money(amount)), None => "–" } }
                        }
                    }
                }
            }
        }
    }
}

fn scans(visit: &Visit<'_>, scans: &[Scan]) -> Markup {
    let (texts, words) = (&visit.texts().person, &visit.texts().words);
    html! {
        div.scroll tabindex="0" role="region" aria-label=(texts.scans) {
            table {
                thead { tr { th scope="col" { (words.when_utc) } th.text scope="col" { (texts.scan) } th.text scope="col" { (words.store) } th.text scope="col" { (texts.email) } } }
                tbody {
                    @for scan in scans {
                        tr {
                            th scope="row" { (visit.language.time(scan.at)) }
                            td.text { (scan.of) }
                            td.text { (place(scan.store.as_deref())) }
                            td.text { @match &scan.email { Some(email) => (email), None => span.quiet { (texts.was_erased) } } }
                        }
                    }
                }
            }
        }
    }
}

fn place(store: Option<&str>) -> Markup {
    html! { @match store { Some(store) => a href=(links::to_store(store)) { (store) }, None => "–" } }
}
