//! Bytes of bodies that are held at a time, over all requests.
//!
//! A body takes room as its bytes come and not as they are announced, so that whoever announces much and sends little
//! stands in nobody's way.

use axum::{body::Body, http::HeaderMap};
use bytes::Bytes;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{BodyRefused, Problem, body::read_while};

/// Room is counted in pieces of so many bytes, rounded up.
const PIECE_BYTES: usize = 1_024;

/// Room for bodies.
pub struct Room {
    bytes: usize,
    pieces: Semaphore,
}

/// What a body takes; dropping it gives the room back.
pub struct Held<'r>(Option<SemaphorePermit<'r>>);

/// Why there is no body.
#[derive(Debug)]
pub enum NotRead {
    /// Other bodies take all the room: 503, and the sender comes again.
    NoRoom(Problem),
    /// It is of no use.
    Refused(BodyRefused),
}

impl Room {
    /// Room for so many bytes.
    pub fn of(bytes: usize) -> Self {
        Self { bytes, pieces: Semaphore::new(bytes / PIECE_BYTES) }
    }

    /// Reads a body of at most `limit_bytes` (inclusive), which takes its room for as long as what comes with it is kept.
    ///
    /// # Errors
    /// [`NotRead`].
    pub async fn read(
        &self,
        headers: &HeaderMap,
        body: Body,
        limit_bytes: usize,
    ) -> Result<(Bytes, Held<'_>), NotRead> {
        let mut held = Held(None);
        let read = read_while(headers, body, limit_bytes, |bytes| self.grows(&mut held, bytes)).await;
        if let Some(body) = read? {
            return Ok((body, held));
        }
        let detail = format!("bodies of {} bytes are being read; send this again in 1 s", self.bytes);
        Err(NotRead::NoRoom(Problem::overloaded(1, detail)))
    }

    /// Takes room for a body that has so many bytes now; whether there was any.
    fn grows<'r>(&'r self, held: &mut Held<'r>, bytes: usize) -> bool {
        let has = held.0.as_ref().map_or(0, SemaphorePermit::num_permits);
        let more = bytes.div_ceil(PIECE_BYTES).saturating_sub(has);
        let Ok(more) = self.pieces.try_acquire_many(u32::try_from(more).unwrap_or(u32::MAX)) else {
            // The rest of it is read and thrown away, which takes no room.
            held.0 = None;
            return false;
        };
        match &mut held.0 {
            Some(permit) => permit.merge(more),
            None => held.0 = Some(more),
        }
        true
    }
}

impl From<BodyRefused> for NotRead {
    fn from(refused: BodyRefused) -> Self {
        Self::Refused(refused)
    }
}
