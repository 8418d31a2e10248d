//! Parameters of a request, from the path and the query string alike.

use aide::OperationInput;
use axum::{
    extract::{FromRequestParts, Query, RawPathParams},
    http::request::Parts,
};
use serde_json::{Map, Value};

use crate::Problem;

/// Parameters by name, percent-decoded. Every one must be taken by somebody, so that a misspelt one is not passed over
/// in silence.
#[derive(Clone, Debug, Default)]
pub struct Params(Map<String, Value>);

impl Params {
    /// Takes a parameter out.
    pub fn take(&mut self, name: &str) -> Option<String> {
        match self.0.remove(name)? {
            Value::String(text) => Some(text),
            _ => unreachable!("only strings are put in"),
        }
    }

    /// Takes a parameter out that is a whole number.
    ///
    /// # Errors
    /// A bad parameter, when it is something else.
    pub fn take_number(&mut self, name: &str) -> Result<Option<u64>, Problem> {
        let Some(text) = self.take(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Problem::bad_parameter(name, "is not a whole number from 0; send one"))
    }

    /// Takes a parameter out that is `true` or `false`; `false` when it is not given.
    ///
    /// # Errors
    /// A bad parameter, when it is something else.
    pub fn take_flag(&mut self, name: &str) -> Result<bool, Problem> {
        match self.take(name).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Problem::bad_parameter(name, "is neither true nor false; send one of them")),
        }
    }

    /// What is left, as texts.
    ///
    /// # Errors
    /// A bad parameter, when one of them is not known.
    pub fn only(self, known: impl Fn(&str) -> bool) -> Result<Map<String, Value>, Problem> {
        match self.0.keys().find(|name| !known(name)) {
            None => Ok(self.0),
            Some(unknown) => {
                Err(Problem::bad_parameter(unknown, "is not a parameter here; the parameters are at /docs"))
            }
        }
    }

    /// Nothing is left.
    ///
    /// # Errors
    /// A bad parameter, when something is.
    pub fn none_left(self) -> Result<(), Problem> {
        self.only(|_| false).map(drop)
    }

    fn put(&mut self, name: String, text: String) -> Result<(), Problem> {
        if self.0.contains_key(&name) {
            return Err(Problem::bad_parameter(&name, "is given twice; send it once"));
        }
        self.0.insert(name, Value::String(text));
        Ok(())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let mut params = Self::default();
        let path = RawPathParams::from_request_parts(parts, state).await;
        for (name, text) in &path.map_err(|error| Problem::bad_parameter("path", format_args!("{error}")))? {
            params.put(name.to_owned(), text.to_owned())?;
        }
        if parts.uri.query().is_some() {
            let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
            let query =
                query.map_err(|error| Problem::bad_parameter("query", format_args!("cannot be read: {error}")))?;
            for (name, text) in query.0 {
                params.put(name, text)?;
            }
        }
        Ok(params)
    }
}

impl OperationInput for Params {}
