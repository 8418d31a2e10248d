//! The parts of the pages.

pub(crate) mod breakdown;
pub(crate) mod cards;
pub(crate) mod chart;
pub(crate) mod gifts;
pub(crate) mod headline;
pub(crate) mod loyalty;
pub(crate) mod models;
pub(crate) mod programme;
pub(crate) mod rebuilds;
pub(crate) mod scanners;
pub(crate) mod snapshots;

use maud::{Markup, html};

/// A sentence in place of what cannot be shown.
pub(crate) fn notice(title: &str, detail: &str) -> Markup {
    html! {
        section.notice role="status" {
            h2 { (title) }
            p { (detail) }
        }
    }
}

/// A number that is seen first.
pub(crate) fn tile(name: &str, figure: &str, beside: &str) -> Markup {
    html! {
        div.tile.plain {
            dt { (name) }
            dd.figure { (figure) }
            dd.beside { (beside) }
        }
    }
}
