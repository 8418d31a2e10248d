//! The page of a store.

use chrono::{Datelike, Days, Months, NaiveDate};
use maud::{Markup, html};
use storefold_http_kit::{Params, Problem};

use super::network::as_query;
use crate::{
    answers::{
        kpis::{Anomalies, Kpi},
        scans::{Hints, ScansAnswer},
        stores::{Consistency, Footfall, Performance, Stores},
    },
    charts::{
        bars::{self, Bars},
        capture, heat, parts, target,
    },
    figures::words,
    links,
    sections::{
        anomalies,
        figures::{self, Of},
        picker,
        place::AskedPlace,
        scanners,
    },
    visit::{Page, Shown, Visit, Window},
};

const FOLLOWS: &[&str] = &["store-performance", "network-kpi", "footfall"];

/// Anomalies that are shown.
const ANOMALIES_MAX: usize = 6;

pub(crate) fn page(visit: &Visit<'_>, mut params: Params) -> Result<Shown, Problem> {
    let store = params.take("store").unwrap_or_default();
    let window = Window::of(&mut params)?;
    params.none_left()?;
    let of = Of { place: Some(("store", &store)), window, currency: None };
    let performance = visit.ask::<Performance>("/v1/stores/{store}/performance", &of.parameters())?;
    let scans = visit.ask::<ScansAnswer>("/v1/scans", &of.parameters())?;
    let (language, texts) = (visit.language, visit.texts());
    let path = links::to_store(&store);
    let totals = &scans.totals;
    let captured = capture::section(
        visit,
        totals.capture_rate,
        totals.capture_band.as_deref(),
        &capture::points(visit, &scans.days),
    );
    let body = html! {
        header.head {
            h1 { (performance.name) }
            p.quiet {
                (store) " · " ((texts.words.from_to)(&language.day(performance.from), &language.day(performance.to)))
                " · " ((texts.store.days_of)(&performance.zone))
            }
            (picker::windows(visit, &path, window, &[]))
        }
        (figures::section(visit, &of)?)
        (advice(visit, &of, &scans)?)
        (bars::section(visit, &Bars::of_days(&scans.days), &links::with("/v1/scans", &as_query(&of.parameters()))))
        div.columns {
            (parts::result(visit, &scans.totals, &scans.errors))
            div {
                (parts::genders(visit, &scans.totals.genders))
                (captured)
            }
        }
        (scanners::section(visit, &performance.scanners))
        (target::section(visit, &month(visit, &store, performance.to)?))
        (heat::section(visit, &visit.ask::<Footfall>("/v1/stores/{store}/footfall", &of.parameters())?))
        div.columns {
            (consistency(visit, &of)?)
            (stands_out(visit, &store)?)
        }
        (AskedPlace::store(&store).more(visit))
    };
    let summary = format!(
        "{}: {} {}, {} {}",
        texts.words.scans,
        texts.words.succeeded,
        language.count(scans.totals.scans.succeeded),
        texts.words.failed,
        language.count(scans.totals.scans.failed)
    );
    Ok(Page::of(performance.name.clone(), body).following(FOLLOWS, summary).into())
}

/// What the flags call for (rows 0.7 to 0.13).
fn advice(visit: &Visit<'_>, of: &Of<'_>, scans: &ScansAnswer) -> Result<Markup, Problem> {
    let texts = visit.texts();
    let hints = visit.ask::<Hints>("/v1/stores/{store}/hints", &of.parameters())?;
    let mut todo = Vec::new();
    if hints.flag.is_some() {
        let remedy = hints.dominant_error.as_ref().map(|error| {
            let known = error.remedy.as_deref().and_then(|remedy| texts.remedies.of(remedy));
            known.map_or_else(|| words(&error.code), str::to_owned)
        });
        todo.push((texts.store.below_70)(&remedy.unwrap_or_else(|| texts.words.not_known.to_owned())));
    }
    if scans.totals.capture_band.as_deref() == Some("below_par") {
        todo.push(texts.store.ask_for_email.to_owned());
    }
    match hints.assortment.as_deref() {
        Some("more_for_women") => todo.push(texts.store.more_for_women.to_owned()),
        Some("more_for_men") => todo.push(texts.store.more_for_men.to_owned()),
        _ => {}
    }
    Ok(html! {
        section aria-labelledby="advice" {
            h2 #advice { (texts.store.advice) }
            @if todo.is_empty() { p.quiet { (texts.store.nothing_to_do) } } @else {
                ul.advice { @for one in todo { li { (one) } } }
            }
        }
    })
}

/// Turnover of the calendar month that the window ends in, day by day.
fn month(visit: &Visit<'_>, store: &str, day: NaiveDate) -> Result<Kpi, Problem> {
    let first = day.with_day(1).unwrap_or(day);
    let last = first.checked_add_months(Months::new(1)).and_then(|next| next.checked_sub_days(Days::new(1)));
    let (from, to) = (first.to_string(), last.unwrap_or(day).to_string());
    visit.ask("/v1/kpis/{kpi}", &[("kpi", "turnover"), ("store", store), ("from", &from), ("to", &to), ("by", "day")])
}

/// Whether it scans and collects emails day after day (row 0.16).
fn consistency(visit: &Visit<'_>, of: &Of<'_>) -> Result<Markup, Problem> {
    let (language, texts) = (visit.language, visit.texts());
    let found = visit.ask::<Consistency>("/v1/stores/{store}/consistency", &of.parameters())?;
    let enough = language.percent(found.enough_scans_share);
    Ok(html! {
        section aria-labelledby="consistency" {
            h2 #consistency { (texts.store.consistency) }
            dl.facts {
                div {
                    dt { (texts.store.open_days) }
                    dd { (language.count(found.open_days)) " · " ((texts.store.enough_scans)(&enough, &language.count(found.scans_min))) }
                }
                div { dt { (texts.store.with_email) } dd { (language.percent(found.emails_share)) } }
                div {
                    dt { (texts.store.longest_run) }
                    dd {
                        @if let Some(run) = &found.longest_run {
                            (language.count(run.days)) " · "
                            ((texts.words.from_to)(&language.day(run.first), &language.day(run.last)))
                        } @else { "–" }
                    }
                }
                div { dt { (texts.store.without_scan) } dd { (language.count(found.days_without_scan)) } }
            }
            details #consistency-definition {
                summary { (texts.frame.definition) }
                p.quiet lang="en" { (found.definition) }
            }
        }
    })
}

fn stands_out(visit: &Visit<'_>, store: &str) -> Result<Markup, Problem> {
    let found = visit.ask::<Anomalies>("/v1/anomalies", &[("store", store)])?;
    let mut stores = visit.ask::<Stores>("/v1/stores", &[])?.stores;
    stores.retain(|one| one.id == store);
    Ok(html! {
        section aria-labelledby="stands-out" {
            h2 #stands-out { (visit.texts().network.stands_out) }
            (anomalies::list(visit, &found, &stores, ANOMALIES_MAX))
        }
    })
}
