//! Feet and shoes scanned in a store (FEATURES A0).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{EventType, Malformed, Scope, Text, event_type::not_empty, personal::is_sealed};

/// A scanner was entered in the books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScannerRegistered<'a> {
    /// Number printed on the scanner.
    #[serde(borrow)]
    pub scanner: Text<'a>,
    /// Make and model.
    #[serde(borrow, default)]
    pub model: Option<Text<'a>>,
}

impl<'a> EventType<'a> for ScannerRegistered<'a> {
    const NAME: &'static str = "ScannerRegistered";
    const SCOPE: Scope = Scope::Network;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.scanner", &self.scanner)
    }
}

/// A scanner stands in the store of the envelope from now on (row 0.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScannerAssignedToStore<'a> {
    /// Number of the scanner.
    #[serde(borrow)]
    pub scanner: Text<'a>,
}

impl<'a> EventType<'a> for ScannerAssignedToStore<'a> {
    const NAME: &'static str = "ScannerAssignedToStore";
    const SCOPE: Scope = Scope::Store;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.scanner", &self.scanner)
    }
}

/// A scanner came online in the store of the envelope (row 0.21): what it kept while it was offline follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScannerConnected<'a> {
    /// Number of the scanner.
    #[serde(borrow)]
    pub scanner: Text<'a>,
}

impl<'a> EventType<'a> for ScannerConnected<'a> {
    const NAME: &'static str = "ScannerConnected";
    const SCOPE: Scope = Scope::Store;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.scanner", &self.scanner)
    }
}

/// A scanner went offline in the store of the envelope (row 0.21). It may say so itself once it is online again, with
/// the time at which it lost its connection, or whatever it was connected to says so for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScannerDisconnected<'a> {
    /// Number of the scanner.
    #[serde(borrow)]
    pub scanner: Text<'a>,
}

impl<'a> EventType<'a> for ScannerDisconnected<'a> {
    const NAME: &'static str = "ScannerDisconnected";
    const SCOPE: Scope = Scope::Store;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.scanner", &self.scanner)
    }
}

/// Whether a scan gave a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScanOutcome {
    /// A size was measured.
    Succeeded,
    /// The error code says why not.
    Failed,
}

/// Sex of the scanned customer, as entered; absent counts as unknown (row 0.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gender {
    /// Women and girls.
    Female,
    /// Men and boys.
    Male,
    /// Not entered.
    Unknown,
}

/// A scan was made, with or without a result (rows 0.3–0.10, 0.22).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScanCaptured<'a> {
    /// Identifier of the scan, unique in the network.
    #[serde(borrow)]
    pub scan: Text<'a>,
    /// Number of the scanner.
    #[serde(borrow)]
    pub scanner: Text<'a>,
    /// Whether it gave a result.
    pub outcome: ScanOutcome,
    /// Why it failed; only and always with `failed`.
    #[serde(borrow, default)]
    pub error_code: Option<Text<'a>>,
    /// Sex of the customer.
    #[serde(default)]
    pub gender: Option<Gender>,
    /// Foot length in mm, the Mondopoint size.
    #[serde(default)]
    pub size_mondo_mm: Option<u16>,
    /// Address given with the scan; it makes the scan identified (row 0.4).
    #[serde(borrow, default)]
    pub email: Option<Text<'a>>,
}

impl<'a> EventType<'a> for ScanCaptured<'a> {
    const NAME: &'static str = "ScanCaptured";
    const SCOPE: Scope = Scope::Store;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.scan", &self.scan)?;
        not_empty("data.scanner", &self.scanner)?;
        match (self.outcome, &self.error_code) {
            (ScanOutcome::Failed, None) => Err(Malformed::MissingField { field: "data.error_code".to_owned() }),
            (ScanOutcome::Failed, Some(code)) => not_empty("data.error_code", code),
            (ScanOutcome::Succeeded, Some(_)) => Err(Malformed::InvalidValue {
                field: "data.error_code".to_owned(),
                detail: "stands beside the outcome `succeeded`; send it with `failed` only".to_owned(),
            }),
            (ScanOutcome::Succeeded, None) => Ok(()),
        }?;
        self.email.as_ref().map_or(Ok(()), |email| email_form("data.email", email))
    }
}

/// The customer of an earlier scan gave an address (row 0.4, decision 1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailAttachedToScan<'a> {
    /// The scan.
    #[serde(borrow)]
    pub scan: Text<'a>,
    /// The address.
    #[serde(borrow)]
    pub email: Text<'a>,
}

impl<'a> EventType<'a> for EmailAttachedToScan<'a> {
    const NAME: &'static str = "EmailAttachedToScan";
    const SCOPE: Scope = Scope::Store;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.scan", &self.scan)?;
        email_form("data.email", &self.email)
    }
}

/// A successful scan became identified by its first address. Store and time of the envelope are those of the scan, so
/// that the scan's own day is restated (decision 1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScanIdentified<'a> {
    /// The scan.
    #[serde(borrow)]
    pub scan: Text<'a>,
    /// The scanner that made it.
    #[serde(borrow)]
    pub scanner: Text<'a>,
}

impl<'a> EventType<'a> for ScanIdentified<'a> {
    const NAME: &'static str = "ScanIdentified";
    const SCOPE: Scope = Scope::Store;
    const SENT: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.scan", &self.scan)
    }
}

/// Where the rate of identified scans by successful ones stands (row 0.13). Boundaries are exact and decided on the
/// counts: a rate belongs to a band when it is above its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Band")]
pub enum CaptureBand {
    /// 60 % or less.
    BelowPar,
    /// More than 60 %: correct, can improve.
    Fair,
    /// More than 75 %.
    Good,
    /// More than 80 %: what the best stores reach.
    Top,
}

impl CaptureBand {
    /// The band of so many identified scans of so many successful ones; none without successful ones.
    pub fn of(identified: u64, successful: u64) -> Option<Self> {
        let above = |percent| u128::from(identified) * 100 > u128::from(successful) * percent;
        (successful > 0).then(|| {
            if above(80) {
                Self::Top
            } else if above(75) {
                Self::Good
            } else if above(60) {
                Self::Fair
            } else {
                Self::BelowPar
            }
        })
    }
}

/// Whether an address could be one: something, an at sign, something. Delivery alone proves more. A sealed one was
/// checked before it was sealed.
pub(crate) fn email_form(field: &str, email: &str) -> Result<(), Malformed> {
    if is_sealed(email) {
        return Ok(());
    }
    match email.split_once('@') {
        Some((name, host)) if !name.is_empty() && !host.is_empty() && !email.contains(char::is_whitespace) => Ok(()),
        _ => Err(Malformed::InvalidValue {
            field: field.to_owned(),
            detail: "is not an email address; send it as name@host".to_owned(),
        }),
    }
}
