//! Instruments that are given out and loaded: by hand, and by a line of a sale (rows 2.60 to 2.64, 2.72, B37).

use chrono::NaiveDate;
use storefold_events::{
    Currency, Event, Text,
    sale::{SaleLine, SaleValidated},
    stored_value::{
        CreditNoteIssued, GiftCardIssued, InstrumentCode, InstrumentIssued, InstrumentKind, InstrumentLoaded,
        SoldInstrument, WalletLoaded, WalletOpened,
    },
};

use super::{
    codes::typed_or_made,
    instrument::{Instrument, code_is_free, instrument, own},
    kinds::{Type, any_named, named},
    refusal::InstrumentRefusal,
};
use crate::{Caused, Denied, Knowledge, Refusal, Store, store::sells_in};

/// A new instrument, before it is told.
struct New<'e> {
    code: &'e InstrumentCode,
    instrument_type: Option<&'e str>,
    customer: Option<&'e str>,
    amount_minor: i64,
    paid_minor: i64,
    expires_on: Option<NaiveDate>,
}

impl New<'_> {
    fn issued(&self, event: &Event<'_>, its_type: &Type, store: Option<&Store>) -> InstrumentIssued<'static> {
        InstrumentIssued {
            instrument: self.code.to_string().into(),
            kind: its_type.kind,
            instrument_type: self.instrument_type.map(|name| name.to_owned().into()),
            currency: its_type.currency,
            amount_minor: self.amount_minor,
            paid_minor: self.paid_minor,
            customer: self.customer.map(|customer| customer.to_owned().into()),
            sale: None,
            line: None,
            return_id: None,
            expires_at_ms: its_type.expires_at_ms(event.occurred_at_ms, self.expires_on, None, store),
            voucher: None,
        }
    }
}

/// Refuses what expires before it is given out.
fn lives(event: &Event<'_>, issued: &InstrumentIssued<'_>, expires_on: Option<NaiveDate>) -> Result<(), Refusal> {
    match (issued.expires_at_ms, expires_on) {
        (Some(expires_ms), Some(until)) if expires_ms <= event.occurred_at_ms => Err(Refusal::DayHasPassed { until }),
        _ => Ok(()),
    }
}

pub(crate) fn decide_gift_card<K: Knowledge>(
    event: &Event<'_>,
    card: &GiftCardIssued<'_>,
    store: Option<&Store>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    sells_in(store, card.currency)?;
    let code = typed_or_made(&card.card, event, "card", known).map_err(Denied::Failed)?;
    code_is_free(&code, known)?;
    let its_type = named(card.instrument_type.as_deref(), InstrumentKind::GiftCard, card.currency, known)?;
    within_ceiling(&code, &its_type, card.amount_minor)?;
    let new = New {
        code: &code,
        instrument_type: card.instrument_type.as_deref(),
        customer: card.customer.as_deref(),
        amount_minor: card.amount_minor,
        paid_minor: 0,
        expires_on: card.expires_on,
    };
    let issued =
        InstrumentIssued { sale: card.sale.clone().map(Text::into_owned), ..new.issued(event, &its_type, store) };
    lives(event, &issued, card.expires_on)?;
    Ok(vec![Caused::beside(event, issued)])
}

pub(crate) fn decide_credit_note<K: Knowledge>(
    event: &Event<'_>,
    note: &CreditNoteIssued<'_>,
    store: Option<&Store>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    sells_in(store, note.currency)?;
    let code = typed_or_made(&note.note, event, "note", known).map_err(Denied::Failed)?;
    code_is_free(&code, known)?;
    let its_type = named(note.instrument_type.as_deref(), InstrumentKind::CreditNote, note.currency, known)?;
    let new = New {
        code: &code,
        instrument_type: note.instrument_type.as_deref(),
        customer: note.customer.as_deref(),
        amount_minor: note.amount_minor,
        paid_minor: 0,
        expires_on: note.expires_on,
    };
    let issued = new.issued(event, &its_type, store);
    lives(event, &issued, note.expires_on)?;
    Ok(vec![Caused::beside(event, issued)])
}

pub(crate) fn decide_wallet<K: Knowledge>(
    event: &Event<'_>,
    opened: &WalletOpened<'_>,
    store: Option<&Store>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let code = typed_or_made(&opened.wallet, event, "wallet", known).map_err(Denied::Failed)?;
    code_is_free(&code, known)?;
    let its_type = any_named(&opened.instrument_type, known)?;
    if its_type.kind != InstrumentKind::Wallet {
        let (instrument_type, currency) = (opened.instrument_type.to_string(), its_type.currency);
        return Err(InstrumentRefusal::InstrumentTypeDiffers { instrument_type, currency }.into());
    }
    let new = New {
        code: &code,
        instrument_type: Some(&opened.instrument_type),
        customer: opened.customer.as_deref(),
        amount_minor: 0,
        paid_minor: 0,
        expires_on: None,
    };
    Ok(vec![Caused::beside(event, new.issued(event, &its_type, store))])
}

pub(crate) fn decide_wallet_loaded<K: Knowledge>(
    event: &Event<'_>,
    loaded: &WalletLoaded<'_>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let code = InstrumentCode::new(&loaded.wallet);
    let wallet = instrument(&code, "data.wallet", known)?;
    let paid_minor = loaded.paid_minor.unwrap_or(loaded.amount_minor);
    let load = load(event, &code, &wallet, (loaded.amount_minor, paid_minor), known)?;
    Ok(vec![Caused::beside(event, load)])
}

/// What is loaded to a wallet that stands, up to its ceiling (row 2.62).
fn load<K: Knowledge>(
    event: &Event<'_>,
    code: &InstrumentCode,
    wallet: &Instrument,
    (amount_minor, paid_minor): (i64, i64),
    known: &mut K,
) -> Result<InstrumentLoaded<'static>, Denied<K::Error>> {
    if wallet.kind != InstrumentKind::Wallet {
        return Err(InstrumentRefusal::NotLoadable { instrument: code.shown() }.into());
    }
    wallet.stands(code, event.occurred_at_ms)?;
    let its_type = wallet.type_of(known).map_err(Denied::Failed)?;
    load_is_as_configured(code, &its_type, amount_minor, paid_minor)?;
    let balance_minor = wallet.balance_minor.checked_add(amount_minor).ok_or(InstrumentRefusal::AmountTooLarge)?;
    within_ceiling(code, &its_type, balance_minor)?;
    Ok(InstrumentLoaded {
        instrument: code.to_string().into(),
        kind: wallet.kind,
        instrument_type: own(wallet.named_type.as_ref()),
        currency: wallet.currency,
        amount_minor,
        paid_minor,
        balance_minor,
        sale: None,
        line: None,
        return_id: None,
    })
}

fn within_ceiling(code: &InstrumentCode, its_type: &Type, balance_minor: i64) -> Result<(), InstrumentRefusal> {
    match its_type.balance_max_minor {
        Some(max_minor) if balance_minor > max_minor => {
            Err(InstrumentRefusal::CeilingExceeded { instrument: code.shown(), balance_minor, max_minor })
        }
        _ => Ok(()),
    }
}

/// A load of a type with fixed loads is worth and costs what the type says; of others, as much as is paid (row 2.59).
fn load_is_as_configured(
    code: &InstrumentCode,
    its_type: &Type,
    load_minor: i64,
    paid_minor: i64,
) -> Result<(), InstrumentRefusal> {
    let (due_minor, price_minor) = match (its_type.load_minor, its_type.payment_minor) {
        (Some(load), payment) => (load, payment.unwrap_or(load)),
        (None, _) => (paid_minor, paid_minor),
    };
    if (load_minor, paid_minor) == (due_minor, price_minor) {
        return Ok(());
    }
    Err(InstrumentRefusal::LoadDiffers { instrument: code.shown(), load_minor: due_minor, payment_minor: price_minor })
}

/// What the lines of a sale sell and load. Instruments that a line before has issued or loaded count as they are then.
pub(super) fn sold<K: Knowledge>(
    event: &Event<'_>,
    sale: &SaleValidated<'_>,
    store: Option<&Store>,
    known: &mut K,
) -> Result<Vec<Caused>, Denied<K::Error>> {
    let mut caused = Vec::new();
    let mut codes: Vec<InstrumentCode> = Vec::new();
    for line in &sale.lines {
        let Some(sells) = &line.sells else { continue };
        let what = format!("line/{}", line.line);
        let code = typed_or_made(&sells.instrument, event, &what, known).map_err(Denied::Failed)?;
        if codes.contains(&code) {
            return Err(InstrumentRefusal::InstrumentTwice { instrument: code.shown() }.into());
        }
        if line.quantity != 1 {
            return Err(InstrumentRefusal::OneInstrumentALine { line: line.line }.into());
        }
        caused.push(sold_by(event, sale, (line, sells), &code, store, known)?);
        codes.push(code);
    }
    Ok(caused)
}

fn sold_by<K: Knowledge>(
    event: &Event<'_>,
    sale: &SaleValidated<'_>,
    (line, sells): (&SaleLine<'_>, &SoldInstrument<'_>),
    code: &InstrumentCode,
    store: Option<&Store>,
    known: &mut K,
) -> Result<Caused, Denied<K::Error>> {
    let (sale_id, paid_minor) = (Some(Text::from(sale.sale.to_string())), line.net_minor());
    if let Some(wallet) = known.get::<Instrument>(code.as_str()).map_err(Denied::Failed)? {
        if wallet.kind != InstrumentKind::Wallet {
            return Err(InstrumentRefusal::CodeTaken { instrument: code.shown() }.into());
        }
        in_currency(code, wallet.currency, sale.currency)?;
        let its_type = wallet.type_of(known).map_err(Denied::Failed)?;
        let amount_minor = sells.load_minor.or(its_type.load_minor).unwrap_or(paid_minor);
        let load = load(event, code, &wallet, (amount_minor, paid_minor), known)?;
        return Ok(Caused::beside(event, InstrumentLoaded { sale: sale_id, line: Some(line.line), ..load }));
    }
    let its_type = match sells.instrument_type.as_deref() {
        Some(name) => any_named(name, known)?,
        None => named(None, InstrumentKind::GiftCard, sale.currency, known)?,
    };
    in_currency(code, its_type.currency, sale.currency)?;
    if !matches!(its_type.kind, InstrumentKind::GiftCard | InstrumentKind::Wallet) {
        return Err(InstrumentRefusal::NotLoadable { instrument: code.shown() }.into());
    }
    let amount_minor = sells.load_minor.or(its_type.load_minor).unwrap_or(paid_minor);
    load_is_as_configured(code, &its_type, amount_minor, paid_minor)?;
    within_ceiling(code, &its_type, amount_minor)?;
    let new = New {
        code,
        instrument_type: sells.instrument_type.as_deref(),
        customer: sells.customer.as_deref(),
        amount_minor,
        paid_minor,
        expires_on: None,
    };
    let issued = new.issued(event, &its_type, store);
    Ok(Caused::beside(event, InstrumentIssued { sale: sale_id, line: Some(line.line), ..issued }))
}

fn in_currency(code: &InstrumentCode, currency: Currency, sold_in: Currency) -> Result<(), InstrumentRefusal> {
    if currency == sold_in {
        return Ok(());
    }
    Err(InstrumentRefusal::InstrumentInOtherCurrency { instrument: code.shown(), currency })
}

/// A credit note that a return gives out, or store credit where there was none.
pub(super) fn given<K: Knowledge>(
    event: &Event<'_>,
    (code, kind): (&InstrumentCode, InstrumentKind),
    (currency, amount_minor): (Currency, i64),
    customer: Option<&str>,
    return_id: &str,
    known: &mut K,
) -> Result<InstrumentIssued<'static>, Denied<K::Error>> {
    let its_type = named(None, kind, currency, known)?;
    let new = New { code, instrument_type: None, customer, amount_minor, paid_minor: 0, expires_on: None };
    let issued = new.issued(event, &its_type, None);
    Ok(InstrumentIssued { return_id: Some(return_id.to_owned().into()), ..issued })
}
