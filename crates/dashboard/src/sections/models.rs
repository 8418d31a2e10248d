//! The read models, one card each.

use maud::{Markup, html};
use storefold_projection::{ModelStatus, Proof};

use crate::{
    System,
    sections::english::{count, duration, plural},
};

pub(crate) fn section(system: &System) -> Markup {
    html! {
        section aria-labelledby="models" {
            h2 #models { "Read models" }
            p.hint {
                "A read model is the fold of every event up to its position, and a proof folds the log once more and "
                "compares; one that has stopped or differs is mended by " code { "storefold rebuild NAME" } "."
            }
            @if system.models.is_empty() { p.quiet { "This process keeps no read model." } }
            div.cards { @for model in &system.models { (card(system, model)) } }
        }
    }
}

fn card(system: &System, model: &ModelStatus) -> Markup {
    let wrong = model.poisoned.is_some() || system.differs(model);
    html! {
        div.card.warning[wrong] {
            h3 { (model.name) " " span.quiet { "version " (model.version) } }
            dl {
                div { dt { "Position" } dd { (count(model.position)) } }
                div { dt { "Lag" } dd { (lag(model.lag_events)) } }
                div { dt { "State" } dd { (state(model)) } }
                div { dt { "Last proof" } dd { (proof(system, model)) } }
            }
        }
    }
}

fn lag(events: u64) -> String {
    plural(events.try_into().unwrap_or(i64::MAX), "event")
}

fn state(model: &ModelStatus) -> Markup {
    html! {
        @if let Some(poisoned) = &model.poisoned {
            strong.warning { "stopped before position " (count(poisoned.position)) }
            p { (poisoned.sentence) }
            p.quiet {
                "It answers from the rows up to there. Run a version that can fold this event, then "
                code { "storefold rebuild " (model.name) } "."
            }
        } @else if model.lag_events == 0 {
            "level with the log"
        } @else {
            "catching up"
        }
    }
}

fn proof(system: &System, model: &ModelStatus) -> Markup {
    let Some(proof) = &model.proof else { return html! { "not yet" } };
    let Some(difference) = &proof.difference else { return html! { "equal" p.quiet { (when(proof)) } } };
    html! {
        @if let Some(rebuild) = system.mended_by(model) {
            "differed, mended by rebuild " (rebuild)
            p { (difference) }
            p.quiet { (when(proof)) }
        } @else {
            strong.warning { "differs" }
            p { (difference) }
            p.quiet { (when(proof)) ". Run " code { "storefold rebuild " (model.name) } "." }
        }
    }
}

fn when(proof: &Proof) -> String {
    format!("at position {}, {} ago", count(proof.position), duration(proof.age.as_secs_f64()))
}
