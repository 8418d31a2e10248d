//! Turnover of a month against its target, and how it goes day by day (rows 1.15, 1.16).

use maud::{Markup, html};

use super::{
    Drawing,
    line::{Point, line},
    part,
};
use crate::{answers::kpis::Kpi, visit::Visit};

pub(crate) fn section(visit: &Visit<'_>, month: &Kpi) -> Markup {
    let (language, charts) = (visit.language, &visit.texts().charts);
    let value = |value: &serde_json::Number| language.value(&month.definition.unit, value, month.currency);
    let name = language.month(&month.figure.from.format("%Y-%m").to_string());
    let now = month.figure.value.as_ref();
    let target = month.target.as_ref();
    html! {
        section aria-labelledby="target" {
            h2 #target { ((charts.target)(&name)) }
            p.balance {
                strong { (now.map_or("–".to_owned(), value)) }
                @if let Some((target, whole)) = target.and_then(|target| Some((target, target.value.as_ref()?))) {
                    " "
                    ((charts.target_gap)(&value(whole), &target.gap.as_ref().map_or("–".to_owned(), value)))
                    " · " @if target.reached == Some(true) { (charts.reached) } @else { (charts.missed) }
                }
            }
            @match target.and_then(|target| reached_percent(now, target.value.as_ref())) {
                Some(percent) => (Drawing::beside().set("class", "part").add(part("succeeded", 0.0, percent))),
                None => p.quiet { (charts.no_target) },
            }
            h3 { (charts.trend) }
            (trend(visit, month))
        }
    }
}

fn reached_percent(now: Option<&serde_json::Number>, target: Option<&serde_json::Number>) -> Option<f64> {
    let (now, target) = (now?.as_f64()?, target?.as_f64()?);
    (target > 0.0).then(|| (now * 100.0 / target).clamp(0.0, 100.0))
}

/// Its days up to the last that has a figure.
fn trend(visit: &Visit<'_>, month: &Kpi) -> Markup {
    let days = month.series.as_deref().unwrap_or_default();
    let number = |day: &crate::answers::kpis::Figure| day.value.as_ref().and_then(serde_json::Number::as_f64);
    let highest = days.iter().filter_map(number).fold(0.0, f64::max);
    let known = days.iter().rposition(|day| number(day).is_some_and(|value| value != 0.0)).map_or(0, |last| last + 1);
    let points: Vec<_> = days[..known]
        .iter()
        .map(|day| Point {
            day: day.from,
            height: number(day).filter(|_| highest > 0.0).map(|value| value / highest),
            value: day
                .value
                .as_ref()
                .map_or("–".to_owned(), |value| visit.language.value(&month.definition.unit, value, month.currency)),
        })
        .collect();
    let most = days.iter().filter(|day| number(day) == Some(highest)).find_map(|day| day.value.as_ref());
    let marks = most.map(|most| (1.0, visit.language.value(&month.definition.unit, most, month.currency)));
    line(visit, visit.texts().charts.trend, &points, marks.as_slice())
}
