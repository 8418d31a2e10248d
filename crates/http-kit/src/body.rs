//! Reading a body that may be larger than what is taken.

use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;

/// How much of a refused body is handed back, so that whoever looks into the matter sees what was sent.
pub const FIRST_BYTES_KEPT: usize = 4_096;

/// How much of a body beyond the limit is read and thrown away. A client that is still sending when the connection is
/// closed would see a reset connection in place of the answer that names the limit.
pub const DRAINED_BYTES_MAX: u64 = 64 << 20;

/// Why there is no body.
#[derive(Debug, PartialEq, Eq)]
pub enum BodyRefused {
    /// It is larger than the limit.
    TooLarge {
        /// Its length as announced, or as far as it was read.
        size_bytes: u64,
        /// Its first bytes, at most [`FIRST_BYTES_KEPT`]; empty when the client waits for leave to send it.
        first: Bytes,
    },
    /// The client stopped in the middle of it.
    Broken {
        /// What happened.
        detail: String,
        /// How much came.
        size_bytes: u64,
        /// Its first bytes, at most [`FIRST_BYTES_KEPT`].
        first: Bytes,
    },
}

/// Reads a body of at most `limit_bytes` (inclusive).
pub async fn read_body(headers: &HeaderMap, body: Body, limit_bytes: usize) -> Result<Bytes, BodyRefused> {
    let read = read_while(headers, body, limit_bytes, |_| true).await?;
    Ok(read.unwrap_or_default())
}

/// Reads a body for as long as `goes_on` says so, which is told how many bytes there are by then; none when it did not.
pub(crate) async fn read_while(
    headers: &HeaderMap,
    mut body: Body,
    limit_bytes: usize,
    mut goes_on: impl FnMut(usize) -> bool,
) -> Result<Option<Bytes>, BodyRefused> {
    let announced = announced_length(headers);
    if let Some(size_bytes) = announced.filter(|size_bytes| *size_bytes > limit_bytes as u64) {
        // Not reading is what tells a client with `Expect: 100-continue` not to send.
        let waits = headers.contains_key(header::EXPECT);
        let first = if waits { Bytes::new() } else { drain(Beginning::default(), &mut body).await.freeze() };
        return Err(BodyRefused::TooLarge { size_bytes, first });
    }
    // Most bodies come in one piece, which is then not copied.
    let mut one = Bytes::new();
    let mut several = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let data = match frame {
            Ok(frame) => frame.into_data().unwrap_or_default(),
            Err(error) => {
                let read = Beginning::of(&[&one, &several]);
                let detail = error.to_string();
                return Err(BodyRefused::Broken { detail, size_bytes: read.size_bytes, first: read.freeze() });
            }
        };
        let length = one.len() + several.len() + data.len();
        if length > limit_bytes {
            let read = drain(Beginning::of(&[&one, &several, &data]), &mut body).await;
            return Err(BodyRefused::TooLarge { size_bytes: read.size_bytes, first: read.freeze() });
        }
        if !goes_on(length) {
            drain(Beginning::default(), &mut body).await;
            return Ok(None);
        }
        if length == data.len() {
            one = data;
            continue;
        }
        if several.is_empty() {
            several.reserve(announced.map_or(length, |size_bytes| size_bytes as usize));
            several.extend_from_slice(&std::mem::take(&mut one));
        }
        several.extend_from_slice(&data);
    }
    Ok(Some(if several.is_empty() { one } else { several.freeze() }))
}

fn announced_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The beginning of a refused body and how much of it came.
#[derive(Default)]
struct Beginning {
    first: BytesMut,
    size_bytes: u64,
}

impl Beginning {
    fn of(pieces: &[&[u8]]) -> Self {
        let mut beginning = Self::default();
        for piece in pieces {
            beginning.push(piece);
        }
        beginning
    }

    fn push(&mut self, piece: &[u8]) {
        let wanted = piece.len().min(FIRST_BYTES_KEPT - self.first.len());
        self.first.extend_from_slice(&piece[..wanted]);
        self.size_bytes += piece.len() as u64;
    }

    fn freeze(self) -> Bytes {
        self.first.freeze()
    }
}

/// Reads what is left, up to [`DRAINED_BYTES_MAX`].
async fn drain(mut read: Beginning, body: &mut Body) -> Beginning {
    while let Some(Ok(frame)) = body.frame().await {
        read.push(&frame.into_data().unwrap_or_default());
        if read.size_bytes > DRAINED_BYTES_MAX {
            break;
        }
    }
    read
}
