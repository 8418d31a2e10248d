//! Months that are closed, and what has come since (row 1.22, B72).

use std::collections::BTreeSet;

use axum::response::Response;
use maud::{Markup, html};
use serde_json::json;
use storefold_events::{Currency, Money, kpi::MEASURES};
use storefold_http_kit::{Params, Problem, SignedInAs};

use super::{
    forms::{Sent, page_token},
    orders::{Ordered, Orderer},
    paging::{Paging, next},
};
use crate::{
    answers::improving::{ClosedMonth, ClosedMonths},
    asker::Command,
    figures::words,
    sections::{place::AskedPlace, tile},
    visit::{Page, Shown, Visit},
};

const FOLLOWS: &[&str] = &["network-kpi"];

/// Months of a page: a year.
const MONTHS: usize = 12;

/// Measures that are shown first; all others are one click away.
const SHOWN: [&str; 3] = ["turnover", "transactions", "scans_successful"];

pub(crate) fn page(visit: &Visit<'_>, mut params: Params) -> Result<Shown, Problem> {
    let place = AskedPlace::of(&mut params);
    let paging = Paging::of(&mut params, MONTHS)?;
    params.none_left()?;
    let texts = &visit.texts().improving.closed;
    let found: ClosedMonths = visit.ask("/v1/closed-months", &place.parameters())?;
    let body = html! {
        header.head {
            h1 { (texts.title) }
            p.quiet { (texts.what) }
            (place.head(visit, "/closed-months"))
            (place.late(visit))
        }
        @if found.months.is_empty() {
            p.notice { (texts.none) " " (texts.how_to_begin) }
        }
        @for month in paging.of_all(&found.months) { (section(visit, month, found.currency)) }
        (next(visit, "/closed-months", paging, found.months.len(), &place.kept()))
        // Where everybody may ask, everybody may close.
        @if visit.who.as_ref().is_none_or(SignedInAs::is_administrator) { (form(visit)) }
    };
    Ok(Page::of(texts.title, body).following(FOLLOWS, String::new()).into())
}

fn section(visit: &Visit<'_>, month: &ClosedMonth, currency: Option<Currency>) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    let said = &texts.improving.closed;
    let shown = |measure: &str, amount: i64| amount_of(visit, measure, amount, currency);
    let measures: BTreeSet<_> = month.closed.keys().chain(month.adjustments.keys()).map(String::as_str).collect();
    let id = format!("month-{}", month.month);
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (language.month(&month.month)) }
            p.hint {
                @for (place, closing) in month.closings.iter().enumerate() {
                    @if place > 0 { " · " }
                    ((said.for_whom)(closing.organisation.as_deref().unwrap_or(said.network), &language.count(closing.position)))
                }
            }
            dl.tiles {
                @for measure in SHOWN.into_iter().filter(|measure| measures.contains(measure)) {
                    @let since = month.adjustments.get(measure).copied().unwrap_or_default();
                    @let beside = if since == 0 { said.unchanged.to_owned() } else { (said.since)(&signed(&shown(measure, since), since)) };
                    (tile(&name(visit, measure), &shown(measure, month.closed.get(measure).copied().unwrap_or_default()), &beside))
                }
            }
            p.quiet {
                @if month.events == 0 { (said.nothing_since) } @else { ((said.events_since)(&language.count(month.events))) }
            }
            @if !measures.is_empty() {
                details {
                    summary { (texts.frame.as_table) }
                    div.scroll tabindex="0" role="region" aria-label=(language.month(&month.month)) {
                        table {
                            thead {
                                tr {
                                    th scope="col" { (said.measure) }
                                    th scope="col" { (said.at_closing) }
                                    th scope="col" { (said.adjustment) }
                                }
                            }
                            tbody {
                                @for measure in &measures {
                                    tr {
                                        th scope="row" lang="en" { (words(measure)) }
                                        td { (shown(measure, month.closed.get(*measure).copied().unwrap_or_default())) }
                                        td {
                                            @match month.adjustments.get(*measure) {
                                                Some(since) => (signed(&shown(measure, *since), *since)),
                                                None => "–",
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A measure by the name of the key figure that it is.
fn name(visit: &Visit<'_>, measure: &str) -> String {
    let kpi = if measure == "scans_successful" { "successful_scans" } else { measure };
    visit.texts().kpis.name(kpi)
}

fn signed(text: &str, amount: i64) -> String {
    if amount > 0 { format!("+{text}") } else { text.to_owned() }
}

/// A measure as it is counted: money in the currency of the stores.
pub(super) fn amount_of(visit: &Visit<'_>, measure: &str, amount: i64, currency: Option<Currency>) -> String {
    let is_money = MEASURES.iter().any(|(known, name, ..)| *name == measure && known.is_money());
    match currency.filter(|_| is_money) {
        Some(currency) => visit.language.money(Money { amount, currency }),
        None => visit.language.count(amount),
    }
}

fn form(visit: &Visit<'_>) -> Markup {
    let texts = visit.texts();
    let said = &texts.improving.closed;
    html! {
        section aria-labelledby="close" {
            h2 #close { (said.close) }
            p.hint { (said.close_rule) }
            form.stacked method="post" action="/closed-months" {
                (page_token(visit))
                label for="month" { (texts.words.month) }
                input #month type="month" name="month" required pattern="[0-9]{4}-[0-9]{2}" placeholder="2026-10";
                label for="organisation" { (texts.words.organisation) }
                input #organisation type="text" name="organisation" maxlength="256" autocomplete="off" placeholder="acme/fr" aria-describedby="of-all";
                p.quiet #of-all { (said.of_all) }
                button type="submit" { (said.close) }
            }
        }
    }
}

/// Closes a month.
pub(super) async fn close(orderer: Orderer, sent: Sent) -> Response {
    let shown = orderer.order(sent, |_, fields| {
        let month = fields.given("month").unwrap_or_default();
        let data = json!({ "month": month, "organisation": fields.given("organisation") });
        Ok(Ordered { command: Command::of("close-month", data, "network-kpi"), then: "/closed-months".to_owned() })
    });
    shown.await
}
