//! Everything about one person, from the read models that know him.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use storefold_events::Position;
use storefold_http_kit::Problem;
use storefold_projection::{Asked, QueryError};

use crate::Privacy;

/// The most pages of movements that an export has, of each programme.
pub const PAGES_MAX: usize = 1_000;

const FILE: &str = "/v1/customers/{customer}/file";
const LOYALTY: &str = "/v1/customers/{customer}/loyalty";
const STORED_VALUE: &str = "/v1/customers/{customer}/stored-value";

/// Everything that is known about a person, in plain.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Everything {
    /// Number of the customer.
    customer: String,
    /// It is complete up to here (inclusive).
    position: Position,
    /// The file, consents, what was bought, and scans: as GET /v1/customers/{customer}/file answers.
    file: Value,
    /// Points, an entry for each programme with every movement: as GET /v1/customers/{customer}/loyalty answers.
    loyalty: Vec<Value>,
    /// Cards, vouchers and wallets: as GET /v1/customers/{customer}/stored-value answers.
    stored_value: Value,
}

impl Everything {
    pub(crate) fn position(&self) -> Position {
        self.position
    }
}

impl Privacy {
    /// Gathers it. Reads much; not to be called where others wait.
    pub(crate) fn everything(&self, customer: &str) -> Result<Everything, Problem> {
        let of = [("customer", customer)];
        let (file, at) = self.ask(FILE, &of)?.ok_or_else(|| not_known(customer))?;
        let mut position = at;
        let mut loyalty = Vec::new();
        if let Some((first, at)) = self.ask(LOYALTY, &of)? {
            position = position.min(at);
            let programmes: Vec<String> = first["programmes"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|programme| programme.as_str().map(str::to_owned))
                .collect();
            for programme in programmes {
                loyalty.push(self.every_movement(customer, &programme)?);
            }
        }
        let held = self.ask(STORED_VALUE, &of)?;
        position = held.as_ref().map_or(position, |(_, at)| position.min(*at));
        let stored_value = held.map_or(Value::Null, |(held, _)| held);
        Ok(Everything { customer: customer.to_owned(), position, file, loyalty, stored_value })
    }

    /// The answer of a programme with the movements of all its pages.
    fn every_movement(&self, customer: &str, programme: &str) -> Result<Value, Problem> {
        let asked = [("customer", customer), ("programme", programme)];
        let (mut all, _) = self.ask(LOYALTY, &asked)?.ok_or_else(|| not_known(customer))?;
        for _ in 1..PAGES_MAX {
            let Some(next) = all["next"].as_u64() else { break };
            let before = next.to_string();
            let asked = [("customer", customer), ("programme", programme), ("before", before.as_str())];
            let Some((mut page, _)) = self.ask(LOYALTY, &asked)? else { break };
            if let (Some(ledger), Some(more)) = (all["ledger"].as_array_mut(), page["ledger"].as_array_mut()) {
                ledger.append(more);
            }
            all["next"] = page["next"].take();
        }
        Ok(all)
    }

    /// What a read model answers; none when it does not know the customer.
    fn ask(&self, path: &str, asked: &[(&str, &str)]) -> Result<Option<(Value, Position)>, Problem> {
        let models = &self.0.models;
        let question = models.questions().find(|(_, _, question)| question.path == path);
        let (question, ..) = question.ok_or_else(|| Problem::internal(format_args!("no model answers {path}")))?;
        let asked: Asked = asked.iter().map(|(name, text)| ((*name).to_owned(), Value::from(*text))).collect();
        match models.answer(question, (self.0.clock)(), &asked) {
            Ok(answered) => {
                let read = serde_json::from_slice(&answered.json).map_err(Problem::internal)?;
                Ok(Some((read, answered.position)))
            }
            Err(QueryError::Unknown { .. }) => Ok(None),
            Err(error) => Err(Problem::internal(error)),
        }
    }
}

fn not_known(customer: &str) -> Problem {
    Problem::unknown("customer", format_args!("nothing is known of customer `{customer}` here; check the number"))
}
