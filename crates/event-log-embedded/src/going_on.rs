//! Going on after the disk has failed, or was full: the log is found anew, as a start finds it.

use std::sync::PoisonError;

use storefold_event_log::Head;
use thiserror::Error;

use crate::{OpenError, acknowledged::Acknowledged, recover, shared::Shared};

/// Why the log cannot be written again yet.
#[derive(Debug, Error)]
pub(crate) enum GoOnError {
    #[error("{0}; see to the disk: it goes on by itself once it can be written again")]
    Open(#[from] OpenError),
    #[error("`acknowledged` cannot be written: {0}; see to the disk: it goes on by itself once it can be")]
    Acknowledged(#[from] std::io::Error),
}

impl Shared {
    /// Opens the files again and answers where the log ends: with what was acknowledged, or with the record behind it that was
    /// under way, if that is whole. Whoever appends it again learns which. To be called with the writer's lock held.
    pub(crate) fn go_on(&self, acknowledged: &mut Acknowledged) -> Result<Head, GoOnError> {
        // Nothing is packed meanwhile: files come and go by that.
        let packing = self.packing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        // No file is open twice.
        drop(files.active.take());
        let (found, head) = recover::find(&files.dir.clone(), &self.tenant, acknowledged.count())?;
        *files = found;
        drop(files);
        drop(packing);
        acknowledged.set(head.sequence)?;
        self.start_anew(head);
        Ok(head)
    }
}
