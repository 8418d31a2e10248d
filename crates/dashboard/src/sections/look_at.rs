//! Stores that scan badly or collect too few addresses (rows 0.7, 0.13).

use maud::{Markup, html};

use crate::{
    answers::scans::{RolledUp, ScansAnswer},
    links,
    visit::Visit,
};

/// How many are listed.
const SHOWN_MAX: usize = 12;

pub(crate) fn section(visit: &Visit<'_>, scans: &ScansAnswer) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    let below_par = |store: &RolledUp| store.capture_band.as_deref() == Some("below_par");
    let mut found: Vec<_> = scans.stores.iter().filter(|store| store.flag.is_some() || below_par(store)).collect();
    // Those that scan badly first: without scans there are no addresses.
    found.sort_by_key(|store| store.flag.is_none());
    html! {
        section aria-labelledby="look-at" {
            h2 #look-at { (texts.network.to_look_at) }
            @if found.is_empty() { p.quiet { (texts.network.all_scan_well) } } @else {
                ul.entries {
                    @for store in found.iter().take(SHOWN_MAX) {
                        li {
                            p.line {
                                a href=(links::to_store(&store.of)) { (store.name.as_ref().unwrap_or(&store.of)) }
                                span.state {
                                    @if store.flag.is_some() {
                                        strong.warning { (language.percent(store.success_rate)) " – " (texts.network.investigate) }
                                    }
                                }
                            }
                            @if below_par(store) {
                                p.quiet {
                                    (texts.charts.capture) " " (language.percent(store.capture_rate)) " – "
                                    (texts.charts.band_below_par)
                                }
                            }
                        }
                    }
                }
            }
            @if found.len() > SHOWN_MAX {
                p.quiet { ((texts.words.and_more)(&language.count((found.len() - SHOWN_MAX) as u64))) }
            }
        }
    }
}
