//! What becomes of instruments when goods come back or a sale is struck out (rows B29, B37, 2.72).

use storefold_events::{
    Currency, Event, Payload,
    sale::{SaleReturned, SaleVoided, Tender},
    stored_value::{
        InstrumentCancelled, InstrumentCode, InstrumentExpired, InstrumentIssued, InstrumentKind, InstrumentLoaded,
        InstrumentRefunded,
    },
};

use super::{
    instrument::{Instrument, change, code_is_free, instrument, own},
    issuing::given,
    paying::{Paid, Payment, code_of},
    refusal::InstrumentRefusal,
};
use crate::{Caused, Denied, Knowledge};

/// Kind of the tender that gives a credit note out.
const CREDIT_NOTE: &str = "credit_note";

pub(crate) fn decide_return<K: Knowledge>(
    event: &Event<'_>,
    returned: &SaleReturned<'_>,
    customer: Option<&str>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let payment: Option<Payment> = known.get(&returned.sale).map_err(Denied::Failed)?;
    let mut caused = Vec::new();
    let mut seen: Vec<InstrumentCode> = Vec::new();
    let mut plain_minor = 0;
    for tender in returned.tenders.iter().filter(|tender| tender.amount_minor > 0) {
        let Some(code) = code_of(tender, customer, returned.currency)? else {
            plain_minor += tender.amount_minor;
            continue;
        };
        if seen.contains(&code) {
            return Err(InstrumentRefusal::InstrumentTwice { instrument: code.shown() }.into());
        }
        caused.push(refund(event, returned, tender, &code, customer, payment.as_ref(), known)?);
        seen.push(code);
    }
    if let Some(payment) = &payment {
        let left_minor = payment.plain_minor - payment.plain_refunded_minor;
        if plain_minor > left_minor {
            return Err(InstrumentRefusal::RefundedOtherwiseThanPaid { left_minor, asked_minor: plain_minor }.into());
        }
        let came_back = |line: u32| returned.lines.iter().any(|asked| asked.line == line);
        for (_, code, amount_minor) in payment.sold.iter().filter(|(line, ..)| came_back(*line)) {
            let taken = take_back(code, *amount_minor, "return", known)?;
            let return_id = Some(returned.return_id.to_string().into());
            caused.push(Caused::beside(event, InstrumentCancelled { return_id, ..taken.of(&returned.sale) }));
        }
    }
    Ok(caused)
}

/// What one tender of a return gives: back to what had paid, or a credit note, or store credit.
fn refund<K: Knowledge>(
    event: &Event<'_>,
    returned: &SaleReturned<'_>,
    tender: &Tender<'_>,
    code: &InstrumentCode,
    customer: Option<&str>,
    payment: Option<&Payment>,
    known: &mut K,
) -> Result<Caused, Denied<K::Error>> {
    let amount_minor = tender.amount_minor;
    let paid = payment.and_then(|payment| payment.paid.iter().find(|paid| paid.code == code.as_str()));
    if let Some(paid) = paid {
        let left_minor = paid.amount_minor - paid.refunded_minor;
        if amount_minor > left_minor {
            let instrument = code.shown();
            return Err(InstrumentRefusal::RefundAbovePaid { instrument, left_minor, asked_minor: amount_minor }.into());
        }
        let back = give_back(event, (code, amount_minor), &returned.sale, known)?;
        let return_id = Some(returned.return_id.to_string().into());
        return Ok(Caused::beside(event, InstrumentRefunded { return_id, ..back }));
    }
    let given_back = (returned.currency, amount_minor);
    if tender.instrument.is_none() {
        return store_credit(event, (code, customer), given_back, &returned.return_id, known);
    }
    if &*tender.kind != CREDIT_NOTE {
        return Err(InstrumentRefusal::NotPaidWith { instrument: code.shown(), sale: returned.sale.to_string() }.into());
    }
    code_is_free(code, known)?;
    let note = given(event, (code, InstrumentKind::CreditNote), given_back, customer, &returned.return_id, known)?;
    Ok(Caused::beside(event, note))
}

/// Store credit of a customer grows; it begins with the first (row B37).
fn store_credit<K: Knowledge>(
    event: &Event<'_>,
    (code, customer): (&InstrumentCode, Option<&str>),
    (currency, amount_minor): (Currency, i64),
    return_id: &str,
    known: &mut K,
) -> Result<Caused, Denied<K::Error>> {
    let Some(found) = known.get::<Instrument>(code.as_str()).map_err(Denied::Failed)? else {
        let kind = InstrumentKind::StoreCredit;
        let issued: InstrumentIssued<'static> =
            given(event, (code, kind), (currency, amount_minor), customer, return_id, known)?;
        return Ok(Caused::beside(event, issued));
    };
    let balance_minor = found.balance_minor.checked_add(amount_minor).ok_or(InstrumentRefusal::AmountTooLarge)?;
    let loaded = InstrumentLoaded {
        instrument: code.to_string().into(),
        kind: found.kind,
        instrument_type: None,
        currency,
        amount_minor,
        paid_minor: 0,
        balance_minor,
        sale: None,
        line: None,
        return_id: Some(return_id.to_owned().into()),
    };
    Ok(Caused::beside(event, loaded))
}

/// What had been paid comes back to an instrument that stands.
fn give_back<K: Knowledge>(
    event: &Event<'_>,
    (code, amount_minor): (&InstrumentCode, i64),
    sale: &str,
    known: &mut K,
) -> Result<InstrumentRefunded<'static>, Denied<K::Error>> {
    let found = instrument(code, "data.tenders", known)?;
    found.stands(code, event.occurred_at_ms)?;
    Ok(refunded(&found, (code, amount_minor), sale)?)
}

/// What had been paid comes back to an instrument that has expired or was disabled since, and is lost with it: a sale that
/// never was must not stand because of it.
fn give_back_and_lose<K: Knowledge>(
    event: &Event<'_>,
    (code, amount_minor): (&InstrumentCode, i64),
    sale: &str,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let found = instrument(code, "data.tenders", known)?;
    let back = refunded(&found, (code, amount_minor), sale)?;
    let (kind, instrument_type, currency) = (found.kind, own(found.named_type.as_ref()), found.currency);
    let (amount_minor, instrument) = (back.balance_minor, code.to_string().into());
    let lost = match found.stands(code, event.occurred_at_ms) {
        Ok(()) | Err(InstrumentRefusal::InstrumentDeactivated { .. }) => None,
        Err(InstrumentRefusal::InstrumentExpired { .. }) => {
            Some(InstrumentExpired { instrument, kind, instrument_type, currency, amount_minor }.into())
        }
        Err(_) => Some(Payload::from(InstrumentCancelled {
            instrument,
            kind,
            instrument_type,
            currency,
            amount_minor,
            balance_minor: 0,
            reason: "disabled".into(),
            sale: None,
            return_id: None,
        })),
    };
    let mut caused = vec![Caused::beside(event, back)];
    caused.extend(lost.map(|lost| Caused::beside(event, lost)));
    Ok(caused)
}

fn refunded(
    found: &Instrument,
    (code, amount_minor): (&InstrumentCode, i64),
    sale: &str,
) -> Result<InstrumentRefunded<'static>, InstrumentRefusal> {
    Ok(InstrumentRefunded {
        instrument: code.to_string().into(),
        kind: found.kind,
        instrument_type: own(found.named_type.as_ref()),
        currency: found.currency,
        amount_minor,
        balance_minor: found.balance_minor.checked_add(amount_minor).ok_or(InstrumentRefusal::AmountTooLarge)?,
        sale: sale.to_owned().into(),
        return_id: None,
    })
}

/// What is taken back of an instrument that a line had sold or loaded.
struct TakenBack {
    code: String,
    instrument: Instrument,
    amount_minor: i64,
    reason: &'static str,
}

impl TakenBack {
    fn of(self, sale: &str) -> InstrumentCancelled<'static> {
        InstrumentCancelled {
            instrument: self.code.into(),
            kind: self.instrument.kind,
            instrument_type: own(self.instrument.named_type.as_ref()),
            currency: self.instrument.currency,
            amount_minor: self.amount_minor,
            balance_minor: self.instrument.balance_minor - self.amount_minor,
            reason: self.reason.into(),
            sale: Some(sale.to_owned().into()),
            return_id: None,
        }
    }
}

/// A card that was sold is taken back when nothing was paid with it; a load when it is still there.
fn take_back<K: Knowledge>(
    code: &str,
    amount_minor: i64,
    reason: &'static str,
    known: &mut K,
) -> Result<TakenBack, Denied<K::Error>> {
    let code = InstrumentCode::kept(code);
    let found = instrument(&code, "data.lines", known)?;
    let is_card = found.kind == InstrumentKind::GiftCard;
    if (is_card && found.used) || found.available_minor("") < amount_minor {
        return Err(InstrumentRefusal::InstrumentUsed { instrument: code.shown() }.into());
    }
    Ok(TakenBack { code: code.to_string(), instrument: found, amount_minor, reason })
}

/// Everything that instruments paid comes back to them, what was lost with it too; what was sold is taken back.
pub(crate) fn decide_void<K: Knowledge>(
    event: &Event<'_>,
    voided: &SaleVoided<'_>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let Some(payment) = known.get::<Payment>(&voided.sale).map_err(Denied::Failed)? else { return Ok(Vec::new()) };
    let mut caused = Vec::new();
    for Paid { code, amount_minor, forfeited_minor, refunded_minor } in &payment.paid {
        let code = InstrumentCode::kept(code);
        let back_minor = amount_minor + forfeited_minor - refunded_minor;
        caused.extend(give_back_and_lose(event, (&code, back_minor), &voided.sale, known)?);
    }
    for (_, code, amount_minor) in &payment.sold {
        let taken = take_back(code, *amount_minor, "void", known)?;
        caused.push(Caused::beside(event, taken.of(&voided.sale)));
    }
    Ok(caused)
}

pub(crate) fn evolve_refunded<K: Knowledge>(refunded: &InstrumentRefunded<'_>, known: &mut K) -> Result<(), K::Error> {
    change(&refunded.instrument, i64::MIN, known, |instrument| instrument.balance_minor = refunded.balance_minor)?;
    let mut payment: Payment = known.get(&refunded.sale)?.unwrap_or_default();
    if let Some(paid) = payment.paid.iter_mut().find(|paid| paid.code == *refunded.instrument) {
        paid.refunded_minor += refunded.amount_minor;
    }
    known.put(&refunded.sale, &payment)
}

/// Keeps what was refunded by means that are none of ours.
pub(crate) fn evolve_return<K: Knowledge>(returned: &SaleReturned<'_>, known: &mut K) -> Result<(), K::Error> {
    let Some(mut payment) = known.get::<Payment>(&returned.sale)? else { return Ok(()) };
    let plain = returned.tenders.iter().filter(|tender| tender.instrument.is_none() && &*tender.kind != "store_credit");
    payment.plain_refunded_minor += plain.map(|tender| tender.amount_minor).sum::<i64>();
    known.put(&returned.sale, &payment)
}
