//! What each event tells of a person.

use storefold_events::{
    Event, Payload, Recorded, Text,
    customer::{ContactChannel, CustomerCreated, CustomerUpdated},
    personal::SealedText,
    sale::SaleLine,
};
use storefold_projection::{Part, Poison, Rows};

use crate::rows::{Consent, ErasedRow, FactRow, Given, OpenedRow, Row, ScanRow};

pub(crate) fn apply(recorded: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let event = &recorded.event;
    match &event.payload {
        Payload::CustomerCreated(created) => created_file(event, created, rows),
        Payload::CustomerUpdated(updated) => updated_file(event, updated, rows),
        Payload::ConsentGranted(granted) => consent(event, &granted.customer, granted.channel, false, rows),
        Payload::ConsentWithdrawn(withdrawn) => consent(event, &withdrawn.customer, withdrawn.channel, true, rows),
        Payload::CustomerErased(erased) => {
            let (position, at_ms) = (recorded.position, event.occurred_at_ms);
            let by = erased.by.as_ref().map(ToString::to_string);
            let file = rows.row(&Row::file_key(&erased.customer))?.file()?;
            file.erased.get_or_insert(ErasedRow { position, at_ms, by });
            Ok(())
        }
        Payload::ScanCaptured(scan) => match &scan.email {
            Some(email) => scanned(recorded, &scan.scan, email, rows),
            None => Ok(()),
        },
        Payload::EmailAttachedToScan(attached) => scanned(recorded, &attached.scan, &attached.email, rows),
        _ => fact(recorded, rows),
    }
}

/// Customers are folded apart, and so are addresses.
pub(crate) fn part<'e>(recorded: &'e Recorded<'_>) -> Part<'e> {
    let address = |email: &'e str| SealedText::read(email).map_or(Part::Nobody, |_| Part::Of(address_of(email)));
    match &recorded.event.payload {
        Payload::CustomerCreated(of) => Part::Of(&of.customer),
        Payload::CustomerUpdated(of) => Part::Of(&of.customer),
        Payload::ConsentGranted(of) => Part::Of(&of.customer),
        Payload::ConsentWithdrawn(of) => Part::Of(&of.customer),
        Payload::CustomerErased(of) => Part::Of(&of.customer),
        Payload::ScanCaptured(of) => of.email.as_deref().map_or(Part::Nobody, address),
        Payload::EmailAttachedToScan(of) => address(&of.email),
        _ => customer_of(&recorded.event).map_or(Part::Nobody, Part::Of),
    }
}

/// A sealed text up to its ciphertext, which is the same for the same address.
fn address_of(sealed: &str) -> &str {
    sealed.rfind(':').map_or(sealed, |end| &sealed[..end])
}

fn created_file(event: &Event<'_>, created: &CustomerCreated<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let own = |text: &Option<Text<'_>>| text.as_ref().map(ToString::to_string);
    let file = rows.row(&Row::file_key(&created.customer))?.file()?;
    let store = own(&event.store);
    file.opened = Some(OpenedRow { at_ms: event.occurred_at_ms, store, seller: own(&created.seller) });
    if let Some(locale) = &created.locale {
        (file.country, file.language) = (own(&locale.country), own(&locale.language));
    }
    replace(&mut file.name, created.name.as_ref(), event);
    replace(&mut file.first_name, created.first_name.as_ref(), event);
    replace(&mut file.mobile, created.mobile.as_ref(), event);
    replace_email(file, created.email.as_ref(), event);
    Ok(())
}

fn updated_file(event: &Event<'_>, updated: &CustomerUpdated<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let file = rows.row(&Row::file_key(&updated.customer))?.file()?;
    replace(&mut file.mobile, updated.mobile.as_ref(), event);
    replace(&mut file.postal_address, updated.postal_address.as_ref(), event);
    replace_email(file, updated.email.as_ref(), event);
    Ok(())
}

/// What is given replaces what was there, an empty text removes it, what is absent stays.
fn replace(value: &mut Option<Given>, given: Option<&Text<'_>>, event: &Event<'_>) {
    let Some(given) = given else { return };
    let (text, source) = (given.to_string(), event.source.to_string());
    *value = (!given.is_empty()).then_some(Given { text, source, at_ms: event.occurred_at_ms });
}

fn replace_email(file: &mut crate::rows::FileRow, given: Option<&Text<'_>>, event: &Event<'_>) {
    replace(&mut file.email, given, event);
    let address = given.and_then(|email| SealedText::read(email)).filter(|sealed| !sealed.is_gone());
    if let Some(address) = address.filter(|address| !file.addresses.contains(&address.subject)) {
        file.addresses.push(address.subject);
    }
}

fn consent(
    event: &Event<'_>,
    customer: &str,
    channel: ContactChannel,
    withdrawn: bool,
    rows: &mut Rows<'_, Row>,
) -> Result<(), Poison> {
    let file = rows.row(&Row::file_key(customer))?.file()?;
    let source = std::cmp::Reverse(event.source.to_string());
    let said = Some(Consent { at_ms: event.occurred_at_ms, withdrawn, source });
    let stands = &mut file.consents[channel as usize];
    if *stands < said {
        *stands = said;
    }
    Ok(())
}

fn scanned(recorded: &Recorded<'_>, scan: &str, email: &str, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let Some(sealed) = SealedText::read(email).filter(|sealed| !sealed.is_gone()) else { return Ok(()) };
    let (store, at_ms) = (recorded.event.store.as_ref().map(ToString::to_string), recorded.event.occurred_at_ms);
    let row = ScanRow { scan: scan.to_owned(), at_ms, store, email: email.to_owned() };
    rows.append(&Row::scan_key(sealed.subject, recorded.position), &Row::Scan(Box::new(row)))
}

fn customer_of<'e>(event: &'e Event<'_>) -> Option<&'e str> {
    match &event.payload {
        Payload::SaleValidated(of) => of.customer.as_deref(),
        Payload::ReturnValued(of) => of.customer.as_deref(),
        Payload::SaleReversed(of) => of.customer.as_deref(),
        Payload::OrderPlaced(of) => of.customer.as_deref(),
        Payload::SurveyAnswered(of) => of.customer.as_deref(),
        Payload::InteractionRecorded(of) => Some(&of.customer),
        _ => None,
    }
}

fn fact(recorded: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let event = &recorded.event;
    let Some(customer) = customer_of(event) else { return Ok(()) };
    let net = |lines: &[SaleLine<'_>]| lines.iter().map(SaleLine::net_minor).fold(0, i64::saturating_add);
    let (of, amount) = match &event.payload {
        Payload::SaleValidated(of) => (&of.sale, Some((net(&of.lines), of.currency))),
        Payload::ReturnValued(of) => (&of.return_id, Some((-of.refund_minor, of.currency))),
        Payload::SaleReversed(of) => (&of.sale, Some((-of.turnover_minor, of.currency))),
        Payload::OrderPlaced(of) => (&of.order, Some((net(&of.lines), of.currency))),
        Payload::SurveyAnswered(of) => (&of.answer, None),
        Payload::InteractionRecorded(of) => (&of.interaction, None),
        _ => return Ok(()),
    };
    let row = FactRow {
        what: event.payload.info().name.to_owned(),
        of: of.to_string(),
        at_ms: event.occurred_at_ms,
        store: event.store.as_ref().map(ToString::to_string),
        amount,
    };
    rows.append(&Row::fact_key(customer, recorded.position), &Row::Fact(Box::new(row)))
}
