//! What all of an edge shares.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use storefold_http_kit::{Clock, Problem};
use storefold_outbox::{KeepError, Outbox, Standing};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{AddressError, Settings, central::Central, line::Line, upload::Upload};

/// Bytes of bodies that are held at a time; requests beyond it are told to come again.
pub const BODIES_BYTES_MAX: usize = 64 << 20;

/// Bodies are counted in pieces of so many bytes, rounded up.
const PIECE_BYTES: usize = 1_024;

/// An edge at work.
pub struct Edge {
    pub(crate) settings: Settings,
    pub(crate) outbox: Outbox,
    pub(crate) central: Central,
    pub(crate) line: Line,
    pub(crate) upload: Upload,
    clock: Clock,
    room: Semaphore,
}

impl Edge {
    /// An edge over its outbox; [`forward`](crate::forward()) sends on what is in it.
    ///
    /// # Errors
    /// When the address of the centre or the token is none.
    pub fn new(settings: Settings, outbox: Outbox, clock: Clock) -> Result<Arc<Self>, AddressError> {
        let central = Central::new(&settings.central, settings.authorities.as_deref(), settings.token.as_deref())?;
        let line = Line::new(Arc::clone(&clock));
        let room = Semaphore::new(BODIES_BYTES_MAX / PIECE_BYTES);
        Ok(Arc::new(Self { settings, outbox, central, line, upload: Upload::default(), clock, room }))
    }

    /// Now, in ms since 1970 UTC.
    pub(crate) fn now_ms(&self) -> i64 {
        (self.clock)()
    }

    pub(crate) fn standing(&self) -> Standing {
        *self.outbox.standing().borrow()
    }

    /// Sets bytes aside for a body before any of it is read.
    pub(crate) fn room(&self, headers: &HeaderMap, bytes_max: usize) -> Result<SemaphorePermit<'_>, Problem> {
        let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let pieces = announced.unwrap_or(bytes_max).min(bytes_max).div_ceil(PIECE_BYTES) as u32;
        self.room.try_acquire_many(pieces).map_err(|_| {
            let detail = format!("bodies of {BODIES_BYTES_MAX} bytes are being read; send this again in 1 s");
            Problem::overloaded(1, detail)
        })
    }
}

/// Why nothing was kept, as an answer.
pub(crate) fn not_kept(error: &KeepError) -> Problem {
    match error {
        KeepError::Full { .. } => Problem::not_ready("outbox_full", 60, error),
        KeepError::DiskFull { .. } => Problem::not_ready("disk_full", 60, error),
        KeepError::Overloaded => Problem::overloaded(1, error),
        KeepError::Storage(_) => Problem::not_ready("outbox_unavailable", 60, error),
    }
}
