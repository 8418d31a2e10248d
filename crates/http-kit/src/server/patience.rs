//! A connection that is not waited for without end: the head of a request has to come soon once it has begun, and what is
//! answered has to be taken.
//!
//! Without it, whoever sends a byte a minute, or takes none, holds a place for as long as he likes.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

use crate::STALL_TIME_MAX;

/// The longest that the head of a request may take from its first byte on, and the beginning of TLS before it.
pub const HEAD_TIME_MAX: Duration = Duration::from_secs(10);

const IDLE: u8 = 0;
const HEAD: u8 = 1;
const REQUEST: u8 = 2;

/// What is going on on a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Phase(Arc<AtomicU8>);

impl Phase {
    /// Nothing is under way; what comes next begins a head.
    pub(super) fn idle(&self) {
        self.0.store(IDLE, Ordering::Relaxed);
    }

    /// A head has come whole.
    pub(super) fn request(&self) {
        self.0.store(REQUEST, Ordering::Relaxed);
    }
}

/// A stream that ends when the other side is too slow.
pub(super) struct Patience<S> {
    stream: S,
    phase: Phase,
    /// Runs while a head is waited for; none as long as heads come in one piece.
    head: Option<Pin<Box<Sleep>>>,
    /// Runs while nothing is taken of what is written.
    stall: Option<Pin<Box<Sleep>>>,
}

impl<S> Patience<S> {
    pub(super) fn with(stream: S) -> (Self, Phase) {
        let phase = Phase::default();
        (Self { stream, phase: phase.clone(), head: None, stall: None }, phase)
    }

    fn written<T>(&mut self, context: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.stall = None;
            return outcome;
        }
        let stall = self.stall.get_or_insert_with(|| Box::pin(sleep(STALL_TIME_MAX)));
        ready!(stall.as_mut().poll(context));
        Poll::Ready(Err(too_slow("took nothing of an answer", STALL_TIME_MAX)))
    }
}

fn too_slow(what: &str, limit: Duration) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, format!("the client {what} within {} s", limit.as_secs()))
}

impl<S: AsyncRead + Unpin> AsyncRead for Patience<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, into);
        let phase = self.phase.0.load(Ordering::Relaxed);
        if read.is_ready() {
            if phase == IDLE && into.filled().len() > before {
                self.phase.0.store(HEAD, Ordering::Relaxed);
                self.head = None;
            }
            return read;
        }
        if phase != HEAD {
            self.head = None;
            return Poll::Pending;
        }
        let head = self.head.get_or_insert_with(|| Box::pin(sleep(HEAD_TIME_MAX)));
        ready!(head.as_mut().poll(context));
        Poll::Ready(Err(too_slow("sent no whole head of a request", HEAD_TIME_MAX)))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patience<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(context, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.written(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
