//! The email capture rate with its bands (rows 0.12, 0.13).

use chrono::NaiveDate;
use maud::{Markup, html};
use svg::node::element::{Line, Text};

use super::{
    Drawing,
    line::{Point, line},
    part,
    step::Step,
};
use crate::{answers::scans::ScansOfDay, texts::Charts, visit::Visit};

/// Above these the rate is fair, good, and as in the best stores.
const BOUNDS: [f64; 3] = [0.6, 0.75, 0.8];

/// What a band says.
pub(crate) fn band(charts: &Charts, band: &str) -> &'static str {
    match band {
        "top" => charts.band_top,
        "good" => charts.band_good,
        "fair" => charts.band_fair,
        _ => charts.band_below_par,
    }
}

/// The band of a rate; the bounds themselves belong to the band below.
pub(crate) fn band_of(rate: f64) -> &'static str {
    match BOUNDS.iter().filter(|bound| rate > **bound).count() {
        0 => "below_par",
        1 => "fair",
        2 => "good",
        _ => "top",
    }
}

/// The rate on a scale with the bands, and day by day.
pub(crate) fn section(visit: &Visit<'_>, rate: Option<f64>, band_of: Option<&str>, days: &[Point]) -> Markup {
    let (language, charts) = (visit.language, &visit.texts().charts);
    let words = band_of.map(|of| band(charts, of));
    let below_par = band_of == Some("below_par");
    html! {
        section aria-labelledby="capture" {
            h2 #capture { (charts.capture) }
            @if let Some(rate) = rate {
                p.balance {
                    strong.warning[below_par] { (language.percent(Some(rate))) }
                    @if let Some(words) = words { " " span.warning[below_par] { (words) } }
                }
                (scale(rate, &format!("{}: {}. {}", charts.capture, language.percent(Some(rate)), words.unwrap_or_default())))
                p.hint { (charts.bands) }
                (over_days(visit, days))
            } @else {
                p.quiet { (charts.no_scans) }
            }
        }
    }
}

/// The rate day by day. What lies below every rate and bound is cut off, in tenths, so that the bands stand apart.
fn over_days(visit: &Visit<'_>, days: &[Point]) -> Markup {
    let lowest = days.iter().filter_map(|day| day.height).fold(BOUNDS[0], f64::min);
    let floor = ((lowest * 10.0).floor() / 10.0 - 0.1).max(0.0);
    let above = |rate: f64| (rate - floor) / (1.0 - floor);
    let points: Vec<_> = days
        .iter()
        .map(|day| Point { day: day.day, height: day.height.map(above), value: day.value.clone() })
        .collect();
    let marks: Vec<_> =
        BOUNDS.into_iter().chain([floor]).map(|bound| (above(bound), format!("{:.0}", bound * 100.0))).collect();
    line(visit, visit.texts().charts.capture, &points, &marks)
}

/// The rate as a bar from 0 to 100 with a mark at each bound.
fn scale(rate: f64, said: &str) -> Drawing {
    let marks = BOUNDS.map(|bound| {
        let x = format!("{:.0}%", bound * 100.0);
        Line::new().set("class", "mark").set("x1", x.as_str()).set("x2", x).set("y1", 0).set("y2", "16")
    });
    let labels = BOUNDS.map(|bound| {
        // 75 and 80 stand close together on a phone: one label goes to the left of its mark, the others to the right.
        let anchor = if bound > 0.78 { "label-right" } else { "label-left" };
        let (x, dx) = (format!("{:.0}%", bound * 100.0), if bound > 0.78 { "0.2em" } else { "-0.2em" });
        Text::new(format!("{:.0}", bound * 100.0)).set("class", anchor).set("x", x).set("dx", dx).set("y", "29")
    });
    Drawing::said(said)
        .set("class", "gauge")
        .add(part("track", 0.0, 100.0).set("height", "16"))
        .add(part("succeeded", 0.0, rate.clamp(0.0, 1.0) * 100.0).set("height", "16"))
        .with(marks)
        .with(labels)
}

/// Days as points of a line of rates; weeks or months, where there are many days.
pub(crate) fn points(visit: &Visit<'_>, days: &[ScansOfDay]) -> Vec<Point> {
    let step = Step::of(days.len());
    let mut sums: Vec<(NaiveDate, u64, u64)> = Vec::new();
    for day in days {
        let first = step.first(day.day);
        match sums.last_mut().filter(|(of, ..)| *of == first) {
            Some((_, emails, succeeded)) => {
                (*emails, *succeeded) = (*emails + day.emails, *succeeded + day.scans.succeeded);
            }
            None => sums.push((first, day.emails, day.scans.succeeded)),
        }
    }
    let point = |(day, emails, succeeded)| {
        let height = (succeeded > 0).then(|| emails as f64 / succeeded as f64);
        Point { day, height, value: visit.language.percent(height) }
    };
    sums.into_iter().map(point).collect()
}
