//! The audit as a table.

use storefold_events::Position;
use storefold_projection::{Table, table};

use crate::{
    Access,
    audit::{AuditEntry, each_entry},
};

pub(crate) fn tables() -> Vec<Table> {
    vec![table::<Access, AuditEntry>(
        "audit",
        "Who changed access, signed in, or took data away",
        |view| {
            let mut count = 0;
            each_entry(view, Position::MAX, |_| {
                count += 1;
                Ok(true)
            })?;
            Ok(count)
        },
        |view, records| each_entry(view, Position::MAX, |entry| records.push(&entry).map(|()| true)),
    )]
}
