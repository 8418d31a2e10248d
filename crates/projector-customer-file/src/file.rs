//! `GET /v1/customers/{customer}/file`: what is known of this person?

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::{
    Money, Position,
    customer::ContactChannel,
    personal::{Opened, PersonalField},
};
use storefold_projection::{QueryError, Question, RowKey, View};

use crate::{
    CustomerFile,
    rows::{CHANNELS, ErasedRow, FileRow, Given, Row},
};

/// The most facts, and the most scans, that an answer shows.
pub const FACTS_MAX: usize = 10_000;

/// Which customer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileAsked {
    /// Number of the customer.
    pub customer: String,
}

/// What is known of a person.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FileAnswer {
    /// Number of the customer.
    pub customer: String,
    /// When the file was opened; null when it only was changed, or the customer only bought.
    pub opened_at: Option<DateTime<Utc>>,
    /// The store that opened it.
    pub store: Option<String>,
    /// Who opened it.
    pub seller: Option<String>,
    /// Family name.
    pub name: Option<Value>,
    /// First name.
    pub first_name: Option<Value>,
    /// Address of email.
    pub email: Option<Value>,
    /// Mobile telephone.
    pub mobile: Option<Value>,
    /// Address for letters on paper.
    pub postal_address: Option<Value>,
    /// Country, an ISO 3166 code.
    pub country: Option<String>,
    /// Language, a BCP 47 tag.
    pub language: Option<String>,
    /// Whether he agrees to be written to, by channel; only those that were ever spoken of.
    pub consents: Vec<ConsentAnswer>,
    /// When the person was erased; null when not.
    pub erased: Option<ErasedOn>,
    /// What he bought, brought back and answered, in the order it was recorded.
    pub facts: Vec<FactAnswer>,
    /// Scans that one of his addresses was given with.
    pub scans: Vec<ScanAnswer>,
    /// Whether there are more facts or scans than are shown.
    pub more: bool,
}

/// A value about the person.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Value {
    /// The value; null when it cannot be read.
    pub value: Option<String>,
    /// Why not: its key was destroyed, or the keys are not on this node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<Unreadable>,
    /// Who said so.
    pub source: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Why a value cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unreadable {
    /// Its key was destroyed.
    Erased,
    /// The keys of persons are on another node.
    NotHere,
}

/// A consent.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConsentAnswer {
    /// The way.
    pub channel: ContactChannel,
    /// Whether he agrees.
    pub granted: bool,
    /// Who said so.
    pub source: String,
    /// Since when: the newest time that was said, however late it arrived.
    pub at: DateTime<Utc>,
}

/// When somebody was erased.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ErasedOn {
    /// Where it stands in the log.
    pub position: Position,
    /// When.
    pub at: DateTime<Utc>,
    /// Who asked; null where everybody may.
    pub by: Option<String>,
}

/// Something that the person did.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FactAnswer {
    /// Where it stands in the log.
    pub position: Position,
    /// The type of the event.
    pub what: String,
    /// Its identifier.
    pub of: String,
    /// When.
    pub at: DateTime<Utc>,
    /// In which store.
    pub store: Option<String>,
    /// What it was worth, tax included; what comes back is below 0.
    pub amount: Option<Money>,
}

/// A scan with an address of the person.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScanAnswer {
    /// Where the address stands in the log.
    pub position: Position,
    /// The scan.
    pub scan: String,
    /// When.
    pub at: DateTime<Utc>,
    /// In which store.
    pub store: Option<String>,
    /// The address; null when it cannot be read.
    pub email: Option<String>,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/customers/{customer}/file",
        "What is known of a person",
        "The file with who said what when, consents, what was bought, and the scans of every address that was ever given. \
         What is about the person can be read where the keys are, until it is erased.",
        answer,
    )
}

/// When a customer was erased, as far as these rows know.
pub fn erased_on(view: &View<'_, CustomerFile>, customer: &str) -> Result<Option<ErasedOn>, QueryError> {
    let Some(Row::File(file)) = view.get(&Row::file_key(customer))? else { return Ok(None) };
    Ok(file.erased.map(ErasedOn::of))
}

/// Whether there is a file of a customer.
pub fn has_file(view: &View<'_, CustomerFile>, customer: &str) -> Result<bool, QueryError> {
    Ok(matches!(view.get(&Row::file_key(customer))?, Some(Row::File(_))))
}

impl ErasedOn {
    fn of(row: ErasedRow) -> Self {
        Self { position: row.position, at: instant(row.at_ms), by: row.by }
    }
}

fn answer(view: &View<'_, CustomerFile>, asked: &FileAsked) -> Result<FileAnswer, QueryError> {
    let customer = asked.customer.clone();
    let file = match view.get(&Row::file_key(&customer))? {
        Some(Row::File(file)) => Some(*file),
        _ => None,
    };
    let (facts, more_facts) = facts(view, &customer)?;
    if file.is_none() && facts.is_empty() {
        return Err(QueryError::Unknown { kind: "customer", name: customer });
    }
    let file = file.unwrap_or_default();
    let (scans, more_scans) = scans(view, &file)?;
    let value = |field, given: Option<Given>| given.map(|given| Value::of(view, field, given));
    let opened = file.opened;
    Ok(FileAnswer {
        customer,
        opened_at: opened.as_ref().map(|opened| instant(opened.at_ms)),
        store: opened.as_ref().and_then(|opened| opened.store.clone()),
        seller: opened.and_then(|opened| opened.seller),
        name: value(PersonalField::Name, file.name),
        first_name: value(PersonalField::FirstName, file.first_name),
        email: value(PersonalField::Email, file.email),
        mobile: value(PersonalField::Mobile, file.mobile),
        postal_address: value(PersonalField::PostalAddress, file.postal_address),
        country: file.country,
        language: file.language,
        consents: consents(file.consents),
        erased: file.erased.map(ErasedOn::of),
        facts,
        scans,
        more: more_facts || more_scans,
    })
}

impl Value {
    fn of(view: &View<'_, CustomerFile>, field: PersonalField, given: Given) -> Self {
        let (value, unreadable) = match view.person(field, &given.text) {
            Opened::Plain(value) => (Some(value), None),
            Opened::Erased => (None, Some(Unreadable::Erased)),
            Opened::NotHere => (None, Some(Unreadable::NotHere)),
        };
        Self { value, unreadable, source: given.source, at: instant(given.at_ms) }
    }
}

pub(crate) fn consents(consents: [Option<crate::rows::Consent>; CHANNELS.len()]) -> Vec<ConsentAnswer> {
    let spoken_of = CHANNELS.into_iter().zip(consents).filter_map(|(channel, consent)| Some((channel, consent?)));
    let answer = spoken_of.map(|(channel, consent)| ConsentAnswer {
        channel,
        granted: !consent.withdrawn,
        source: consent.source.0,
        at: instant(consent.at_ms),
    });
    answer.collect()
}

fn facts(view: &View<'_, CustomerFile>, customer: &str) -> Result<(Vec<FactAnswer>, bool), QueryError> {
    let (mut facts, mut more) = (Vec::new(), false);
    let all = Row::facts_key(customer);
    view.scan_while(&all, &all, |key, row| {
        let (Row::Fact(fact), Some(position)) = (row, RowKey::last_number(key)) else { return Ok(true) };
        if facts.len() == FACTS_MAX {
            more = true;
            return Ok(false);
        }
        let amount = fact.amount.map(|(amount, currency)| Money { amount, currency });
        let at = instant(fact.at_ms);
        facts.push(FactAnswer { position, what: fact.what, of: fact.of, at, store: fact.store, amount });
        Ok(true)
    })?;
    Ok((facts, more))
}

fn scans(view: &View<'_, CustomerFile>, file: &FileRow) -> Result<(Vec<ScanAnswer>, bool), QueryError> {
    let (mut scans, mut more) = (Vec::new(), false);
    for address in &file.addresses {
        let all = Row::scans_key(*address);
        view.scan_while(&all, &all, |key, row| {
            let (Row::Scan(scan), Some(position)) = (row, RowKey::last_number(key)) else { return Ok(true) };
            if scans.len() == FACTS_MAX {
                more = true;
                return Ok(false);
            }
            let email = view.person(PersonalField::Email, &scan.email).plain();
            scans.push(ScanAnswer { position, scan: scan.scan, at: instant(scan.at_ms), store: scan.store, email });
            Ok(true)
        })?;
    }
    scans.sort_by_key(|scan| scan.position);
    Ok((scans, more))
}

fn instant(at_ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at_ms).unwrap_or_default()
}
