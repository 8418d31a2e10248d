//! What is owed on cards, and the life of one (rows 2.59 to 2.66, B36).

use std::collections::BTreeMap;

use maud::{Markup, html};
use storefold_events::Money;

use super::tile;
use crate::{
    answers::cards::{Card, CardLife, CardMovement, Figures, LiabilityOfType},
    figures::{money, words},
};

/// Months that are shown, the newest first.
const MONTHS_MAX: usize = 24;

const HEADINGS: [&str; 7] = ["Issued", "Loaded", "Given back", "Paid with", "Lost", "Expired", "Taken back"];

fn moved(figures: &Figures) -> [Money; 7] {
    let Figures { issued, loaded, refunded, redeemed, forfeited, expired, cancelled, .. } = figures;
    [*issued, *loaded, *refunded, *redeemed, *forfeited, *expired, *cancelled]
}

fn name(of: &LiabilityOfType) -> String {
    let kind = words(&of.kind);
    let (first, rest) = kind.split_at(kind.len().min(1));
    let kind = format!("{}{rest}", first.to_uppercase());
    of.instrument_type.as_ref().map_or(kind.clone(), |name| format!("{kind} {name}"))
}

/// What is owed in each currency, and for each type.
pub(crate) fn owed(all: &[LiabilityOfType]) -> Markup {
    let mut by_currency: BTreeMap<String, Money> = BTreeMap::new();
    for of in all {
        let Money { amount, currency } = of.figures.outstanding;
        let sum = by_currency.entry(currency.to_string()).or_insert(Money { amount: 0, currency });
        sum.amount = sum.amount.saturating_add(amount);
    }
    html! {
        section aria-labelledby="owed" {
            h2.unseen #owed { "What is owed on cards" }
            @if all.is_empty() {
                p.quiet { "No card has been issued yet." }
            } @else {
                dl.tiles {
                    @for (currency, sum) in &by_currency {
                        (tile("Outstanding", &money(*sum), &format!("on all cards in {currency}")))
                    }
                }
                div.scroll tabindex="0" role="region" aria-label="Types of cards" {
                    table {
                        thead {
                            tr {
                                th scope="col" { "Type" }
                                @for heading in HEADINGS { th scope="col" { (heading) } }
                                th scope="col" { "Outstanding" }
                            }
                        }
                        tbody { @for of in all { (row(&name(of), &of.figures)) } }
                    }
                }
            }
        }
    }
}

fn row(name: &str, figures: &Figures) -> Markup {
    html! {
        tr {
            th scope="row" { (name) }
            @for amount in moved(figures) { td { @if amount.amount == 0 { "–" } @else { (money(amount)) } } }
            td { (money(figures.outstanding)) }
        }
    }
}

/// Every type by month, the newest first.
pub(crate) fn months(all: &[LiabilityOfType]) -> Markup {
    html! {
        @for of in all.iter().filter(|of| !of.groups.is_empty()) {
            section {
                h2 { (name(of)) ", by month, in " (of.figures.outstanding.currency) }
                div.scroll tabindex="0" role="region" aria-label="Months" {
                    table {
                        thead {
                            tr {
                                th scope="col" { "Month" }
                                @for heading in HEADINGS { th scope="col" { (heading) } }
                                th scope="col" { "Outstanding after it" }
                            }
                        }
                        tbody {
                            @for month in of.groups.iter().rev().take(MONTHS_MAX) {
                                (row(month.group.as_deref().unwrap_or("–"), &month.figures))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The form by which a card is found.
pub(crate) fn form(text: Option<&str>) -> Markup {
    html! {
        form.lookup method="get" action="/cards#find" role="search" {
            label for="sought" { "Last four characters, or customer" }
            input #sought name="find" value=[text] maxlength="200" placeholder="92LM" autocomplete="off";
            button type="submit" { "Look up" }
        }
    }
}

/// Cards that were found, each a link to its life.
pub(crate) fn found(cards: &[Card]) -> Markup {
    html! {
        @if cards.is_empty() {
            p.quiet { "No card ends so, and no customer of this number has one." }
        } @else {
            div.scroll tabindex="0" role="region" aria-label="Cards" {
                table {
                    thead {
                        tr {
                            th scope="col" { "Card" }
                            th.text scope="col" { "Kind" }
                            th.text scope="col" { "State" }
                            th.text scope="col" { "Customer" }
                            th scope="col" { "Balance" }
                            th scope="col" { "Available" }
                            th scope="col" { "Last day" }
                        }
                    }
                    tbody { @for card in cards { (found_row(card)) } }
                }
            }
        }
    }
}

fn found_row(card: &Card) -> Markup {
    html! {
        tr {
            th scope="row" { a href={ "/cards?card=" (card.reference.replace('@', "%40")) "#life" } { (card.instrument) } }
            td.text { (kind(card)) }
            td.text { (words(&card.state)) }
            td.text { (card.customer.as_deref().unwrap_or("bearer")) }
            td { (money(card.balance)) }
            td { (money(card.available)) }
            td { (card.expires_on.as_deref().unwrap_or("never")) }
        }
    }
}

fn kind(card: &Card) -> String {
    card.instrument_type.as_deref().map_or_else(|| words(&card.kind), |name| format!("{} {name}", words(&card.kind)))
}

/// Everything that happened to a card, in words.
pub(crate) fn life(life: &CardLife) -> Markup {
    let card = &life.card;
    html! {
        section #life aria-labelledby="card" {
            h2 #card { (kind(card)) " " (card.instrument) }
            p.balance {
                strong { (money(card.balance)) } " · " (words(&card.state)) ", " (money(card.available)) " available · "
                (card.customer.as_deref().unwrap_or("bearer"))
            }
            div.scroll tabindex="0" role="region" aria-label="Movements" {
                table {
                    thead {
                        tr {
                            th scope="col" { "When (UTC)" }
                            th.text scope="col" { "What happened" }
                            th.text scope="col" { "Store" }
                            th scope="col" { "Amount" }
                            th scope="col" { "Balance" }
                            th scope="col" { "Position" }
                        }
                    }
                    tbody { @for movement in &life.explained { (movement_row(movement)) } }
                }
            }
        }
    }
}

fn movement_row(movement: &CardMovement) -> Markup {
    let when = movement.occurred_at.get(..16).unwrap_or(&movement.occurred_at).replace('T', " ");
    let sign = if movement.amount.amount > 0 { "+" } else { "" };
    html! {
        tr {
            th scope="row" { time datetime=(movement.occurred_at) { (when) } }
            td.text.told { (movement.words) }
            td.text { (movement.store.as_deref().unwrap_or("–")) }
            td { (sign) (money(movement.amount)) }
            td { (money(movement.balance)) }
            td { (movement.position) }
        }
    }
}
