//! The consents as a table: whom one may write to, and how. Nothing else of the rows is for many eyes.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use storefold_projection::{QueryError, RowKey, Table, View, table};

use crate::{
    CustomerFile,
    file::{ConsentAnswer, consents},
    rows::Row,
};

/// A consent that stands, given or withdrawn.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConsentRecord {
    /// Number of the customer.
    pub customer: String,
    /// The way: email, sms, push or post.
    pub channel: storefold_events::customer::ContactChannel,
    /// Whether he agrees.
    pub granted: bool,
    /// Who said so.
    pub source: String,
    /// Since when: the newest time that was said.
    pub at: DateTime<Utc>,
}

pub(crate) fn tables() -> Vec<Table> {
    vec![table::<CustomerFile, ConsentRecord>(
        "consents",
        "Whom one may write to, by channel, with who said so and when",
        |view| {
            let mut count = 0;
            each_consent(view, |_| {
                count += 1;
                Ok(())
            })?;
            Ok(count)
        },
        |view, records| each_consent(view, |record| records.push(&record)),
    )]
}

fn each_consent(
    view: &View<'_, CustomerFile>,
    mut each: impl FnMut(ConsentRecord) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    view.scan(&Row::files_key(), &Row::files_key(), |key, row| {
        let (Row::File(file), Some(customer)) = (row, RowKey::last_text(key)) else { return Ok(()) };
        for ConsentAnswer { channel, granted, source, at } in consents(file.consents) {
            each(ConsentRecord { customer: customer.clone(), channel, granted, source, at })?;
        }
        Ok(())
    })
}
