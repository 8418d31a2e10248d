//! The page of the system: for those who look after the read models.

use maud::{Markup, html};
use storefold_http_kit::{Params, Problem};

use crate::{
    System,
    language::Language,
    sections::{
        english::{count, plural},
        models, notice, rebuilds, snapshots,
    },
    visit::{Page, Shown, Visit},
};

/// How often the page is loaded anew while a rebuild is under way, in s.
const REFRESH_S: u32 = 2;

/// How the read models do, in English, as the commands are that it names.
pub(crate) fn page(visit: &Visit<'_>, params: Params) -> Result<Shown, Problem> {
    params.none_left()?;
    let system = visit.models.system();
    let refresh_s = system.is_rebuilding().then_some(REFRESH_S);
    let body = html! {
        @if visit.language != Language::English { p.quiet { (visit.texts().frame.in_english) } }
        div lang="en" { (body(&system)) }
    };
    Ok(Page { refresh_s, ..Page::of("System", body) }.into())
}

fn body(system: &System) -> Markup {
    let rebuilding = system.is_rebuilding();
    html! {
        header.head {
            h1 { "System" }
            p.quiet {
                "Log position " (count(system.log_position)) " · " (verdict(system))
                @if rebuilding { " · shown anew every " (REFRESH_S) " s while a rebuild is under way" }
            }
        }
        @if let Some(sentence) = &system.log_error {
            (notice("The log cannot be read", &format!("{sentence}. The read models answer from the rows they have.")))
        }
        (models::section(system))
        (rebuilds::section(system))
        (snapshots::section(system))
    }
}

/// All that is wrong, or that nothing is.
fn verdict(system: &System) -> Markup {
    let stopped = system.models.iter().filter(|model| model.poisoned.is_some()).count();
    let models = |number: usize| plural(number.try_into().unwrap_or(i64::MAX), "read model");
    let mut wrong = Vec::new();
    if system.log_error.is_some() {
        wrong.push("the log cannot be read".to_owned());
    }
    if stopped > 0 {
        wrong.push(format!("{} stopped", models(stopped)));
    }
    if system.differing() > 0 {
        wrong.push(format!("{} not as the log says", models(system.differing())));
    }
    html! {
        @if wrong.is_empty() { "all is well" } @else { strong.warning { (wrong.join(", ")) } }
    }
}
