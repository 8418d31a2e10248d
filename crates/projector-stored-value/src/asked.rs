//! What is asked for: an instrument or a VIP card by its code or its reference, or a list of them.

use std::fmt::Display;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de};
use storefold_events::{Position, stored_value::InstrumentCode};
use storefold_projection::{QueryError, RowKey, StoresSeen, View};

use crate::{
    StoredValue,
    rows::{LAST_CHARACTERS, Row, Shelf, listed_key},
    seen::is_seen,
};

/// What a reference begins with; no code can have it there.
const REFERENCE: char = '@';

/// By what instruments or VIP cards are found, and which part of the list is shown.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StoredValueFoundBy {
    /// The last four characters of their code, in any case; this or `customer` is given.
    #[serde(default)]
    pub last_four: Option<String>,
    /// Number of the customer whose they are; this or `last_four` is given.
    #[serde(default)]
    pub customer: Option<String>,
    /// How many to show at most, from 1 to 200; 50 when absent.
    #[serde(default, deserialize_with = "number")]
    #[schemars(range(min = 1, max = 200))]
    pub limit: Option<u64>,
    /// Only those that began before this position (exclusive), as `next` of the answer before gives it.
    #[serde(default, deserialize_with = "number")]
    pub before: Option<Position>,
    /// The stores whose facts are told; those of all when absent.
    #[serde(default)]
    #[schemars(skip)]
    pub stores_seen: StoresSeen,
}

/// The codes of a part of a list, the newest first.
pub(crate) struct Found {
    pub codes: Vec<String>,
    /// To be asked for as `before`; none when nothing comes after.
    pub next: Option<Position>,
}

impl StoredValueFoundBy {
    pub(crate) fn find(&self, view: &View<'_, StoredValue>, of: Shelf) -> Result<Found, QueryError> {
        let list = self.list(of)?;
        let limit = limit(self.limit, (crate::instruments::LIMIT_DEFAULT, crate::instruments::LIMIT_MAX), "entries")?;
        let from = listed_key(list.clone(), self.before.unwrap_or(Position::MAX).saturating_sub(1));
        let mut found: Vec<(Position, String)> = Vec::new();
        view.scan_while(&from, &list, |key, row| {
            if let (Row::Code(code), Some(number)) = (row, RowKey::last_number(key))
                && is_seen(view, of, &code, &self.stores_seen)?
            {
                found.push((Position::MAX - number, code));
            }
            Ok(found.len() <= limit)
        })?;
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|(position, _)| *position);
        Ok(Found { codes: found.into_iter().map(|(_, code)| code).collect(), next })
    }

    /// What the keys of the list begin with.
    fn list(&self, of: Shelf) -> Result<RowKey, QueryError> {
        match (&self.last_four, &self.customer) {
            (Some(last), None) => {
                let typed = last.trim().trim_start_matches('…');
                if typed.chars().count() == LAST_CHARACTERS {
                    return Ok(of.of_last_key(&typed.to_ascii_uppercase()));
                }
                let detail = "is not four characters; send the last four of the code, as 92LM";
                Err(bad("last_four", detail))
            }
            (None, Some(customer)) => Ok(of.of_customer_key(customer)),
            (Some(_), Some(_)) => Err(bad("customer", "is given beside `last_four`; send one of them")),
            (None, None) => Err(bad("last_four", "is missing, and so is `customer`; send one of them")),
        }
    }
}

/// The code of what is asked for by a code in any case, or by a reference.
pub(crate) fn code(
    view: &View<'_, StoredValue>,
    shelf: Shelf,
    (kind, typed): (&'static str, &str),
) -> Result<InstrumentCode, QueryError> {
    let typed = typed.trim();
    let Some(position) = typed.strip_prefix(REFERENCE) else {
        // The code of store credit is typed by nobody, and names a customer as it is spelled.
        let kept = typed.starts_with("credit/");
        return Ok(if kept { InstrumentCode::kept(typed) } else { InstrumentCode::new(typed) });
    };
    let Ok(position) = position.parse() else {
        return Err(QueryError::Unknown { kind, name: InstrumentCode::kept(typed).shown() });
    };
    match view.get(&shelf.at_key(position))? {
        Some(Row::Code(code)) => Ok(InstrumentCode::kept(&code)),
        _ => Err(QueryError::Unknown { kind, name: reference(position) }),
    }
}

/// How something is asked for again whose code is not shown.
pub(crate) fn reference(first_position: Position) -> String {
    format!("{REFERENCE}{first_position}")
}

/// A limit from 1 to the highest.
pub(crate) fn limit(
    asked: Option<u64>,
    (default, max): (usize, usize),
    what: &'static str,
) -> Result<usize, QueryError> {
    let limit = asked.map_or(default, |asked| usize::try_from(asked).unwrap_or(usize::MAX));
    if (1..=max).contains(&limit) {
        return Ok(limit);
    }
    Err(bad("limit", &format!("is {limit}; ask for 1 to {max} {what}, and for more with `before`")))
}

pub(crate) fn bad(parameter: &str, detail: &str) -> QueryError {
    QueryError::BadParameter { parameter: parameter.to_owned(), detail: detail.to_owned() }
}

/// Parameters come as texts.
pub(crate) fn number<'de, D: Deserializer<'de>>(text: D) -> Result<Option<u64>, D::Error> {
    let text = String::deserialize(text)?;
    let custom = |error: &dyn Display| de::Error::custom(format_args!("`{text}` is not a number from 0 up: {error}"));
    text.parse().map(Some).map_err(|error| custom(&error))
}
