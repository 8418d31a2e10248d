//! What the scans are made of: errors, ranked, and customers by sex.

use maud::{Markup, html};

use crate::{
    answers::Totals,
    figures::{count, share, words},
};

pub(crate) fn errors(totals: &Totals) -> Markup {
    html! {
        section aria-labelledby="errors" {
            h2 #errors { "Failed scans by error" }
            @if totals.errors.is_empty() {
                p.quiet { "No scan failed." }
            } @else {
                ol.ranked {
                    @for error in &totals.errors {
                        li {
                            span.name { (words(&error.code)) }
                            span.amount {
                                (count(error.count)) " · " (format!("{:.0} %", share(error.count, totals.scans.failed)))
                            }
                            (part("failed", 0.0, share(error.count, totals.scans.failed)))
                        }
                    }
                }
            }
        }
    }
}

pub(crate) fn genders(totals: &Totals) -> Markup {
    let genders = &totals.genders;
    let parts = [
        ("female", "women", genders.female),
        ("male", "men", genders.male),
        ("unknown", "not entered", genders.unknown),
    ];
    let whole = parts.iter().map(|(_, _, count)| count).sum();
    html! {
        section aria-labelledby="genders" {
            h2 #genders { "Scanned customers" }
            @if whole == 0 {
                p.quiet { "Nobody was scanned." }
            } @else {
                svg.stack aria-hidden="true" {
                    @for (place, (class, _, part)) in parts.iter().enumerate() {
                        @let before: u64 = parts[..place].iter().map(|(_, _, count)| count).sum();
                        rect.(class) x=(format!("{:.2}%", share(before, whole))) width=(format!("{:.2}%", share(*part, whole)))
                            height="100%" {}
                    }
                }
                ul.legend {
                    @for (class, words, part) in parts {
                        li {
                            span.key.(class) { (words) }
                            span.amount { (count(part)) " · " (format!("{:.0} %", share(part, whole))) }
                        }
                    }
                }
            }
        }
    }
}

/// One part of a whole as a bar.
pub(crate) fn part(class: &str, from_percent: f64, percent: f64) -> Markup {
    html! {
        svg.part aria-hidden="true" {
            rect.(class) x=(format!("{from_percent:.2}%")) width=(format!("{percent:.2}%")) height="100%" {}
        }
    }
}
