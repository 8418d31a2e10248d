//! What the visitor chooses on pages of figures: links and plain forms.

use maud::{Markup, html};

use crate::{
    links,
    visit::{Visit, Window},
};

/// The windows as links; `kept` is what stays chosen.
pub(crate) fn windows(visit: &Visit<'_>, path: &str, now: Window, kept: &[(&str, Option<&str>)]) -> Markup {
    let texts = visit.texts();
    html! {
        nav.choice aria-label=(texts.frame.window) {
            @for window in Window::EACH {
                @let mut parameters = vec![("window", Some(window.name()))];
                @let () = parameters.extend_from_slice(kept);
                a href=(links::with(path, &parameters)) aria-current=[(window == now).then_some("true")] {
                    (window.words(texts))
                }
            }
        }
    }
}

/// A field to look something up by.
pub(crate) fn lookup(
    visit: &Visit<'_>,
    action: &str,
    (name, label, hint): (&str, &str, &str),
    value: Option<&str>,
) -> Markup {
    html! {
        form.lookup method="get" action=(action) role="search" {
            label for=(name) { (label) }
            input id=(name) name=(name) value=[value] maxlength="200" placeholder=(hint) autocomplete="off";
            button type="submit" { (visit.texts().frame.search) }
        }
    }
}
