//! Types of instruments, and what holds where none is named (rows 2.59, 2.62, 2.66).

use serde::{Deserialize, Serialize};
use storefold_events::{
    Currency,
    loyalty::Expiry,
    stored_value::{InstrumentKind, InstrumentTypeConfigured, SpendPolicy},
};

use super::refusal::InstrumentRefusal;
use crate::{Aggregate, Denied, Knowledge, Store, calendar::Calendar};

/// A type of instruments as it was last configured, by the time of the configurations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Type {
    from_ms: i64,
    pub(super) kind: InstrumentKind,
    pub(super) currency: Currency,
    pub(super) spend: SpendPolicy,
    validity: Option<Expiry>,
    grace_days: u32,
    pub(super) balance_max_minor: Option<i64>,
    pub(super) load_minor: Option<i64>,
    pub(super) payment_minor: Option<i64>,
    pub(super) families: Vec<String>,
    pub(super) named: bool,
    pub(super) brand: Option<String>,
    /// Of several in a basket, those with a lower number are spent first.
    pub(super) order: u32,
    pub(super) per_sale_max: Option<u32>,
    hold_minutes: u32,
    pub(super) not_beside: Vec<String>,
    pub(super) undiscounted_only: bool,
}

impl Aggregate for Type {
    const KIND: u8 = b'q';
}

/// The ceiling of a wallet, in units of its currency (decision 5).
const WALLET_UNITS_MAX: i64 = 150;

/// How long a hold lasts where its type says nothing.
const HOLD_MINUTES: u32 = 15;

fn spend_of(kind: InstrumentKind) -> SpendPolicy {
    match kind {
        InstrumentKind::GiftCard => SpendPolicy::Whole,
        InstrumentKind::Voucher => SpendPolicy::Forfeit,
        _ => SpendPolicy::Partial,
    }
}

/// The ceiling of instruments of a kind where their type names none.
fn ceiling(kind: InstrumentKind, currency: Currency) -> Option<i64> {
    let unit = 10_i64.checked_pow(currency.exponent().into());
    (kind == InstrumentKind::Wallet).then(|| unit.and_then(|unit| unit.checked_mul(WALLET_UNITS_MAX))).flatten()
}

impl Type {
    /// What holds for instruments of a kind that name no type.
    fn plain(kind: InstrumentKind, currency: Currency) -> Self {
        Self {
            from_ms: i64::MIN,
            kind,
            currency,
            spend: spend_of(kind),
            validity: None,
            grace_days: 0,
            balance_max_minor: ceiling(kind, currency),
            load_minor: None,
            payment_minor: None,
            families: Vec::new(),
            named: kind == InstrumentKind::StoreCredit,
            brand: None,
            order: 0,
            per_sale_max: None,
            hold_minutes: HOLD_MINUTES,
            not_beside: Vec::new(),
            undiscounted_only: false,
        }
    }

    /// From when on an instrument that is issued at an instant pays no more; the day that is stated goes before how long
    /// it lasts, and that before what its type says.
    pub(super) fn expires_at_ms(
        &self,
        at_ms: i64,
        on: Option<chrono::NaiveDate>,
        lasts: Option<Expiry>,
        store: Option<&Store>,
    ) -> Option<i64> {
        let calendar = store.map_or(Calendar::of(None), Store::calendar);
        let last_day = match (on, lasts.or(self.validity)) {
            (Some(day), _) => day,
            (None, Some(validity)) => {
                calendar.day(calendar.expires_at_ms(at_ms, validity.policy, validity.count)?.saturating_sub(1))
            }
            (None, None) => return None,
        };
        Some(calendar.end_of(last_day + chrono::Days::new(self.grace_days.into())))
    }

    /// When a hold lapses that is taken at an instant.
    pub(super) fn lapses_at_ms(&self, at_ms: i64) -> i64 {
        at_ms.saturating_add(i64::from(self.hold_minutes) * 60_000)
    }

    /// Whether instruments of the type pay in a store; facts without a store are of every brand.
    pub(super) fn takes_part(&self, store: Option<&Store>) -> bool {
        let (Some(brand), Some(store)) = (&self.brand, store) else { return true };
        store.is_of(brand)
    }
}

/// The type of an instrument.
pub(super) fn type_of<K: Knowledge>(
    name: Option<&str>,
    kind: InstrumentKind,
    currency: Currency,
    known: &mut K,
) -> Result<Type, K::Error> {
    let configured = match name {
        Some(name) => known.get::<Type>(name)?,
        None => None,
    };
    Ok(configured.unwrap_or_else(|| Type::plain(kind, currency)))
}

/// A type that somebody names for a new instrument.
pub(super) fn named<K: Knowledge>(
    name: Option<&str>,
    kind: InstrumentKind,
    currency: Currency,
    known: &mut K,
) -> Result<Type, Denied<K::Error>> {
    let Some(name) = name else { return Ok(Type::plain(kind, currency)) };
    let Some(found) = known.get::<Type>(name).map_err(Denied::Failed)? else {
        return Err(InstrumentRefusal::UnknownInstrumentType { instrument_type: name.to_owned() }.into());
    };
    if found.kind != kind || found.currency != currency {
        return Err(InstrumentRefusal::InstrumentTypeDiffers {
            instrument_type: name.to_owned(),
            currency: found.currency,
        }
        .into());
    }
    Ok(found)
}

/// A type that is known, whatever its kind.
pub(super) fn any_named<K: Knowledge>(name: &str, known: &mut K) -> Result<Type, Denied<K::Error>> {
    let found = known.get::<Type>(name).map_err(Denied::Failed)?;
    found.ok_or_else(|| InstrumentRefusal::UnknownInstrumentType { instrument_type: name.to_owned() }.into())
}

/// Kind and currency of a type are those of its instruments, so they stay.
pub(crate) fn decide_configured<K: Knowledge>(
    configured: &InstrumentTypeConfigured<'_>,
    known: &mut K,
) -> Result<(), Denied<K::Error>> {
    match known.get::<Type>(&configured.instrument_type).map_err(Denied::Failed)? {
        Some(found) if (found.kind, found.currency) != (configured.kind, configured.currency) => {
            let instrument_type = configured.instrument_type.to_string();
            Err(InstrumentRefusal::InstrumentTypeDiffers { instrument_type, currency: found.currency }.into())
        }
        _ => Ok(()),
    }
}

pub(crate) fn evolve_configured<K: Knowledge>(
    from_ms: i64,
    configured: &InstrumentTypeConfigured<'_>,
    known: &mut K,
) -> Result<(), K::Error> {
    if known.get::<Type>(&configured.instrument_type)?.is_some_and(|found| found.from_ms > from_ms) {
        return Ok(());
    }
    let (kind, currency) = (configured.kind, configured.currency);
    let stacking = configured.stacking.as_deref().cloned().unwrap_or_default();
    let configured_type = Type {
        from_ms,
        kind,
        currency,
        spend: configured.spend.unwrap_or(spend_of(kind)),
        validity: configured.validity,
        grace_days: configured.grace_days,
        balance_max_minor: configured.balance_max_minor.or(ceiling(kind, currency)),
        load_minor: configured.load_minor,
        payment_minor: configured.payment_minor.or(configured.load_minor),
        families: configured.families.iter().map(ToString::to_string).collect(),
        named: configured.named,
        brand: configured.brand.as_ref().map(ToString::to_string),
        order: configured.order,
        per_sale_max: configured.per_sale_max,
        hold_minutes: configured.hold_minutes.unwrap_or(HOLD_MINUTES),
        not_beside: stacking.not_beside.iter().map(ToString::to_string).collect(),
        undiscounted_only: stacking.undiscounted_only,
    };
    known.put(&configured.instrument_type, &configured_type)
}
