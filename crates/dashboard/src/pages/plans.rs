//! What was decided, and what came of it (rows 1.17, 1.20).

use maud::{Markup, html};
use serde_json::Number;
use storefold_http_kit::{Params, Problem};

use super::{
    forms, orders,
    paging::{LONG_ROWS, Paging, next},
    plan_forms,
};
use crate::{
    answers::{
        improving::{Plan, Plans},
        kpis::Figure,
    },
    charts::{Drawing, part},
    sections::{figures::direction, place::AskedPlace},
    visit::{Page, Shown, Visit},
};

const FOLLOWS: &[&str] = &["network-kpi"];

pub(crate) fn page(visit: &Visit<'_>, mut params: Params) -> Result<Shown, Problem> {
    let place = AskedPlace::of(&mut params);
    let paging = Paging::of(&mut params, LONG_ROWS)?;
    params.none_left()?;
    let texts = &visit.texts().improving.plans;
    let found: Plans = visit.ask("/v1/action-plans", &place.parameters())?;
    let body = html! {
        header.head {
            h1 { (texts.title) }
            p.quiet { (texts.what) }
            (place.head(visit, "/action-plans"))
            (place.improving(visit))
        }
        section aria-label=(texts.title) {
            @if found.plans.is_empty() {
                p.notice { (texts.none) " " (texts.how_to_begin) }
            } @else {
                div.cards { @for (number, plan) in paging.of_all(&found.plans).iter().enumerate() { (card(visit, plan, number)) } }
                (next(visit, "/action-plans", paging, found.plans.len(), &place.kept()))
            }
            details {
                summary { (visit.texts().frame.definition) }
                p.quiet lang="en" { (found.definition) }
            }
        }
        @if orders::may_order(visit) { (plan_forms::opening(visit, &place)?) }
    };
    Ok(Page::of(texts.title, body).following(FOLLOWS, String::new()).into())
}

fn card(visit: &Visit<'_>, plan: &Plan, number: usize) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    let said = &texts.improving.plans;
    html! {
        article.card {
            h2 { (plan.title) }
            p.quiet {
                (said.kind(&plan.kind)) " · "
                (forms::place(visit, plan.organisation.as_deref(), plan.store.as_deref())) " · "
                @match plan.until {
                    Some(until) => ((texts.words.from_to)(&language.day(plan.from), &language.day(until))),
                    None => ((said.since)(&language.day(plan.from))),
                }
            }
            @match (&plan.before, &plan.after) {
                (Some(before), Some(after)) => (held_against(visit, plan, before, after)),
                _ => p.quiet { (said.not_begun) },
            }
            dl {
                @if let Some(reason) = &plan.reason { div { dt { (said.why) } dd { (reason) } } }
                @if let Some(conclusion) = &plan.conclusion { div { dt { (said.came_of_it) } dd { (conclusion) } } }
            }
            @if plan.until.is_none() && orders::may_order(visit) { (plan_forms::ending(visit, plan, number)) }
        }
    }
}

/// The change first, then what it is made of, as bars of the same scale.
fn held_against(visit: &Visit<'_>, plan: &Plan, before: &Figure, after: &Figure) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    let shown = |value: &Number| language.value(&plan.unit, value, plan.currency);
    let number = |figure: &Figure| figure.value.as_ref().and_then(Number::as_f64);
    let highest = number(before).unwrap_or_default().max(number(after).unwrap_or_default());
    let percent = |figure: &Figure| match number(figure) {
        Some(value) if highest > 0.0 => (value * 100.0 / highest).clamp(0.0, 100.0),
        _ => 0.0,
    };
    let change = plan.change.as_ref().and_then(Number::as_f64);
    let said = &texts.improving.plans;
    html! {
        p.balance {
            span.quiet { (texts.kpis.name(&plan.kpi)) } " "
            @match (change, &plan.change) {
                (Some(number), Some(change)) => {
                    @let (sign, tone) = direction(number, &plan.better);
                    strong.(tone) {
                        span aria-hidden="true" { (sign) " " }
                        @if plan.unit == "share" { ((said.points)(&language.points(number))) } @else {
                            @if number > 0.0 { "+" } (shown(change))
                        }
                    }
                },
                _ => strong { "–" },
            }
        }
        ol.ranked {
            @for (name, figure, class) in [(said.before, before, "unknown"), (said.after, after, "succeeded")] {
                li {
                    span.name {
                        (name) " "
                        span.quiet { (language.day(figure.from)) " – " (language.day(figure.to)) }
                    }
                    span.amount {
                        @match (&figure.value, &figure.not_known) {
                            (Some(value), _) => (shown(value)),
                            (None, Some(why)) => span lang="en" { (why) },
                            (None, None) => "–",
                        }
                    }
                    (Drawing::beside().set("class", "part").add(part(class, 0.0, percent(figure))))
                }
            }
        }
    }
}
