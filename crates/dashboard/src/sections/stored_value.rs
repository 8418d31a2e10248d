//! What a customer may pay with (row 2.59 and after).

use maud::{Markup, html};

use super::cards::{kind, state};
use crate::{
    answers::{cards::Card, customers::StoredValue},
    links,
    visit::Visit,
};

/// How many are listed.
const SHOWN_MAX: usize = 100;

pub(crate) fn section(visit: &Visit<'_>, held: &StoredValue, customer: &str) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    let cards: Vec<_> = held.cards().collect();
    html! {
        section aria-labelledby="stored" {
            h2 #stored { (texts.customer.stored_value) }
            @for card in held.vip_cards.iter().take(SHOWN_MAX) {
                p {
                    (texts.customer.vip) " " (card.card) " · "
                    (language.percent(Some(f64::from(card.discount_e4) / 10_000.0))) " · "
                    (texts.customer.last_day) ": " (card.expires_on.map_or(texts.words.never.to_owned(), |day| language.day(day)))
                }
            }
            @if cards.is_empty() {
                @if held.vip_cards.is_empty() { p.quiet { (texts.customer.nothing_stored) } }
            } @else {
                div.scroll tabindex="0" role="region" aria-label=(texts.customer.stored_value) {
                    table {
                        thead {
                            tr {
                                th scope="col" { (texts.card.card) }
                                th.text scope="col" { (texts.words.kind) }
                                th.text scope="col" { (texts.words.state) }
                                th scope="col" { (texts.words.balance) }
                                th scope="col" { (texts.customer.available) }
                                th scope="col" { (texts.customer.last_day) }
                            }
                        }
                        tbody { @for card in cards.iter().take(SHOWN_MAX) { (row(visit, card)) } }
                    }
                }
            }
            @if held.more || cards.len() > SHOWN_MAX {
                p.more { a href=(links::with("/cards", &[("find", Some(customer))])) { (texts.frame.see_all) } }
            }
        }
    }
}

fn row(visit: &Visit<'_>, card: &Card) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    let life = links::with("/cards", &[("card", Some(card.reference.as_str()))]);
    html! {
        tr {
            th scope="row" { a href={ (life) "#life" } { (card.instrument) } }
            td.text { (kind(texts, &card.kind, card.instrument_type.as_deref())) }
            td.text { (state(texts, &card.state)) }
            td { (language.money(card.balance)) }
            td { (language.money(card.available)) }
            td { (card.expires_on.map_or(texts.words.never.to_owned(), |day| language.day(day))) }
        }
    }
}
