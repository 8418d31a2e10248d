//! Runs: a voucher for each customer of a list that was previewed and confirmed (rows 2.52, 2.53).

use serde::{Deserialize, Serialize};
use storefold_events::{
    Event,
    stored_value::{VoucherGranted, VoucherRunLaunched},
};

use super::{
    super::refusal::InstrumentRefusal,
    gift::{Gift, Reason},
};
use crate::{Aggregate, Caused, Denied, Knowledge, Store};

/// A run that was confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Run(Gift);

impl Aggregate for Run {
    const KIND: u8 = b'j';
}

/// A customer has received the voucher of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Received;

impl Aggregate for Received {
    const KIND: u8 = b'f';
}

fn received_id(run: &str, customer: &str) -> String {
    format!("{}:{run}{customer}", run.len())
}

fn gift_of(launched: &VoucherRunLaunched<'_>) -> Gift {
    Gift {
        currency: launched.currency,
        tiers: launched.tiers.clone(),
        instrument_type: launched.instrument_type.as_ref().map(ToString::to_string),
        validity: launched.validity,
        uses: launched.uses.unwrap_or(1),
        told_by: launched.told_by.clone(),
    }
}

pub(in super::super) fn decide_launched<K: Knowledge>(
    launched: &VoucherRunLaunched<'_>,
    known: &mut K,
) -> Result<(), Denied<K::Error>> {
    if known.get::<Run>(&launched.run).map_err(Denied::Failed)?.is_some() {
        return Err(InstrumentRefusal::RunAlreadyLaunched { run: launched.run.to_string() }.into());
    }
    gift_of(launched).stands(known)
}

pub(in super::super) fn evolve_launched<K: Knowledge>(
    launched: &VoucherRunLaunched<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    known.put(&launched.run, &Run(gift_of(launched)))
}

pub(in super::super) fn decide_granted<K: Knowledge>(
    event: &Event<'_>,
    granted: &VoucherGranted<'_>,
    store: Option<&Store>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let (run, customer) = (granted.run.to_string(), granted.customer.to_string());
    let Some(Run(gift)) = known.get::<Run>(&run).map_err(Denied::Failed)? else {
        return Err(InstrumentRefusal::UnknownRun { run }.into());
    };
    if known.get::<Received>(&received_id(&run, &customer)).map_err(Denied::Failed)?.is_some() {
        return Err(InstrumentRefusal::VoucherAlreadyGranted { run, customer }.into());
    }
    let reason = Reason {
        rule: None,
        run: Some(&granted.run),
        customer: Some(&granted.customer),
        sale: None,
        base_minor: granted.turnover_minor,
    };
    let caused = gift.given(event, &reason, store, known)?;
    if caused.is_empty() {
        return Err(InstrumentRefusal::NothingToGrant { run, turnover_minor: granted.turnover_minor }.into());
    }
    Ok(caused)
}

pub(super) fn evolve_received<K: Knowledge>(run: &str, customer: &str, known: &mut K) -> Result<(), K::Error> {
    known.put(&received_id(run, customer), &Received)
}
