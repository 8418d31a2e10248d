//! An answer without end has to end when the server stops.

use std::{convert::Infallible, future::pending};

use aide::OperationInput;
use axum::{extract::FromRequestParts, http::request::Parts};
use tokio::sync::watch;

/// Tells a handler that the server which took its request stops; where none does, it tells nothing for ever.
#[derive(Clone, Debug, Default)]
pub struct Stopping(Option<watch::Receiver<()>>);

impl Stopping {
    /// Tells when the sender is used, or dropped.
    pub(crate) fn by(sender: &watch::Sender<()>) -> Self {
        Self(Some(sender.subscribe()))
    }

    /// Returns when the server stops.
    pub async fn told(&mut self) {
        match &mut self.0 {
            Some(stops) => drop(stops.changed().await),
            None => pending().await,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Stopping {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().cloned().unwrap_or_default())
    }
}

impl OperationInput for Stopping {}
