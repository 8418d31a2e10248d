//! Answers connections until it is told to stop.

mod patience;
mod places;

use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use axum::Router;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use ipnet::IpNet;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tower::Service;

pub use self::patience::HEAD_TIME_MAX;
use self::{
    patience::{Patience, Phase},
    places::Places,
};
use crate::{ServerTls, Stopping, peers};

/// The most connections at a time; further ones wait in the kernel's queue.
pub const CONNECTIONS_MAX: usize = 16_384;

/// The most connections from one address, unless it is told otherwise; further ones are closed.
pub const CONNECTIONS_PER_ADDRESS_MAX: usize = 1_024;

/// The longest head of a request: line and headers together.
pub const HEAD_BYTES_MAX: usize = 32 * 1_024;

/// An idle connection is closed after it.
pub const IDLE_TIME_MAX: Duration = Duration::from_secs(75);

/// How long requests under way may take to finish once the server is told to stop.
pub const GRACE_TIME_MAX: Duration = Duration::from_secs(10);

/// How long accepting pauses when the process has no file descriptor left.
const PAUSE: Duration = Duration::from_millis(50);

/// The first byte of whoever speaks TLS: a record of its handshake (RFC 8446, 5.1).
const TLS_HANDSHAKE: u8 = 22;

const SPEAKS_TLS: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: 59\r\n\
    connection: close\r\n\r\nThis server speaks TLS; write https:// in place of http://\n";

/// How connections are taken.
#[derive(Clone, Default)]
pub struct Connections {
    /// What the server shows of itself; plain HTTP where it is nothing.
    pub tls: Option<Arc<ServerTls>>,
    /// Proxies that are believed where a request comes from (`X-Forwarded-For`); they have as many connections as they like.
    pub proxies: Vec<IpNet>,
    /// The most connections from one address; [`CONNECTIONS_PER_ADDRESS_MAX`] where it is nothing.
    pub per_address_max: Option<usize>,
}

/// Serves `router` on `listener` until `shutdown` ends; then takes no further connection and lets the requests under
/// way finish, for [`GRACE_TIME_MAX`] at most.
pub async fn serve(listener: TcpListener, router: Router, taken: Connections, shutdown: impl Future<Output = ()>) {
    let connections = GracefulShutdown::new();
    let (stop, _) = watch::channel(());
    let (places, of_addresses) = (Arc::new(Semaphore::new(CONNECTIONS_MAX)), Places::default());
    let per_address_max = taken.per_address_max.unwrap_or(CONNECTIONS_PER_ADDRESS_MAX);
    let tls = taken.tls.as_ref().map(|tls| tls.acceptor());
    let proxies: Arc<[IpNet]> = taken.proxies.into();
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
        let is_proxy = proxies.iter().any(|network| network.contains(&from.ip().to_canonical()));
        let of_address = of_addresses.take(from.ip(), if is_proxy { CONNECTIONS_MAX } else { per_address_max });
        let Some(of_address) = of_address else {
            tracing::debug!(from = %from.ip(), per_address_max, "a connection too many from one address was closed");
            continue;
        };
        // Without this a small answer waits for the client's acknowledgement of the one before it.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection was gone before it began");
            continue;
        }
        let answering = Answering {
            router: router.clone(),
            stopping: Stopping::by(&stop),
            from,
            proxies: Arc::clone(&proxies),
            watcher: connections.watcher(),
        };
        let tls = tls.clone();
        tokio::spawn(async move {
            match tls {
                None => {
                    let (stream, phase) = Patience::with(stream);
                    answering.answer(stream, phase).await;
                }
                Some(acceptor) => answering.by_tls(acceptor, stream).await,
            }
            drop((place, of_address));
        });
    }
    drop(listener);
    drop(stop);
    if timeout(GRACE_TIME_MAX, connections.shutdown()).await.is_err() {
        tracing::warn!("some requests were still under way after {} s; they are cut off", GRACE_TIME_MAX.as_secs());
    }
}

/// What one connection needs to be answered.
struct Answering {
    router: Router,
    stopping: Stopping,
    from: SocketAddr,
    proxies: Arc<[IpNet]>,
    watcher: Watcher,
}

impl Answering {
    async fn by_tls(self, acceptor: TlsAcceptor, mut stream: TcpStream) {
        let begun = timeout(HEAD_TIME_MAX, async {
            if !speaks_tls(&stream).await? {
                stream.write_all(SPEAKS_TLS).await?;
                return Err(io::Error::other("it came without TLS"));
            }
            let (stream, phase) = Patience::with(stream);
            Ok((acceptor.accept(stream).await?, phase))
        });
        match begun.await {
            Ok(Ok((stream, phase))) => {
                phase.idle();
                self.answer(stream, phase).await;
            }
            Ok(Err(error)) => tracing::debug!(from = %self.from.ip(), %error, "a connection did not come about by TLS"),
            Err(_) => tracing::debug!(from = %self.from.ip(), "a connection took too long to come about by TLS"),
        }
    }

    async fn answer<S: AsyncRead + AsyncWrite + Send + Unpin + 'static>(self, stream: S, phase: Phase) {
        let Self { router, stopping, from, proxies, watcher } = self;
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(IDLE_TIME_MAX).max_header_size(HEAD_BYTES_MAX);
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            phase.request();
            let from = came_from(&proxies, from.ip(), &request);
            request.extensions_mut().insert(stopping.clone());
            request.extensions_mut().insert(peers::Peer(from));
            let (phase, answer) = (phase.clone(), router.clone().call(request));
            async move {
                let answer = answer.await;
                phase.idle();
                answer
            }
        });
        let connection = http.serve_connection(TokioIo::new(stream), service);
        // A client that goes away in the middle is its own affair.
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

fn came_from(proxies: &[IpNet], connected: IpAddr, request: &hyper::Request<Incoming>) -> IpAddr {
    if proxies.is_empty() { connected } else { peers::behind(proxies, connected, request.headers()) }
}

/// Whether the other side begins TLS; whoever speaks plain HTTP is told so, in place of a connection that breaks.
async fn speaks_tls(stream: &TcpStream) -> io::Result<bool> {
    let mut first = [0];
    Ok(stream.peek(&mut first).await? == 0 || first[0] == TLS_HANDSHAKE)
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
