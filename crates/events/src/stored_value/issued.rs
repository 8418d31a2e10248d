//! Instruments that are given out.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::code_form_or_none;
use crate::{
    Currency, EventType, Malformed, Scope, Text,
    event_type::{known_currency, not_empty, positive},
};

/// A gift card was given out (row 2.64).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GiftCardIssued<'a> {
    /// Code of the card, unique in the network; made here when absent.
    #[serde(borrow, default)]
    pub card: Text<'a>,
    /// Its value, 1 minor unit or more.
    pub amount_minor: i64,
    /// Its currency, locked.
    pub currency: Currency,
    /// The holder; a bearer card has none.
    #[serde(borrow, default)]
    pub customer: Option<Text<'a>>,
    /// The sale it was bought in.
    #[serde(borrow, default)]
    pub sale: Option<Text<'a>>,
    /// Last store day on which it pays; by its type when absent.
    #[serde(default)]
    pub expires_on: Option<NaiveDate>,
    /// Its type; a gift card of no type is spent whole and never expires by itself.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub instrument_type: Option<Text<'a>>,
}

impl<'a> EventType<'a> for GiftCardIssued<'a> {
    const NAME: &'static str = "GiftCardIssued";
    const SCOPE: Scope = Scope::Store;

    fn check(&self) -> Result<(), Malformed> {
        code_form_or_none("data.card", &self.card)?;
        known_currency("data.currency", self.currency)?;
        positive("data.amount_minor", self.amount_minor)
    }
}

/// A credit note was given out by hand; those of a return come with its tender (row 2.72).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreditNoteIssued<'a> {
    /// Code of the note, unique in the network; made here when absent.
    #[serde(borrow, default)]
    pub note: Text<'a>,
    /// Its value, 1 minor unit or more.
    pub amount_minor: i64,
    /// Its currency, locked.
    pub currency: Currency,
    /// The holder; a bearer note has none.
    #[serde(borrow, default)]
    pub customer: Option<Text<'a>>,
    /// Last store day on which it pays; by its type when absent.
    #[serde(default)]
    pub expires_on: Option<NaiveDate>,
    /// Its type; a credit note of no type is spent in parts and never expires by itself.
    #[serde(borrow, default)]
    pub instrument_type: Option<Text<'a>>,
    /// Why; must be given.
    #[serde(borrow, default)]
    pub reason: Text<'a>,
    /// Who gave it; must be given.
    #[serde(borrow, default)]
    pub author: Text<'a>,
}

impl<'a> EventType<'a> for CreditNoteIssued<'a> {
    const NAME: &'static str = "CreditNoteIssued";
    const SCOPE: Scope = Scope::Store;

    fn check(&self) -> Result<(), Malformed> {
        code_form_or_none("data.note", &self.note)?;
        known_currency("data.currency", self.currency)?;
        positive("data.amount_minor", self.amount_minor)?;
        crate::event_type::reason_given(&self.reason, &self.author)
    }
}

/// An instrument that a line of a sale sells, or loads when it is a wallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SoldInstrument<'a> {
    /// Its code: a new one for a gift card, an open one for a wallet; made here when absent.
    #[serde(borrow, default)]
    pub instrument: Text<'a>,
    /// Its type; a gift card needs none.
    #[serde(borrow, default)]
    pub instrument_type: Option<Text<'a>>,
    /// What it is worth in minor units; by its type, or else what is due for the line, when absent.
    #[serde(default)]
    pub load_minor: Option<i64>,
    /// The holder; a bearer card has none.
    #[serde(borrow, default)]
    pub customer: Option<Text<'a>>,
}

impl SoldInstrument<'_> {
    pub(crate) fn check(&self, field: &str) -> Result<(), Malformed> {
        code_form_or_none(&format!("{field}.instrument"), &self.instrument)?;
        if let Some(instrument_type) = &self.instrument_type {
            not_empty(&format!("{field}.instrument_type"), instrument_type)?;
        }
        positive(&format!("{field}.load_minor"), self.load_minor.unwrap_or(1))
    }
}
