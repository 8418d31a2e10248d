//! Which part of the network a page is about, and the pages beside it that are about the same.

use maud::{Markup, html};
use storefold_http_kit::Params;

use crate::{
    links,
    visit::{Visit, chosen},
};

/// A store, or an organisation with those below it; all that the visitor sees without either.
#[derive(Default)]
pub(crate) struct AskedPlace {
    store: Option<String>,
    organisation: Option<String>,
}

impl AskedPlace {
    pub(crate) fn of(params: &mut Params) -> Self {
        Self { store: chosen(params, "store"), organisation: chosen(params, "organisation") }
    }

    pub(crate) fn store(store: &str) -> Self {
        Self { store: Some(store.to_owned()), organisation: None }
    }

    pub(crate) fn organisation(organisation: Option<&str>) -> Self {
        Self { store: None, organisation: organisation.map(str::to_owned) }
    }

    /// As questions are asked.
    pub(crate) fn parameters(&self) -> Vec<(&'static str, &str)> {
        let store = self.store.as_deref().map(|store| ("store", store));
        let organisation = self.organisation.as_deref().map(|organisation| ("organisation", organisation));
        store.into_iter().chain(organisation).collect()
    }

    /// As links keep it.
    pub(crate) fn kept(&self) -> Vec<(&'static str, Option<&str>)> {
        self.parameters().into_iter().map(|(name, value)| (name, Some(value))).collect()
    }

    /// The place, which leads to its page, with a way to all of them.
    pub(crate) fn head(&self, visit: &Visit<'_>, path: &str) -> Markup {
        let link = match (&self.store, &self.organisation) {
            (Some(store), _) => Some((links::to_store(store), store)),
            (None, Some(organisation)) => Some((links::to_organisation(organisation), organisation)),
            (None, None) => None,
        };
        html! {
            @if let Some((link, name)) = link {
                p { a href=(link) { (name) } " · " a href=(path) { (visit.texts().improving.everywhere) } }
            }
        }
    }

    /// Pages that are about the same, as tabs.
    pub(crate) fn tabs(&self, visit: &Visit<'_>, said: &str, pages: &[(&str, &str)]) -> Markup {
        html! {
            nav.choice aria-label=(said) {
                @for (path, name) in pages {
                    @let current = if visit.is_at(path) { Some("page") } else { visit.is_below(path).then_some("true") };
                    a href=(links::with(path, &self.kept())) aria-current=[current] { (name) }
                }
            }
        }
    }

    /// The tabs of what is undertaken for better figures.
    pub(crate) fn improving(&self, visit: &Visit<'_>) -> Markup {
        let texts = &visit.texts().improving;
        let pages = [
            ("/satisfaction", texts.satisfaction.title),
            ("/action-plans", texts.plans.title),
            ("/challenges", texts.challenges.title),
        ];
        self.tabs(visit, texts.title, &pages)
    }

    /// The tabs of what came late.
    pub(crate) fn late(&self, visit: &Visit<'_>) -> Markup {
        let texts = visit.texts();
        let pages = [("/restatements", texts.late.title), ("/closed-months", texts.improving.closed.title)];
        self.tabs(visit, texts.late.title, &pages)
    }

    /// Links to every page that is about this place, at the end of its own.
    pub(crate) fn more(&self, visit: &Visit<'_>) -> Markup {
        let texts = visit.texts();
        let pages = [
            ("/satisfaction", texts.improving.satisfaction.title),
            ("/action-plans", texts.improving.plans.title),
            ("/challenges", texts.improving.challenges.title),
            ("/restatements", texts.late.title),
            ("/closed-months", texts.improving.closed.title),
        ];
        html! {
            section aria-labelledby="more" {
                h2 #more { (texts.improving.more) }
                ul.links { @for (path, name) in pages { li { a href=(links::with(path, &self.kept())) { (name) } } } }
            }
        }
    }
}
