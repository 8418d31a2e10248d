//! Contracts: what an organisation may view and download (row 0.19), and the audit.

use storefold_events::access::DataPolicySet;
use storefold_http_kit::Problem;
use storefold_projection::QueryError;
use storefold_projector_access::{
    audit::{self, Audit, AuditAsked},
    policies::{ListedPolicy, all_policies},
};

use crate::{Desk, DeskError, Viewer, people::acting};

impl Desk {
    /// Sets what a contract lets an organisation, or the network, view and download.
    ///
    /// # Errors
    /// A problem that can be shown.
    pub async fn set_policy(
        &self,
        viewer: &Viewer,
        organisation: Option<String>,
        view: Vec<String>,
        download: Vec<String>,
    ) -> Result<(), Problem> {
        let by = acting(viewer)?.into();
        self.known_models(&view)?;
        self.known_models(&download)?;
        let names = |names: Vec<String>| names.into_iter().map(Into::into).collect();
        let (organisation, view, download) = (organisation.map(Into::into), names(view), names(download));
        self.write(vec![DataPolicySet { organisation, view, download, by }.into()]).await?;
        Ok(())
    }

    /// Every contract, by organisation.
    ///
    /// # Errors
    /// When the rows cannot be read.
    pub fn policies(&self) -> Result<Vec<ListedPolicy>, DeskError> {
        Ok(self.look_up(all_policies)?)
    }

    /// Names of the read models, which contracts and tokens speak of.
    pub fn models(&self) -> Vec<String> {
        self.0.models.status().into_iter().map(|model| model.name.to_owned()).collect()
    }

    /// Entries of the audit.
    ///
    /// # Errors
    /// A problem that can be shown: a parameter makes no sense, or the rows cannot be read.
    pub fn audit(&self, asked: &AuditAsked) -> Result<Audit, Problem> {
        self.look_up(|view| audit::answer(view, asked)).map_err(|error| match error {
            QueryError::BadParameter { parameter, detail } => Problem::bad_parameter(&parameter, detail),
            error => Problem::internal(error),
        })
    }

    /// Refuses a name that no read model has.
    pub(crate) fn known_models(&self, names: &[String]) -> Result<(), Problem> {
        let known = self.models();
        match names.iter().find(|name| !known.contains(name)) {
            None => Ok(()),
            Some(unknown) => {
                let detail = format!("there is no read model `{unknown}`; there are {}", known.join(", "));
                Err(Problem::unknown("read_model", detail))
            }
        }
    }
}
