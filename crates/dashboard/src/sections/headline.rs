//! The numbers that are seen first.

use maud::{Markup, html};
use storefold_http_kit::Problem;

use crate::{
    answers::{Capture, Totals},
    figures::{count, money, percent, plural, words},
};

/// How a number is to be taken.
#[derive(Clone, Copy)]
enum Tone {
    Plain,
    Good,
    Warning,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Warning => "warning",
        }
    }
}

pub(crate) fn section(totals: &Totals, capture: Result<&Capture, &Problem>) -> Markup {
    html! {
        section aria-labelledby="figures" {
            h2.unseen #figures { "Figures" }
            dl.tiles {
                (tile("Successful scans", &count(totals.scans.succeeded), Tone::Plain, &of_attempted(totals)))
                (success(totals))
                (tile("Emails collected", &count(totals.emails), Tone::Plain, "with the scan or later"))
                (captured(capture))
                (tile("Net turnover", &money(totals.turnover), Tone::Plain, &without_tax(totals)))
                (tile("Sales", &count(totals.sales), Tone::Plain, &plural(totals.returns, "return")))
                (tile("Average basket", &totals.average_basket.map_or("–".to_owned(), money), Tone::Plain, &units(totals)))
            }
        }
    }
}

fn tile(name: &str, figure: &str, tone: Tone, beside: &str) -> Markup {
    html! {
        div.tile.(tone.class()) {
            dt { (name) }
            dd.figure { (figure) }
            dd.beside { (beside) }
        }
    }
}

fn of_attempted(totals: &Totals) -> String {
    format!("of {} made", count(totals.scans.attempted))
}

fn without_tax(totals: &Totals) -> String {
    format!("{} without tax", money(totals.turnover_without_tax))
}

fn units(totals: &Totals) -> String {
    plural(totals.units, "unit")
}

fn success(totals: &Totals) -> Markup {
    let rate = percent(totals.success_rate);
    if totals.flag.is_none() {
        let beside = if totals.success_rate.is_none() { "no scans yet" } else { "70 % or more is expected" };
        return tile("Success rate", &rate, Tone::Plain, beside);
    }
    let advice = match totals.errors.first() {
        Some(error) => format!("below 70 %, mostly {}: {}", words(&error.code), remedy(&error.code)),
        None => "below 70 %: find out why".to_owned(),
    };
    tile("Success rate", &rate, Tone::Warning, &advice)
}

/// What to do about the error that dominates (row 0.9).
fn remedy(code: &str) -> &'static str {
    if ["sun", "light"].iter().any(|sign| code.contains(sign)) {
        "move the scanner out of the light"
    } else {
        "show the staff again how to scan"
    }
}

fn captured(capture: Result<&Capture, &Problem>) -> Markup {
    let capture = match capture {
        Ok(capture) => capture,
        Err(problem) => return tile("Capture rate", "–", Tone::Plain, problem.detail()),
    };
    let (tone, advice) = match capture.band.as_deref() {
        Some("top") => (Tone::Good, "top: as the best stores do"),
        Some("good") => (Tone::Good, "good; the best stores are above 80 %"),
        Some("fair") => (Tone::Plain, "fair; above 75 % is good"),
        Some(_) => (Tone::Warning, "below par: ask every customer for an address"),
        None => (Tone::Plain, "no successful scans yet"),
    };
    let beside = format!("{} of {} · {advice}", count(capture.identified), count(capture.successful));
    tile("Capture rate", &percent(capture.rate), tone, &beside)
}
