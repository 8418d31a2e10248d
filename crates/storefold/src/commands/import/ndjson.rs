//! Events from a file, one a line.

use std::io::{BufRead, BufReader, Read};

use anyhow::{Context, Result, bail, ensure};

use super::Input;
use crate::delivery::{Line, Rounds};

/// The longest line; the server takes no larger request.
const LINE_BYTES_MAX: u64 = 8 * 1_024 * 1_024;

/// Pushes every line that is not empty.
///
/// # Errors
/// When the file cannot be read, or is no file of one event a line.
pub fn push_to(input: Input, rounds: &mut Rounds) -> Result<()> {
    let total = input.bytes.max(1) as f64;
    let mut reader = BufReader::with_capacity(1 << 20, input.file);
    let mut line = Vec::new();
    let mut behind = 0;
    for number in 1.. {
        line.clear();
        let read = reader.by_ref().take(LINE_BYTES_MAX + 1).read_until(b'\n', &mut line);
        let read = read.with_context(|| format!("line {number} cannot be read"))? as u64;
        if read == 0 {
            break;
        }
        ensure!(read <= LINE_BYTES_MAX, "line {number} is longer than {LINE_BYTES_MAX} bytes; write one event a line");
        behind += read;
        let json = line.trim_ascii();
        if json.first() == Some(&b'[') {
            bail!("line {number} begins an array; write one event a line, as `jq -c '.[]'` does");
        }
        if !json.is_empty() {
            rounds.push(Line { number, json, share: behind as f64 / total })?;
        }
    }
    Ok(())
}
