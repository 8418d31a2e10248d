//! Rows of earlier times that are kept under names.

use maud::{Markup, html};
use storefold_projection::{AsOf, SnapshotStatus};

use crate::{
    System,
    sections::english::{count, duration, time},
};

pub(crate) fn section(system: &System) -> Markup {
    html! {
        section aria-labelledby="snapshots" {
            h2 #snapshots { "Snapshots" }
            p.hint {
                "A snapshot is the rows of an earlier point, kept for 7 days and asked with "
                code { "?snapshot=NAME" } " in any question; make one with "
                code { "storefold rebuild all --snapshot NAME --as-of WHEN" } "."
            }
            @if system.snapshots.is_empty() {
                p.quiet { "There is none." }
            } @else {
                ul.entries { @for snapshot in &system.snapshots { (entry(system.now_ms, snapshot)) } }
            }
        }
    }
}

fn entry(now_ms: i64, snapshot: &SnapshotStatus) -> Markup {
    let age_s = (now_ms - snapshot.created_at_ms) as f64 / 1_000.0;
    html! {
        li {
            p.line {
                span { strong { (snapshot.snapshot) } " " (as_of(snapshot.as_of)) }
                span.state { "position " (count(snapshot.position)) }
            }
            p.quiet { (snapshot.models.join(", ")) }
            p.quiet { "made " (time(snapshot.created_at_ms)) ", " (duration(age_s)) " ago" }
        }
    }
}

fn as_of(as_of: Option<AsOf>) -> String {
    match as_of {
        None => "of all events".to_owned(),
        Some(AsOf::Position(position)) => format!("as of position {}", count(position)),
        Some(AsOf::RecordedAt(at)) => format!("of what was recorded by {}", time(at.timestamp_millis())),
        Some(AsOf::OccurredAt(at)) => format!("of what had occurred by {}", time(at.timestamp_millis())),
    }
}
