//! Scans a day, one bar a store day (row 0.5); over long windows one bar a week, or a month.

use chrono::NaiveDate;
use maud::{Markup, html};

use super::{Drawing, HEIGHT, rectangle, step::Step, valued};
use crate::{
    answers::{kpis::Kpi, scans::ScansOfDay},
    visit::Visit,
};

/// Width of a bar's place in the drawing's own units, of which the bar takes most.
const PLACE_WIDTH: f64 = 10.0;
const BAR_WIDTH: f64 = 8.0;

/// Scans of one step.
struct Bar {
    first: NaiveDate,
    succeeded: u64,
    failed: u64,
}

/// Bars in the order of their days.
pub(crate) struct Bars {
    bars: Vec<Bar>,
    step: Step,
}

impl Bars {
    pub(crate) fn of_days(days: &[ScansOfDay]) -> Self {
        let step = Step::of(days.len());
        let mut bars: Vec<Bar> = Vec::new();
        for ScansOfDay { day, scans, .. } in days {
            let first = step.first(*day);
            match bars.last_mut().filter(|bar| bar.first == first) {
                Some(bar) => {
                    bar.succeeded += scans.succeeded;
                    bar.failed += scans.failed;
                }
                None => bars.push(Bar { first, succeeded: scans.succeeded, failed: scans.failed }),
            }
        }
        Self { bars, step }
    }

    /// Of the key figures of all scans and of those that succeeded, by the same step.
    pub(crate) fn of_series(scans: &Kpi, succeeded: &Kpi, step: Step) -> Self {
        let both = scans.series.iter().flatten().zip(succeeded.series.iter().flatten());
        let bars = both.map(|(scans, succeeded)| {
            let number =
                |figure: &crate::answers::kpis::Figure| figure.value.as_ref().and_then(serde_json::Number::as_u64);
            let succeeded = number(succeeded).unwrap_or_default();
            Bar { first: scans.from, succeeded, failed: number(scans).unwrap_or_default().saturating_sub(succeeded) }
        });
        Self { bars: bars.collect(), step }
    }
}

/// The bars, what they say in words, and the same as a table; `every_day` is where every day is to be had.
pub(crate) fn section(visit: &Visit<'_>, bars: &Bars, every_day: &str) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    let title = bars.step.title(texts);
    let label = |day| bars.step.label(visit, day);
    let highest = bars.bars.iter().map(|bar| bar.succeeded + bar.failed).max().unwrap_or(0);
    let ends = bars.bars.first().zip(bars.bars.last());
    html! {
        section aria-labelledby="per-day" {
            h2 #per-day { (title) }
            @if let Some((first, last)) = ends.filter(|_| highest > 0) {
                figure.chart data-reads {
                    p.scale aria-hidden="true" { span { (language.count(highest)) } }
                    (drawing(visit, bars, title, highest))
                    p.span aria-hidden="true" { span { (label(first.first)) } span { (label(last.first)) } }
                    figcaption.legend {
                        span.key.succeeded { (texts.words.succeeded) }
                        span.key.failed { (texts.words.failed) }
                    }
                }
                (table(visit, bars, every_day))
            } @else {
                p.quiet { (texts.charts.no_scans) }
            }
        }
    }
}

fn drawing(visit: &Visit<'_>, Bars { bars, step }: &Bars, title: &str, highest: u64) -> Drawing {
    let (language, charts) = (visit.language, &visit.texts().charts);
    let busiest = bars.iter().max_by_key(|bar| bar.succeeded + bar.failed);
    let busiest =
        busiest.map(|bar| (charts.busiest)(&step.label(visit, bar.first), &language.count(bar.succeeded + bar.failed)));
    let said = format!("{title}. {}", busiest.unwrap_or_default());
    let height = |scans: u64| scans as f64 * HEIGHT / highest as f64;
    let drawn = bars.iter().enumerate().filter(|(_, bar)| bar.succeeded + bar.failed > 0).map(|(place, bar)| {
        let left = place as f64 * PLACE_WIDTH;
        let (succeeded, failed) = (height(bar.succeeded), height(bar.failed));
        let (day, good, bad) =
            (step.label(visit, bar.first), language.count(bar.succeeded), language.count(bar.failed));
        let whole = rectangle("hit", (left, 0.0), (PLACE_WIDTH, HEIGHT));
        let group = valued(&(charts.bar)(&day, &good, &bad)).add(whole);
        let group = group.add(rectangle("succeeded", (left + 1.0, HEIGHT - succeeded), (BAR_WIDTH, succeeded)));
        if bar.failed == 0 {
            return group;
        }
        // Failed scans stand on top of those that succeeded.
        group.add(rectangle("failed", (left + 1.0, HEIGHT - succeeded - failed), (BAR_WIDTH, failed)))
    });
    Drawing::stretched(bars.len() as f64 * PLACE_WIDTH, &said).with(drawn)
}

fn table(visit: &Visit<'_>, Bars { bars, step }: &Bars, every_day: &str) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    html! {
        details #per-day-table {
            summary { (texts.frame.as_table) }
            div.scroll tabindex="0" role="region" aria-label=(texts.frame.as_table) {
                table {
                    thead {
                        tr {
                            th scope="col" { (step.head(texts)) }
                            th scope="col" { (texts.words.scans) }
                            th scope="col" { (texts.words.succeeded) }
                            th scope="col" { (texts.words.failed) }
                        }
                    }
                    tbody {
                        @for bar in bars.iter().rev() {
                            tr {
                                th scope="row" { (step.label(visit, bar.first)) }
                                td { (language.count(bar.succeeded + bar.failed)) }
                                td { (language.count(bar.succeeded)) }
                                td { (language.count(bar.failed)) }
                            }
                        }
                    }
                }
            }
            p.more { a href=(every_day) { (texts.frame.as_json) } }
        }
    }
}
