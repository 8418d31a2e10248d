//! What was refused and is kept. To retry or drop an entry is for whoever takes events in; this page reads.

use maud::{Markup, html};
use storefold_http_kit::{Params, Problem};

use crate::{
    asker::{Quarantine, QuarantineEntry},
    links,
    visit::{Page, Shown, Visit},
};

pub(crate) fn page(visit: &Visit<'_>, mut params: Params) -> Result<Shown, Problem> {
    let after = params.take_number("after")?.unwrap_or(0);
    params.none_left()?;
    let texts = visit.texts();
    let kept = visit.models.quarantine(after).transpose()?;
    let body = html! {
        header.head {
            h1 { (texts.frame.quarantine) }
            p.quiet { (texts.refused.what) }
        }
        section aria-label=(texts.frame.quarantine) {
            @match &kept {
                None => p.quiet { (texts.refused.not_here) },
                Some(kept) if kept.entries.is_empty() => p.quiet { (texts.refused.none) },
                Some(kept) => (list(visit, kept)),
            }
        }
    };
    Ok(Page::of(texts.frame.quarantine, body).into())
}

fn list(visit: &Visit<'_>, kept: &Quarantine) -> Markup {
    let texts = visit.texts();
    let next = kept.next.map(|next| next.to_string());
    html! {
        div.scroll.tall tabindex="0" role="region" aria-label=(texts.frame.quarantine) {
            table {
                thead {
                    tr {
                        th scope="col" { (texts.refused.number) }
                        th.text scope="col" { (texts.refused.source) }
                        th.text scope="col" { (texts.refused.code) }
                        th.text scope="col" { (texts.refused.why) }
                        th.text scope="col" { (texts.refused.since) }
                        th scope="col" { (texts.refused.times) }
                    }
                }
                tbody { @for entry in &kept.entries { (row(visit, entry)) } }
            }
        }
        @if next.is_some() {
            p.more { a rel="next" href=(links::with("/quarantine", &[("after", next.as_deref())])) { (texts.frame.next) } }
        }
    }
}

fn row(visit: &Visit<'_>, entry: &QuarantineEntry) -> Markup {
    let language = visit.language;
    html! {
        tr {
            th scope="row" { (entry.number) }
            td.text { (entry.source.as_deref().unwrap_or("–")) }
            td.text { code { (entry.code) } }
            td.text.told lang="en" {
                (entry.detail)
                @if let Some(why) = &entry.dropped { p.quiet { "dropped: " (why) } }
            }
            td.text { (language.time_ms(entry.first_refused_at_ms)) }
            td { (language.count(entry.attempts)) }
        }
    }
}
