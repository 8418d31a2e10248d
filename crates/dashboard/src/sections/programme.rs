//! Members and points of a programme (B1 to B10, B20).

use maud::{Markup, html};

use super::{breakdown::part, tile};
use crate::{
    answers::{Summary, SummaryGroup},
    figures::{count, share},
};

/// Stores and tiers that are listed at most.
const RANKED_MAX: usize = 10;

pub(crate) fn figures(summary: &Summary) -> Markup {
    let points = &summary.points;
    let per_member = if points.members == 0 { 0 } else { summary.outstanding / points.members };
    html! {
        section aria-labelledby="figures" {
            h2.unseen #figures { "Figures" }
            dl.tiles {
                (tile("Members", &count(points.members), "accounts that ever had points"))
                (tile("Outstanding", &count(summary.outstanding), &format!("{} {} for a member", count(per_member), summary.unit)))
                (tile("Pending", &count(summary.pending), "of the outstanding, active later"))
                (tile("Earned", &count(points.earned), &format!("{} taken back by returns", count(points.reversed))))
                (tile("Spent", &count(points.spent), &format!("{} given back", count(points.given_back))))
                (tile("Expired", &count(points.expired), &format!("{} moved by hand", count(points.moved))))
            }
        }
    }
}

/// Every month, the newest first, and the last of them in which points expired.
pub(crate) fn months(summary: &Summary) -> Markup {
    let expired = summary.groups.iter().rev().filter(|month| month.points.expired > 0).take(3);
    let expired: Vec<_> = expired.map(|month| format!("{} in {}", count(month.points.expired), name(month))).collect();
    html! {
        section aria-labelledby="months" {
            h2 #months { "Months" }
            @if summary.groups.is_empty() {
                p.quiet { "No point has moved yet." }
            } @else {
                p.hint {
                    @if expired.is_empty() { "No point has expired yet." } @else {
                        "Latest expiries: " (expired.join(", ")) "."
                    }
                }
                div.scroll tabindex="0" role="region" aria-label="Months" {
                    table {
                        thead {
                            tr {
                                th scope="col" { "Month" }
                                @for heading in ["New members", "Earned", "Taken back", "Spent", "Given back", "Expired"] {
                                    th scope="col" { (heading) }
                                }
                                th scope="col" { "Outstanding after it" }
                            }
                        }
                        tbody { @for month in summary.groups.iter().rev() { (row(month)) } }
                    }
                }
            }
        }
    }
}

fn row(month: &SummaryGroup) -> Markup {
    let points = &month.points;
    let figures = [points.members, points.earned, points.reversed, points.spent, points.given_back, points.expired];
    html! {
        tr {
            th scope="row" { (name(month)) }
            @for figure in figures { td { (count(figure)) } }
            td { (count(month.outstanding)) }
        }
    }
}

/// Earned points by store.
pub(crate) fn stores(summary: &Summary) -> Markup {
    ranked(["stores", "Earned by store", "no store"], summary, |group| group.points.earned)
}

/// Groups by a figure, the highest first, under a title and with words for the one without a name.
fn ranked([id, title, nameless]: [&str; 3], summary: &Summary, figure: fn(&SummaryGroup) -> i64) -> Markup {
    let mut groups: Vec<_> = summary.groups.iter().filter(|group| figure(group) > 0).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(figure(group)));
    let whole: i64 = groups.iter().map(|group| figure(group)).sum();
    let of_whole = |group: &SummaryGroup| share(figure(group).unsigned_abs(), whole.unsigned_abs());
    html! {
        section aria-labelledby=(id) {
            h2 #(id) { (title) }
            @if groups.is_empty() { p.quiet { "Nothing yet." } }
            ol.ranked {
                @for group in groups.iter().take(RANKED_MAX) {
                    li {
                        span.name { (group.group.as_deref().unwrap_or(nameless)) }
                        span.amount { (count(figure(group))) " · " (format!("{:.0} %", of_whole(group))) }
                        (part("succeeded", 0.0, of_whole(group)))
                    }
                }
            }
            @if groups.len() > RANKED_MAX { p.quiet { "and " (groups.len() - RANKED_MAX) " more" } }
        }
    }
}

/// Members by tier, where there are tiers.
pub(crate) fn tiers(summary: &Summary) -> Markup {
    if summary.groups.iter().all(|group| group.group.is_none()) {
        return html! {};
    }
    ranked(["tiers", "Members by tier", "no tier"], summary, |group| group.points.members)
}

fn name(group: &SummaryGroup) -> &str {
    group.group.as_deref().unwrap_or_default()
}
