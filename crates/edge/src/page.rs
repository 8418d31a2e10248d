//! `/`: the same as `/v1/outbox` for people in the store.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use storefold_http_kit::Problem;

use crate::{
    Edge,
    shown::{PolicyShown, Shown},
};

/// The page at `/`.
pub fn pages(edge: Arc<Edge>) -> Router {
    Router::new().route("/", get(page)).with_state(edge)
}

async fn page(State(edge): State<Arc<Edge>>) -> Response {
    match Shown::of(&edge).await {
        Ok(shown) => Html(document(&shown).into_string()).into_response(),
        Err(error) => Problem::not_ready("outbox_unavailable", 60, error).into_response(),
    }
}

fn document(shown: &Shown) -> Markup {
    let (title, lead) = headline(shown);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="refresh" content="5";
                title { (title) " – " (shown.stores.join(", ")) }
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body class=(shown.line.state) {
                main {
                    p.store { (shown.stores.join(", ")) }
                    h1 { (title) }
                    p.lead { (lead) }
                    @if let Some(why) = &shown.line.why { p.why { (why) } }
                    @if let Some(upload) = &shown.upload {
                        @let all = upload.sent + shown.backlog.events;
                        progress max=(all) value=(upload.sent) aria-label="Upload" {}
                        p.small {
                            (grouped(upload.sent)) " of " (grouped(all)) " sent, " (grouped(upload.events_per_s)) " a second"
                            @if let Some(left_s) = upload.left_s { ", " (span(left_s as i64)) " left" }
                        }
                    }
                    dl {
                        div { dt { "Waiting" } dd { (grouped(shown.backlog.events)) } }
                        div {
                            dt { "The oldest for" }
                            dd { @if let Some(age_s) = shown.backlog.oldest_age_s { (span(age_s)) } @else { "–" } }
                        }
                        div { dt { "Room taken" } dd { (share(shown)) } }
                        div { dt { "Sent on so far" } dd { (grouped(shown.sent)) } }
                    }
                    p.small { (policy(&shown.policy)) }
                    @if shown.refused.count > 0 {
                        h2 { "Refused by the centre: " (grouped(shown.refused.count)) }
                        p.small { "They stand in its quarantine, where they can be looked at and retried." }
                        table {
                            thead { tr { th { "When" } th { "Source" } th { "Code" } th { "What to do" } } }
                            tbody {
                                @for refused in shown.refused.newest.iter().take(20) {
                                    tr {
                                        td { (refused.refused_at.format("%Y-%m-%d %H:%M UTC")) }
                                        td { (refused.event["source"].as_str().unwrap_or("–")) }
                                        td { code { (refused.code) } }
                                        td { (refused.detail) }
                                    }
                                }
                            }
                        }
                    }
                }
                footer { a href="/v1/outbox" { "As JSON" } a href="/docs" { "API" } a href="/metrics" { "Metrics" } }
            }
        }
    }
}

fn headline(shown: &Shown) -> (&'static str, String) {
    let waiting = shown.backlog.events;
    match shown.line.state {
        "up" if waiting == 0 => ("All is sent", "The line is up, and the centre has everything.".to_owned()),
        "up" => ("Sending", format!("The line is up; {} events are on their way.", grouped(waiting))),
        "down" => (
            "The line is down",
            format!(
                "Go on scanning and selling: {} events are safe here and are sent by themselves.",
                grouped(waiting)
            ),
        ),
        "blocked" => (
            "Somebody has to look",
            format!(
                "Nothing is lost: {} events are safe here. But nothing is sent until this is seen to:",
                grouped(waiting)
            ),
        ),
        _ => ("Starting", "Looking for the centre.".to_owned()),
    }
}

fn policy(policy: &PolicyShown) -> String {
    match (policy.floor_minor, policy.floor_points) {
        (Some(minor), Some(points)) => format!(
            "While the line is down, a card pays up to {} (minor units) and an account spends up to {} points.",
            grouped(minor.unsigned_abs()),
            grouped(points.unsigned_abs())
        ),
        _ => "While the line is down, no card and no points are taken.".to_owned(),
    }
}

fn share(shown: &Shown) -> String {
    let share = shown.backlog.bytes as f64 / shown.backlog.bytes_max.max(1) as f64;
    format!("{:.1} %", share * 100.0)
}

/// A span as people say it.
fn span(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

const STYLE: &str = "
:root { --ink: #1d2329; --soft: #5b6770; --paper: #fbfaf8; --line: #e3e0da; --mark: #2f6f4f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e6e1; --soft: #9aa4ab; --paper: #16191c; --line: #2c3237; --mark: #7cc29c; } }
.down { --mark: #b26a00; } .blocked { --mark: #b3261e; }
@media (prefers-color-scheme: dark) { .down { --mark: #e0a54b; } .blocked { --mark: #f2877f; } }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 44rem; margin: 0 auto; padding: 3rem 1.25rem 2rem; }
.store { margin: 0; color: var(--soft); }
h1 { margin: .25rem 0 .5rem; font-size: 2.25rem; line-height: 1.15; font-weight: 600; color: var(--mark); }
h2 { margin: 2.5rem 0 .25rem; font-size: 1.1rem; }
.lead { margin: 0 0 1rem; font-size: 1.1rem; }
.why { margin: 0 0 1rem; padding-left: .9rem; border-left: 3px solid var(--mark); overflow-wrap: anywhere; }
.small { color: var(--soft); font-size: .9rem; }
progress { width: 100%; height: .6rem; accent-color: var(--mark); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 1.25rem; margin: 2rem 0; }
dt { color: var(--soft); font-size: .9rem; }
dd { margin: 0; font-size: 1.6rem; font-variant-numeric: tabular-nums; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { padding: .5rem .75rem .5rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 400; }
footer { max-width: 44rem; margin: 0 auto; padding: 0 1.25rem 3rem; display: flex; gap: 1.25rem; }
a { color: var(--soft); }
";
