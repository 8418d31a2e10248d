//! What points buy (rows 2.27, 2.28).

use maud::{Markup, html};
use storefold_http_kit::Problem;

use super::notice;
use crate::{
    answers::{Gifts, Level},
    figures::count,
};

pub(crate) fn section(gifts: Result<&Gifts, &Problem>, unit: &str) -> Markup {
    html! {
        section aria-labelledby="gifts" {
            h2 #gifts { "Gifts" }
            @match gifts {
                Err(problem) => (notice("The gifts cannot be shown", problem.detail())),
                Ok(gifts) if gifts.levels.is_empty() => p.quiet { "No level is defined yet." },
                Ok(gifts) => div.cards { @for level in &gifts.levels { (card(level, unit)) } },
            }
        }
    }
}

fn card(level: &Level, unit: &str) -> Markup {
    html! {
        article.card {
            h3 { (level.name) " " span.quiet { (count(level.points)) " " (unit) } }
            @if level.gifts.is_empty() { p.quiet { "No gift yet." } }
            dl {
                @for gift in &level.gifts {
                    div.gift {
                        dt { (gift.name.as_deref().unwrap_or(&gift.sku)) }
                        dd {
                            (count(gift.claimed)) " claimed"
                            @if gift.given_back > 0 { ", " (count(gift.given_back)) " came back" }
                        }
                    }
                }
            }
        }
    }
}
