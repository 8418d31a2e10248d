//! A copy from a running server, block by block over HTTP.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, anyhow, bail};
use bytes::{Bytes, BytesMut};
use serde::Deserialize;
use storefold_event_log::{BLOCK_HEADER_BYTES, Block, Hash, ReadError};
use storefold_event_log_copy::{CopyError, LogCopy};
use storefold_events::Position;
use tokio::time::sleep;

use crate::{client::Client, output::remark, server_address::Trust};

/// As many bytes of blocks are taken in at once.
const COMMIT_BYTES: usize = 4 * 1_024 * 1_024;

/// The longest block that is waited for: what is packed is never longer than what went in, but for a little.
const BLOCK_BYTES_MAX: usize = 2 * storefold_event_log::BLOCK_BYTES_MAX;

/// How often the same place is asked for when nothing sound comes of it.
const TRIES_MAX: u32 = 4;

/// The pause before the second try; it doubles each time.
const PAUSE: Duration = Duration::from_millis(250);

/// Where the server's history ends.
#[derive(Deserialize)]
struct LogEnd {
    tenant: String,
    position: Position,
    hash: String,
}

/// Why a stream of blocks ended before its end.
enum Broke {
    /// The connection broke, or what came was not what was sent: to be asked for again.
    Anew(String),
    ForGood(anyhow::Error),
}

/// Fills a copy with what a server has and the copy has not. `shown` hears the position of the copy and where it is to
/// come to after every commit.
pub async fn fill(
    (url, trust): (&str, &Trust),
    copy: &Arc<LogCopy>,
    mut shown: impl FnMut(Position, Position),
) -> Result<()> {
    let client = Client::at(url, trust)?;
    client.reach().await?;
    let end: LogEnd = client.get("/v1/log", &[]).await.with_context(|| {
        format!("{url} does not say where its log ends; a node that keeps no history has none to copy")
    })?;
    let hash = Hash::from_hex(&end.hash).context("the server answers something else than a Storefold server")?;
    if end.tenant != copy.tenant().as_str() {
        bail!("{url} has the log of tenant {}, not of {}; give --tenant {0}", end.tenant, copy.tenant());
    }
    if copy.position() >= end.position && !holds(copy, end.position, hash).await? {
        return Err(another_log(copy, end.position));
    }
    let (mut tries, mut tried_at) = (0, copy.position());
    while copy.position() < end.position {
        let Err(broke) = take(&client, copy, |position| shown(position, end.position.max(position))).await else {
            continue;
        };
        let why = match broke {
            Broke::ForGood(error) => return Err(error),
            Broke::Anew(why) => why,
        };
        let position = copy.position();
        tries = if position > tried_at { 1 } else { tries + 1 };
        tried_at = position;
        if tries >= TRIES_MAX {
            bail!(
                "nothing sound comes from {url} after position {position}, {tries} times: {why}; \
                 when that is mended, run it again to go on"
            );
        }
        remark(format_args!("{why}; asking again from position {}", position + 1));
        sleep(PAUSE * 2_u32.pow(tries - 1)).await;
    }
    if holds(copy, end.position, hash).await? { Ok(()) } else { Err(another_log(copy, end.position)) }
}

/// Takes in what comes of one request, to its end.
async fn take(client: &Client, copy: &Arc<LogCopy>, mut shown: impl FnMut(Position)) -> Result<(), Broke> {
    let after = [("after", copy.position().to_string())];
    let mut answer = client.stream("/v1/log/blocks", &after).await.map_err(Broke::ForGood)?;
    let (mut come, mut blocks, mut bytes) = (BytesMut::new(), Vec::new(), 0);
    let ended = loop {
        let piece = match answer.chunk().await {
            Ok(Some(piece)) => piece,
            Ok(None) if come.is_empty() => break Ok(()),
            Ok(None) => break Err("the server ended in the middle of a block".to_owned()),
            Err(error) => break Err(format!("the connection broke off ({error})")),
        };
        come.extend_from_slice(&piece);
        let split = split(&mut come, &mut blocks);
        bytes += split.bytes;
        if bytes >= COMMIT_BYTES || split.damage.is_some() {
            shown(take_in(copy, std::mem::take(&mut blocks)).await?);
            bytes = 0;
        }
        if let Some(damage) = split.damage {
            break Err(format!("a block came damaged: {damage}"));
        }
    };
    // What came whole before it broke is kept.
    if !blocks.is_empty() {
        shown(take_in(copy, blocks).await?);
    }
    ended.map_err(Broke::Anew)
}

struct Split {
    bytes: usize,
    damage: Option<String>,
}

/// Takes the whole blocks off what has come.
fn split(come: &mut BytesMut, blocks: &mut Vec<Bytes>) -> Split {
    let mut bytes = 0;
    while come.len() >= BLOCK_HEADER_BYTES {
        let length = match Block::length_bytes(come) {
            Ok(length) if length <= BLOCK_BYTES_MAX => length,
            Ok(length) => return Split { bytes, damage: Some(format!("it is said to have {length} bytes")) },
            Err(damaged) => return Split { bytes, damage: Some(damaged.to_string()) },
        };
        if come.len() < length {
            break;
        }
        blocks.push(come.split_to(length).freeze());
        bytes += length;
    }
    Split { bytes, damage: None }
}

async fn take_in(copy: &Arc<LogCopy>, blocks: Vec<Bytes>) -> Result<Position, Broke> {
    let taking = copy.clone();
    let taken = tokio::task::spawn_blocking(move || taking.take_blocks(blocks)).await;
    taken.map_err(|error| Broke::ForGood(error.into()))?.map_err(|error| match error {
        CopyError::Read(ReadError::Damaged { detail, .. }) => Broke::Anew(format!("a block came damaged: {detail}")),
        CopyError::DoesNotFollow { after, .. } => Broke::ForGood(another_log(copy, after)),
        error => Broke::ForGood(error.into()),
    })
}

async fn holds(copy: &Arc<LogCopy>, position: Position, hash: Hash) -> Result<bool> {
    let copy = copy.clone();
    Ok(tokio::task::spawn_blocking(move || copy.holds(position, hash)).await??)
}

fn another_log(copy: &LogCopy, after: Position) -> anyhow::Error {
    let detail = format!("the server has another record at position {after}");
    anyhow!(CopyError::AnotherLog { file: copy.file().to_owned(), detail })
}
