//! Rebuilds that are under way or were of late.

use maud::{Markup, html};
use storefold_projection::{RebuildPurpose, RebuildState, RebuildStatus};

use crate::{
    System,
    figures::share,
    sections::english::{count, duration, plural},
    system::is_under_way,
};

/// How many that have ended are seen at once; proofs come again and again.
const OPEN_MAX: usize = 5;

pub(crate) fn section(system: &System) -> Markup {
    let (under_way, ended): (Vec<_>, Vec<_>) = system.rebuilds.iter().partition(|rebuild| is_under_way(rebuild));
    let (late, earlier) = ended.split_at(ended.len().min(OPEN_MAX));
    html! {
        section aria-labelledby="rebuilds" {
            h2 #rebuilds { "Rebuilds" }
            p.hint {
                "A rebuild folds the log anew beside the rows that are served, compares both, and puts the new ones in "
                "their place; start one with " code { "storefold rebuild all" } ", cancel it with "
                code { "storefold rebuild --cancel NUMBER" } "."
            }
            @if system.rebuilds.is_empty() {
                p.quiet { "Nothing was rebuilt since this process started." }
            } @else {
                ol.entries { @for rebuild in under_way.iter().chain(late) { (entry(system, rebuild)) } }
            }
            @if !earlier.is_empty() {
                details {
                    summary { (earlier.len()) " earlier" }
                    ol.entries { @for rebuild in earlier { (entry(system, rebuild)) } }
                }
            }
        }
    }
}

fn entry(system: &System, rebuild: &RebuildStatus) -> Markup {
    let failed = rebuild.state == RebuildState::Failed;
    html! {
        li {
            p.line {
                span { strong { (title(rebuild)) } " " (models(system, rebuild)) }
                span.state.warning[failed] { (state(rebuild.state)) }
            }
            @if is_under_way(rebuild) {
                progress max="100" value=(format!("{:.1}", share(rebuild.position, rebuild.until)))
                    aria-label=(title(rebuild)) {}
            }
            p.quiet { (progress(rebuild)) }
            @if let Some(detail) = &rebuild.detail { p.warning[failed] { (detail) } }
            (outcome(rebuild))
        }
    }
}

/// `Rebuild 3`, `Snapshot 4, “january”`; a snapshot and a proof are rebuilds, too.
fn title(rebuild: &RebuildStatus) -> String {
    let what = match rebuild.purpose {
        RebuildPurpose::Replace => "Rebuild",
        RebuildPurpose::Snapshot => "Snapshot",
        RebuildPurpose::Prove => "Proof",
    };
    let name = rebuild.snapshot.as_ref().map(|name| format!(", “{name}”")).unwrap_or_default();
    format!("{what} {}{name}", rebuild.rebuild)
}

fn models(system: &System, rebuild: &RebuildStatus) -> String {
    let all = rebuild.models.len() > 1 && rebuild.models.len() == system.models.len();
    if all { "of all read models".to_owned() } else { format!("of {}", rebuild.models.join(", ")) }
}

fn state(state: RebuildState) -> &'static str {
    match state {
        RebuildState::Folding => "folding history",
        RebuildState::CatchingUp => "catching up",
        RebuildState::Comparing => "comparing",
        RebuildState::Done => "done",
        RebuildState::Failed => "failed",
        RebuildState::Cancelled => "cancelled",
    }
}

/// `4,711 of 10,000 events · 5,100 events/s · 1.2 s left`
fn progress(rebuild: &RebuildStatus) -> String {
    let time = match rebuild.seconds_left {
        _ if !is_under_way(rebuild) => format!("took {}", duration(rebuild.seconds)),
        Some(seconds) => format!("{} left", duration(seconds)),
        None => format!("for {}", duration(rebuild.seconds)),
    };
    if is_under_way(rebuild) && rebuild.until == 0 {
        return format!("has just begun · {time}");
    }
    let (position, until) = (count(rebuild.position), count(rebuild.until));
    let rate = count(rebuild.events_per_second.round() as u64);
    format!("{position} of {until} events · {rate} events/s · {time}")
}

/// What the comparisons came to; those of a snapshot are none.
fn outcome(rebuild: &RebuildStatus) -> Markup {
    let of = |equal: bool| rebuild.outcome.iter().filter(move |model| model.equal == Some(equal));
    let mended = rebuild.purpose == RebuildPurpose::Replace && rebuild.state == RebuildState::Done;
    let (equal, compared) = (of(true).count(), of(true).count() + of(false).count());
    html! {
        @if compared > 0 && equal == compared {
            p.quiet { (plural(equal.try_into().unwrap_or(i64::MAX), "read model")) " compared, no difference" }
        }
        @for model in of(false) {
            p.warning {
                (model.model) " was not the fold of the log at position " (count(model.position))
                @if mended { "; it is now" }
            }
        }
    }
}
