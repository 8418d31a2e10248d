//! What points buy (rows 2.27, 2.28).

use maud::{Markup, html};
use storefold_http_kit::Problem;

use super::problem;
use crate::{
    answers::loyalty::{Gifts, Level},
    visit::Visit,
};

/// Levels, and gifts of a level, that are listed.
const SHOWN_MAX: usize = 100;

pub(crate) fn section(visit: &Visit<'_>, gifts: Result<&Gifts, &Problem>, unit: &str) -> Markup {
    let texts = visit.texts();
    html! {
        section aria-labelledby="gifts" {
            h2 #gifts { (texts.programme.gifts) }
            @match gifts {
                Err(why) => (problem(texts.frame.cannot_be_shown, why)),
                Ok(gifts) if gifts.levels.is_empty() => p.quiet { (texts.programme.no_level) },
                Ok(gifts) => div.cards { @for level in gifts.levels.iter().take(SHOWN_MAX) { (card(visit, level, unit)) } },
            }
        }
    }
}

fn card(visit: &Visit<'_>, level: &Level, unit: &str) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    html! {
        article.card {
            h3 { (level.name) " " span.quiet { (language.count(level.points)) " " (unit) } }
            @if level.gifts.is_empty() { p.quiet { (texts.programme.no_gift) } }
            dl {
                @for gift in level.gifts.iter().take(SHOWN_MAX) {
                    div.gift {
                        dt { (gift.name.as_deref().unwrap_or(&gift.sku)) }
                        dd {
                            ((texts.programme.claimed)(&language.count(gift.claimed)))
                            @if gift.given_back > 0 { ", " ((texts.programme.came_back)(&language.count(gift.given_back))) }
                        }
                    }
                }
            }
        }
    }
}
