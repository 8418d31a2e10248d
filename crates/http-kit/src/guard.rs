//! What stands around every request: limits on time and on how much one address asks for, a net under panics, and the
//! counting.
//!
//! One service in place of a stack of three, since each layer costs a boxed future a request.

use std::{
    any::Any,
    convert::Infallible,
    panic::AssertUnwindSafe,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    extract::{MatchedPath, Request},
    response::{IntoResponse, Response},
};
use futures::{FutureExt, future::BoxFuture};
use tokio::time::{Instant, timeout};
use tower::{Layer, Service};

use crate::{AddressLimit, Metrics, Problem, guesses::Guesses, metrics::Route};

/// The longest that a request may take until its answer begins.
pub const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub(crate) struct GuardLayer(pub(crate) Metrics, pub(crate) Guesses, pub(crate) Option<Arc<AddressLimit>>);

impl<S> Layer<S> for GuardLayer {
    type Service = Guard<S>;

    fn layer(&self, inner: S) -> Guard<S> {
        Guard { inner, metrics: self.0.clone(), guesses: self.1.clone(), limit: self.2.clone() }
    }
}

#[derive(Clone)]
pub(crate) struct Guard<S> {
    inner: S,
    metrics: Metrics,
    guesses: Guesses,
    limit: Option<Arc<AddressLimit>>,
}

impl<S> Service<Request> for Guard<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let started = Instant::now();
        let route = Route(request.extensions().get::<MatchedPath>().cloned());
        let method = request.method().clone();
        let metrics = self.metrics.clone();
        let admitted = self.limit.as_ref().map_or(Ok(()), |limit| limit.admit(&request));
        let peer = match admitted.and_then(|()| self.guesses.enter(&request)) {
            Ok(peer) => peer,
            Err(problem) => {
                let response = problem.into_response();
                metrics.observe(route, &method, response.status(), started.elapsed());
                return Box::pin(std::future::ready(Ok(response)));
            }
        };
        let guesses = peer.map(|peer| (peer, self.guesses.clone()));
        // A handler that panicked is dropped whole; what it shares with others is behind locks and channels.
        let answer = AssertUnwindSafe(self.inner.call(request)).catch_unwind();
        Box::pin(async move {
            let response = match timeout(REQUEST_TIME_MAX, answer).await {
                Ok(Ok(Ok(response))) => response,
                Ok(Ok(Err(never))) => match never {},
                Ok(Err(panic)) => Problem::internal(format_args!("panic: {}", message(&*panic))).into_response(),
                Err(_) => {
                    let limit_s = REQUEST_TIME_MAX.as_secs();
                    let detail = format!(
                        "there was no answer within {limit_s} s; send the same again: what was taken is not taken twice"
                    );
                    Problem::outcome_unknown(1, detail).into_response()
                }
            };
            if let Some((peer, guesses)) = guesses {
                guesses.leave(peer, &response);
            }
            metrics.observe(route, &method, response.status(), started.elapsed());
            Ok(response)
        })
    }
}

/// What is written in the code; what was put together when it happened may hold data of a person.
fn message(panic: &(dyn Any + Send)) -> &'static str {
    panic.downcast_ref::<&'static str>().copied().unwrap_or("its message may hold data and is left out")
}
