//! The scanners of the store (rows 0.1, 0.3).

use maud::{Markup, html};

use crate::{
    answers::ScannerFigures,
    figures::{count, percent},
};

pub(crate) fn section(scanners: &[ScannerFigures]) -> Markup {
    html! {
        section aria-labelledby="scanners" {
            h2 #scanners { "Scanners" }
            @if scanners.is_empty() {
                p.quiet { "No scanner stands here or has scanned here." }
            } @else {
                div.scroll tabindex="0" role="region" aria-label="Scanners" {
                    table {
                        thead {
                            tr {
                                th scope="col" { "Scanner" }
                                th scope="col" { "Scans" }
                                th scope="col" { "Succeeded" }
                                th scope="col" { "Success rate" }
                                th scope="col" { "Emails" }
                                th.text scope="col" { "Place" }
                            }
                        }
                        tbody { @for scanner in scanners { (row(scanner)) } }
                    }
                }
            }
        }
    }
}

fn row(scanner: &ScannerFigures) -> Markup {
    html! {
        tr {
            th scope="row" { (scanner.scanner) }
            td { (count(scanner.scans.attempted)) }
            td { (count(scanner.scans.succeeded)) }
            td {
                @if scanner.flag.is_some() {
                    strong.warning { (percent(scanner.success_rate)) " – investigate" }
                } @else {
                    (percent(scanner.success_rate))
                }
            }
            td { (count(scanner.emails)) }
            td.text { @if scanner.stands_here { "stands here" } @else { "not assigned here" } }
        }
    }
}
