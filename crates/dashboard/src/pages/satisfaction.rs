//! What customers say, beside a key figure (rows 1.13, 1.17).

use maud::{Markup, html};
use serde_json::Number;
use storefold_http_kit::{Params, Problem};

use super::paging::{Paging, ROWS, next};
use crate::{
    answers::{
        improving::{BesideSatisfaction, Source, StoreSatisfaction},
        kpis::{Figure, Kpi, Kpis},
    },
    charts::{
        Drawing,
        line::{Point, line},
        part,
        step::Step,
    },
    figures::{share, words},
    links,
    sections::{figures, picker, place::AskedPlace, ranking, tile},
    visit::{Page, Shown, Visit, Window, chosen},
};

const FOLLOWS: &[&str] = &["network-kpi"];

/// Sources of dissatisfaction that are listed, and those that are named of each store.
const SOURCES_MAX: usize = 12;
const OF_STORE_MAX: usize = 2;

pub(crate) fn page(visit: &Visit<'_>, mut params: Params) -> Result<Shown, Problem> {
    let place = AskedPlace::of(&mut params);
    let window = Window::of(&mut params)?;
    let beside = chosen(&mut params, "kpi").unwrap_or_else(|| "conversion".to_owned());
    let paging = Paging::of(&mut params, ROWS)?;
    params.none_left()?;
    let texts = visit.texts();
    let asked = [place.parameters(), vec![("window", window.name())]].concat();
    let ask = |kpi: &str, also: &[(&str, &str)]| -> Result<Kpi, Problem> {
        visit.ask("/v1/kpis/{kpi}", &[asked.as_slice(), &[("kpi", kpi)], also].concat())
    };
    let compare: &[_] = if window == Window::All { &[] } else { &[("compare", "previous")] };
    let step = match window {
        Window::Days30 => Step::Day,
        Window::Days90 => Step::Week,
        Window::All => Step::Month,
    };
    let rate = ask("satisfaction", &[compare, &[("by", step.name())]].concat())?;
    let satisfied = ask("satisfied_share", compare)?;
    let answers = rate.measures.get("answers").and_then(Number::as_u64).unwrap_or_default();
    let found: BesideSatisfaction =
        visit.ask("/v1/kpis/{kpi}/satisfaction", &[asked.as_slice(), &[("kpi", beside.as_str())]].concat())?;
    let said = &texts.improving.satisfaction;
    let (language, kept) = (visit.language, [place.kept(), vec![("kpi", Some(beside.as_str()))]].concat());
    let body = html! {
        header.head {
            h1 { (said.title) }
            p.quiet {
                (said.what) " "
                ((texts.words.from_to)(&language.day(rate.figure.from), &language.day(rate.figure.to)))
            }
            (place.head(visit, "/satisfaction"))
            (place.improving(visit))
            (picker::windows(visit, "/satisfaction", window, &kept))
        }
        @if answers == 0 {
            p.notice { (said.none) " " (said.how_to_begin) }
        } @else {
            section aria-label=(texts.charts.key_figures) {
                dl.tiles {
                    (figures::tile(visit, &rate))
                    (figures::tile(visit, &satisfied))
                    (tile(said.answers, &language.count(answers), ""))
                }
            }
            section aria-labelledby="over-time" {
                h2 #over-time { (said.over_time) }
                (line(visit, said.over_time, &points(visit, &rate, step), &[(1.0, language.percent(Some(1.0))), (0.5, language.percent(Some(0.5)))]))
            }
            (sources(visit, &found.sources, answers))
        }
        (stores(visit, (&place, window), &found, paging)?)
    };
    let summary = format!("{}: {}", said.answers, language.count(answers));
    Ok(Page::of(said.title, body).following(FOLLOWS, summary).into())
}

fn points(visit: &Visit<'_>, rate: &Kpi, step: Step) -> Vec<Point> {
    let height = |of: &Figure| of.value.as_ref().and_then(Number::as_f64);
    let series = rate.series.iter().flatten();
    let known = series.map(|of| Point {
        day: step.first(of.from).max(of.from),
        height: height(of),
        value: visit.language.percent(height(of)),
    });
    known.collect()
}

/// What was named, most often first, by the share of all answers.
fn sources(visit: &Visit<'_>, sources: &[Source], answers: u64) -> Markup {
    let (language, texts) = (visit.language, &visit.texts().improving.satisfaction);
    html! {
        section aria-labelledby="sources" {
            h2 #sources { (texts.sources) }
            @if sources.is_empty() { p.quiet { (texts.no_sources) } } @else {
                ol.ranked {
                    @for source in sources.iter().take(SOURCES_MAX) {
                        li {
                            span.name { (words(&source.source)) }
                            span.amount { ((texts.named)(&language.count(source.answers))) " · " (language.part(source.answers, answers)) }
                            (Drawing::beside().set("class", "part").add(part("failed", 0.0, share(source.answers, answers).min(100.0))))
                        }
                    }
                }
            }
            @if sources.len() > SOURCES_MAX {
                p.quiet { ((visit.texts().words.and_more)(&language.count((sources.len() - SOURCES_MAX) as u64))) }
            }
        }
    }
}

/// Each store by itself, the least satisfied first: that is where something can be done.
fn stores(
    visit: &Visit<'_>,
    (place, window): (&AskedPlace, Window),
    found: &BesideSatisfaction,
    paging: Paging,
) -> Result<Markup, Problem> {
    let (language, texts) = (visit.language, visit.texts());
    let said = &texts.improving.satisfaction;
    let kpis = visit.ask::<Kpis>("/v1/kpis", &[])?.kpis;
    let kpi = texts.kpis.name(&found.definition.kpi);
    let rate = |store: &StoreSatisfaction| store.satisfaction.value.as_ref().and_then(Number::as_f64);
    let mut stores: Vec<_> = found.stores.iter().collect();
    stores.sort_by(|a, b| rate(a).unwrap_or(f64::INFINITY).total_cmp(&rate(b).unwrap_or(f64::INFINITY)));
    let kept = [place.kept(), vec![("window", Some(window.name()))]].concat();
    let figure = |of: &Figure| match &of.value {
        Some(value) => language.value(&found.definition.unit, value, found.currency),
        None => "–".to_owned(),
    };
    let title = (said.beside)(&kpi);
    let asked = [kept.as_slice(), &[("kpi", Some(found.definition.kpi.as_str()))]].concat();
    Ok(html! {
        section aria-labelledby="beside" {
            h2 #beside { (title) }
            (ranking::chooser_named(visit, "/satisfaction", ("kpi", &found.definition.kpi), &kpis, &kept, said.beside_by))
            div.scroll.tall tabindex="0" role="region" aria-label=(title) {
                table {
                    thead {
                        tr {
                            th scope="col" { (texts.words.store) }
                            th scope="col" { (said.title) }
                            th scope="col" { (kpi) }
                            th.text scope="col" { (said.named_most) }
                        }
                    }
                    tbody {
                        @for store in paging.of_all(&stores) {
                            tr {
                                th scope="row" { a href=(links::to_store(&store.store)) { (store.name) } }
                                td { (language.percent(rate(store))) }
                                td { (figure(&store.figure)) }
                                td.text {
                                    @if store.sources.is_empty() { "–" }
                                    @for (place, source) in store.sources.iter().take(OF_STORE_MAX).enumerate() {
                                        @if place > 0 { ", " }
                                        (words(&source.source)) " (" (language.count(source.answers)) ")"
                                    }
                                }
                            }
                        }
                    }
                }
            }
            (next(visit, "/satisfaction", paging, stores.len(), &asked))
        }
    })
}
