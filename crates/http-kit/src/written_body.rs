//! A body that a thread writes while the client reads it.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use tokio::{runtime::Handle, sync::mpsc, time::timeout};

/// The longest that a client may take nothing of a body that is being written; it is cut off then, since what it reads
/// from is held for it.
pub const STALL_TIME_MAX: Duration = Duration::from_secs(30);

/// How many pieces wait for the client.
const PIECES_AHEAD: usize = 4;

/// The end of a body that is written to, by a thread that may block. The body is whole once
/// [`finish`](Self::finish) was called; if the writer is dropped before, the connection is cut, so that the client
/// cannot take a part for the whole.
pub struct BodyWriter {
    to: mpsc::Sender<Bytes>,
    is_whole: Arc<AtomicBool>,
    runtime: Handle,
}

/// A body and its writer. Must be called on a tokio runtime.
pub fn written_body() -> (BodyWriter, Body) {
    let (to, pieces) = mpsc::channel(PIECES_AHEAD);
    let is_whole = Arc::new(AtomicBool::new(false));
    let writer = BodyWriter { to, is_whole: is_whole.clone(), runtime: Handle::current() };
    let body = stream::unfold(Some((pieces, is_whole)), |open| async {
        let (mut pieces, is_whole): (mpsc::Receiver<Bytes>, Arc<AtomicBool>) = open?;
        match pieces.recv().await {
            Some(piece) => Some((Ok(piece), Some((pieces, is_whole)))),
            None if is_whole.load(Ordering::Acquire) => None,
            None => Some((Err(io::Error::other("the body was not written to its end")), None)),
        }
    });
    (writer, Body::from_stream(body))
}

impl BodyWriter {
    /// Hands a piece on; blocks for as long as enough of them are waiting.
    ///
    /// # Errors
    /// [`io::ErrorKind::BrokenPipe`] when the client has gone, [`io::ErrorKind::TimedOut`] when it has taken nothing for
    /// [`STALL_TIME_MAX`].
    pub fn send(&self, piece: Bytes) -> io::Result<()> {
        let Err(mpsc::error::TrySendError::Full(piece)) = self.to.try_send(piece) else {
            return if self.to.is_closed() { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) };
        };
        match self.runtime.block_on(async { timeout(STALL_TIME_MAX, self.to.send(piece)).await }) {
            Ok(sent) => sent.map_err(|_| io::ErrorKind::BrokenPipe.into()),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// Nothing more comes.
    pub fn finish(self) {
        self.is_whole.store(true, Ordering::Release);
    }
}

impl Write for BodyWriter {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.send(Bytes::copy_from_slice(piece)).map(|()| piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
