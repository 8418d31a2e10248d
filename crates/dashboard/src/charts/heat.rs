//! Visitors by weekday and hour of the store's clock, the darker the more (row 2.70).

use chrono::Datelike;
use maud::{Markup, html};

use super::{Drawing, HEIGHT, rectangle, valued};
use crate::{answers::stores::Footfall, visit::Visit};

/// Shades from nobody to most.
const SHADES: i64 = 5;

const HOUR_WIDTH: f64 = 20.0;
const DAY_HEIGHT: f64 = HEIGHT / 7.0;

/// Visitors by weekday, Monday first, and hour.
type Counts = [[i64; 24]; 7];

pub(crate) fn section(visit: &Visit<'_>, footfall: &Footfall) -> Markup {
    let texts = visit.texts();
    let mut counts: Counts = [[0; 24]; 7];
    for day in &footfall.days {
        for hour in &day.hours {
            counts[day.day.weekday().num_days_from_monday() as usize][usize::from(hour.hour) % 24] += hour.visitors;
        }
    }
    let open = |hour: &usize| counts.iter().any(|day| day[*hour] > 0);
    let hours = (0..24).find(open).zip((0..24).rev().find(open));
    html! {
        section aria-labelledby="footfall" {
            h2 #footfall { (texts.charts.footfall) }
            @if let Some((first, last)) = hours {
                (map(visit, &counts, first, last))
                (table(visit, &counts, first, last))
            } @else {
                p.quiet { (texts.charts.nobody_counted) }
            }
            details #footfall-definition {
                summary { (texts.frame.definition) }
                p.quiet lang="en" { (footfall.definition) }
            }
        }
    }
}

fn clock(hour: usize) -> String {
    format!("{hour}:00")
}

fn map(visit: &Visit<'_>, counts: &Counts, first: usize, last: usize) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    let highest = counts.iter().flatten().copied().max().unwrap_or(1).max(1);
    let said = |day: usize, hour: usize| {
        (texts.charts.visitors_at)(texts.words.weekdays[day], &clock(hour), &language.count(counts[day][hour]))
    };
    let cells = (0..7).flat_map(|day| (first..=last).map(move |hour| (day, hour)));
    let drawn = cells.map(|(day, hour)| {
        let visitors = counts[day][hour].max(0);
        // Whoever came at all gives a shade; only the highest gives the darkest.
        let shade = if visitors == 0 { 0 } else { 1 + visitors * (SHADES - 1) / highest };
        let corner = ((hour - first) as f64 * HOUR_WIDTH, day as f64 * DAY_HEIGHT);
        valued(&said(day, hour)).add(rectangle(&format!("heat-{shade}"), corner, (HOUR_WIDTH - 0.6, DAY_HEIGHT - 0.8)))
    });
    let most = (0..7)
        .flat_map(|day| (first..=last).map(move |hour| (day, hour)))
        .max_by_key(|(day, hour)| counts[*day][*hour]);
    let summary =
        most.map(|(day, hour)| format!("{}. {}: {}", texts.charts.footfall, texts.charts.most, said(day, hour)));
    html! {
        figure.chart data-reads {
            div.heat {
                div.rows aria-hidden="true" { @for day in texts.words.weekdays { span { (day) } } }
                (Drawing::stretched((last - first + 1) as f64 * HOUR_WIDTH, &summary.unwrap_or_default()).with(drawn))
            }
            p.span.indented aria-hidden="true" { span { (clock(first)) } span { (clock(last + 1)) } }
            figcaption.legend {
                span.key.heat-1 { (texts.charts.least) }
                span.key.heat-5 { (texts.charts.most) }
            }
        }
    }
}

fn table(visit: &Visit<'_>, counts: &Counts, first: usize, last: usize) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    html! {
        details #footfall-table {
            summary { (texts.frame.as_table) }
            div.scroll tabindex="0" role="region" aria-label=(texts.charts.footfall) {
                table {
                    thead {
                        tr {
                            th scope="col" { (texts.words.day) }
                            @for hour in first..=last { th scope="col" { (clock(hour)) } }
                        }
                    }
                    tbody {
                        @for (day, hours) in counts.iter().enumerate() {
                            tr {
                                th scope="row" { (texts.words.weekdays[day]) }
                                @for visitors in &hours[first..=last] { td { (language.count(*visitors)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
