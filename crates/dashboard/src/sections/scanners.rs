//! Scanners of a store, each with what it did there (rows 0.1, 0.3).

use maud::{Markup, html};

use crate::{answers::stores::ScannerInStore, links, visit::Visit};

/// How many are listed.
const SHOWN_MAX: usize = 50;

pub(crate) fn section(visit: &Visit<'_>, scanners: &[ScannerInStore]) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    html! {
        section aria-labelledby="scanners" {
            h2 #scanners { (texts.store.scanners) }
            @if scanners.is_empty() { p.quiet { (texts.store.no_scanner) } } @else {
                div.scroll tabindex="0" role="region" aria-label=(texts.store.scanners) {
                    table {
                        thead {
                            tr {
                                th scope="col" { (texts.words.scanner) }
                                th scope="col" { (texts.words.scans) }
                                th scope="col" { (texts.words.succeeded) }
                                th scope="col" { (texts.words.success) }
                                th scope="col" { (texts.words.emails) }
                            }
                        }
                        tbody {
                            @for scanner in scanners.iter().take(SHOWN_MAX) {
                                tr {
                                    th scope="row" {
                                        a href=(links::to_scanner(&scanner.scanner)) { (scanner.scanner) }
                                        @if !scanner.stands_here { " " span.quiet { (texts.store.elsewhere) } }
                                    }
                                    td { (language.count(scanner.scans.attempted)) }
                                    td { (language.count(scanner.scans.succeeded)) }
                                    td {
                                        @if scanner.flag.is_some() {
                                            strong.warning { (language.percent(scanner.success_rate)) " – " (texts.network.investigate) }
                                        } @else { (language.percent(scanner.success_rate)) }
                                    }
                                    td { (language.count(scanner.emails)) }
                                }
                            }
                        }
                    }
                }
                @if scanners.len() > SHOWN_MAX {
                    p.quiet { ((texts.words.and_more)(&language.count((scanners.len() - SHOWN_MAX) as u64))) }
                }
            }
        }
    }
}
