//! The tables of the models from outside.

use std::sync::Arc;

use thiserror::Error;

use super::{handle::RunnerHandle, watched::Watched};
use crate::{RowStore, Table, TableError, TableWriter};

/// Why there is no such table.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NoTable {
    /// No model of the runner has this name.
    #[error("there is no read model `{asked}`; there are {known}")]
    UnknownModel {
        /// As asked.
        asked: String,
        /// The names of all models.
        known: String,
    },
    /// The model has no table of this name.
    #[error("{model} has no table `{asked}`; it has {known}")]
    UnknownTable {
        /// The model.
        model: &'static str,
        /// As asked.
        asked: String,
        /// The names of its tables.
        known: String,
    },
    /// There is no snapshot of this name, or the model is not in it.
    #[error("there is no snapshot `{asked}` of {model}; {}", next_step(.known))]
    NoSnapshot {
        /// The model.
        model: &'static str,
        /// As asked.
        asked: String,
        /// The names of the snapshots that the model is in.
        known: String,
    },
}

fn next_step(known: &str) -> String {
    if known.is_empty() {
        return "there is none yet; make one with `storefold rebuild all --snapshot NAME`".to_owned();
    }
    format!("there are {known}")
}

/// A table and the rows that it is written from. They stay what they are when others take their place.
pub struct TableRows {
    watched: Arc<Watched>,
    at: usize,
    rows: Arc<dyn RowStore>,
}

impl TableRows {
    /// The name of the model.
    pub fn model(&self) -> &'static str {
        self.watched.name
    }

    /// The table.
    pub fn table(&self) -> &Table {
        &self.watched.tables[self.at]
    }

    /// Writes all records as they stand at one position; blocks for as long as the writer takes.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn write(&self, to: &mut dyn TableWriter) -> Result<(), TableError> {
        self.table().write(&*self.rows, to)
    }
}

impl RunnerHandle {
    /// Every table of every model, in the order they were registered.
    pub fn tables(&self) -> impl Iterator<Item = (&'static str, &Table)> {
        self.shared.models.iter().flat_map(|watched| watched.tables.iter().map(|table| (watched.name, table)))
    }

    /// A table of a model, its first when none is named; of a snapshot, or of the rows that are served now.
    pub fn table(&self, model: &str, table: Option<&str>, snapshot: Option<&str>) -> Result<TableRows, NoTable> {
        let Some(watched) = self.shared.models.iter().find(|watched| watched.name == model) else {
            let known = listed(self.shared.models.iter().map(|watched| watched.name.to_owned()));
            return Err(NoTable::UnknownModel { asked: model.to_owned(), known });
        };
        let model = watched.name;
        let at = watched.tables.iter().position(|known| table.is_none_or(|table| known.name == table));
        let at = at.ok_or_else(|| {
            let known = listed(watched.tables.iter().map(|table| table.name.to_owned()));
            NoTable::UnknownTable { model, asked: table.unwrap_or_default().to_owned(), known }
        })?;
        let rows = match snapshot {
            None => watched.store(),
            Some(asked) => {
                let found = self.context.snapshots.find(asked).and_then(|kept| kept.store(model).cloned());
                found.ok_or_else(|| {
                    let known = listed(self.context.snapshots.names_with(model));
                    NoTable::NoSnapshot { model, asked: asked.to_owned(), known }
                })?
            }
        };
        Ok(TableRows { watched: watched.clone(), at, rows })
    }
}

fn listed(names: impl IntoIterator<Item = String>) -> String {
    names.into_iter().collect::<Vec<_>>().join(", ")
}
