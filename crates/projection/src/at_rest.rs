//! Rows that no process folds into, as a check finds them.

use std::{path::Path, sync::Arc};

use storefold_events::Position;

use crate::{ReadModel, RowStore, StoreKind, directory::ModelDirectory};

/// Opens the rows of a model under a data directory, with their position. Nothing is deleted or made. The file
/// `read/lock` there is to be held meanwhile.
///
/// # Errors
/// A sentence that says why they cannot be used, as when they are ahead of a log that ends at `head`.
pub fn rows_at_rest(
    data_dir: &Path,
    model: &dyn ReadModel,
    kind: StoreKind,
    head: Position,
) -> Result<(Arc<dyn RowStore>, Position), String> {
    let directory = ModelDirectory::of(&data_dir.join("read"), model, kind);
    let opened = directory.open_existing(head)?;
    Ok((opened.store, opened.position))
}
