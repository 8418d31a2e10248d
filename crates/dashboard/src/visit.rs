//! One visit to a page: who is asked, in which language it is told, and what comes of it.

use std::cell::Cell;

use axum::http::{HeaderMap, Uri, header};
use maud::Markup;
use serde::de::DeserializeOwned;
use storefold_events::Position;
use storefold_http_kit::{Params, Problem, SignedInAs};
use storefold_projection::Answered;

use crate::{
    asker::{Ask, answer},
    language::Language,
    links,
    texts::Texts,
};

/// The cookie, and the parameter, by which a language is chosen.
pub(crate) const LANGUAGE: &str = "lang";

/// What a page is made of, besides its parameters.
pub(crate) struct Visit<'a> {
    pub(crate) models: &'a dyn Ask,
    pub(crate) language: Language,
    /// Who has signed in; nobody in particular where everybody may ask.
    pub(crate) who: Option<SignedInAs>,
    /// What the browser would rather read, when that is none of the languages here.
    pub(crate) not_spoken: Option<String>,
    /// How far the answers have to go, as far as the rows do; what is a moment old will do without.
    pub(crate) at_least: Option<Position>,
    /// How far the answers go that it is made of; none before there is one.
    pub(crate) position: Cell<Option<Position>>,
    /// How old the oldest of them is, in ms.
    pub(crate) age_ms: Cell<i64>,
    /// Path and query of this page, without the language.
    here: String,
}

/// A page, or that it is at another address.
pub(crate) enum Shown {
    Page(Page),
    Elsewhere(String),
}

/// A page before its frame.
pub(crate) struct Page {
    pub(crate) title: String,
    pub(crate) body: Markup,
    /// Why it is not what was asked for.
    pub(crate) problem: Option<Problem>,
    /// The read models it is made of; when they move on, a script fetches it anew.
    pub(crate) follows: &'static [&'static str],
    /// What changes on it, in a sentence, for whoever does not see it.
    pub(crate) summary: String,
    /// A browser without scripts loads it anew every so many seconds.
    pub(crate) refresh_s: Option<u32>,
}

impl Page {
    pub(crate) fn of(title: impl Into<String>, body: Markup) -> Self {
        let (title, summary) = (title.into(), String::new());
        Self { title, body, problem: None, follows: &[], summary, refresh_s: None }
    }

    pub(crate) fn following(self, models: &'static [&'static str], summary: String) -> Self {
        Self { follows: models, summary, ..self }
    }

    pub(crate) fn but(self, problem: Option<Problem>) -> Self {
        Self { problem, ..self }
    }
}

impl From<Page> for Shown {
    fn from(page: Page) -> Self {
        Self::Page(page)
    }
}

impl<'a> Visit<'a> {
    /// Takes the language out of the parameters; else it is that of the cookie, else one that the browser accepts.
    ///
    /// # Errors
    /// A bad parameter, when a language is asked for that is none of these; the visit goes on in English.
    pub(crate) fn of(
        models: &'a dyn Ask,
        uri: &Uri,
        headers: &HeaderMap,
        params: &mut Params,
    ) -> (Self, Result<Option<Language>, Problem>) {
        let asked = params.take(LANGUAGE).filter(|asked| !asked.trim().is_empty());
        let explicit = asked.map(|asked| Language::of(&asked).ok_or_else(unknown)).transpose();
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let cookie = text(header::COOKIE).and_then(cookie).and_then(Language::of);
        let accepted = text(header::ACCEPT_LANGUAGE).filter(|header| !header.trim().is_empty());
        let spoken = match &explicit {
            Ok(language) => language.or(cookie).or_else(|| accepted.and_then(Language::accepted)),
            Err(_) => None,
        };
        // With an asterisk among them, every language will do.
        let wanted = accepted.filter(|accepted| !accepted.contains('*'));
        let not_spoken = wanted.filter(|_| spoken.is_none() && explicit.is_ok()).map(shortened);
        let language = spoken.unwrap_or(Language::English);
        let visit = Self {
            models,
            who: None,
            language,
            not_spoken,
            at_least: None,
            position: Cell::new(None),
            age_ms: Cell::new(0),
            here: here(uri),
        };
        (visit, explicit)
    }

    /// The visit of somebody who has signed in.
    pub(crate) fn by(self, who: Option<SignedInAs>) -> Self {
        Self { who, ..self }
    }

    /// The visit of somebody who wants to see what stands up to a position.
    pub(crate) fn up_to(self, at_least: Option<Position>) -> Self {
        Self { at_least, ..self }
    }

    pub(crate) fn texts(&self) -> &'static Texts {
        self.language.texts()
    }

    /// The answer to a question of a read model.
    pub(crate) fn ask<T: DeserializeOwned>(&self, path: &str, parameters: &[(&str, &str)]) -> Result<T, Problem> {
        let (answer, Answered { position, age_ms, .. }) = answer(self.models, path, parameters, self.at_least)?;
        self.age_ms.set(self.age_ms.get().max(age_ms));
        self.position.set(Some(self.position.get().map_or(position, |lowest| lowest.min(position))));
        Ok(answer)
    }

    /// Whether a link leads to this page.
    pub(crate) fn is_at(&self, path: &str) -> bool {
        self.here.split('?').next() == Some(path)
    }

    /// Whether this page is the one that a link leads to, or below it.
    pub(crate) fn is_below(&self, path: &str) -> bool {
        self.here.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    }

    /// This page in another language.
    pub(crate) fn in_language(&self, language: Language) -> String {
        links::with(&self.here, &[(LANGUAGE, Some(language.tag()))])
    }
}

fn unknown() -> Problem {
    Problem::bad_parameter(LANGUAGE, "is none of en, fr, it and de; choose one of them")
}

fn cookie(header: &str) -> Option<&str> {
    header
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == LANGUAGE)
        .map(|(_, tag)| tag)
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

fn here(uri: &Uri) -> String {
    let kept: Vec<_> = uri
        .query()
        .into_iter()
        .flat_map(|query| query.split('&'))
        .filter(|pair| pair.split('=').next() != Some(LANGUAGE) && !pair.is_empty())
        .collect();
    if kept.is_empty() { uri.path().to_owned() } else { format!("{}?{}", uri.path(), kept.join("&")) }
}

/// A parameter that is given and not empty; a form sends the fields that were left empty, too.
pub(crate) fn chosen(params: &mut Params, name: &str) -> Option<String> {
    params.take(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Which days a page is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Window {
    Days30,
    Days90,
    All,
}

impl Window {
    pub(crate) const EACH: [Self; 3] = [Self::Days30, Self::Days90, Self::All];

    /// The last 30 days when nothing is said.
    pub(crate) fn of(params: &mut Params) -> Result<Self, Problem> {
        let Some(asked) = chosen(params, "window") else { return Ok(Self::Days30) };
        let known = Self::EACH.into_iter().find(|window| window.name() == asked);
        known.ok_or_else(|| Problem::bad_parameter("window", "is 30d, 90d or all; choose one"))
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Days30 => "30d",
            Self::Days90 => "90d",
            Self::All => "all",
        }
    }

    pub(crate) fn words(self, texts: &Texts) -> &'static str {
        match self {
            Self::Days30 => texts.frame.days_30,
            Self::Days90 => texts.frame.days_90,
            Self::All => texts.frame.all_time,
        }
    }
}
