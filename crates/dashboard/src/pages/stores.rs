//! Every store, found by name or identifier.

use maud::html;
use storefold_http_kit::{Params, Problem};

use super::paging::{Paging, ROWS, next};
use crate::{
    answers::stores::Stores,
    links,
    sections::picker,
    visit::{Page, Shown, Visit, chosen},
};

pub(crate) fn page(visit: &Visit<'_>, mut params: Params) -> Result<Shown, Problem> {
    let (search, paging) = (chosen(&mut params, "search"), Paging::of(&mut params, ROWS)?);
    params.none_left()?;
    let (language, texts) = (visit.language, visit.texts());
    let mut stores = visit.ask::<Stores>("/v1/stores", &[])?.stores;
    if let Some(search) = search.as_deref().map(str::to_lowercase) {
        let found = |text: &str| text.to_lowercase().contains(&search);
        stores.retain(|store| found(&store.name) || found(&store.id));
    }
    stores.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    let body = html! {
        header.head {
            h1 { (texts.frame.stores) }
            (picker::lookup(visit, "/stores", ("search", texts.network.find_store, "Rivoli"), search.as_deref()))
            p.quiet { ((texts.network.stores)(&language.count(stores.len() as u64))) }
        }
        section aria-label=(texts.frame.stores) {
            @if stores.is_empty() { p.quiet { (texts.network.none_found) } } @else {
                div.scroll.tall tabindex="0" role="region" aria-label=(texts.frame.stores) {
                    table {
                        thead {
                            tr {
                                th scope="col" { (texts.words.store) }
                                th.text scope="col" { (texts.words.organisation) }
                                th.text scope="col" { (texts.words.currency) }
                            }
                        }
                        tbody {
                            @for store in paging.of_all(&stores) {
                                tr {
                                    th scope="row" {
                                        a href=(links::to_store(&store.id)) { (store.name) } " " span.quiet { (store.id) }
                                    }
                                    td.text {
                                        @match &store.organisation {
                                            Some(path) => a href=(links::to_organisation(path)) { (path) },
                                            None => "–",
                                        }
                                    }
                                    td.text { (store.currency) }
                                }
                            }
                        }
                    }
                }
            }
            (next(visit, "/stores", paging, stores.len(), &[("search", search.as_deref())]))
            p.more {
                (texts.entry.every_day) ": "
                @for (name, format) in [("XLSX", "xlsx"), ("CSV", "csv"), ("Parquet", "parquet")] {
                    a href=(format!("/v1/read-models/store-performance/rows?format={format}")) download { (name) } " "
                }
            }
        }
    };
    Ok(Page::of(texts.frame.stores, body).into())
}
