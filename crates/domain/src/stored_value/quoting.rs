//! What instruments would pay for a basket, without paying it (rows B28, B39).

use storefold_events::{
    Currency,
    sale::SaleLine,
    stored_value::{InstrumentCode, InstrumentKind, SpendPolicy},
};

use super::{
    instrument::{Asked, Instrument},
    kinds::Type,
    refusal::InstrumentRefusal,
};
use crate::{Knowledge, Store};

/// A basket, and the instruments that its customer shows.
#[derive(Clone, Debug)]
pub struct Basket<'e> {
    /// The sale, when it has its identifier already: what is held for it is free to it.
    pub sale: &'e str,
    /// The store.
    pub store: Option<&'e str>,
    /// The customer, when identified.
    pub customer: Option<&'e str>,
    /// Currency of all amounts.
    pub currency: Currency,
    /// What is bought.
    pub lines: &'e [SaleLine<'e>],
    /// Codes as they were typed or scanned.
    pub instruments: &'e [String],
    /// When, in ms since 1970 UTC.
    pub at_ms: i64,
}

/// What one instrument would pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// The instrument.
    pub code: InstrumentCode,
    /// Its kind; `None` when it is unknown.
    pub kind: Option<InstrumentKind>,
    /// Its currency; `None` when it is unknown.
    pub currency: Option<Currency>,
    /// What it holds, in minor units of its own currency; 0 when it is unknown.
    pub balance_minor: i64,
    /// What it would pay of the basket, in minor units.
    pub pays_minor: i64,
    /// What would be lost with it, where its type says so.
    pub forfeits_minor: i64,
    /// Why it pays nothing.
    pub refusal: Option<InstrumentRefusal>,
}

/// An instrument that is known, before it is asked what it pays.
struct Shown {
    code: InstrumentCode,
    found: Instrument,
    its_type: Type,
}

/// What each instrument would pay, in the order in which they are spent: by the number of their type, then those that
/// expire first, the smaller before the greater. Together they stop at the total. A card that is spent whole pays only
/// what it holds, so it is passed over when less is left to pay.
///
/// # Errors
/// When what is known could not be read.
pub fn quote<K: Knowledge>(basket: &Basket<'_>, known: &mut K) -> Result<Vec<Quoted>, K::Error> {
    let store: Option<Store> = match basket.store {
        Some(store) => known.get(store)?,
        None => None,
    };
    let (mut shown, mut quoted): (Vec<Shown>, Vec<Quoted>) = Default::default();
    for typed in basket.instruments {
        let code = InstrumentCode::new(typed);
        if shown.iter().any(|other| other.code == code) || quoted.iter().any(|other| other.code == code) {
            continue;
        }
        match known.get::<Instrument>(code.as_str())? {
            Some(found) => {
                let its_type = found.type_of(known)?;
                shown.push(Shown { code, found, its_type });
            }
            None => quoted.push(Quoted::unknown(code)),
        }
    }
    shown.sort_by_cached_key(|shown| {
        let expires_ms = shown.found.expires_at_ms.unwrap_or(i64::MAX);
        (shown.its_type.order, expires_ms, shown.found.balance_minor, shown.code.as_str().to_owned())
    });
    let asked = Asked {
        sale: basket.sale,
        customer: basket.customer,
        currency: basket.currency,
        store: store.as_ref(),
        at_ms: basket.at_ms,
    };
    let mut paying: Vec<(Shown, i64)> = Vec::new();
    for shown in shown {
        let answer = pays(basket, &asked, &shown, &paying);
        let (pays_minor, refusal) = answer.map_or_else(|refusal| (0, Some(refusal)), |pays_minor| (pays_minor, None));
        let left_minor = shown.found.balance_minor - pays_minor;
        let forfeits = pays_minor > 0 && shown.its_type.spend == SpendPolicy::Forfeit;
        quoted.push(Quoted {
            code: shown.code.clone(),
            kind: Some(shown.found.kind),
            currency: Some(shown.found.currency),
            balance_minor: shown.found.balance_minor,
            pays_minor,
            forfeits_minor: if forfeits { left_minor } else { 0 },
            refusal,
        });
        paying.push((shown, pays_minor));
    }
    Ok(quoted)
}

/// What an instrument pays beside those before it; 0 when nothing is left to pay.
fn pays(
    basket: &Basket<'_>,
    asked: &Asked<'_>,
    shown: &Shown,
    before: &[(Shown, i64)],
) -> Result<i64, InstrumentRefusal> {
    let Shown { code, found, its_type } = shown;
    found.pays(code, its_type, asked, 1)?;
    let paid = |like: &dyn Fn(&Shown) -> bool| -> i64 {
        before.iter().filter(|(other, _)| like(other)).map(|(_, pays_minor)| pays_minor).sum()
    };
    let total_minor: i64 = basket.lines.iter().map(SaleLine::net_minor).fold(0, i64::saturating_add);
    let mut left_minor = total_minor - paid(&|_| true);
    if !its_type.families.is_empty() {
        let lines = basket.lines.iter().filter(|line| crate::points::is_of(&its_type.families, line.family.as_deref()));
        let base_minor = lines.map(SaleLine::net_minor).fold(0, i64::saturating_add);
        left_minor = left_minor.min(base_minor - paid(&|other| other.its_type.families == its_type.families));
    }
    let alike = |(other, pays_minor): &&(Shown, i64)| *pays_minor > 0 && other.found.named_type == found.named_type;
    let count = before.iter().filter(|other| found.named_type.is_some() && alike(other)).count();
    if let Some(max) = its_type.per_sale_max.filter(|max| count as u64 >= u64::from(*max)) {
        return Err(InstrumentRefusal::TooManyOfAType { instrument: code.shown(), max });
    }
    let pays_minor = found.available_minor(basket.sale).min(left_minor).max(0);
    if its_type.spend == SpendPolicy::Whole && pays_minor < found.balance_minor && left_minor > 0 {
        let balance_minor = found.balance_minor;
        return Err(InstrumentRefusal::GiftCardMustBeUsedWhole { instrument: code.shown(), balance_minor });
    }
    Ok(if its_type.spend == SpendPolicy::Whole && pays_minor < found.balance_minor { 0 } else { pays_minor })
}

impl Quoted {
    fn unknown(code: InstrumentCode) -> Self {
        let refusal = InstrumentRefusal::UnknownInstrument { instrument: code.shown(), field: "data.instruments" };
        Self {
            code,
            kind: None,
            currency: None,
            balance_minor: 0,
            pays_minor: 0,
            forfeits_minor: 0,
            refusal: Some(refusal),
        }
    }
}
