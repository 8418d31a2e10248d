//! What the scans are made of: their result with the errors, and the scanned customers by sex (rows 0.6 to 0.10).

use maud::{Markup, html};

use super::{Drawing, part};
use crate::{
    answers::scans::{ErrorExplained, Genders, Totals},
    figures::{share, words},
    visit::Visit,
};

/// Errors that are listed.
const ERRORS_MAX: usize = 12;

/// Success against failure, and each error with what it means and what helps.
pub(crate) fn result(visit: &Visit<'_>, totals: &Totals, errors: &[ErrorExplained]) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    let scans = totals.scans;
    let parts = [("succeeded", texts.words.succeeded, scans.succeeded), ("failed", texts.words.failed, scans.failed)];
    html! {
        section aria-labelledby="result" {
            h2 #result { (texts.charts.result) }
            @if scans.attempted == 0 {
                p.quiet { (texts.charts.no_scans) }
            } @else {
                p.balance {
                    strong { (language.percent(totals.success_rate)) }
                    @if totals.flag.is_some() { " " strong.warning { (texts.network.investigate) } }
                }
                (stack(visit, texts.charts.result, &parts))
                h3 { (texts.charts.errors) }
                @if scans.failed == 0 { p.quiet { (texts.charts.none_failed) } }
                ol.ranked {
                    @for error in errors.iter().take(ERRORS_MAX) { (one_error(visit, error, scans.failed)) }
                }
                @let left = errors.len().saturating_sub(ERRORS_MAX) as u64 + totals.errors_unlisted;
                @if left > 0 { p.quiet { ((texts.words.and_more)(&language.count(left))) } }
            }
        }
    }
}

fn one_error(visit: &Visit<'_>, error: &ErrorExplained, failed: u64) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    let remedy = error.remedy.as_deref().and_then(|remedy| texts.remedies.of(remedy));
    html! {
        li {
            span.name {
                @if let Some(meaning) = texts.errors.of(&error.code) { (meaning) } @else { (words(&error.code)) }
            }
            span.amount { (language.count(error.count)) " · " (language.part(error.count, failed)) }
            (Drawing::beside().set("class", "part").add(part("failed", 0.0, share(error.count, failed))))
            p.quiet {
                code { (error.code) }
                @if let Some(remedy) = remedy { " → " (remedy) } @else if !error.known { " · " (texts.charts.not_catalogued) }
            }
        }
    }
}

pub(crate) fn genders(visit: &Visit<'_>, genders: &Genders) -> Markup {
    let texts = visit.texts();
    let parts = [
        ("female", texts.words.women, genders.female),
        ("male", texts.words.men, genders.male),
        ("unknown", texts.words.not_entered, genders.unknown),
    ];
    html! {
        section aria-labelledby="genders" {
            h2 #genders { (texts.charts.genders) }
            @if genders.female + genders.male + genders.unknown == 0 {
                p.quiet { (texts.charts.no_scans) }
            } @else {
                (stack(visit, texts.charts.genders, &parts))
            }
        }
    }
}

/// Parts of a whole as one bar, with a legend that has every figure.
fn stack(visit: &Visit<'_>, title: &str, parts: &[(&'static str, &'static str, u64)]) -> Markup {
    let language = visit.language;
    let whole: u64 = parts.iter().map(|(.., part)| part).sum();
    let said: Vec<_> = parts.iter().map(|(_, name, of)| format!("{name} {}", language.part(*of, whole))).collect();
    let mut before = 0;
    let drawn = parts.iter().map(|(class, _, of)| {
        let drawn = part(class, share(before, whole), share(*of, whole));
        before += of;
        drawn
    });
    html! {
        (Drawing::said(&format!("{title}: {}", said.join(", "))).set("class", "stack").with(drawn))
        ul.legend {
            @for (class, name, of) in parts {
                li {
                    span.key.(class) { (name) }
                    span.amount { (language.count(*of)) " · " (language.part(*of, whole)) }
                }
            }
        }
    }
}
