//! The page of a loyalty programme.

use maud::{Markup, html};
use storefold_events::Money;
use storefold_http_kit::{Params, Problem};

use crate::{
    answers::loyalty::{Gifts, Programme, Programmes, Summary},
    sections::{self, elsewhere, gifts, notice, programme},
    visit::{Page, Shown, Visit, chosen},
};

const SUMMARY: &str = "/v1/programmes/{programme}/summary";
const FOLLOWS: &[&str] = &["loyalty-programme", "gift-catalogue"];

/// The page of a programme, the first by name unless one is chosen.
pub(crate) fn page(visit: &Visit<'_>, mut params: Params) -> Result<Shown, Problem> {
    let chosen = chosen(&mut params, "programme");
    params.none_left()?;
    let texts = &visit.texts().programme;
    let programmes = visit.ask::<Programmes>("/v1/programmes", &[])?.programmes;
    let Some(name) = chosen.as_deref().or(programmes.first().map(|first| first.name.as_str())) else {
        return Ok(Page::of(texts.title, notice(texts.none, texts.how_to_begin)).into());
    };
    let by = |by| visit.ask::<Summary>(SUMMARY, &[("programme", name), ("by", by)]);
    let (problem, figures) = match by("month") {
        Ok(months) => {
            let rule = programmes.iter().find(|programme| programme.name == name);
            let gifts = visit.ask::<Gifts>("/v1/programmes/{programme}/gifts", &[("programme", name)]);
            (None, figures(visit, rule, &months, &by("store")?, &by("tier")?, gifts.as_ref()))
        }
        Err(problem) => {
            let shown = sections::problem(visit.texts().frame.cannot_be_shown, &problem);
            (Some(problem), shown)
        }
    };
    let body = html! {
        (picker(visit, &programmes, name))
        (figures)
    };
    let page = Page::of(format!("{name} – {}", texts.title), body).following(FOLLOWS, String::new());
    Ok(page.but(problem).into())
}

fn figures(
    visit: &Visit<'_>,
    rule: Option<&Programme>,
    months: &Summary,
    stores: &Summary,
    tiers: &Summary,
    gifts: Result<&Gifts, &Problem>,
) -> Markup {
    let (language, texts) = (visit.language, &visit.texts().programme);
    html! {
        header.head {
            h1 { (months.programme) }
            p.quiet {
                ((texts.up_to)(&language.day(months.as_of), &months.zone))
                @if let Some(rule) = rule {
                    @let price = Money { amount: rule.minor_per_point, currency: rule.currency };
                    " · " ((texts.for_every)(&months.unit, &language.money(price)))
                }
            }
        }
        @if months.elsewhere_hidden { (elsewhere(visit)) }
        (programme::figures(visit, months))
        (programme::months(visit, months))
        div.columns {
            (programme::stores(visit, stores))
            (programme::tiers(visit, tiers))
        }
        // Gifts are counted over all stores, and told to who sees them.
        @if !months.elsewhere_hidden { (gifts::section(visit, gifts, &months.unit)) }
    }
}

/// Chooses the programme; a plain form.
fn picker(visit: &Visit<'_>, programmes: &[Programme], name: &str) -> Markup {
    html! {
        form.picker method="get" action="/loyalty" {
            label for="programme" { (visit.texts().programme.choose) }
            select #programme name="programme" {
                @for programme in programmes {
                    option value=(programme.name) selected[programme.name == name] { (programme.name) }
                }
            }
            button type="submit" { (visit.texts().frame.show) }
        }
    }
}
