//! Members and points of a programme (B1 to B10, B20).

use maud::{Markup, html};

use super::tile;
use crate::{
    answers::loyalty::{Summary, SummaryGroup},
    charts::{Drawing, part},
    figures::share,
    links,
    visit::Visit,
};

/// Stores and tiers that are listed at most.
const RANKED_MAX: usize = 10;

/// Months that are listed.
const MONTHS_MAX: usize = 120;

pub(crate) fn figures(visit: &Visit<'_>, summary: &Summary) -> Markup {
    let (language, texts) = (visit.language, &visit.texts().programme);
    let count = |number: i64| language.count(number);
    let points = &summary.points;
    let per_member = if points.members == 0 { 0 } else { summary.outstanding / points.members };
    html! {
        section aria-labelledby="figures" {
            h2.unseen #figures { (visit.texts().charts.key_figures) }
            dl.tiles {
                (tile(texts.members, &count(points.members), texts.ever_had))
                (tile(texts.outstanding, &count(summary.outstanding), &(texts.for_a_member)(&count(per_member), &summary.unit)))
                (tile(texts.pending, &count(summary.pending), texts.active_later))
                (tile(texts.earned, &count(points.earned), &(texts.taken_back)(&count(points.reversed))))
                (tile(texts.spent, &count(points.spent), &(texts.given_back)(&count(points.given_back))))
                (tile(texts.expired, &count(points.expired), &(texts.by_hand)(&count(points.moved))))
            }
        }
    }
}

/// Every month, the newest first, and the last of them in which points expired.
pub(crate) fn months(visit: &Visit<'_>, summary: &Summary) -> Markup {
    let (language, texts) = (visit.language, &visit.texts().programme);
    let expired = summary.groups.iter().rev().filter(|month| month.points.expired > 0).take(3);
    let expired: Vec<_> = expired
        .map(|month| format!("{} ({})", language.count(month.points.expired), language.month(name(month))))
        .collect();
    html! {
        section aria-labelledby="months" {
            h2 #months { (texts.months) }
            @if summary.groups.is_empty() {
                p.quiet { (texts.nothing_moved) }
            } @else {
                p.hint {
                    @if expired.is_empty() { (texts.never_expired) } @else {
                        ((texts.latest_expiries)(&expired.join(", ")))
                    }
                }
                div.scroll tabindex="0" role="region" aria-label=(texts.months) {
                    table {
                        thead {
                            tr {
                                th scope="col" { (visit.texts().words.month) }
                                @for heading in texts.columns {
                                    th scope="col" { (heading) }
                                }
                                th scope="col" { (texts.outstanding_after) }
                            }
                        }
                        tbody { @for month in summary.groups.iter().rev().take(MONTHS_MAX) { (row(visit, month)) } }
                    }
                }
            }
        }
    }
}

fn row(visit: &Visit<'_>, month: &SummaryGroup) -> Markup {
    let language = visit.language;
    let points = &month.points;
    let figures = [points.members, points.earned, points.reversed, points.spent, points.given_back, points.expired];
    html! {
        tr {
            th scope="row" { (language.month(name(month))) }
            @for figure in figures { td { (language.count(figure)) } }
            td { (language.count(month.outstanding)) }
        }
    }
}

/// Earned points by store.
pub(crate) fn stores(visit: &Visit<'_>, summary: &Summary) -> Markup {
    let texts = &visit.texts().programme;
    ranked(visit, ["stores", texts.by_store, texts.no_store], summary, |group| group.points.earned)
}

/// Groups by a figure, the highest first, under a title and with words for the one without a name.
fn ranked(
    visit: &Visit<'_>,
    [id, title, nameless]: [&str; 3],
    summary: &Summary,
    figure: fn(&SummaryGroup) -> i64,
) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    let mut groups: Vec<_> = summary.groups.iter().filter(|group| figure(group) > 0).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(figure(group)));
    let whole: i64 = groups.iter().map(|group| figure(group)).sum();
    let of_whole = |group: &SummaryGroup| share(figure(group).unsigned_abs(), whole.unsigned_abs());
    html! {
        section aria-labelledby=(id) {
            h2 #(id) { (title) }
            @if groups.is_empty() { p.quiet { (texts.words.none_yet) } }
            ol.ranked {
                @for group in groups.iter().take(RANKED_MAX) {
                    li {
                        span.name {
                            @match group.group.as_deref() {
                                Some(store) if id == "stores" => a href=(links::to_store(store)) { (store) },
                                group => (group.unwrap_or(nameless)),
                            }
                        }
                        span.amount { (language.count(figure(group))) " · "
                            (language.part(figure(group).unsigned_abs(), whole.unsigned_abs())) }
                        (Drawing::beside().set("class", "part").add(part("succeeded", 0.0, of_whole(group))))
                    }
                }
            }
            @if groups.len() > RANKED_MAX { p.quiet { ((texts.words.and_more)(&language.count((groups.len() - RANKED_MAX) as u64))) } }
        }
    }
}

/// Members by tier, where there are tiers.
pub(crate) fn tiers(visit: &Visit<'_>, summary: &Summary) -> Markup {
    if summary.groups.iter().all(|group| group.group.is_none()) {
        return html! {};
    }
    let texts = &visit.texts().programme;
    ranked(visit, ["tiers", texts.by_tier, texts.no_tier], summary, |group| group.points.members)
}

fn name(group: &SummaryGroup) -> &str {
    group.group.as_deref().unwrap_or_default()
}
