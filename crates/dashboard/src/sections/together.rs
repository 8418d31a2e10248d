//! Whether stores that scan more sell more (row 0.15).

use maud::{Markup, html};

use crate::{
    answers::scans::{Correlation, ScansAndTurnover},
    visit::Visit,
};

pub(crate) fn section(visit: &Visit<'_>, found: &ScansAndTurnover) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    let shown = |of: &Correlation| of.coefficient.map_or("–".to_owned(), |of| language.coefficient(of));
    html! {
        section aria-labelledby="together" {
            h2 #together { (texts.network.together) }
            p.hint { (texts.network.from_minus_one) }
            dl.facts {
                @for of in &found.correlations {
                    div {
                        dt { (of.currency) " · " ((texts.network.stores)(&language.count(of.stores))) }
                        dd {
                            (texts.words.scans) " " strong { (shown(&of.scans)) } " · "
                            (texts.words.emails) " " strong { (shown(&of.emails)) }
                        }
                    }
                }
            }
            details #together-definition {
                summary { (texts.frame.definition) }
                p.quiet lang="en" { (found.method) }
            }
        }
    }
}
