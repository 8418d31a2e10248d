//! What returns and voids amount to, decided here from the sales they belong to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};

use crate::{Currency, EventType, Malformed, Scope, Text, event_type::not_empty};

/// The part of an amount whose goods have a known purchase price, for the margin (row 2.71).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Costed {
    /// What those goods were sold for, without tax.
    pub net_minor: i64,
    /// What they were bought for; of a part of a line its units' share, rounded half up on the running total.
    pub cost_minor: i64,
}

/// What a return amounts to, by the sale it belongs to. Store and time of the envelope are those of the return.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnValued<'a> {
    /// The return.
    #[serde(borrow, rename = "return")]
    pub return_id: Text<'a>,
    /// The sale.
    #[serde(borrow)]
    pub sale: Text<'a>,
    /// Currency of all amounts.
    pub currency: Currency,
    /// Units that came back.
    pub units: i64,
    /// What was refunded, tax included.
    pub refund_minor: i64,
    /// The part of the sale's tax in it: pro rata of each line's refund, rounded half up on the running total, so that
    /// returns of a whole line give back its tax to the minor unit.
    pub tax_minor: i64,
    /// When the goods were sold, in ms since 1970 UTC.
    pub sold_at_ms: i64,
    /// Who had bought them, when known.
    #[serde(borrow, default)]
    pub customer: Option<Text<'a>>,
    /// The part of it whose goods have a known purchase price; absent when none has, or when it was recorded before
    /// purchase prices were looked at.
    #[serde(default)]
    pub costed: Option<Box<Costed>>,
}

// By hand, since fields that were appended are written only as far as they are filled: what was recorded before them reads
// and writes as it did.
impl Serialize for ReturnValued<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let appended = if self.costed.is_some() { 2 } else { usize::from(self.customer.is_some()) };
        let mut fields = serializer.serialize_struct("ReturnValued", 7 + appended)?;
        fields.serialize_field("return", &self.return_id)?;
        fields.serialize_field("sale", &self.sale)?;
        fields.serialize_field("currency", &self.currency)?;
        fields.serialize_field("units", &self.units)?;
        fields.serialize_field("refund_minor", &self.refund_minor)?;
        fields.serialize_field("tax_minor", &self.tax_minor)?;
        fields.serialize_field("sold_at_ms", &self.sold_at_ms)?;
        if appended > 0 {
            fields.serialize_field("customer", &self.customer)?;
        }
        if appended > 1 {
            fields.serialize_field("costed", &self.costed)?;
        }
        fields.end()
    }
}

impl<'a> EventType<'a> for ReturnValued<'a> {
    const NAME: &'static str = "ReturnValued";
    const SCOPE: Scope = Scope::Store;
    const SENT: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.sale", &self.sale)
    }
}

/// The figures that a void takes back. Store and time of the envelope are those of the sale.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SaleReversed<'a> {
    /// The sale.
    #[serde(borrow)]
    pub sale: Text<'a>,
    /// Currency of all amounts.
    pub currency: Currency,
    /// Units that had been sold.
    pub units: i64,
    /// The turnover it had, tax included.
    pub turnover_minor: i64,
    /// The tax in it.
    pub tax_minor: i64,
    /// Who had bought, when known.
    #[serde(borrow, default)]
    pub customer: Option<Text<'a>>,
    /// The part of it whose goods have a known purchase price; absent when none has, or when it was recorded before
    /// purchase prices were looked at.
    #[serde(default)]
    pub costed: Option<Box<Costed>>,
}

// By hand, since fields that were appended are written only as far as they are filled: what was recorded before them reads
// and writes as it did.
impl Serialize for SaleReversed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let appended = if self.costed.is_some() { 2 } else { usize::from(self.customer.is_some()) };
        let mut fields = serializer.serialize_struct("SaleReversed", 5 + appended)?;
        fields.serialize_field("sale", &self.sale)?;
        fields.serialize_field("currency", &self.currency)?;
        fields.serialize_field("units", &self.units)?;
        fields.serialize_field("turnover_minor", &self.turnover_minor)?;
        fields.serialize_field("tax_minor", &self.tax_minor)?;
        if appended > 0 {
            fields.serialize_field("customer", &self.customer)?;
        }
        if appended > 1 {
            fields.serialize_field("costed", &self.costed)?;
        }
        fields.end()
    }
}

impl<'a> EventType<'a> for SaleReversed<'a> {
    const NAME: &'static str = "SaleReversed";
    const SCOPE: Scope = Scope::Store;
    const SENT: bool = false;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.sale", &self.sale)
    }
}
