//! How an entry stands on disk: form, time, reserves, and the event as it is.

use storefold_events::{Event, Key, codec};

use crate::{Entry, Form, Refused};

/// What an entry needs on disk beside its own bytes, roughly: its keys and its share of the pages above it.
const OVERHEAD_BYTES: u64 = 64;

/// An entry, as it is written.
pub(crate) struct Row<'r> {
    pub(crate) form: Form,
    pub(crate) kept_at_ms: i64,
    /// Subject and amount.
    pub(crate) reserves: Vec<(&'r str, i64)>,
    pub(crate) body: &'r [u8],
}

impl<'r> Row<'r> {
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(10 + self.body.len());
        out.push(match self.form {
            Form::Event => 0,
            Form::Json => 1,
            Form::Msgpack => 2,
        });
        out.extend_from_slice(&self.kept_at_ms.to_le_bytes());
        put_count(&mut out, self.reserves.len());
        for (subject, amount) in &self.reserves {
            put_text(&mut out, subject);
            out.extend_from_slice(&amount.to_le_bytes());
        }
        out.extend_from_slice(self.body);
        out
    }

    /// `None` for bytes that no row was written as.
    pub(crate) fn read(bytes: &'r [u8]) -> Option<Self> {
        let (form, rest) = bytes.split_first()?;
        let form = match form {
            0 => Form::Event,
            1 => Form::Json,
            2 => Form::Msgpack,
            _ => return None,
        };
        let (kept_at_ms, rest) = take_number(rest)?;
        let (count, mut rest) = take_count(rest)?;
        let mut reserves = Vec::with_capacity(count.min(rest.len()));
        for _ in 0..count {
            let (subject, after) = take_text(rest)?;
            let (amount, after) = take_number(after)?;
            reserves.push((subject, amount));
            rest = after;
        }
        Some(Self { form, kept_at_ms, reserves, body: rest })
    }

    /// The key under which a repeat is found: source, kind of key, key.
    pub(crate) fn index_key(&self) -> Option<Vec<u8>> {
        index_key(self.form, self.body)
    }

    pub(crate) fn entry(&self, number: u64) -> Entry {
        Entry { number, kept_at_ms: self.kept_at_ms, form: self.form, body: self.body.to_vec() }
    }
}

/// What an entry takes of the limit, its key included.
pub(crate) fn size_bytes(row: &[u8], index_key: Option<&[u8]>) -> u64 {
    (row.len() + index_key.map_or(0, |key| key.len() + 8)) as u64 + OVERHEAD_BYTES
}

/// See [`Row::index_key`].
pub(crate) fn index_key(form: Form, body: &[u8]) -> Option<Vec<u8>> {
    let event = (form == Form::Event).then(|| codec::decode(body).ok()).flatten()?;
    let Event { source, key, .. } = &event;
    let mut out = Vec::with_capacity(source.len() + 18);
    out.extend_from_slice(source.as_bytes());
    // No UTF-8 text has this byte, so a source cannot reach into the key.
    match key {
        Key::Seq(seq) => {
            out.extend_from_slice(&[0xff, 0]);
            out.extend_from_slice(&seq.to_be_bytes());
        }
        Key::Id(id) => {
            out.extend_from_slice(&[0xff, 1]);
            out.extend_from_slice(id.as_bytes());
        }
        Key::Caused => return None,
    }
    Some(out)
}

/// A refused entry: when, code, detail, and its row.
pub(crate) fn write_refused(refused_at_ms: i64, code: &str, detail: &str, row: &[u8]) -> Vec<u8> {
    let mut out = refused_at_ms.to_le_bytes().to_vec();
    put_text(&mut out, code);
    put_text(&mut out, detail);
    out.extend_from_slice(row);
    out
}

pub(crate) fn read_refused(number: u64, bytes: &[u8]) -> Option<Refused> {
    let (refused_at_ms, rest) = take_number(bytes)?;
    let (code, rest) = take_text(rest)?;
    let (detail, rest) = take_text(rest)?;
    let entry = Row::read(rest)?.entry(number);
    Some(Refused { entry, refused_at_ms, code: code.to_owned(), detail: detail.to_owned() })
}

fn put_count(out: &mut Vec<u8>, count: usize) {
    out.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_count(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

fn take_count(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (count, rest) = bytes.split_first_chunk()?;
    Some((u32::from_le_bytes(*count) as usize, rest))
}

fn take_number(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((i64::from_le_bytes(*number), rest))
}

fn take_text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = take_count(bytes)?;
    let (text, rest) = rest.split_at_checked(length)?;
    Some((std::str::from_utf8(text).ok()?, rest))
}
