//! A sale that is paid with instruments: all of its tenders pay, or the sale is refused (decision 4, B27, B28).

use serde::{Deserialize, Serialize};
use storefold_events::{
    Event,
    sale::{SaleValidated, Tender},
    stored_value::{InstrumentCode, InstrumentRedeemed, SpendPolicy},
};

use super::{
    instrument::{Asked, Instrument, asked, change, instrument, own},
    issuing::sold,
    kinds::Type,
    refusal::InstrumentRefusal,
    stacking::{Payer, for_its_lines, left_minor, stands_beside},
};
use crate::{Aggregate, Caused, Denied, Knowledge, Refusal, Store, offline, offline::CardShortfall};

/// What instruments did in a sale; kept only for sales that have some.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Payment {
    /// What instruments paid, and what came back to them.
    pub(super) paid: Vec<Paid>,
    /// Instruments that lines sold or loaded: the line, the code, how much.
    pub(super) sold: Vec<(u32, String, i64)>,
    /// What was paid otherwise, and what of it was refunded otherwise.
    pub(super) plain_minor: i64,
    pub(super) plain_refunded_minor: i64,
    pub(super) customer: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Paid {
    pub(super) code: String,
    pub(super) amount_minor: i64,
    pub(super) forfeited_minor: i64,
    pub(super) refunded_minor: i64,
}

impl Aggregate for Payment {
    const KIND: u8 = b'P';
}

/// Kind of the tender that is the customer's store credit.
const STORE_CREDIT: &str = "store_credit";

/// The instrument that a tender is paid with; `None` where it is none of ours.
pub(super) fn code_of(
    tender: &Tender<'_>,
    customer: Option<&str>,
    currency: storefold_events::Currency,
) -> Result<Option<InstrumentCode>, InstrumentRefusal> {
    if let Some(typed) = &tender.instrument {
        return Ok(Some(InstrumentCode::new(typed)));
    }
    if &*tender.kind != STORE_CREDIT {
        return Ok(None);
    }
    let customer = customer.ok_or(InstrumentRefusal::StoreCreditOfNobody)?;
    Ok(Some(InstrumentCode::store_credit(customer, currency)))
}

pub(crate) fn decide_sale<K: Knowledge>(
    event: &Event<'_>,
    sale: &SaleValidated<'_>,
    store: Option<&Store>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let customer = sale.customer.as_deref();
    let mut caused = sold(event, sale, store, known)?;
    let loads: Vec<_> = sale.lines.iter().filter_map(|line| line.sells.as_ref()).collect();
    let asked = asked(event, &sale.sale, customer, sale.currency, store);
    let mut spent: Vec<Spending> = Vec::new();
    for tender in &sale.tenders {
        let Some(code) = code_of(tender, customer, sale.currency)? else { continue };
        if spent.iter().any(|other| other.code == code) {
            return Err(InstrumentRefusal::InstrumentTwice { instrument: code.shown() }.into());
        }
        if loads.iter().any(|sells| InstrumentCode::new(&sells.instrument) == code) {
            return Err(InstrumentRefusal::WalletPaysItself { instrument: code.shown() }.into());
        }
        let (spending, short) = match spend(sale, (code.clone(), tender.amount_minor), &asked, &spent, known) {
            Ok(spending) => (Some(spending), None),
            Err(Denied::Refused(refusal)) if tender.amount_minor > 0 => {
                let Some(edge) = offline::accepted_by(event, known).map_err(Denied::Failed)? else {
                    return Err(refusal.into());
                };
                let reason = refusal.code();
                let refused = (&code, tender.amount_minor, refusal);
                (spend_what_is_there(sale, refused, &asked, &spent, known)?, Some((edge, reason)))
            }
            Err(denied) => return Err(denied),
        };
        if let Some((edge, reason)) = short {
            let paid_minor = spending.as_ref().map_or(0, |spending| spending.redeemed.amount_minor);
            let amount_minor = tender.amount_minor - paid_minor;
            let (instrument, currency) = (code.as_str(), sale.currency);
            let shortfall = CardShortfall { sale: &sale.sale, instrument, customer, currency, amount_minor };
            caused.push(shortfall.recorded(event, edge, reason));
        }
        if let Some(spending) = spending {
            caused.push(Caused::beside(event, spending.redeemed.clone()));
            spent.push(spending);
        }
    }
    Ok(caused)
}

/// An instrument that pays, beside those that pay before it.
struct Spending {
    code: InstrumentCode,
    found: Instrument,
    its_type: Type,
    redeemed: InstrumentRedeemed<'static>,
}

impl Spending {
    fn payer(&self) -> Payer<'_> {
        Payer { code: &self.code, found: &self.found, its_type: &self.its_type, pays_minor: self.redeemed.amount_minor }
    }
}

/// As much of a payment as is there, where an edge has given the goods already (row B43); `None` where nothing is.
fn spend_what_is_there<K: Knowledge>(
    sale: &SaleValidated<'_>,
    (code, refused_minor, mut refusal): (&InstrumentCode, i64, Refusal),
    asked: &Asked<'_>,
    before: &[Spending],
    known: &mut K,
) -> Result<Option<Spending>, Denied<K::Error>> {
    let mut pays_minor = refused_minor;
    loop {
        let Refusal::Instrument(of_instrument) = &refusal else { return Ok(None) };
        let less = of_instrument.would_pay_minor().filter(|minor| (1..pays_minor).contains(minor));
        let Some(less_minor) = less else { return Ok(None) };
        pays_minor = less_minor;
        match spend(sale, (code.clone(), pays_minor), asked, before, known) {
            Ok(spending) => return Ok(Some(spending)),
            Err(Denied::Refused(again)) => refusal = again,
            Err(failed) => return Err(failed),
        }
    }
}

fn spend<K: Knowledge>(
    sale: &SaleValidated<'_>,
    (code, amount_minor): (InstrumentCode, i64),
    asked: &Asked<'_>,
    before: &[Spending],
    known: &mut K,
) -> Result<Spending, Denied<K::Error>> {
    let found = instrument(&code, "data.tenders", known)?;
    let its_type = found.type_of(known).map_err(Denied::Failed)?;
    if amount_minor == 0 {
        return Err(InstrumentRefusal::InstrumentPaysNothing { instrument: code.shown() }.into());
    }
    found.pays(&code, &its_type, asked, amount_minor)?;
    let payer = Payer { code: &code, found: &found, its_type: &its_type, pays_minor: amount_minor };
    let before: Vec<_> = before.iter().map(Spending::payer).collect();
    stands_beside(&payer, &before)?;
    if let Some(left_minor) = left_minor(&payer, &sale.lines, &before).filter(|left_minor| amount_minor > *left_minor) {
        return Err(for_its_lines(&payer, left_minor).into());
    }
    let at_once_minor = found.at_once_minor(its_type.spend);
    let rest_minor = at_once_minor - amount_minor;
    let (forfeited_minor, balance_minor) = match its_type.spend {
        SpendPolicy::Partial => (0, rest_minor),
        SpendPolicy::Forfeit => (rest_minor, found.balance_minor - at_once_minor),
        SpendPolicy::Whole if rest_minor == 0 => (0, found.balance_minor - at_once_minor),
        SpendPolicy::Whole => {
            let balance_minor = at_once_minor;
            return Err(InstrumentRefusal::GiftCardMustBeUsedWhole { instrument: code.shown(), balance_minor }.into());
        }
    };
    let redeemed = InstrumentRedeemed {
        instrument: code.to_string().into(),
        kind: found.kind,
        instrument_type: own(found.named_type.as_ref()),
        currency: found.currency,
        amount_minor,
        forfeited_minor,
        balance_minor,
        sale: sale.sale.to_string().into(),
    };
    Ok(Spending { code, found, its_type, redeemed })
}

/// What was paid by means that are none of ours, where a sale has to do with instruments.
pub(crate) fn evolve_sale<K: Knowledge>(sale: &SaleValidated<'_>, known: &mut K) -> Result<(), K::Error> {
    let ours = |tender: &&Tender<'_>| tender.instrument.is_some() || &*tender.kind == STORE_CREDIT;
    if !sale.tenders.iter().any(|tender| ours(&tender)) && sale.lines.iter().all(|line| line.sells.is_none()) {
        return Ok(());
    }
    let plain = sale.tenders.iter().filter(|tender| !ours(tender));
    let payment = Payment {
        plain_minor: plain.map(|tender| tender.amount_minor).sum(),
        customer: sale.customer.as_ref().map(ToString::to_string),
        ..Payment::default()
    };
    known.put(&sale.sale, &payment)
}

pub(crate) fn evolve_redeemed<K: Knowledge>(redeemed: &InstrumentRedeemed<'_>, known: &mut K) -> Result<(), K::Error> {
    change(&redeemed.instrument, i64::MIN, known, |instrument| {
        (instrument.balance_minor, instrument.used) = (redeemed.balance_minor, true);
        // The sale has taken what was held for it.
        instrument.holds.retain(|hold| hold.sale != *redeemed.sale);
    })?;
    let mut payment: Payment = known.get(&redeemed.sale)?.unwrap_or_default();
    payment.paid.push(Paid {
        code: redeemed.instrument.to_string(),
        amount_minor: redeemed.amount_minor,
        forfeited_minor: redeemed.forfeited_minor,
        refunded_minor: 0,
    });
    known.put(&redeemed.sale, &payment)
}

/// Keeps what a line of a sale sold or loaded, for its return.
pub(super) fn note_sold<K: Knowledge>(
    sale: Option<&str>,
    line: Option<u32>,
    code: &str,
    amount_minor: i64,
    known: &mut K,
) -> Result<(), K::Error> {
    let (Some(sale), Some(line)) = (sale, line) else { return Ok(()) };
    let mut payment: Payment = known.get(sale)?.unwrap_or_default();
    payment.sold.push((line, code.to_owned(), amount_minor));
    known.put(sale, &payment)
}
