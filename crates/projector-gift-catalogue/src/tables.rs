//! The rows as a table: gifts, also those that are none any more.

use schemars::JsonSchema;
use serde::Serialize;
use storefold_projection::{QueryError, RowKey, Table, View, table};

use crate::{
    GiftCatalogue,
    rows::{GiftRow, Row},
};

/// A product that is or was a gift.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GiftRecord {
    /// The programme.
    pub programme: String,
    /// Article.
    pub sku: String,
    /// The level it is given on; empty when it is no gift now.
    pub level: Option<String>,
    /// Name that people know; empty when none was given.
    pub name: Option<String>,
    /// How often one account may claim it; empty without a bound.
    pub uses_max: Option<u32>,
    /// How often it was claimed.
    pub claimed: u64,
    /// How often it came back.
    pub given_back: u64,
}

pub(crate) fn tables() -> Vec<Table> {
    vec![table::<GiftCatalogue, GiftRecord>(
        "gifts",
        "Every product that is or was a gift, by programme and article",
        |view| {
            let mut count = 0;
            each_gift(view, |_, _, _| {
                count += 1;
                Ok(())
            })?;
            Ok(count)
        },
        |view, records| each_gift(view, |programme, sku, gift| records.push(&record(programme, sku, gift))),
    )]
}

fn each_gift(
    view: &View<'_, GiftCatalogue>,
    mut each: impl FnMut(String, String, GiftRow) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    view.scan(&RowKey::of(b'g'), &RowKey::of(b'g'), |key, row| match (RowKey::first_texts(key), row) {
        (Some([programme, sku]), Row::Gift(gift)) => each(programme, sku, *gift),
        _ => Ok(()),
    })
}

fn record(programme: String, sku: String, gift: GiftRow) -> GiftRecord {
    let GiftRow { assigned, claimed, given_back } = gift;
    let (level, name, uses_max) =
        assigned.map_or((None, None, None), |assigned| (Some(assigned.level), assigned.name, assigned.uses_max));
    GiftRecord { programme, sku, level, name, uses_max, claimed, given_back }
}
