//! The email capture rate with its bands (rows 0.12, 0.13).

use maud::{Markup, html};
use svg::node::element::{Line, Text};

use super::{
    Drawing,
    line::{Point, line},
    part,
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
                @let marks = BOUNDS.map(|bound| (bound, format!("{:.0}", bound * 100.0)));
                (line(visit, charts.capture, days, &marks))
            } @else {
                p.quiet { (charts.no_scans) }
            }
        }
    }
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

/// Days as points of a line of rates.
pub(crate) fn points(visit: &Visit<'_>, days: &[ScansOfDay]) -> Vec<Point> {
    let point = |day: &ScansOfDay| Point {
        day: day.day,
        height: day.capture_rate,
        value: visit.language.percent(day.capture_rate),
    };
    days.iter().map(point).collect()
}
