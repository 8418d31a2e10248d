//! What every page has around its body.

use maud::{DOCTYPE, Markup, html};
use storefold_http_kit::SignedInAs;

use crate::{
    assets::{SCRIPT, STYLE},
    language::Language,
    visit::{Page, Visit},
};

/// Links of the banner that stand for several pages, each with these.
const GROUPS: [(&str, &[&str]); 3] = [
    ("/users", &["/users", "/contracts", "/tokens", "/audit"]),
    ("/satisfaction", &["/satisfaction", "/action-plans", "/challenges"]),
    ("/restatements", &["/restatements", "/closed-months"]),
];

/// From this age on figures say how old they are.
const OLD_MS: i64 = 3_000;

/// Head, banner and foot around a page.
pub(crate) fn document(visit: &Visit<'_>, page: &Page) -> Markup {
    let texts = visit.texts();
    // Whoever is told of a later position fetches the page anew.
    let positions = page.follows.iter().map(|model| visit.models.position(model));
    let position = visit.position.get().or_else(|| positions.min().flatten());
    let follows = position.map(|_| page.follows.join(","));
    html! {
        (DOCTYPE)
        html lang=(visit.language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                @if let Some(seconds) = page.refresh_s { meta http-equiv="refresh" content=(seconds); }
                title { (page.title) " – Storefold" }
                link rel="stylesheet" href=(STYLE.path);
                link rel="icon" href="data:,";
                script src=(SCRIPT.path) defer {}
            }
            body {
                a.skip href="#content" { (texts.frame.skip) }
                header.banner {
                    a.mark href="/" { "Storefold" }
                    @let links = links(visit);
                    @if !links.is_empty() {
                        nav aria-label=(texts.frame.pages) {
                            @for (path, name) in links {
                                a href=(path) aria-current=[current(visit, path)] { (name) }
                            }
                        }
                    }
                    @if let Some(who) = &visit.who {
                        form.who method="post" action="/sign-out" {
                            a href="/account" { (who.name) }
                            input type="hidden" name="form_token" value=(who.form_token);
                            button.plain type="submit" { (texts.entry.sign_out) }
                        }
                    }
                }
                @if let Some(asked) = &visit.not_spoken {
                    p.spoken role="note" { "Your browser asks for " (asked) ", which is not written here; this is English." }
                }
                main #content tabindex="-1" data-follows=[follows] data-position=[position] data-summary=[Some(&page.summary).filter(|summary| !summary.is_empty())] {
                    (page.body)
                    @if visit.age_ms.get() >= OLD_MS {
                        @let seconds = visit.language.count(visit.age_ms.get() / 1_000);
                        p.quiet.age role="note" { ((texts.frame.age)(&seconds)) }
                    }
                }
                p.unseen #said aria-live="polite" {}
                footer.foot {
                    nav aria-label=(texts.frame.languages) {
                        @for language in Language::ALL {
                            a href=(visit.in_language(language)) lang=(language.tag()) hreflang=(language.tag())
                                aria-current=[(language == visit.language).then_some("true")] { (language.name()) }
                        }
                    }
                    nav aria-label="API" {
                        a href="/docs" { "API" }
                        a href="/metrics" { "Metrics" }
                        a href="/readyz" { "Health" }
                    }
                }
            }
        }
    }
}

/// Whether a link of the banner leads to this page, or to those that this one is of.
fn current(visit: &Visit<'_>, path: &str) -> Option<&'static str> {
    let group = GROUPS.iter().find(|(link, _)| *link == path);
    let is_of = group.is_some_and(|(_, pages)| pages.iter().any(|page| visit.is_below(page)));
    if visit.is_at(path) { Some("page") } else { is_of.then_some("true") }
}

/// Where the banner leads whoever is there.
fn links(visit: &Visit<'_>) -> Vec<(&'static str, &'static str)> {
    // Before the door every page leads back to it.
    if visit.is_at("/sign-in") {
        return Vec::new();
    }
    let frame = &visit.texts().frame;
    let who = visit.who.as_ref();
    let operates = who.is_none_or(|who| who.may_operate);
    let users = who.is_some_and(SignedInAs::may_create_users);
    [
        (true, "/", frame.network),
        (true, "/stores", frame.stores),
        (true, "/scanners", frame.scanners),
        (true, "/customers", frame.customers),
        (true, "/loyalty", frame.loyalty),
        (true, "/cards", frame.cards),
        (true, "/satisfaction", visit.texts().improving.title),
        (true, "/restatements", frame.restatements),
        (operates, "/quarantine", frame.quarantine),
        (operates, "/system", frame.system),
        (users, "/users", visit.texts().access.title),
    ]
    .into_iter()
    .filter(|(shown, ..)| *shown)
    .map(|(_, path, name)| (path, name))
    .collect()
}
