//! Scanners, found by number or store (row 0.2).

use maud::{Markup, html};
use storefold_http_kit::{Params, Problem};

use crate::{
    answers::scanners::{Listed, ScannersFound},
    links,
    sections::picker,
    visit::{Page, Shown, Visit, chosen},
};

pub(crate) fn page(visit: &Visit<'_>, mut params: Params) -> Result<Shown, Problem> {
    let (search, after) = (chosen(&mut params, "search"), chosen(&mut params, "after"));
    params.none_left()?;
    let (language, texts) = (visit.language, visit.texts());
    let asked = [("search", search.as_deref()), ("after", after.as_deref())];
    let given: Vec<_> = asked.iter().filter_map(|(name, value)| Some((*name, (*value)?))).collect();
    let found = visit.ask::<ScannersFound>("/v1/scanners", &given)?;
    let next = [("search", search.as_deref()), ("after", found.next.as_deref())];
    let body = html! {
        header.head {
            h1 { (texts.frame.scanners) }
            (picker::lookup(visit, "/scanners", ("search", texts.scanner.find, texts.scanner.find_hint), search.as_deref()))
            p.quiet { ((texts.scanner.found)(&language.count(found.found as u64))) }
        }
        section aria-label=(texts.frame.scanners) {
            @if found.scanners.is_empty() { p.quiet { (texts.scanner.none_found) } } @else {
                div.scroll.tall tabindex="0" role="region" aria-label=(texts.frame.scanners) {
                    table {
                        thead {
                            tr {
                                th scope="col" { (texts.words.scanner) }
                                th.text scope="col" { (texts.words.store) }
                                th.text scope="col" { (texts.words.last_seen) }
                                th.text scope="col" { (texts.words.state) }
                                th scope="col" { (texts.words.missing) }
                            }
                        }
                        tbody { @for scanner in &found.scanners { (row(visit, scanner)) } }
                    }
                }
            }
            @if found.next.is_some() { p.more { a rel="next" href=(links::with("/scanners", &next)) { (texts.frame.next) } } }
        }
    };
    Ok(Page::of(texts.frame.scanners, body).following(&["scanners"], String::new()).into())
}

fn row(visit: &Visit<'_>, scanner: &Listed) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    html! {
        tr {
            th scope="row" { a href=(links::to_scanner(&scanner.scanner)) { (scanner.scanner) } }
            td.text {
                @match &scanner.store {
                    Some(store) => a href=(links::to_store(store)) { (scanner.store_name.as_ref().unwrap_or(store)) },
                    None => "–",
                }
            }
            td.text { (scanner.last_seen_at.map_or(texts.words.never.to_owned(), |at| language.time(at))) }
            td.text { (connected(visit, scanner.connected)) }
            td { @if scanner.missing > 0 { strong.warning { (language.count(scanner.missing)) } } @else { "0" } }
        }
    }
}

pub(super) fn connected(visit: &Visit<'_>, connected: Option<bool>) -> &'static str {
    let texts = visit.texts();
    match connected {
        Some(true) => texts.scanner.online,
        Some(false) => texts.scanner.offline,
        None => "–",
    }
}
