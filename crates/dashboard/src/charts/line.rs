//! A figure over days as a line; a day on which it is not known breaks it.

use chrono::NaiveDate;
use maud::{Markup, html};
use svg::node::{
    Node,
    element::{Line, Path, Text, path::Data},
};

use super::{Drawing, HEIGHT, rectangle, valued};
use crate::visit::Visit;

/// Width of a day in the drawing's own units.
const DAY_WIDTH: f64 = 10.0;

/// A day, where its figure stands between 0 (the bottom) and 1, and the figure as it is read.
pub(crate) struct Point {
    pub(crate) day: NaiveDate,
    pub(crate) height: Option<f64>,
    pub(crate) value: String,
}

/// The line, with marks at some heights and the words beside them.
pub(crate) fn line(visit: &Visit<'_>, said: &str, points: &[Point], marks: &[(f64, String)]) -> Markup {
    let language = visit.language;
    let Some((first, last)) = points.first().zip(points.last()) else { return html! {} };
    let width = points.len() as f64 * DAY_WIDTH;
    let mut within = Drawing::within(width);
    for (height, _) in marks {
        let y = super::rounded((1.0 - height) * HEIGHT);
        within.append(Line::new().set("class", "mark").set("x1", 0).set("x2", width).set("y1", y).set("y2", y));
    }
    within.append(Path::new().set("class", "line").set("d", path(points)));
    for (place, point) in points.iter().enumerate().filter(|(_, point)| point.height.is_some()) {
        let hit = rectangle("hit", (place as f64 * DAY_WIDTH, 0.0), (DAY_WIDTH, HEIGHT));
        within.append(valued(&format!("{}: {}", language.day(point.day), point.value)).add(hit));
    }
    let labels = marks.iter().map(|(height, words)| {
        let y = format!("{}%", super::rounded((1.0 - height) * 100.0));
        Text::new(words.as_str()).set("class", "label").set("x", "100%").set("y", y).set("dy", "-0.3em")
    });
    html! {
        figure.chart data-reads {
            (Drawing::said(said).add(within).with(labels))
            p.span aria-hidden="true" { span { (language.day(first.day)) } span { (language.day(last.day)) } }
        }
    }
}

fn path(points: &[Point]) -> Data {
    let (mut data, mut goes_on) = (Data::new(), false);
    for (place, point) in points.iter().enumerate() {
        let Some(height) = point.height else {
            goes_on = false;
            continue;
        };
        let at = ((place as f64 + 0.5) * DAY_WIDTH, super::rounded((1.0 - height.clamp(0.0, 1.0)) * HEIGHT));
        // A day by itself is a line of no length, which round ends make a dot of.
        data = if goes_on { data.line_to(at) } else { data.move_to(at).line_to(at) };
        goes_on = true;
    }
    data
}
