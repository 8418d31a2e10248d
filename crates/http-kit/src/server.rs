//! Answers connections until it is told to stop.

use std::{future::Future, io, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};

use tower::Service;

use crate::{Stopping, guesses::Peer};

/// The most connections at a time; further ones wait in the kernel's queue.
pub const CONNECTIONS_MAX: usize = 16_384;

/// The longest head of a request: line and headers together.
pub const HEAD_BYTES_MAX: usize = 32 * 1_024;

/// The longest that a client may take to send the head of a request; an idle connection is closed after it.
pub const HEAD_TIME_MAX: Duration = Duration::from_secs(75);

/// How long requests under way may take to finish once the server is told to stop.
pub const GRACE_TIME_MAX: Duration = Duration::from_secs(10);

/// How long accepting pauses when the process has no file descriptor left.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves `router` on `listener` until `shutdown` ends; then takes no further connection and lets the requests under
/// way finish, for [`GRACE_TIME_MAX`] at most.
pub async fn serve(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME_MAX).max_header_size(HEAD_BYTES_MAX);
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let connections = GracefulShutdown::new();
    let (stop, _) = watch::channel(());
    let mut shutdown = pin!(shutdown);
    loop {
        let place = tokio::select! {
            () = &mut shutdown => break,
            place = Arc::clone(&places).acquire_owned() => place.expect("the semaphore is never closed"),
        };
        let (stream, from) = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    pause_after(&error).await;
                    continue;
                }
            },
        };
        // Without this a small answer waits for the client's acknowledgement of the one before it.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection was gone before it began");
            continue;
        }
        let router = router.clone();
        let stopping = Stopping::by(&stop);
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(stopping.clone());
            request.extensions_mut().insert(Peer(from.ip()));
            router.clone().call(request)
        });
        let connection = http.serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            // A client that goes away in the middle is its own affair.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    drop(stop);
    if timeout(GRACE_TIME_MAX, connections.shutdown()).await.is_err() {
        tracing::warn!("some requests were still under way after {} s; they are cut off", GRACE_TIME_MAX.as_secs());
    }
}

async fn pause_after(error: &io::Error) {
    let connection_alone = matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    );
    if !connection_alone {
        tracing::error!(%error, "no connection can be accepted; trying again");
        sleep(PAUSE).await;
    }
}
