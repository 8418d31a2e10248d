//! Of `/v1/customers/{customer}/file`.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use storefold_events::{Money, customer::ContactChannel};

#[derive(Deserialize)]
pub(crate) struct File {
    pub(crate) name: Option<Value>,
    pub(crate) first_name: Option<Value>,
    pub(crate) email: Option<Value>,
    pub(crate) mobile: Option<Value>,
    pub(crate) postal_address: Option<Value>,
    pub(crate) country: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) consents: Vec<Consent>,
    pub(crate) erased: Option<Erased>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) scans: Vec<Scan>,
    pub(crate) more: bool,
}

#[derive(Deserialize)]
pub(crate) struct Value {
    #[serde(rename = "value")]
    pub(crate) text: Option<String>,
    pub(crate) unreadable: Option<String>,
    pub(crate) source: String,
    pub(crate) at: DateTime<Utc>,
}

#[derive(Deserialize)]
pub(crate) struct Consent {
    pub(crate) channel: ContactChannel,
    pub(crate) granted: bool,
    pub(crate) source: String,
    pub(crate) at: DateTime<Utc>,
}

#[derive(Deserialize)]
pub(crate) struct Erased {
    pub(crate) position: u64,
    pub(crate) at: DateTime<Utc>,
}

#[derive(Deserialize)]
pub(crate) struct Fact {
    pub(crate) what: String,
    pub(crate) of: String,
    pub(crate) at: DateTime<Utc>,
    pub(crate) store: Option<String>,
    pub(crate) amount: Option<Money>,
}

#[derive(Deserialize)]
pub(crate) struct Scan {
    #[serde(rename = "scan")]
    pub(crate) of: String,
    pub(crate) at: DateTime<Utc>,
    pub(crate) store: Option<String>,
    pub(crate) email: Option<String>,
}
