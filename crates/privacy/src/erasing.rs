//! Erasing a customer, and the certificate of it.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use storefold_events::{Event, Key, Malformed, Payload, Position, Text, customer::CustomerErased};
use storefold_http_kit::Problem;
use storefold_projection::{Projector, QueryError, ask_rows};
use storefold_projector_customer_file::{CustomerFile, ErasedOn, erased_on, has_file};
use storefold_sequencer::{Outcome, Refused, Submission, SubmitError};
use storefold_vault::VaultError;
use thiserror::Error;
use uuid::Uuid;

use crate::{Privacy, following::done_up_to};

/// How long whoever asks waits for the keys to be destroyed.
pub const WAIT_MAX: Duration = Duration::from_secs(10);

/// In whose name the node writes.
const SOURCE: &str = "storefold";

/// That a customer was erased.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Certificate {
    /// Number of the customer.
    pub(crate) customer: String,
    /// When and on whose order, and where that stands in the log.
    #[serde(flatten)]
    pub(crate) erased: ErasedOn,
    /// Whether this node has destroyed the keys: nothing that was sealed with them can be read any more. `false` for a
    /// moment after the order, and for good where the keys never were.
    pub(crate) keys_destroyed: bool,
}

/// Why nobody was erased.
#[derive(Debug, Error)]
pub enum ErasureRefused {
    /// The number is none.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The domain says no.
    #[error("{}", .0.detail)]
    Refused(Refused),
    /// It cannot be written just now.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// This node has no sequencer.
    #[error("this node only reads; ask one that writes")]
    ReadOnly,
    /// The rows cannot be read.
    #[error(transparent)]
    Rows(#[from] QueryError),
    /// The keys cannot be used.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// It stands in the log, and is not done.
    #[error(
        "the erasure stands in the log at {position} and the keys are not destroyed after {} s; ask \
         GET /v1/customers/{{customer}}/erasure, and see the log of the server",
        WAIT_MAX.as_secs()
    )]
    Late {
        /// Where it stands.
        position: Position,
    },
    /// Nobody was erased under this number.
    #[error("customer `{0}` was not erased here")]
    NotErased(String),
}

impl From<ErasureRefused> for Problem {
    fn from(error: ErasureRefused) -> Self {
        match &error {
            ErasureRefused::Malformed(malformed) => {
                Self::refused(malformed.code(), malformed.field().map(Into::into), &error)
            }
            ErasureRefused::Refused(refused) => {
                Self::refused(refused.code.clone(), refused.field.clone().map(Into::into), &refused.detail)
            }
            ErasureRefused::Submit(SubmitError::Overloaded { retry_after_s }) => {
                Self::overloaded(*retry_after_s, &error)
            }
            ErasureRefused::Submit(SubmitError::Unknown { .. }) => Self::outcome_unknown(1, &error),
            ErasureRefused::Submit(_) => Self::not_ready("not_writer", 5, &error),
            ErasureRefused::ReadOnly => Self::not_ready("read_only", 60, &error),
            ErasureRefused::Late { .. } => Self::outcome_unknown(5, &error),
            ErasureRefused::NotErased(_) => Self::unknown("erasure", &error),
            ErasureRefused::Rows(_) | ErasureRefused::Vault(_) => Self::internal(&error),
        }
    }
}

impl Privacy {
    /// Erases a customer for somebody, and waits until it is done. Idempotent: a customer who was erased before is
    /// answered with the first certificate.
    pub(crate) async fn erase(
        &self,
        customer: String,
        by: Option<String>,
        address: Option<String>,
    ) -> Result<Certificate, ErasureRefused> {
        let own = |text: Option<String>| text.map(Text::from);
        let erased = CustomerErased { customer: customer.clone().into(), by: own(by), address: own(address) };
        let position = match self.write(erased.into()).await {
            Ok(position) => position,
            Err(ErasureRefused::Refused(refused)) if refused.code == "customer_already_erased" => {
                return self.certificate(&customer);
            }
            Err(error) => return Err(error),
        };
        let shown = self.0.models.wait_for(CustomerFile::NAME, position, WAIT_MAX).await.is_ok();
        if !shown || !done_up_to(&self.0.done, position, WAIT_MAX).await {
            return Err(ErasureRefused::Late { position });
        }
        self.certificate(&customer)
    }

    /// That a customer was erased.
    pub(crate) fn certificate(&self, customer: &str) -> Result<Certificate, ErasureRefused> {
        let erased = self.look_up(|view| erased_on(view, customer))?;
        let erased = erased.ok_or_else(|| ErasureRefused::NotErased(customer.to_owned()))?;
        let is_done = *self.0.done.borrow() >= erased.position;
        let keys_destroyed = is_done && self.0.vault.is_erased(customer)? == Some(true);
        Ok(Certificate { customer: customer.to_owned(), erased, keys_destroyed })
    }

    /// Whether there is a file of a customer.
    pub(crate) fn has_file(&self, customer: &str) -> Result<bool, QueryError> {
        self.look_up(|view| has_file(view, customer))
    }

    /// Writes an event in the name of the node.
    pub(crate) async fn write(&self, payload: Payload<'static>) -> Result<Position, ErasureRefused> {
        let sequencer = self.0.sequencer.as_ref().ok_or(ErasureRefused::ReadOnly)?;
        payload.check()?;
        let (source, key) = (Text::from(SOURCE), Key::Id(Uuid::now_v7()));
        let event = Event { source, key, store: None, occurred_at_ms: (self.0.clock)(), cause: None, payload };
        let mut decided = sequencer.submit(Submission::command(&event)).await?;
        match decided.outcomes.swap_remove(0) {
            Outcome::Refused(refused) => Err(ErasureRefused::Refused(refused)),
            Outcome::Accepted { position, .. } | Outcome::Duplicate { position } => Ok(position),
        }
    }

    fn look_up<T>(
        &self,
        ask: impl Fn(&storefold_projection::View<'_, CustomerFile>) -> Result<T, QueryError>,
    ) -> Result<T, QueryError> {
        let rows = self.0.models.rows(CustomerFile::NAME);
        let rows = rows.ok_or_else(|| QueryError::Rows("this node does not keep files of customers".to_owned()))?;
        ask_rows::<CustomerFile, T>(&*rows, (self.0.clock)(), ask)
    }
}
