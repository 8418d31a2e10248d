//! `GET /v1/access/policies`: what does a contract let an organisation view and download? (row 0.19)

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_projection::{QueryError, Question, RowKey, View};

use crate::{Access, rows::Row};

/// All of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PoliciesAsked {}

/// The contracts there are.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Policies {
    /// By organisation. The nearest one above a store counts; where there is none, everything is allowed.
    pub policies: Vec<ListedPolicy>,
}

/// What a contract allows.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ListedPolicy {
    /// The organisation; null is the network.
    pub organisation: Option<String>,
    /// Read models that may be viewed.
    pub view: Vec<String>,
    /// Read models whose tables may be downloaded.
    pub download: Vec<String>,
    /// When it was set.
    pub set_at: Option<DateTime<Utc>>,
    /// Who did it.
    pub set_by: String,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/access/policies",
        "What contracts let organisations view and download",
        "Every contract in force. For those who see the network.",
        answer,
    )
}

fn answer(view: &View<'_, Access>, _: &PoliciesAsked) -> Result<Policies, QueryError> {
    Ok(Policies { policies: all_policies(view)? })
}

/// Every contract, by organisation.
///
/// # Errors
/// When the rows cannot be read.
pub fn all_policies(view: &View<'_, Access>) -> Result<Vec<ListedPolicy>, QueryError> {
    let mut policies = Vec::new();
    view.scan(&Row::policies_key(), &Row::policies_key(), |key, row| {
        if let (Row::Policy(row), Some(organisation)) = (row, RowKey::last_text(key)) {
            policies.push(ListedPolicy {
                organisation: Some(organisation).filter(|name| !name.is_empty()),
                view: row.view,
                download: row.download,
                set_at: DateTime::from_timestamp_millis(row.set_at_ms),
                set_by: row.set_by,
            });
        }
        Ok(())
    })?;
    Ok(policies)
}
