//! Scans a day, one bar a store day (row 0.5). The bars have no texts in them, so that they can be stretched to any
//! width; the figures stand around them and in a table.

use maud::{Markup, html};

use crate::{
    answers::DayFigures,
    figures::{count, money},
};

/// Height of the drawing in its own units; the style sheet decides about pixels.
const HEIGHT: f64 = 100.0;

/// Width of a day in the drawing's own units, of which the bar takes most.
const DAY_WIDTH: f64 = 10.0;
const BAR_WIDTH: f64 = 8.0;

pub(crate) fn section(days: &[DayFigures]) -> Markup {
    let highest = days.iter().map(|day| day.scans.attempted).max().unwrap_or(0);
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return html! {} };
    html! {
        section aria-labelledby="per-day" {
            h2 #per-day { "Scans per day" }
            figure.chart {
                p.scale aria-hidden="true" { span { (count(highest)) } }
                (bars(days, highest))
                p.span aria-hidden="true" { span { (first.day) } span { (last.day) } }
                figcaption.legend {
                    span.key.succeeded { "succeeded" }
                    span.key.failed { "failed" }
                }
            }
            (table(days))
        }
    }
}

fn bars(days: &[DayFigures], highest: u64) -> Markup {
    let width = days.len() as f64 * DAY_WIDTH;
    let busiest = days.iter().max_by_key(|day| day.scans.attempted);
    html! {
        svg role="img" aria-labelledby="chart-title chart-text" viewBox=(format!("0 0 {width} {HEIGHT}"))
            preserveAspectRatio="none" {
            title #chart-title { "Scans per day" }
            desc #chart-text {
                (days.len()) " days"
                @if let Some(busiest) = busiest.filter(|day| day.scans.attempted > 0) {
                    ", the busiest " (busiest.day) " with " (count(busiest.scans.attempted)) " scans"
                }
                ". The table below has every day."
            }
            @for (place, day) in days.iter().enumerate().filter(|(_, day)| day.scans.attempted > 0) {
                (bar(place as f64 * DAY_WIDTH, day, highest))
            }
        }
    }
}

/// Failed scans stand on top of those that succeeded.
fn bar(left: f64, day: &DayFigures, highest: u64) -> Markup {
    let height = |scans: u64| scans as f64 * HEIGHT / highest as f64;
    let (succeeded, failed) = (height(day.scans.succeeded), height(day.scans.failed));
    let rect = |class, top: f64, height: f64| {
        html! {
            rect.(class) x=(left) width=(BAR_WIDTH) y=(format!("{top:.2}")) height=(format!("{height:.2}")) {}
        }
    };
    html! {
        g {
            title { (day.day) ": " (count(day.scans.succeeded)) " succeeded, " (count(day.scans.failed)) " failed" }
            (rect("succeeded", HEIGHT - succeeded, succeeded))
            @if day.scans.failed > 0 { (rect("failed", HEIGHT - succeeded - failed, failed)) }
        }
    }
}

fn table(days: &[DayFigures]) -> Markup {
    html! {
        details {
            summary { "The same as a table, with sales" }
            div.scroll tabindex="0" role="region" aria-label="Every day" {
                table {
                    thead {
                        tr {
                            th scope="col" { "Day" }
                            th scope="col" { "Scans" }
                            th scope="col" { "Succeeded" }
                            th scope="col" { "Failed" }
                            th scope="col" { "Sales" }
                            th scope="col" { "Net turnover" }
                        }
                    }
                    tbody {
                        @for day in days.iter().rev() {
                            tr {
                                th scope="row" { (day.day) }
                                td { (count(day.scans.attempted)) }
                                td { (count(day.scans.succeeded)) }
                                td { (count(day.scans.failed)) }
                                td { (count(day.sales)) }
                                td { (money(day.turnover)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
