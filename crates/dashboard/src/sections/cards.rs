//! What is owed on cards, and the life of one (rows 2.59 to 2.66, B36).

use std::collections::BTreeMap;

use maud::{Markup, html};
use storefold_events::Money;

use super::{elsewhere, tile};
use crate::{
    answers::cards::{Card, CardLife, CardMovement, Figures, LiabilityOfType},
    figures::words,
    links,
    texts::Texts,
    visit::Visit,
};

/// Months that are shown, the newest first.
const MONTHS_MAX: usize = 24;

/// Cards, and movements of one card, that are listed.
const CARDS_MAX: usize = 200;

fn moved(figures: &Figures) -> [Money; 7] {
    let Figures { issued, loaded, refunded, redeemed, forfeited, expired, cancelled, .. } = figures;
    [*issued, *loaded, *refunded, *redeemed, *forfeited, *expired, *cancelled]
}

/// A kind of card, with its type where it has one.
pub(crate) fn kind(texts: &Texts, kind: &str, instrument_type: Option<&str>) -> String {
    let name = match kind {
        "gift_card" => texts.card.gift_card.to_owned(),
        "voucher" => texts.card.voucher.to_owned(),
        "wallet" => texts.card.wallet.to_owned(),
        "credit_note" => texts.card.credit_note.to_owned(),
        "store_credit" => texts.card.store_credit.to_owned(),
        other => words(other),
    };
    instrument_type.map_or_else(|| name.clone(), |of_type| format!("{name} {of_type}"))
}

pub(crate) fn state(texts: &Texts, state: &str) -> String {
    match state {
        "active" => texts.card.active.to_owned(),
        "deactivated" => texts.card.deactivated.to_owned(),
        "disabled" => texts.card.disabled.to_owned(),
        "expired" => texts.card.expired.to_owned(),
        "not_yet_valid" => texts.card.not_yet_valid.to_owned(),
        other => words(other),
    }
}

fn name(texts: &Texts, of: &LiabilityOfType) -> String {
    kind(texts, &of.kind, of.instrument_type.as_deref())
}

/// What is owed in each currency, and for each type.
pub(crate) fn owed(visit: &Visit<'_>, all: &[LiabilityOfType]) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    let mut by_currency: BTreeMap<String, Money> = BTreeMap::new();
    for of in all {
        let Money { amount, currency } = of.figures.outstanding;
        let sum = by_currency.entry(currency.to_string()).or_insert(Money { amount: 0, currency });
        sum.amount = sum.amount.saturating_add(amount);
    }
    html! {
        section aria-labelledby="owed" {
            h2.unseen #owed { (texts.card.owed) }
            @if all.is_empty() {
                p.quiet { (texts.card.none) }
            } @else {
                dl.tiles {
                    @for (currency, sum) in &by_currency {
                        (tile(texts.programme.outstanding, &language.money(*sum), &(texts.card.on_all)(currency)))
                    }
                }
                div.scroll tabindex="0" role="region" aria-label=(texts.card.owed) {
                    table {
                        thead {
                            tr {
                                th scope="col" { (texts.card.kind) }
                                @for heading in texts.card.columns { th scope="col" { (heading) } }
                                th scope="col" { (texts.programme.outstanding) }
                            }
                        }
                        tbody { @for of in all { (row(visit, &name(texts, of), &of.figures)) } }
                    }
                }
            }
        }
    }
}

fn row(visit: &Visit<'_>, name: &str, figures: &Figures) -> Markup {
    let language = visit.language;
    html! {
        tr {
            th scope="row" { (name) }
            @for amount in moved(figures) { td { @if amount.amount == 0 { "–" } @else { (language.money(amount)) } } }
            td { (language.money(figures.outstanding)) }
        }
    }
}

/// Every type by month, the newest first.
pub(crate) fn months(visit: &Visit<'_>, all: &[LiabilityOfType]) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    html! {
        @for of in all.iter().filter(|of| !of.groups.is_empty()) {
            section {
                h2 { ((texts.card.by_month)(&name(texts, of), of.figures.outstanding.currency.as_str())) }
                div.scroll tabindex="0" role="region" aria-label=(texts.programme.months) {
                    table {
                        thead {
                            tr {
                                th scope="col" { (texts.words.month) }
                                @for heading in texts.card.columns { th scope="col" { (heading) } }
                                th scope="col" { (texts.programme.outstanding_after) }
                            }
                        }
                        tbody {
                            @for month in of.groups.iter().rev().take(MONTHS_MAX) {
                                (row(visit, &language.month(month.group.as_deref().unwrap_or("–")), &month.figures))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Cards that were found, each a link to its life.
pub(crate) fn found(visit: &Visit<'_>, cards: &[Card]) -> Markup {
    let texts = visit.texts();
    html! {
        @if cards.is_empty() {
            p.quiet { (texts.card.none_found) }
        } @else {
            div.scroll tabindex="0" role="region" aria-label=(texts.card.title) {
                table {
                    thead {
                        tr {
                            th scope="col" { (texts.card.card) }
                            th.text scope="col" { (texts.words.kind) }
                            th.text scope="col" { (texts.words.state) }
                            th.text scope="col" { (texts.words.customer) }
                            th scope="col" { (texts.words.balance) }
                            th scope="col" { (texts.customer.available) }
                            th scope="col" { (texts.customer.last_day) }
                        }
                    }
                    tbody { @for card in cards.iter().take(CARDS_MAX) { (found_row(visit, card)) } }
                }
            }
        }
    }
}

fn found_row(visit: &Visit<'_>, card: &Card) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    html! {
        tr {
            th scope="row" { a href={ (links::with("/cards", &[("card", Some(card.reference.as_str()))])) "#life" } { (card.instrument) } }
            td.text { (kind(texts, &card.kind, card.instrument_type.as_deref())) }
            td.text { (state(texts, &card.state)) }
            td.text { (holder(visit, card)) }
            td { (language.money(card.balance)) }
            td { (language.money(card.available)) }
            td { (card.expires_on.map_or(texts.words.never.to_owned(), |day| language.day(day))) }
        }
    }
}

/// The customer whose card it is.
fn holder(visit: &Visit<'_>, card: &Card) -> Markup {
    html! {
        @match &card.customer {
            Some(customer) => a href=(links::to_customer(customer)) { (customer) },
            None => (visit.texts().card.bearer),
        }
    }
}

/// Everything that happened to a card, in words.
pub(crate) fn life(visit: &Visit<'_>, life: &CardLife) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    let card = &life.card;
    html! {
        section #life aria-labelledby="card" {
            h2 #card { (kind(texts, &card.kind, card.instrument_type.as_deref())) " " (card.instrument) }
            p.balance {
                strong { (language.money(card.balance)) } " · " (state(texts, &card.state)) " · " (texts.customer.available) " "
                (language.money(card.available)) " · " (holder(visit, card))
            }
            @if life.elsewhere_hidden { (elsewhere(visit)) }
            div.scroll tabindex="0" role="region" aria-label=(texts.card.happened) {
                table {
                    thead {
                        tr {
                            th scope="col" { (texts.words.when_utc) }
                            th.text scope="col" { (texts.card.happened) }
                            th.text scope="col" { (texts.words.store) }
                            th scope="col" { (texts.words.amount) }
                            th scope="col" { (texts.words.balance) }
                            th scope="col" { (texts.words.position) }
                        }
                    }
                    tbody { @for movement in life.explained.iter().take(CARDS_MAX) { (movement_row(visit, movement)) } }
                }
            }
        }
    }
}

fn movement_row(visit: &Visit<'_>, movement: &CardMovement) -> Markup {
    let language = visit.language;
    let sign = if movement.amount.amount > 0 { "+" } else { "" };
    html! {
        tr {
            th scope="row" { time datetime=(movement.occurred_at.to_rfc3339()) { (language.time(movement.occurred_at)) } }
            td.text.told lang="en" { (movement.words) }
            td.text { (movement.store.as_deref().unwrap_or("–")) }
            td { (sign) (language.money(movement.amount)) }
            td { (movement.balance.map_or("–".to_owned(), |balance| language.money(balance))) }
            td { (language.count(movement.position)) }
        }
    }
}
