//! Every source with the numbers it has sent.

use std::sync::Arc;

use hashbrown::HashMap;
use serde::Serialize;

use super::{
    MemoryError,
    disk::{Reader, SourceRow},
    first::{First, Firsts},
};
use crate::seen::Seen;

/// What has arrived of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceReport {
    /// Events of it in the log.
    pub accepted: u64,
    /// Highest sequence number in the log; 0 when it sends ids.
    pub highest_seq: u64,
    /// Sequence numbers below the highest that have not been accepted: ranges, both ends inclusive.
    pub missing: Vec<(u64, u64)>,
}

/// Ranges of missing numbers that a report shows at most.
const MISSING_RANGES_MAX: usize = 1_000;

struct Source {
    row: SourceRow,
    fresh: Firsts,
    frozen: Arc<Firsts>,
    changed: bool,
}

pub(super) struct Sources {
    by_name: HashMap<Box<str>, Source>,
}

/// One source's part of a snapshot.
pub(crate) struct SourceChange {
    pub(super) name: Box<str>,
    pub(super) row: Vec<u8>,
    pub(super) number: u32,
    pub(super) firsts: Arc<Firsts>,
}

impl Sources {
    pub(super) fn new(rows: Vec<(String, SourceRow)>) -> Self {
        let source = |row| Source { row, fresh: Firsts::default(), frozen: Arc::default(), changed: false };
        Self { by_name: rows.into_iter().map(|(name, row)| (name.into(), source(row))).collect() }
    }

    pub(super) fn first(&mut self, name: &str, seq: u64, reader: &Reader) -> Result<Option<First>, MemoryError> {
        let Some(source) = self.by_name.get_mut(name).filter(|source| source.row.seen.contains(seq)) else {
            return Ok(None);
        };
        source.fresh.sort();
        match source.fresh.find(seq).or_else(|| source.frozen.find(seq)) {
            Some(first) => Ok(Some(first)),
            None => reader.first(source.row.number, seq),
        }
    }

    pub(super) fn record(&mut self, name: &str, seq: u64, first: First) {
        let source = self.entry(name);
        source.row.seen.insert(seq);
        source.fresh.push(seq, first);
    }

    pub(super) fn record_id(&mut self, name: &str) {
        self.entry(name).row.ids += 1;
    }

    pub(super) fn report(&self, name: &str) -> Option<SourceReport> {
        let row = &self.by_name.get(name)?.row;
        Some(SourceReport {
            accepted: row.seen.count() + row.ids,
            highest_seq: row.seen.highest(),
            missing: row.seen.missing(MISSING_RANGES_MAX),
        })
    }

    pub(super) fn freeze(&mut self) -> Vec<SourceChange> {
        let changed = self.by_name.iter_mut().filter(|(_, source)| source.changed);
        changed
            .map(|(name, source)| {
                source.changed = false;
                source.fresh.sort();
                source.frozen = Arc::new(std::mem::take(&mut source.fresh));
                let firsts = Arc::clone(&source.frozen);
                SourceChange { name: name.clone(), row: source.row.to_bytes(), number: source.row.number, firsts }
            })
            .collect()
    }

    /// What is not needed any more.
    pub(super) fn thaw(&mut self) -> Vec<Arc<Firsts>> {
        self.by_name.values_mut().map(|source| std::mem::take(&mut source.frozen)).collect()
    }

    fn entry(&mut self, name: &str) -> &mut Source {
        if !self.by_name.contains_key(name) {
            let row = SourceRow { number: self.by_name.len() as u32, ids: 0, seen: Seen::default() };
            let source = Source { row, fresh: Firsts::default(), frozen: Arc::default(), changed: true };
            self.by_name.insert(name.into(), source);
        }
        let source = self.by_name.get_mut(name).expect("it was found or inserted above");
        source.changed = true;
        source
    }
}
