//! The network, and each organisation in it: key figures, scans, the ranking, what stands out.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use maud::{Markup, html};
use storefold_events::store::is_of;
use storefold_http_kit::{Params, Problem};

use crate::{
    answers::{
        kpis::{Anomalies, Kpi, Kpis, Ranking},
        scans::ScansAnswer,
        stores::{Store, Stores},
    },
    charts::{
        bars::{self, Bars},
        capture,
        line::Point,
        parts,
        step::Step,
    },
    links,
    sections::{
        anomalies,
        figures::{self, Of},
        look_at, notice, picker,
        place::AskedPlace,
        ranking, together,
    },
    visit::{Page, Shown, Visit, Window, chosen},
};

/// More store days than these are not asked for one by one: what is shown of each store is left out, and stores are
/// ranked by a whole month, which stands in one row for each of them.
const STORE_DAYS_MAX: i64 = 10_000;

/// In more stores than these nobody looks for what is not as it was before it is asked for.
const LOOKED_AT_STORES_MAX: usize = 20;

/// Places of a ranking, anomalies and organisations that are shown here; there is a page for all of them.
const SHOWN_MAX: usize = 10;
const ORGANISATIONS_MAX: usize = 60;

const FOLLOWS: &[&str] = &["network-kpi", "store-performance"];

/// The network. An address of a store's page as it once was leads to where that is now.
pub(crate) fn page(visit: &Visit<'_>, mut params: Params) -> Result<Shown, Problem> {
    if let Some(store) = chosen(&mut params, "store") {
        let window = chosen(&mut params, "window");
        params.none_left()?;
        return Ok(Shown::Elsewhere(links::with(&links::to_store(&store), &[("window", window.as_deref())])));
    }
    overview(visit, None, params)
}

/// The page of an organisation with those below it.
pub(crate) fn organisation(visit: &Visit<'_>, mut params: Params) -> Result<Shown, Problem> {
    let organisation = params.take("organisation").unwrap_or_default();
    overview(visit, Some(organisation.trim_end_matches('/')), params)
}

/// What the visitor has chosen.
struct Choice {
    window: Window,
    currency: Option<String>,
    rank: String,
}

fn overview(visit: &Visit<'_>, organisation: Option<&str>, mut params: Params) -> Result<Shown, Problem> {
    let texts = visit.texts();
    let choice = Choice {
        window: Window::of(&mut params)?,
        currency: chosen(&mut params, "currency"),
        rank: chosen(&mut params, "rank").unwrap_or_else(|| "turnover".to_owned()),
    };
    params.none_left()?;
    let mut stores = visit.ask::<Stores>("/v1/stores", &[])?.stores;
    if let Some(organisation) = organisation {
        stores.retain(|store| is_of(store.organisation.as_deref(), organisation));
        if stores.is_empty() {
            let detail = format!("there is no organisation `{organisation}` here");
            return Err(Problem::unknown("organisation", detail));
        }
    } else if stores.is_empty() {
        return Ok(Page::of(texts.network.title, notice(texts.network.no_store, texts.network.how_to_begin)).into());
    }
    let title = organisation.unwrap_or(texts.network.title);
    let (body, summary) = body(visit, organisation, &stores, &choice)?;
    Ok(Page::of(title, body).following(FOLLOWS, summary).into())
}

fn body(
    visit: &Visit<'_>,
    organisation: Option<&str>,
    stores: &[Store],
    choice: &Choice,
) -> Result<(Markup, String), Problem> {
    let (language, texts) = (visit.language, visit.texts());
    let path = organisation.map_or_else(|| "/".to_owned(), links::to_organisation);
    let currencies = currencies(stores);
    let currency =
        choice.currency.as_deref().or(currencies.first().map(String::as_str)).filter(|_| currencies.len() > 1);
    let of = Of { place: organisation.map(|name| ("organisation", name)), window: choice.window, currency };
    let few = store_days(stores, choice.window) <= STORE_DAYS_MAX;
    let scans = if few { Some(visit.ask::<ScansAnswer>("/v1/scans", &of.parameters())?) } else { None };
    let days = days(visit, &of, scans.as_ref(), stores)?;
    let figures = figures::section(visit, &of)?;
    let captured = capture::section(visit, days.capture_rate, days.capture_band.as_deref(), &days.captures);
    let body = html! {
        header.head {
            h1 { (organisation.unwrap_or(texts.network.title)) }
            p.quiet {
                ((texts.network.stores)(&language.count(stores.len() as u64))) " · "
                ((texts.words.from_to)(&language.day(days.from), &language.day(days.to)))
            }
            (picker::windows(visit, &path, choice.window, &[("currency", choice.currency.as_deref()), ("rank", Some(&choice.rank))]))
            (currency_picker(visit, &path, &currencies, currency, choice))
        }
        (figures)
        (bars::section(visit, &days.bars, &links::with("/v1/scans", &as_query(&of.parameters()))))
        div.columns {
            (ranked(visit, &of, choice, &path, few, days.to)?)
            (stands_out(visit, &of, stores)?)
        }
        @match &scans {
            Some(scans) => (look_at::section(visit, scans)),
            None => p.quiet { ((texts.network.too_many)(&language.count(stores.len() as u64))) },
        }
        div.columns {
            div {
                (captured)
                @if let Some(scans) = &scans { (parts::genders(visit, &scans.totals.genders)) }
            }
            @if let Some(scans) = &scans { (parts::result(visit, &scans.totals, &scans.errors)) }
        }
        @if few { (together::section(visit, &visit.ask("/v1/scans-and-turnover", &of.parameters())?)) }
        (organisations(visit, organisation, stores))
        section aria-labelledby="stores" {
            h2 #stores { (texts.frame.stores) }
            (picker::lookup(visit, "/stores", ("search", texts.network.find_store, "Rivoli"), None))
        }
        (AskedPlace::organisation(organisation).more(visit))
    };
    let summary = format!("{}: {} {}", texts.words.scans, texts.words.succeeded, language.count(days.succeeded));
    Ok((body, summary))
}

/// Scans and email capture over the days.
struct DaysShown {
    from: NaiveDate,
    to: NaiveDate,
    bars: Bars,
    succeeded: u64,
    capture_rate: Option<f64>,
    capture_band: Option<String>,
    captures: Vec<Point>,
}

/// Of the scans themselves where those are asked; else of key figures, which cost the same however many stores there are.
fn days(visit: &Visit<'_>, of: &Of<'_>, scans: Option<&ScansAnswer>, stores: &[Store]) -> Result<DaysShown, Problem> {
    if let Some(scans) = scans {
        return Ok(DaysShown {
            from: scans.from,
            to: scans.to,
            bars: Bars::of_days(&scans.days),
            succeeded: scans.totals.scans.succeeded,
            capture_rate: scans.totals.capture_rate,
            capture_band: scans.totals.capture_band.clone(),
            captures: capture::points(visit, &scans.days),
        });
    }
    let step = if of.window == Window::All { Step::of(span(stores)) } else { Step::Day };
    let by = [("by", step.name())];
    let series = |kpi: &str| of.kpi(visit, kpi, &by);
    let (all, succeeded, capture_rate) = (series("scans")?, series("successful_scans")?, series("email_capture")?);
    let rate = capture_rate.exact_share();
    let count = |kpi: &Kpi| kpi.figure.value.as_ref().and_then(serde_json::Number::as_u64).unwrap_or_default();
    let captures = capture_rate.series.iter().flatten().map(|figure| {
        let height = figure.value.as_ref().and_then(serde_json::Number::as_f64);
        Point { day: figure.from, height, value: visit.language.percent(height) }
    });
    Ok(DaysShown {
        from: all.figure.from,
        to: all.figure.to,
        bars: Bars::of_series(&all, &succeeded, step),
        succeeded: count(&succeeded),
        capture_rate: rate,
        capture_band: rate.map(|rate| capture::band_of(rate).to_owned()),
        captures: captures.collect(),
    })
}

/// Currencies of stores, the one of most stores first.
fn currencies(stores: &[Store]) -> Vec<String> {
    let mut counts = BTreeMap::<String, usize>::new();
    for store in stores {
        *counts.entry(store.currency.to_string()).or_default() += 1;
    }
    let mut currencies: Vec<_> = counts.into_iter().collect();
    currencies.sort_by_key(|(_, stores)| std::cmp::Reverse(*stores));
    currencies.into_iter().map(|(currency, _)| currency).collect()
}

fn known_days(store: &Store) -> i64 {
    store.first_day.zip(store.last_day).map_or(0, |(first, last)| (last - first).num_days() + 1)
}

/// From the first day with facts of any store to the last, in days.
fn span(stores: &[Store]) -> usize {
    let first = stores.iter().filter_map(|store| store.first_day).min();
    let last = stores.iter().filter_map(|store| store.last_day).max();
    first.zip(last).map_or(0, |(first, last)| usize::try_from((last - first).num_days() + 1).unwrap_or_default())
}

/// How many days of stores a window has.
fn store_days(stores: &[Store], window: Window) -> i64 {
    let of_each = |days: i64| stores.len() as i64 * days;
    match window {
        Window::Days30 => of_each(30),
        Window::Days90 => of_each(90),
        Window::All => stores.iter().map(known_days).sum(),
    }
}

pub(super) fn as_query<'a>(parameters: &[(&'a str, &'a str)]) -> Vec<(&'a str, Option<&'a str>)> {
    parameters.iter().map(|(name, value)| (*name, Some(*value))).collect()
}

fn currency_picker(visit: &Visit<'_>, path: &str, all: &[String], now: Option<&str>, choice: &Choice) -> Markup {
    let kept = [("window", Some(choice.window.name())), ("rank", Some(choice.rank.as_str()))];
    html! {
        @if all.len() > 1 {
            nav.choice aria-label=(visit.texts().words.currency) {
                @for currency in all {
                    @let mut parameters = vec![("currency", Some(currency.as_str()))];
                    @let () = parameters.extend_from_slice(&kept);
                    a href=(links::with(path, &parameters)) aria-current=[(now == Some(currency)).then_some("true")] { (currency) }
                }
            }
        }
    }
}

fn ranked(
    visit: &Visit<'_>,
    of: &Of<'_>,
    choice: &Choice,
    path: &str,
    few: bool,
    today: NaiveDate,
) -> Result<Markup, Problem> {
    let texts = visit.texts();
    let kpis = visit.ask::<Kpis>("/v1/kpis", &[])?.kpis;
    let mut asked: Vec<_> = of.place.into_iter().chain([("kpi", choice.rank.as_str())]).collect();
    if let Some(currency) = of.currency.filter(|_| kpis.iter().any(|kpi| kpi.kpi == choice.rank && kpi.unit == "money"))
    {
        asked.push(("currency", currency));
    }
    let last = today.with_day(1).and_then(|first| first.checked_sub_days(Days::new(1))).unwrap_or(today);
    let (from, to) = (last.with_day(1).unwrap_or(last).to_string(), last.to_string());
    if few {
        asked.push(("window", of.window.name()));
    } else {
        asked.extend([("from", from.as_str()), ("to", to.as_str())]);
    }
    let ranking = visit.ask::<Ranking>("/v1/kpis/{kpi}/ranking", &asked)?;
    let kept = [("window", Some(choice.window.name())), ("currency", choice.currency.as_deref())];
    Ok(html! {
        section aria-labelledby="ranking" {
            h2 #ranking { ((texts.charts.ranking)(&texts.kpis.name(&choice.rank))) }
            (ranking::places(visit, &ranking, 0, SHOWN_MAX))
            (ranking::chooser(visit, path, ("rank", &choice.rank), &kpis, &kept))
            p.more { a href=(links::with("/ranking", &as_query(&asked))) { (texts.frame.see_all) } }
        }
    })
}

fn stands_out(visit: &Visit<'_>, of: &Of<'_>, stores: &[Store]) -> Result<Markup, Problem> {
    let texts = visit.texts();
    let asked: Vec<_> = of.place.into_iter().collect();
    let found = if stores.len() <= LOOKED_AT_STORES_MAX {
        Some(visit.ask::<Anomalies>("/v1/anomalies", &asked)?)
    } else {
        None
    };
    let all = links::with("/anomalies", &as_query(&asked));
    Ok(html! {
        section aria-labelledby="stands-out" {
            h2 #stands-out { (texts.network.stands_out) }
            @if let Some(found) = &found {
                (anomalies::list(visit, found, stores, SHOWN_MAX))
                @if found.anomalies.len() > SHOWN_MAX { p.more { a href=(all) { (texts.frame.see_all) } } }
            } @else {
                p.more { a href=(all) { (texts.network.look_for_it) } }
            }
        }
    })
}

/// The organisations right below, each with how many stores it has.
fn organisations(visit: &Visit<'_>, above: Option<&str>, stores: &[Store]) -> Markup {
    let texts = visit.texts();
    let mut below = BTreeMap::<String, u64>::new();
    for of in stores.iter().filter_map(|store| store.organisation.as_deref()) {
        let rest = above.map_or(of, |above| of[above.len()..].trim_start_matches('/'));
        if let Some(next) = rest.split('/').next().filter(|next| !next.is_empty()) {
            let path = above.map_or_else(|| next.to_owned(), |above| format!("{above}/{next}"));
            *below.entry(path).or_default() += 1;
        }
    }
    html! {
        @if !below.is_empty() {
            section aria-labelledby="organisations" {
                h2 #organisations { (texts.network.organisations) }
                ul.links {
                    @for (path, stores) in below.iter().take(ORGANISATIONS_MAX) {
                        li {
                            a href=(links::to_organisation(path)) { (path) }
                            " " span.quiet { ((texts.network.stores)(&visit.language.count(*stores))) }
                        }
                    }
                }
                @if below.len() > ORGANISATIONS_MAX {
                    p.quiet { ((texts.words.and_more)(&visit.language.count((below.len() - ORGANISATIONS_MAX) as u64))) }
                }
            }
        }
    }
}
