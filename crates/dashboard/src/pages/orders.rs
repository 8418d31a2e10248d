//! What is ordered by a form: a command in the name of who hands it over, and then the page on which it is seen.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Uri, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use storefold_access::Viewer;
use storefold_http_kit::{AT_LEAST, Problem, SignedInAs};
use tokio::task::spawn_blocking;

use super::{
    entry::unreadable,
    forms::{Fields, Sent},
    problem_page,
};
use crate::{
    asker::{Ask, Command, Narrowed, answer},
    links,
    visit::Visit,
};

/// The longest identifier that is made of words, in characters.
const IDENTIFIER_MAX: usize = 120;

/// Who hands over a form, and where.
pub(super) struct Orderer {
    models: Arc<dyn Ask>,
    who: Option<SignedInAs>,
    viewer: Option<Arc<Viewer>>,
    uri: Uri,
    headers: HeaderMap,
}

/// What a form orders.
pub(super) struct Ordered {
    /// Who gave it is put in by [`Orderer::order`].
    pub(super) command: Command,
    /// The page on which it is seen.
    pub(super) then: String,
}

impl FromRequestParts<Arc<dyn Ask>> for Orderer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, models: &Arc<dyn Ask>) -> Result<Self, Infallible> {
        Ok(Self {
            models: Arc::clone(models),
            who: parts.extensions.get().cloned(),
            viewer: parts.extensions.get().cloned(),
            uri: parts.uri.clone(),
            headers: parts.headers.clone(),
        })
    }
}

impl Orderer {
    /// Gives the command that a form stands for, unless another site may have sent it. `read` may ask the read models.
    pub(super) async fn order(
        self,
        sent: Sent,
        read: impl FnOnce(&Self, &Fields) -> Result<Ordered, Problem> + Send + 'static,
    ) -> Response {
        let Some(fields) = Fields::sent_here(sent, self.who.as_ref(), &self.headers) else {
            return unreadable(&self.uri, &self.headers, self.who.as_ref());
        };
        let orderer = Arc::new(self);
        match Self::given(&orderer, fields, read).await {
            Ok(location) => Redirect::to(&location).into_response(),
            Err(problem) => problem_page(&problem, orderer.who.as_ref(), &orderer.uri, &orderer.headers),
        }
    }

    async fn given(
        orderer: &Arc<Self>,
        fields: Fields,
        read: impl FnOnce(&Self, &Fields) -> Result<Ordered, Problem> + Send + 'static,
    ) -> Result<String, Problem> {
        let reader = Arc::clone(orderer);
        let given = spawn_blocking(move || read(&reader, &fields)).await.map_err(Problem::internal)??;
        let by = orderer.viewer.as_ref().map(|viewer| viewer.audited_as());
        let position = orderer.models.order(Command { by, ..given.command }).await?.to_string();
        Ok(links::with(&given.then, &[(AT_LEAST, Some(&position))]))
    }

    /// The answer to a question, as whoever orders sees it, up to where its read model is at this moment.
    pub(super) fn ask<T: DeserializeOwned>(
        &self,
        model: &str,
        path: &str,
        parameters: &[(&str, &str)],
    ) -> Result<T, Problem> {
        let models: Arc<dyn Ask> = match &self.viewer {
            Some(viewer) => Arc::new(Narrowed { models: Arc::clone(&self.models), reach: viewer.clone() }),
            None => Arc::clone(&self.models),
        };
        let now = models.position(model);
        answer(&*models, path, parameters, now).map(|(answer, _)| answer)
    }

    /// Refuses who does not manage a place; with neither, the place is the network. Where nobody signs in, everybody may.
    pub(super) fn must_manage(&self, organisation: Option<&str>, store: Option<&str>) -> Result<(), Problem> {
        let Some(viewer) = &self.viewer else { return Ok(()) };
        if viewer.manages_place(organisation, store).map_err(Problem::internal)? {
            return Ok(());
        }
        Err(Problem::forbidden(match organisation.or(store) {
            Some(place) => format!("you do not manage `{place}`; ask a manager of it, or name a place of yours"),
            None => "you do not manage the whole network; name a place that you manage".to_owned(),
        }))
    }
}

/// Whether a page shows forms that order something for a place: to managers, and to everybody where nobody signs in.
pub(super) fn may_order(visit: &Visit<'_>) -> bool {
    visit.who.as_ref().is_none_or(SignedInAs::may_create_users)
}

/// An identifier of words: the same words give the same, so that a form which is handed over twice orders once.
pub(super) fn identifier(words: &[&str]) -> String {
    let mut identifier = String::new();
    for letter in words.join("-").chars().flat_map(char::to_lowercase).take(IDENTIFIER_MAX) {
        if letter.is_alphanumeric() {
            identifier.push(letter);
        } else if !identifier.ends_with('-') {
            identifier.push('-');
        }
    }
    identifier.trim_matches('-').to_owned()
}

/// A day as a browser sends it.
pub(super) fn day(fields: &Fields, name: &str) -> Result<NaiveDate, Problem> {
    let given = fields.given(name).unwrap_or_default();
    let no_day = |_| {
        let detail = format!("`{name}` is no day; write it as 2026-11-23");
        Problem::refused("invalid_value", Some(name.to_owned()), detail)
    };
    given.parse().map_err(no_day)
}

#[cfg(test)]
mod tests {
    use super::identifier;

    #[test]
    fn an_identifier_is_made_of_the_words_that_stand_for_it() {
        assert_eq!(identifier(&["FR-1", "2026-11-23", "Blinds, soon!"]), "fr-1-2026-11-23-blinds-soon");
        assert_eq!(identifier(&["", "2026-11-23", "Über  Ärmel"]), "2026-11-23-über-ärmel");
        assert_eq!(identifier(&["x", &"y".repeat(500)]).len(), 120);
    }
}
