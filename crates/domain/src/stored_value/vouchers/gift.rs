//! What a rule or a run gives: how much, how long it pays, who is told.

use serde::{Deserialize, Serialize};
use storefold_events::{
    Currency, Event,
    stored_value::{
        InstrumentCode, InstrumentIssued, InstrumentKind, MessageChannel, VoucherGift, VoucherTier, VoucherValidity,
    },
};

use super::super::{
    codes,
    kinds::{Type, named, type_of},
    refusal::InstrumentRefusal,
};
use crate::{Caused, Denied, Knowledge, Store, calendar::Calendar, messages};

/// What is given, as it was configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Gift {
    pub(super) currency: Currency,
    pub(super) tiers: Vec<VoucherTier>,
    pub(super) instrument_type: Option<String>,
    pub(super) validity: VoucherValidity,
    pub(super) uses: u32,
    pub(super) told_by: Vec<MessageChannel>,
}

/// Why a voucher is given, and to whom.
pub(super) struct Reason<'e> {
    pub(super) rule: Option<&'e str>,
    pub(super) run: Option<&'e str>,
    pub(super) customer: Option<&'e str>,
    pub(super) sale: Option<&'e str>,
    pub(super) base_minor: i64,
}

/// What a voucher is worth that is given for a turnover, in minor units: by the highest tier that it reaches (rows 2.55,
/// 2.56), a share rounded half up to the minor unit. Tiers are sorted by their bounds, which are inclusive.
pub fn voucher_worth_minor(tiers: &[VoucherTier], turnover_minor: i64) -> i64 {
    let Some(tier) = tiers.iter().rev().find(|tier| tier.from_minor <= turnover_minor) else { return 0 };
    match (tier.amount_minor, tier.rate_e4) {
        (Some(amount_minor), _) => amount_minor,
        (None, rate_e4) => {
            let exact = i128::from(turnover_minor) * i128::from(rate_e4.unwrap_or(0));
            i64::try_from((exact + 5_000).div_euclid(10_000)).expect("a share of an i64 amount fits an i64")
        }
    }
}

impl Gift {
    /// Refuses a type that vouchers cannot be of.
    pub(super) fn stands<K: Knowledge>(&self, known: &mut K) -> Result<(), Denied<K::Error>> {
        named(self.instrument_type.as_deref(), InstrumentKind::Voucher, self.currency, known).map(drop)
    }

    /// What one use is worth that is given for a turnover.
    pub(super) fn worth_minor(&self, base_minor: i64) -> i64 {
        voucher_worth_minor(&self.tiers, base_minor)
    }

    /// What all uses of it are worth together.
    pub(super) fn total_minor(&self, base_minor: i64) -> Option<i64> {
        self.worth_minor(base_minor).checked_mul(self.uses.into())
    }

    /// Whether it has to know a turnover.
    pub(super) fn needs_turnover(&self) -> bool {
        self.tiers.iter().any(|tier| tier.rate_e4.is_some() || tier.from_minor > 0)
    }

    /// A new voucher and the messages that tell of it; nothing where it is worth nothing, or would have expired.
    pub(super) fn given<K: Knowledge>(
        &self,
        event: &Event<'_>,
        reason: &Reason<'_>,
        store: Option<&Store>,
        known: &mut K,
    ) -> Result<Vec<Caused>, Denied<K::Error>> {
        let use_minor = self.worth_minor(reason.base_minor);
        let its_type = type_of(self.instrument_type.as_deref(), InstrumentKind::Voucher, self.currency, known)
            .map_err(Denied::Failed)?;
        let expires_at_ms = self.expires_at_ms(event.occurred_at_ms, &its_type, store);
        if use_minor <= 0 || expires_at_ms.is_some_and(|expires| expires <= event.occurred_at_ms) {
            return Ok(Vec::new());
        }
        let amount_minor = self.total_minor(reason.base_minor).ok_or(InstrumentRefusal::AmountTooLarge)?;
        let what = format!("{}/{}", reason.rule.unwrap_or_default(), reason.run.unwrap_or_default());
        let code = codes::made(event, &what, known).map_err(Denied::Failed)?;
        let own = |text: Option<&str>| text.map(|text| text.to_owned().into());
        let calendar = store.map_or(Calendar::of(None), Store::calendar);
        let voucher = VoucherGift {
            rule: own(reason.rule),
            run: own(reason.run),
            base_minor: reason.base_minor,
            use_minor,
            valid_from_ms: self.validity.from.map(|day| calendar.start_of_day(day)),
        };
        let issued = InstrumentIssued {
            instrument: code.to_string().into(),
            kind: InstrumentKind::Voucher,
            instrument_type: own(self.instrument_type.as_deref()),
            currency: self.currency,
            amount_minor,
            paid_minor: 0,
            customer: own(reason.customer),
            sale: own(reason.sale),
            line: None,
            return_id: None,
            expires_at_ms,
            voucher: Some(Box::new(voucher)),
        };
        let mut caused = vec![Caused::beside(event, issued)];
        caused.extend(self.told(event, &code, reason, known).map_err(Denied::Failed)?);
        Ok(caused)
    }

    fn expires_at_ms(&self, at_ms: i64, its_type: &Type, store: Option<&Store>) -> Option<i64> {
        let VoucherValidity { lasts, until, .. } = self.validity;
        its_type.expires_at_ms(at_ms, until, lasts, store)
    }

    fn told<K: Knowledge>(
        &self,
        event: &Event<'_>,
        code: &InstrumentCode,
        reason: &Reason<'_>,
        known: &mut K,
    ) -> Result<Vec<Caused>, K::Error> {
        let Some(customer) = reason.customer.filter(|_| !self.told_by.is_empty()) else { return Ok(Vec::new()) };
        messages::of_voucher(event, &self.told_by, (customer, code.as_str(), reason.sale), known)
    }
}
