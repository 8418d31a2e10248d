//! What every event type says of itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Currency, Malformed};

/// The most lines that a sale, a return or an order may have (inclusive).
pub const LINES_MAX: usize = 1_000;

/// Whether an event of a type belongs to one store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The envelope must name the store.
    Store,
    /// The envelope may name a store.
    Network,
}

/// The body of one type of event. Fields are appended, never reordered or removed (they are MessagePack arrays in
/// the log); a meaning that changes is a new version.
pub trait EventType<'a>: Serialize + Deserialize<'a> + JsonSchema {
    /// The name in `type`: a past participle.
    const NAME: &'static str;
    /// The version that is written today.
    const VERSION: u16 = 1;
    /// The oldest version that is read as well: what was appended to it since has a default.
    const READ_FROM_VERSION: u16 = Self::VERSION;
    /// Whether it needs a store.
    const SCOPE: Scope;
    /// Whether a producer may send it; the others are decided here, from their cause, or written by the node itself.
    const SENT: bool = true;
    /// Whether it may be decided here; it then names its cause instead of a key.
    const DECIDED: bool = !Self::SENT;
    /// Whether it is decided here without a cause.
    const OF_ITSELF: bool = false;

    /// Everything that can be wrong with this body taken by itself.
    fn check(&self) -> Result<(), Malformed>;
}

/// Refuses an empty identifier or name.
pub(crate) fn not_empty(field: &str, text: &str) -> Result<(), Malformed> {
    if text.trim().is_empty() {
        return Err(Malformed::InvalidValue {
            field: field.to_owned(),
            detail: "is empty; give it a value".to_owned(),
        });
    }
    Ok(())
}

/// Refuses a currency that ISO 4217 does not list.
pub(crate) fn known_currency(field: &str, currency: Currency) -> Result<(), Malformed> {
    if currency.is_known() {
        return Ok(());
    }
    Err(Malformed::UnknownCurrency { field: field.to_owned(), currency: currency.to_string() })
}

/// Refuses an amount outside `0..=limit_minor`; the field is named only then.
pub(crate) fn amount_within(
    amount_minor: i64,
    limit_minor: i64,
    field: impl FnOnce() -> String,
) -> Result<(), Malformed> {
    if (0..=limit_minor).contains(&amount_minor) {
        return Ok(());
    }
    Err(Malformed::AmountOutOfRange { field: field(), amount_minor, limit_minor })
}

/// Refuses an amount of nothing or less.
pub(crate) fn positive(field: &str, amount_minor: i64) -> Result<(), Malformed> {
    if amount_minor > 0 {
        return Ok(());
    }
    Err(Malformed::AmountNotPositive { field: field.to_owned(), amount_minor })
}

/// Refuses what is done by hand without a reason or an author (row B10).
pub(crate) fn reason_given(reason: &str, author: &str) -> Result<(), Malformed> {
    for (field, text) in [("data.reason", reason), ("data.author", author)] {
        if text.trim().is_empty() {
            return Err(Malformed::ReasonMissing { field });
        }
    }
    Ok(())
}

/// Refuses a rate at which a point costs nothing (row 2.25).
pub(crate) fn rate_positive(field: &str, minor_per_point: i64) -> Result<(), Malformed> {
    if minor_per_point > 0 {
        return Ok(());
    }
    Err(Malformed::EarnRateNotPositive { field: field.to_owned(), minor_per_point })
}
