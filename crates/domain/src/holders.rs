//! How many customers hold how many points, exactly, so that a level's removal can count those it concerns (row 2.34).

use serde::{Deserialize, Serialize};

use crate::{Aggregate, Knowledge};

/// Balances counted together.
const SPAN: i64 = 64;

/// Accounts by balance, [`SPAN`] balances from a multiple of it on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Span(Vec<u64>);

impl Aggregate for Span {
    const KIND: u8 = b'h';
}

/// The highest span of a programme that was ever used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Highest(i64);

impl Aggregate for Highest {
    const KIND: u8 = b'H';
}

fn span_id(programme: &str, span: i64) -> String {
    format!("{span}:{programme}")
}

/// Counts an account whose balance has changed. Accounts without points are not counted.
pub(crate) fn moved<K: Knowledge>(programme: &str, before: i64, after: i64, known: &mut K) -> Result<(), K::Error> {
    if before == after {
        return Ok(());
    }
    if before > 0 {
        count(programme, before, known, |holders| holders.saturating_sub(1))?;
    }
    if after > 0 {
        count(programme, after, known, |holders| holders + 1)?;
        let highest: Highest = known.get(programme)?.unwrap_or_default();
        if after / SPAN > highest.0 {
            known.put(programme, &Highest(after / SPAN))?;
        }
    }
    Ok(())
}

fn count<K: Knowledge>(
    programme: &str,
    balance: i64,
    known: &mut K,
    count: impl FnOnce(u64) -> u64,
) -> Result<(), K::Error> {
    let id = span_id(programme, balance / SPAN);
    let mut span: Span = known.get(&id)?.unwrap_or_default();
    let at = usize::try_from(balance % SPAN).expect("a remainder of a positive balance is small");
    if span.0.len() <= at {
        span.0.resize(at + 1, 0);
    }
    span.0[at] = count(span.0[at]);
    known.put(&id, &span)
}

/// How many accounts hold at least so many points.
pub(crate) fn at_least<K: Knowledge>(programme: &str, points: i64, known: &mut K) -> Result<u64, K::Error> {
    let highest: Highest = known.get(programme)?.unwrap_or_default();
    let mut holders = 0;
    for index in points / SPAN..=highest.0 {
        let span: Span = known.get(&span_id(programme, index))?.unwrap_or_default();
        let balances = index.saturating_mul(SPAN)..;
        holders +=
            balances.zip(&span.0).filter(|(balance, _)| *balance >= points).map(|(_, holders)| holders).sum::<u64>();
    }
    Ok(holders)
}
