//! The page of a loyalty programme.

use maud::{Markup, html};
use storefold_events::Money;
use storefold_http_kit::Problem;

use crate::{
    answers::{Gifts, Programme, Programmes, Summary},
    asker::{Ask, answer},
    document::document,
    figures::money,
    sections::{gifts, notice, programme},
};

const SUMMARY: &str = "/v1/programmes/{programme}/summary";

/// The page of a programme, the first by name unless one is chosen; and the problem when it cannot be shown.
pub(crate) fn loyalty_page(models: &dyn Ask, chosen: Option<&str>) -> Result<(Option<Problem>, Markup), Problem> {
    let programmes = answer::<Programmes>(models, "/v1/programmes", &[])?.programmes;
    let Some(chosen) = chosen.or(programmes.first().map(|first| first.name.as_str())) else {
        let hint = "Send a LoyaltyProgramConfigured event to /v1/events, or start the demo: `storefold demo`.";
        return Ok((None, document("Loyalty – Storefold", None, &notice("No programme is configured yet", hint))));
    };
    let by = |by| answer::<Summary>(models, SUMMARY, &[("programme", chosen), ("by", by)]);
    let (problem, figures) = match by("month") {
        Ok(months) => {
            let rule = programmes.iter().find(|programme| programme.name == chosen);
            let gifts = answer::<Gifts>(models, "/v1/programmes/{programme}/gifts", &[("programme", chosen)]);
            (None, figures(rule, &months, &by("store")?, &by("tier")?, gifts.as_ref()))
        }
        Err(problem) => (Some(problem.clone()), notice("This programme cannot be shown", problem.detail())),
    };
    let body = html! {
        (picker(&programmes, chosen))
        (figures)
    };
    Ok((problem, document(&format!("{chosen} – Loyalty – Storefold"), None, &body)))
}

fn figures(
    rule: Option<&Programme>,
    months: &Summary,
    stores: &Summary,
    tiers: &Summary,
    gifts: Result<&Gifts, &Problem>,
) -> Markup {
    html! {
        header.store {
            h1 { (months.programme) }
            p.quiet {
                "Up to " (months.as_of) ", included · days of " (months.zone)
                @if let Some(rule) = rule {
                    @let price = Money { amount: rule.minor_per_point, currency: rule.currency };
                    " · a " (months.unit.strip_suffix('s').unwrap_or(&months.unit)) " for every " (money(price))
                }
            }
        }
        (programme::figures(months))
        (programme::months(months))
        div.columns {
            (programme::stores(stores))
            (programme::tiers(tiers))
        }
        (gifts::section(gifts, &months.unit))
    }
}

/// Chooses the programme; a plain form.
fn picker(programmes: &[Programme], chosen: &str) -> Markup {
    html! {
        form.picker method="get" action="/loyalty" {
            label for="programme" { "Programme" }
            select #programme name="programme" {
                @for programme in programmes {
                    option value=(programme.name) selected[programme.name == chosen] { (programme.name) }
                }
            }
            button type="submit" { "Show" }
        }
    }
}
