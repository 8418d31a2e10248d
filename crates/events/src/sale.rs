//! What a till rang up, took back and struck out.

mod valued;

pub use valued::{Costed, ReturnValued, SaleReversed};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Currency, EventType, LINES_MAX, Malformed, Scope, Text,
    event_type::{amount_within, known_currency, not_empty},
    stored_value::{SoldInstrument, code_form},
};

/// One line of a sale or an order. Amounts are for the whole line, tax included, in minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SaleLine<'a> {
    /// Number of the line, unique in the sale.
    pub line: u32,
    /// Article.
    #[serde(borrow)]
    pub sku: Text<'a>,
    /// Product family.
    #[serde(borrow, default)]
    pub family: Option<Text<'a>>,
    /// Units, 1 or more.
    pub quantity: i64,
    /// Before discount.
    pub gross_minor: i64,
    /// From 0 to the gross amount.
    #[serde(default)]
    pub discount_minor: i64,
    /// The tax contained in gross less discount.
    #[serde(default)]
    pub tax_minor: i64,
    /// What the goods cost, without tax.
    #[serde(default)]
    pub cost_minor: Option<i64>,
    /// The gift card that the line sells, or the wallet that it loads.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub sells: Option<Box<SoldInstrument<'a>>>,
}

impl SaleLine<'_> {
    /// What is due for the line: gross less discount, tax included.
    pub fn net_minor(&self) -> i64 {
        self.gross_minor.saturating_sub(self.discount_minor)
    }
}

/// One means of payment and what it paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tender<'a> {
    /// As `card`, `cash`, `gift_card`.
    #[serde(borrow)]
    pub kind: Text<'a>,
    /// In minor units of the sale's currency.
    pub amount_minor: i64,
    /// Code of the gift card, wallet or credit note that pays or is refunded to; of a return also that of a credit note
    /// that is given out. Tenders without one are none of Storefold's, but for `store_credit`, which is the customer's.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<Text<'a>>,
}

/// A till closed a sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SaleValidated<'a> {
    /// Identifier of the sale, unique in the network.
    #[serde(borrow)]
    pub sale: Text<'a>,
    /// The till.
    #[serde(borrow)]
    pub till: Text<'a>,
    /// Where the sale was made, as store or web.
    #[serde(borrow)]
    pub channel: Text<'a>,
    /// The customer, when identified.
    #[serde(borrow, default)]
    pub customer: Option<Text<'a>>,
    /// Currency of all amounts.
    pub currency: Currency,
    /// What was sold; at least one line.
    #[serde(borrow)]
    pub lines: Vec<SaleLine<'a>>,
    /// What paid; sums to what is due.
    #[serde(borrow)]
    pub tenders: Vec<Tender<'a>>,
}

impl SaleValidated<'_> {
    /// Turnover of the sale: sum of gross less discount, tax included. [`EventType::check`] has ruled out overflow.
    pub fn total_minor(&self) -> i64 {
        self.lines.iter().map(SaleLine::net_minor).fold(0, i64::saturating_add)
    }
}

impl<'a> EventType<'a> for SaleValidated<'a> {
    const NAME: &'static str = "SaleValidated";
    const SCOPE: Scope = Scope::Store;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.sale", &self.sale)?;
        not_empty("data.till", &self.till)?;
        not_empty("data.channel", &self.channel)?;
        known_currency("data.currency", self.currency)?;
        if let Some(customer) = &self.customer {
            not_empty("data.customer", customer)?;
        }
        let due_minor = check_lines(&self.lines)?;
        tenders_pay(&self.tenders, due_minor)
    }
}

/// One line of goods that came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnLine {
    /// Line of the sale.
    pub line: u32,
    /// Units that came back, 1 or more.
    pub quantity: i64,
    /// What the customer gets for the line, tax included.
    pub refund_minor: i64,
}

/// Goods of an earlier sale came back. It counts on the day and in the store of the return (row B73).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SaleReturned<'a> {
    /// Identifier of the return, unique in the network.
    #[serde(borrow, rename = "return")]
    pub return_id: Text<'a>,
    /// The sale that the goods were bought in.
    #[serde(borrow)]
    pub sale: Text<'a>,
    /// Currency of all amounts: the sale's.
    pub currency: Currency,
    /// What came back; at least one line.
    pub lines: Vec<ReturnLine>,
    /// How it was refunded; sums to the refunds.
    #[serde(borrow)]
    pub tenders: Vec<Tender<'a>>,
}

impl<'a> EventType<'a> for SaleReturned<'a> {
    const NAME: &'static str = "SaleReturned";
    const SCOPE: Scope = Scope::Store;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.return", &self.return_id)?;
        not_empty("data.sale", &self.sale)?;
        known_currency("data.currency", self.currency)?;
        line_count(self.lines.len())?;
        let mut due_minor = 0_i64;
        for (index, line) in self.lines.iter().enumerate() {
            quantity_positive(index, line.quantity)?;
            line_unique(index, line.line, self.lines[..index].iter().map(|line| line.line))?;
            let limit_minor = i64::MAX - due_minor;
            amount_within(line.refund_minor, limit_minor, || format!("data.lines[{index}].refund_minor"))?;
            due_minor += line.refund_minor;
        }
        tenders_pay(&self.tenders, due_minor)
    }
}

/// A sale was struck out as if it had never been; its own day is restated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SaleVoided<'a> {
    /// The sale.
    #[serde(borrow)]
    pub sale: Text<'a>,
    /// Why, in the cashier's words.
    #[serde(borrow)]
    pub reason: Text<'a>,
}

impl<'a> EventType<'a> for SaleVoided<'a> {
    const NAME: &'static str = "SaleVoided";
    const SCOPE: Scope = Scope::Store;

    fn check(&self) -> Result<(), Malformed> {
        not_empty("data.sale", &self.sale)?;
        not_empty("data.reason", &self.reason)
    }
}

/// Checks lines one by one and returns what is due for all of them together.
pub(crate) fn check_lines(lines: &[SaleLine<'_>]) -> Result<i64, Malformed> {
    line_count(lines.len())?;
    let mut gross_minor = 0_i64;
    let mut due_minor = 0_i64;
    for (index, line) in lines.iter().enumerate() {
        not_empty("data.lines.sku", &line.sku)?;
        quantity_positive(index, line.quantity)?;
        line_unique(index, line.line, lines[..index].iter().map(|line| line.line))?;
        let field = |name: &str| format!("data.lines[{index}].{name}");
        // The sums fit whenever every amount fits beside those before it.
        amount_within(line.gross_minor, i64::MAX - gross_minor, || field("gross_minor"))?;
        amount_within(line.discount_minor, line.gross_minor, || field("discount_minor"))?;
        amount_within(line.tax_minor, line.net_minor(), || field("tax_minor"))?;
        amount_within(line.cost_minor.unwrap_or(0), i64::MAX, || field("cost_minor"))?;
        if let Some(sells) = &line.sells {
            sells.check(&field("sells"))?;
        }
        gross_minor += line.gross_minor;
        due_minor += line.net_minor();
    }
    Ok(due_minor)
}

fn line_count(count: usize) -> Result<(), Malformed> {
    match count {
        0 => Err(Malformed::InvalidValue {
            field: "data.lines".to_owned(),
            detail: "is empty; send at least one line".to_owned(),
        }),
        1..=LINES_MAX => Ok(()),
        _ => Err(Malformed::TooManyLines { field: "data.lines".to_owned(), count }),
    }
}

fn quantity_positive(index: usize, quantity: i64) -> Result<(), Malformed> {
    if quantity > 0 {
        return Ok(());
    }
    Err(Malformed::QuantityNotPositive { field: format!("data.lines[{index}].quantity"), quantity })
}

fn line_unique(index: usize, line: u32, mut before: impl Iterator<Item = u32>) -> Result<(), Malformed> {
    if before.all(|other| other != line) {
        return Ok(());
    }
    Err(Malformed::InvalidValue {
        field: format!("data.lines[{index}].line"),
        detail: format!("is {line}, as a line before it; number the lines apart"),
    })
}

fn tenders_pay(tenders: &[Tender<'_>], due_minor: i64) -> Result<(), Malformed> {
    let mut tendered_minor = 0_i64;
    for (index, tender) in tenders.iter().enumerate() {
        not_empty("data.tenders.kind", &tender.kind)?;
        if let Some(instrument) = &tender.instrument {
            code_form(&format!("data.tenders[{index}].instrument"), instrument)?;
        }
        let limit_minor = i64::MAX - tendered_minor;
        amount_within(tender.amount_minor, limit_minor, || format!("data.tenders[{index}].amount_minor"))?;
        tendered_minor += tender.amount_minor;
    }
    if tendered_minor == due_minor {
        return Ok(());
    }
    Err(Malformed::TendersDiffer { tendered_minor, due_minor })
}
