//! Days that late events have changed (B72).

use std::collections::BTreeMap;

use maud::{Markup, html};
use storefold_events::Currency;
use storefold_http_kit::{Params, Problem};

use super::{
    closed_months::amount_of,
    paging::{LONG_ROWS, Paging, next},
};
use crate::{
    answers::{
        late::{Restatement, Restatements},
        stores::Stores,
    },
    figures::words,
    links,
    sections::place::AskedPlace,
    visit::{Page, Shown, Visit, chosen},
};

const ASKED: [&str; 2] = ["from", "to"];

pub(crate) fn page(visit: &Visit<'_>, mut params: Params) -> Result<Shown, Problem> {
    let texts = visit.texts();
    let paging = Paging::of(&mut params, LONG_ROWS)?;
    let place = AskedPlace::of(&mut params);
    let chosen: Vec<_> = ASKED.iter().map(|name| (*name, chosen(&mut params, name))).collect();
    params.none_left()?;
    let mut asked = place.parameters();
    asked.extend(chosen.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))));
    let found = visit.ask::<Restatements>("/v1/restatements", &asked)?;
    let stores = visit.ask::<Stores>("/v1/stores", &[])?.stores;
    let currencies: BTreeMap<_, _> = stores.into_iter().map(|store| (store.id, store.currency)).collect();
    let mut kept = place.kept();
    kept.extend(chosen.iter().map(|(name, value)| (*name, value.as_deref())));
    let body = html! {
        header.head {
            h1 { (texts.late.title) }
            p.quiet { (texts.late.what) }
            (place.late(visit))
            (form(visit, &kept))
        }
        section aria-label=(texts.late.title) {
            @if found.more { p.notice { (texts.late.only_1000) } }
            @if found.restatements.is_empty() { p.quiet { (texts.late.none) } } @else {
                div.scroll.tall tabindex="0" role="region" aria-label=(texts.late.title) {
                    table {
                        thead {
                            tr {
                                th scope="col" { (texts.words.day) }
                                th.text scope="col" { (texts.words.store) }
                                th.text scope="col" { (texts.late.recorded_on) }
                                th.text scope="col" { (texts.late.changed) }
                                th scope="col" { (texts.late.events) }
                            }
                        }
                        tbody { @for one in paging.of_all(&found.restatements) { (row(visit, one, currencies.get(&one.store).copied())) } }
                    }
                }
            }
            (next(visit, "/restatements", paging, found.restatements.len(), &kept))
        }
    };
    Ok(Page::of(texts.late.title, body).following(&["network-kpi"], String::new()).into())
}

fn form(visit: &Visit<'_>, kept: &[(&str, Option<&str>)]) -> Markup {
    let texts = visit.texts();
    let value = |name: &str| kept.iter().find(|(kept, _)| *kept == name).and_then(|(_, value)| *value);
    html! {
        form.lookup method="get" action="/restatements" role="search" {
            label for="store" { (texts.words.store) }
            input #store name="store" value=[value("store")] maxlength="200" autocomplete="off";
            label for="from" { (texts.late.recorded_from) }
            input #from name="from" type="date" value=[value("from")];
            label for="to" { (texts.late.recorded_to) }
            input #to name="to" type="date" value=[value("to")];
            @if let Some(organisation) = value("organisation") { input type="hidden" name="organisation" value=(organisation); }
            button type="submit" { (texts.frame.show) }
        }
    }
}

fn row(visit: &Visit<'_>, one: &Restatement, currency: Option<Currency>) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    html! {
        tr {
            th scope="row" { (language.day(one.day)) }
            td.text { a href=(links::to_store(&one.store)) { (one.store) } }
            td.text { (language.day(one.recorded_on)) }
            td.text.told {
                div.changed {
                    @for (measure, change) in &one.changed {
                        span {
                            span.quiet lang="en" { (words(measure)) } " "
                            (amount_of(visit, measure, change.old, currency)) " → " (amount_of(visit, measure, change.new, currency))
                        }
                    }
                }
                @for crossed in &one.crossed { p.warning { (texts.late.crossed) ": " span lang="en" { (crossed) } } }
            }
            td { (language.count(one.events)) }
        }
    }
}
