//! Everything that is not as it was (row 1.19). It holds nine weeks of each store against each other, so that it takes its
//! time where there are many; no other page waits for it.

use maud::html;
use storefold_http_kit::{Params, Problem};

use crate::{
    answers::{kpis::Anomalies, stores::Stores},
    sections::anomalies,
    visit::{Page, Shown, Visit, chosen},
};

/// How many are shown; the API has all.
const SHOWN_MAX: usize = 200;

pub(crate) fn page(visit: &Visit<'_>, mut params: Params) -> Result<Shown, Problem> {
    let texts = visit.texts();
    let chosen: Vec<_> =
        ["store", "organisation", "kpi"].iter().filter_map(|name| Some((*name, chosen(&mut params, name)?))).collect();
    params.none_left()?;
    let asked: Vec<_> = chosen.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let found = visit.ask::<Anomalies>("/v1/anomalies", &asked)?;
    let stores = visit.ask::<Stores>("/v1/stores", &[])?.stores;
    let body = html! {
        header.head {
            h1 { (texts.network.stands_out) }
            @for (_, value) in &asked { p.quiet { (value) } }
        }
        section aria-label=(texts.network.stands_out) { (anomalies::list(visit, &found, &stores, SHOWN_MAX)) }
    };
    Ok(Page::of(texts.network.stands_out, body).into())
}
