//! The parts of the pages.

pub(crate) mod anomalies;
pub(crate) mod cards;
pub(crate) mod english;
pub(crate) mod figures;
pub(crate) mod gifts;
pub(crate) mod look_at;
pub(crate) mod models;
pub(crate) mod picker;
pub(crate) mod place;
pub(crate) mod programme;
pub(crate) mod ranking;
pub(crate) mod rebuilds;
pub(crate) mod scanners;
pub(crate) mod snapshots;
pub(crate) mod stored_value;
pub(crate) mod together;

use maud::{Markup, html};
use storefold_http_kit::Problem;

use crate::visit::Visit;

/// A sentence in place of what cannot be shown.
pub(crate) fn notice(title: &str, detail: &str) -> Markup {
    html! {
        section.notice role="status" {
            h2 { (title) }
            p { (detail) }
        }
    }
}

/// A problem in place of what cannot be shown; its sentence is in English.
pub(crate) fn problem(title: &str, problem: &Problem) -> Markup {
    html! {
        section.notice role="status" {
            h2 { (title) }
            p lang="en" { (problem.detail()) }
        }
    }
}

/// That what happened in stores which whoever is here does not see is not shown.
pub(crate) fn elsewhere(visit: &Visit<'_>) -> Markup {
    html! { p.hint role="note" { (visit.texts().customer.elsewhere_hidden) } }
}

/// Figures of more characters than these are written smaller.
pub(crate) const LONG_CHARS: usize = 12;

/// A number that is seen first.
pub(crate) fn tile(name: &str, figure: &str, beside: &str) -> Markup {
    html! {
        div.tile {
            dt { (name) }
            dd.figure.long[figure.chars().count() > LONG_CHARS] { (figure) }
            dd.beside { (beside) }
        }
    }
}
