//! What becomes of vouchers when goods come back that they were given for: as much is taken back as they would not have
//! been given, as far as it has not been spent.

use storefold_events::{
    Event,
    stored_value::{InstrumentCancelled, InstrumentKind},
};

use super::{
    super::instrument::{Instrument, own},
    sold::{Counted, CountedFor, Given, Progress},
};
use crate::{Caused, Denied, Knowledge};

/// What of a sale comes back: lines and refunds, or all that is left.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Back<'e> {
    pub(in super::super) sale: &'e str,
    /// Of a void nothing.
    pub(in super::super) return_id: Option<&'e str>,
    /// Line and refund in minor units; of a void nothing.
    pub(in super::super) lines: Option<&'e [(u32, i64)]>,
}

impl Back<'_> {
    /// What of the turnover that counted is gone.
    fn minor(&self, counted: &CountedFor) -> i64 {
        let Some(lines) = self.lines else { return counted.base_left_minor };
        lines.iter().filter(|(line, _)| counted.lines.contains(line)).map(|(_, refund_minor)| refund_minor).sum()
    }
}

pub(in super::super) fn decide_back<K: Knowledge>(
    event: &Event<'_>,
    back: Back<'_>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let counted: Counted = known.get(back.sale).map_err(Denied::Failed)?.unwrap_or_default();
    let mut caused = Vec::new();
    for counted in &counted.0 {
        let Some(given) = known.get::<Given>(&counted.account).map_err(Denied::Failed)? else { continue };
        let Some(voucher) = known.get::<Instrument>(&given.code).map_err(Denied::Failed)? else { continue };
        let too_much_minor = given.amount_minor - due_minor(&given, back.minor(counted));
        let amount_minor = too_much_minor.min(voucher.balance_minor);
        if amount_minor <= 0 {
            continue;
        }
        let cancelled = InstrumentCancelled {
            instrument: given.code.clone().into(),
            kind: InstrumentKind::Voucher,
            instrument_type: own(voucher.named_type.as_ref()),
            currency: voucher.currency,
            amount_minor,
            balance_minor: voucher.balance_minor - amount_minor,
            reason: if back.return_id.is_some() { "return" } else { "void" }.into(),
            sale: Some(back.sale.to_owned().into()),
            return_id: back.return_id.map(|id| id.to_owned().into()),
        };
        caused.push(Caused::beside(event, cancelled));
    }
    Ok(caused)
}

/// What a voucher would be worth without a part of its turnover, never more than it is.
fn due_minor(given: &Given, back_minor: i64) -> i64 {
    let due_minor = given.gift.total_minor(given.base_minor - back_minor).unwrap_or(given.amount_minor);
    due_minor.clamp(0, given.amount_minor)
}

pub(in super::super) fn evolve_back<K: Knowledge>(back: Back<'_>, known: &mut K) -> Result<(), K::Error> {
    let Some(mut all) = known.get::<Counted>(back.sale)? else { return Ok(()) };
    for counted in &mut all.0 {
        let back_minor = back.minor(counted);
        counted.base_left_minor -= back_minor;
        if let Some(mut given) = known.get::<Given>(&counted.account)? {
            given.amount_minor = due_minor(&given, back_minor);
            given.base_minor -= back_minor;
            known.put(&counted.account, &given)?;
        } else if let Some((id, times)) = &counted.progress
            && let Some(mut progress) = known.get::<Progress>(id)?
            && progress.given == *times
        {
            progress.turnover_minor -= back_minor;
            progress.visits -= u32::from(back.lines.is_none() && progress.visits > 0);
            known.put(id, &progress)?;
        }
    }
    known.put(back.sale, &all)
}
