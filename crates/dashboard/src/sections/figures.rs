//! Key figures: the number, what it is held against, and what it is, one click away (rows 0.3, 1.7 to 1.16).

use maud::{Markup, html};
use serde_json::Number;
use storefold_http_kit::Problem;

use crate::{
    answers::kpis::{Compared, Kpi},
    sections::LONG_CHARS,
    visit::{Visit, Window},
};

/// Every key figure that pages show first.
const SHOWN: [&str; 9] = [
    "successful_scans",
    "scan_success",
    "emails",
    "email_capture",
    "turnover",
    "transactions",
    "average_basket",
    "conversion",
    "recruitment",
];

/// What figures are of.
#[derive(Clone, Copy)]
pub(crate) struct Of<'a> {
    /// A store or an organisation, by the name of the parameter; the network without.
    pub(crate) place: Option<(&'static str, &'a str)>,
    pub(crate) window: Window,
    /// Money is of the stores that sell in it.
    pub(crate) currency: Option<&'a str>,
}

impl<'a> Of<'a> {
    pub(crate) fn parameters(&self) -> Vec<(&'static str, &'a str)> {
        self.place.into_iter().chain([("window", self.window.name())]).collect()
    }

    /// A key figure of it, with what else is asked.
    ///
    /// # Errors
    /// [`Problem`] of the question.
    pub(crate) fn kpi(&self, visit: &Visit<'_>, kpi: &str, also: &[(&'static str, &'a str)]) -> Result<Kpi, Problem> {
        let mut asked = self.parameters();
        asked.push(("kpi", kpi));
        asked.extend_from_slice(also);
        visit.ask("/v1/kpis/{kpi}", &asked)
    }
}

fn is_money(kpi: &str) -> bool {
    matches!(kpi, "turnover" | "average_basket")
}

/// The key figures of a place; the first that cannot be asked for is the problem.
pub(crate) fn section(visit: &Visit<'_>, of: &Of<'_>) -> Result<Markup, Problem> {
    let texts = visit.texts();
    let mut tiles = Vec::with_capacity(SHOWN.len());
    for kpi in SHOWN {
        let mut also = Vec::new();
        // Before all time there is nothing to hold it against.
        if of.window != Window::All {
            also.push(("compare", "previous"));
        }
        if let Some(currency) = of.currency.filter(|_| is_money(kpi)) {
            also.push(("currency", currency));
        }
        tiles.push(tile(visit, &of.kpi(visit, kpi, &also)?));
    }
    Ok(html! {
        section aria-labelledby="figures" {
            h2.unseen #figures { (texts.charts.key_figures) }
            dl.tiles { @for tile in tiles { (tile) } }
        }
    })
}

/// Whether a rate calls for something to be done: success below 70 %, email capture of 60 % or less.
fn calls(kpi: &str, rate: Option<f64>) -> bool {
    match (kpi, rate) {
        ("scan_success", Some(rate)) => rate < 0.7,
        ("email_capture", Some(rate)) => rate <= 0.6,
        _ => false,
    }
}

/// One key figure against what it was, with what it is one click away.
pub(crate) fn tile(visit: &Visit<'_>, kpi: &Kpi) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    let definition = &kpi.definition;
    let share = (definition.unit == "share").then(|| kpi.exact_share()).flatten();
    let shown = |value: &Number| language.value(&definition.unit, value, kpi.currency);
    let value = match (share, &kpi.figure.value) {
        (Some(share), _) => language.percent(Some(share)),
        (None, Some(value)) => shown(value),
        (None, None) => "–".to_owned(),
    };
    let calls = calls(&definition.kpi, share);
    html! {
        div.tile.warning[calls] {
            dt { (texts.kpis.name(&definition.kpi)) }
            dd.figure.long[value.chars().count() > LONG_CHARS] { @if kpi.figure.estimated { "≈ " } (value) }
            @if let Some(why) = &kpi.figure.not_known { dd.beside lang="en" { (why) } }
            @if calls && definition.kpi == "scan_success" { dd.beside { (texts.network.investigate) } }
            @if calls && definition.kpi == "email_capture" { dd.beside { (texts.charts.band_below_par) } }
            @if let Some(compared) = &kpi.compared { (against(visit, kpi, compared)) }
            dd {
                details id={ "is-" (definition.kpi) } {
                    summary { (texts.frame.definition) }
                    p.quiet lang="en" {
                        @if let Some(description) = &definition.description { (description) ". " }
                        code { (definition.formula) } ", " (definition.rounding)
                    }
                }
            }
        }
    }
}

/// How much more or less it is than before; shares in percentage points.
fn against(visit: &Visit<'_>, kpi: &Kpi, compared: &Compared) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    let Some(before) = &compared.figure.value else { return html! {} };
    let before = language.value(&kpi.definition.unit, before, kpi.currency);
    let is_share = kpi.definition.unit == "share";
    let change = if is_share { compared.change.as_ref().and_then(Number::as_f64) } else { compared.change_share };
    let Some(change) = change else { return html! {} };
    let (sign, tone) = direction(change, &kpi.definition.better);
    let words = if is_share {
        (texts.charts.points_against)(&language.points(change), &before)
    } else {
        (texts.charts.against)(&language.change(change), &before)
    };
    html! { dd.beside.(tone) { span aria-hidden="true" { (sign) " " } (words) } }
}

/// The sign of a change, and the class that says whether it is good.
pub(crate) fn direction(change: f64, better: &str) -> (&'static str, &'static str) {
    let good = if better == "lower" { change < 0.0 } else { change > 0.0 };
    let tone = if good { "rose" } else { "fell" };
    if change > 0.0 {
        ("▲", tone)
    } else if change < 0.0 {
        ("▼", tone)
    } else {
        ("=", "same")
    }
}
