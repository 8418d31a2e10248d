//! A scan and whether somebody is known by it (row 0.4, decision 1).

use serde::{Deserialize, Serialize};
use storefold_events::{
    Event,
    scan::{EmailAttachedToScan, ScanCaptured, ScanIdentified, ScanOutcome},
};

use crate::{Aggregate, Caused, Denied, Knowledge, Refusal};

/// What decisions need of a scan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    store: String,
    scanner: String,
    occurred_at_ms: i64,
    succeeded: bool,
    identified: bool,
}

impl Aggregate for Scan {
    const KIND: u8 = b's';
}

/// A scan counts once, whichever way it arrives.
pub(crate) fn decide_captured<K: Knowledge>(scan: &ScanCaptured<'_>, known: &mut K) -> Result<(), Denied<K::Error>> {
    match known.get::<Scan>(&scan.scan).map_err(Denied::Failed)? {
        Some(_) => Err(Refusal::ScanAlreadyCaptured { scan: scan.scan.to_string() }.into()),
        None => Ok(()),
    }
}

pub(crate) fn evolve_captured<K: Knowledge>(
    event: &Event<'_>,
    scan: &ScanCaptured<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    let state = Scan {
        store: event.store.as_ref().map(ToString::to_string).unwrap_or_default(),
        scanner: scan.scanner.to_string(),
        occurred_at_ms: event.occurred_at_ms,
        succeeded: scan.outcome == ScanOutcome::Succeeded,
        identified: scan.email.is_some(),
    };
    known.put(&scan.scan, &state)
}

/// The first address of a successful scan makes it identified, on the scan's own day. Further addresses, and addresses
/// of failed scans, are kept and cause nothing.
pub(crate) fn decide_email<K: Knowledge>(
    email: &EmailAttachedToScan<'_>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let Some(scan) = known.get::<Scan>(&email.scan).map_err(Denied::Failed)? else {
        return Err(Refusal::UnknownScan { scan: email.scan.to_string() }.into());
    };
    if scan.identified || !scan.succeeded {
        return Ok(Vec::new());
    }
    let payload = ScanIdentified { scan: email.scan.to_string().into(), scanner: scan.scanner.into() };
    Ok(vec![Caused { store: Some(scan.store), occurred_at_ms: scan.occurred_at_ms, payload: payload.into() }])
}

pub(crate) fn evolve_identified<K: Knowledge>(identified: &ScanIdentified<'_>, known: &mut K) -> Result<(), K::Error> {
    if let Some(mut scan) = known.get::<Scan>(&identified.scan)? {
        scan.identified = true;
        known.put(&identified.scan, &scan)?;
    }
    Ok(())
}
