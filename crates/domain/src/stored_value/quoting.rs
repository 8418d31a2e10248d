//! What instruments would pay for a basket, without paying it (rows B28, B39).

use storefold_events::{
    Currency,
    sale::SaleLine,
    stored_value::{InstrumentCode, InstrumentKind, SpendPolicy},
};

use super::{
    instrument::{Asked, Instrument, unknown},
    kinds::Type,
    refusal::InstrumentRefusal,
    stacking::{Payer, left_minor, stands_beside},
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
        let left_minor = shown.found.at_once_minor(shown.its_type.spend) - pays_minor;
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
    let paid_minor: i64 = before.iter().map(|(_, pays_minor)| pays_minor).sum();
    let before: Vec<_> =
        before.iter().filter(|(_, pays_minor)| *pays_minor > 0).map(|(other, pays)| other.payer(*pays)).collect();
    let total_minor: i64 = basket.lines.iter().map(SaleLine::net_minor).fold(0, i64::saturating_add);
    let payer = shown.payer(0);
    stands_beside(&payer, &before)?;
    let in_total_minor = total_minor - paid_minor;
    let to_pay_minor =
        left_minor(&payer, basket.lines, &before).map_or(in_total_minor, |minor| minor.min(in_total_minor));
    let at_once_minor = found.at_once_minor(its_type.spend);
    let pays_minor = found.available_minor(basket.sale).min(at_once_minor).min(to_pay_minor).max(0);
    if its_type.spend == SpendPolicy::Whole && pays_minor < at_once_minor {
        if to_pay_minor <= 0 {
            return Ok(0);
        }
        return Err(InstrumentRefusal::GiftCardMustBeUsedWhole {
            instrument: code.shown(),
            balance_minor: at_once_minor,
        });
    }
    Ok(pays_minor)
}

impl Shown {
    fn payer(&self, pays_minor: i64) -> Payer<'_> {
        Payer { code: &self.code, found: &self.found, its_type: &self.its_type, pays_minor }
    }
}

impl Quoted {
    fn unknown(code: InstrumentCode) -> Self {
        let refusal = unknown(&code, "data.instruments");
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
