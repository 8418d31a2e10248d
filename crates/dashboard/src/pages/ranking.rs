//! All stores by a key figure (row 1.24).

use maud::html;
use storefold_http_kit::{Params, Problem};

use super::{
    network::as_query,
    paging::{Paging, ROWS, next},
};
use crate::{
    answers::kpis::{Kpis, Ranking},
    sections::ranking,
    visit::{Page, Shown, Visit, chosen},
};

/// What may be asked besides the key figure.
const ASKED: [&str; 5] = ["organisation", "currency", "window", "from", "to"];

pub(crate) fn page(visit: &Visit<'_>, mut params: Params) -> Result<Shown, Problem> {
    let texts = visit.texts();
    let kpi = chosen(&mut params, "kpi").unwrap_or_else(|| "scan_success".to_owned());
    let paging = Paging::of(&mut params, ROWS)?;
    let chosen: Vec<_> = ASKED.iter().filter_map(|name| Some((*name, chosen(&mut params, name)?))).collect();
    params.none_left()?;
    let mut asked = vec![("kpi", kpi.as_str())];
    asked.extend(chosen.iter().map(|(name, value)| (*name, value.as_str())));
    let has = |name| asked.iter().any(|(asked, _)| *asked == name);
    if !has("window") && !has("from") && !has("to") {
        asked.push(("window", "30d"));
    }
    let kpis = visit.ask::<Kpis>("/v1/kpis", &[])?.kpis;
    let found = visit.ask::<Ranking>("/v1/kpis/{kpi}/ranking", &asked)?;
    let title = (texts.charts.ranking)(&texts.kpis.name(&kpi));
    let kept = as_query(&asked[1..]);
    let body = html! {
        header.head {
            h1 { (title) }
            (ranking::chooser(visit, "/ranking", ("kpi", &kpi), &kpis, &kept))
        }
        section aria-label=(title) {
            (ranking::places(visit, &found, paging.before(), ROWS))
            (next(visit, "/ranking", paging, found.places.len(), &as_query(&asked)))
            details {
                summary { (texts.frame.definition) }
                p.quiet lang="en" {
                    @if let Some(description) = &found.definition.description { (description) ". " }
                    code { (found.definition.formula) } ", " (found.definition.rounding)
                }
            }
        }
    };
    Ok(Page::of(title.clone(), body).into())
}
