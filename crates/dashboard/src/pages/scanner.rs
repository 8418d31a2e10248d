//! The page of a scanner: where it stands, when it was heard of, what is missing of it, and what it scans (rows 0.1, 0.21,
//! 0.22).

use maud::{Markup, html};
use storefold_http_kit::{Params, Problem};

use super::{network::as_query, scanners::connected};
use crate::{
    answers::{
        scanners::{Sequence, Status},
        scans::ScansAnswer,
    },
    charts::{
        bars::{self, Bars},
        capture, parts,
    },
    links,
    sections::{picker, tile},
    visit::{Page, Shown, Visit, Window},
};

/// Ranges of missing numbers that are listed of a source.
const RANGES_MAX: usize = 20;

const FOLLOWS: &[&str] = &["scanners", "store-performance"];

pub(crate) fn page(visit: &Visit<'_>, mut params: Params) -> Result<Shown, Problem> {
    let scanner = params.take("scanner").unwrap_or_default();
    let window = Window::of(&mut params)?;
    params.none_left()?;
    let (language, texts) = (visit.language, visit.texts());
    let status = visit.ask::<Status>("/v1/scanners/{scanner}/status", &[("scanner", &scanner)])?;
    let asked = [("scanner", scanner.as_str()), ("window", window.name())];
    // One that was never seen to scan is known all the same.
    let scans = match visit.ask::<ScansAnswer>("/v1/scans", &asked) {
        Ok(scans) => Some(scans),
        Err(problem) if problem.code() == "unknown_scanner" => None,
        Err(problem) => return Err(problem),
    };
    let title = (texts.scanner.title)(&status.scanner);
    let body = html! {
        header.head {
            h1 { (title) }
            p.quiet {
                @if let Some(scans) = &scans { ((texts.words.from_to)(&language.day(scans.from), &language.day(scans.to))) }
            }
            (picker::windows(visit, &links::to_scanner(&scanner), window, &[]))
        }
        @if let Some(scans) = &scans { (figures(visit, scans)) }
        (facts(visit, &status))
        @match &scans {
            Some(scans) => {
                (bars::section(visit, &Bars::of_days(&scans.days), &links::with("/v1/scans", &as_query(&asked))))
                div.columns {
                    (parts::result(visit, &scans.totals, &scans.errors))
                    div {
                        (parts::genders(visit, &scans.totals.genders))
                        (captured(visit, scans))
                    }
                }
            }
            None => p.quiet { (texts.charts.no_scans) },
        }
        (missing(visit, &status))
    };
    let summary = scans.map_or(String::new(), |scans| {
        format!("{}: {} {}", texts.words.scans, texts.words.succeeded, language.count(scans.totals.scans.succeeded))
    });
    Ok(Page::of(title.clone(), body).following(FOLLOWS, summary).into())
}

fn figures(visit: &Visit<'_>, scans: &ScansAnswer) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    let totals = &scans.totals;
    let flagged = if totals.flag.is_some() { texts.network.investigate } else { "" };
    let band = totals.capture_band.as_deref().map_or("", |band| capture::band(&texts.charts, band));
    html! {
        section aria-labelledby="figures" {
            h2.unseen #figures { (texts.charts.key_figures) }
            dl.tiles {
                (tile(texts.kpis.successful_scans, &language.count(totals.scans.succeeded), ""))
                (tile(texts.kpis.scan_success, &language.percent(totals.success_rate), flagged))
                (tile(texts.kpis.emails, &language.count(totals.emails), ""))
                (tile(texts.kpis.email_capture, &language.percent(totals.capture_rate), band))
            }
        }
    }
}

fn captured(visit: &Visit<'_>, scans: &ScansAnswer) -> Markup {
    let band = scans.totals.capture_band.as_deref();
    capture::section(visit, scans.totals.capture_rate, band, &capture::points(visit, &scans.days))
}

/// What is known of it, with the times of the facts.
fn facts(visit: &Visit<'_>, status: &Status) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    let late = |ms: i64| (texts.scanner.later)(&language.duration(ms as f64 / 1_000.0));
    html! {
        section aria-labelledby="status" {
            h2 #status { (texts.scanner.status) }
            dl.facts {
                div {
                    dt { (texts.scanner.stands_in) }
                    dd {
                        @match &status.store {
                            Some(store) => a href=(links::to_store(store)) { (status.store_name.as_ref().unwrap_or(store)) },
                            None => (texts.words.not_known),
                        }
                    }
                }
                @if !status.registered { div { dt { (texts.words.state) } dd { (texts.scanner.not_registered) } } }
                @if let Some(model) = &status.model { div { dt { (texts.scanner.model) } dd { (model) } } }
                div {
                    dt { (texts.words.state) }
                    dd {
                        (connected(visit, status.connected))
                        @if let Some(since) = status.connection_since { " · " (language.time(since)) }
                    }
                }
                div {
                    dt { (texts.words.last_seen) }
                    dd { (status.last_seen.as_ref().map_or(texts.words.never.to_owned(), |seen| language.time(seen.occurred_at))) }
                }
                @if let Some(upload) = &status.last_upload {
                    div {
                        dt { (texts.scanner.last_upload) }
                        dd { (language.time(upload.recorded_at)) " · " (late(upload.backlog_age_ms)) }
                    }
                }
                @if let Some(latest) = status.backlog_age_ms_max { div { dt { (texts.scanner.latest_ever) } dd { (late(latest)) } } }
            }
        }
    }
}

fn missing(visit: &Visit<'_>, status: &Status) -> Markup {
    let (language, texts) = (visit.language, visit.texts());
    html! {
        section aria-labelledby="sources" {
            h2 #sources { (texts.scanner.sources) }
            @if status.missing == 0 { p.quiet { (texts.scanner.nothing_missing) } }
            ul.entries {
                @for source in &status.sources {
                    li {
                        p.line {
                            span { (source.source) }
                            span.state { "1–" (language.count(source.highest_seq)) }
                        }
                        @if source.missing > 0 {
                            p.warning { (texts.scanner.missing_numbers) ": " (language.count(source.missing)) }
                            p.quiet { (ranges(source)) }
                        }
                    }
                }
            }
            details #missing-definition {
                summary { (texts.frame.definition) }
                p.quiet lang="en" { (status.definition) }
            }
        }
    }
}

/// The highest ranges; numbers of devices are not grouped.
fn ranges(source: &Sequence) -> String {
    let one = |range: &crate::answers::scanners::Range| {
        if range.first == range.last { range.first.to_string() } else { format!("{}–{}", range.first, range.last) }
    };
    let shown: Vec<_> = source.missing_ranges.iter().rev().take(RANGES_MAX).map(one).collect();
    let more = if source.missing_ranges.len() > RANGES_MAX { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}
