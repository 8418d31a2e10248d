//! What is kept: files, what customers did, and scans by the key of their address.

use serde::{Deserialize, Serialize};
use storefold_events::{Currency, Position, customer::ContactChannel, personal::Subject};
use storefold_projection::{Poison, RowKey};

/// A row; its key begins with the byte of its kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Row {
    /// Nothing is kept.
    #[default]
    #[serde(rename = "-")]
    None,
    /// Under [`Row::file_key`].
    #[serde(rename = "f")]
    File(Box<FileRow>),
    /// Under [`Row::fact_key`].
    #[serde(rename = "b")]
    Fact(Box<FactRow>),
    /// Under [`Row::scan_key`].
    #[serde(rename = "s")]
    Scan(Box<ScanRow>),
}

/// The file of a customer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FileRow {
    /// When it was opened, in which store and by whom; none while only changes have come.
    pub opened: Option<OpenedRow>,
    pub name: Option<Given>,
    pub first_name: Option<Given>,
    pub email: Option<Given>,
    pub mobile: Option<Given>,
    pub postal_address: Option<Given>,
    pub country: Option<String>,
    pub language: Option<String>,
    /// Keys of every address of email that was ever given.
    pub addresses: Vec<Subject>,
    /// By channel, in the order of [`CHANNELS`].
    pub consents: [Option<Consent>; CHANNELS.len()],
    pub erased: Option<ErasedRow>,
}

/// Every channel, at the place that its number says.
pub const CHANNELS: [ContactChannel; 4] =
    [ContactChannel::Email, ContactChannel::Sms, ContactChannel::Push, ContactChannel::Post];

/// How a file was opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenedRow {
    pub at_ms: i64,
    pub store: Option<String>,
    pub seller: Option<String>,
}

/// A value about the person, sealed, and who said it when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Given {
    pub text: String,
    pub source: String,
    pub at_ms: i64,
}

/// Whether a customer agrees to be written to. The order is that in which one replaces another: the newer by the time of
/// the consent, however late it arrives; of two at one time the withdrawal, and then whichever source comes first, so that
/// the order of arrival says nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Consent {
    pub at_ms: i64,
    pub withdrawn: bool,
    pub source: std::cmp::Reverse<String>,
}

/// When a customer was erased.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErasedRow {
    pub position: Position,
    pub at_ms: i64,
    pub by: Option<String>,
}

/// Something that a customer did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FactRow {
    /// The type of its event.
    pub what: String,
    /// Its identifier.
    pub of: String,
    pub at_ms: i64,
    pub store: Option<String>,
    /// What it was worth; what comes back is below 0.
    pub amount: Option<(i64, Currency)>,
}

/// A scan that an address was given with, or later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScanRow {
    pub scan: String,
    pub at_ms: i64,
    pub store: Option<String>,
    /// The address, sealed.
    pub email: String,
}

impl Row {
    /// What the keys of all files begin with.
    pub fn files_key() -> RowKey {
        RowKey::of(b'f')
    }

    pub fn file_key(customer: &str) -> RowKey {
        Self::files_key().text(customer)
    }

    /// What the keys of all facts of a customer begin with.
    pub fn facts_key(customer: &str) -> RowKey {
        RowKey::of(b'b').text(customer)
    }

    pub fn fact_key(customer: &str, position: Position) -> RowKey {
        Self::facts_key(customer).number(position)
    }

    /// What the keys of all scans of an address begin with.
    pub fn scans_key(address: Subject) -> RowKey {
        RowKey::of(b's').number(address)
    }

    pub fn scan_key(address: Subject, position: Position) -> RowKey {
        Self::scans_key(address).number(position)
    }

    /// The file in it, a new one where there is none.
    pub fn file(&mut self) -> Result<&mut FileRow, Poison> {
        if matches!(self, Self::None) {
            *self = Self::File(Box::default());
        }
        match self {
            Self::File(file) => Ok(file),
            _ => Err(Poison("a row stands under the key of another kind".to_owned())),
        }
    }
}
