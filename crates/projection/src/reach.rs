//! How far somebody sees (rows 0.18, 0.19): questions are narrowed to the stores that are his before they are asked.
//!
//! A question says by the names of its parameters which stores it is about: `store`, `scanner` and `organisation`. What
//! lies outside is unknown to him, as if it were not there. A question that is about all stores is asked about his, several
//! parts at once where it takes them. A customer, a card and a programme stand in no store: of these he is told what
//! happened in his. What cannot be narrowed is for those who see the network. A till serves whoever comes, so what may be
//! spent there is answered to it in full.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use storefold_events::Position;

use crate::{Asked, Cell, Column, QueryError, Question, StoresSeen, TableError, TableWriter, stores_seen::STORES_SEEN};

/// What one person or machine may see.
pub trait Reach: Send + Sync {
    /// Whether it is the whole network, with everything that stands in no store.
    fn is_whole(&self) -> bool;

    /// Whether the read model may be looked at, somewhere at least.
    fn sees_model(&self, model: &str) -> bool;

    /// How far is seen in a read model: the places in which it may be looked at, or taken away. None where there are none.
    fn within(&self, model: &str, use_of_it: UseOfModel) -> Option<Arc<dyn Reach>>;

    /// Whether it is a till: a machine that sends sales and asks what may be spent.
    fn is_till(&self) -> bool;

    /// Whether an organisation, with all below it, is seen.
    fn sees_organisation(&self, organisation: &str) -> bool;

    /// Whether a store is seen.
    ///
    /// # Errors
    /// When it cannot be found out.
    fn sees_store(&self, store: &str) -> Result<bool, QueryError>;

    /// Whether every store is seen that a scanner is known from.
    ///
    /// # Errors
    /// When it cannot be found out.
    fn sees_scanner(&self, scanner: &str) -> Result<bool, QueryError>;

    /// The places that are seen, none of them within another.
    fn places(&self) -> Vec<Place>;

    /// The stores that are seen.
    ///
    /// # Errors
    /// When they cannot be found out.
    fn stores(&self) -> Result<StoresSeen, QueryError>;
}

/// What somebody does with a read model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UseOfModel {
    /// Its questions are asked.
    View,
    /// Its tables are taken away.
    Download,
}

/// A part of the network.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// An organisation with everything below it, as acme/fr.
    Organisation(String),
    /// A store.
    Store(String),
}

const ORGANISATION: &str = "organisation";
const STORE: &str = "store";
const SCANNER: &str = "scanner";
/// Several parts at once. No producer of questions can send it: it is no parameter of theirs, and no text.
const PLACES: &str = "places";

/// Narrows what is asked to what is seen.
///
/// # Errors
/// [`QueryError::Unknown`] where nothing of it is seen, and [`QueryError::BadParameter`] where one of several places has
/// to be chosen.
pub fn narrow(reach: &dyn Reach, model: &str, question: &Question, asked: &mut Asked) -> Result<(), QueryError> {
    let hidden = || QueryError::Unknown { kind: "question", name: question.path.to_owned() };
    let Some(reach) = reach.within(model, UseOfModel::View) else { return Err(hidden()) };
    let serves_whoever_comes = question.asked_at_tills && reach.is_till() && !is_by_reference(asked);
    if reach.is_whole() || question.tells_of_no_store || serves_whoever_comes {
        return Ok(());
    }
    if question.takes_stores_seen {
        asked.insert(STORES_SEEN.to_owned(), serde_json::json!(reach.stores()?));
        return Ok(());
    }
    let text = |name: &str| asked.get(name).and_then(|text| text.as_str());
    let unknown = |kind: &'static str, name: &str| Err(QueryError::Unknown { kind, name: name.to_owned() });
    let mut placed = false;
    if let Some(store) = text(STORE) {
        if !reach.sees_store(store)? {
            return unknown(STORE, store);
        }
        placed = true;
    }
    if let Some(scanner) = text(SCANNER) {
        if !reach.sees_scanner(scanner)? {
            return unknown(SCANNER, scanner);
        }
        placed = true;
    }
    if let Some(organisation) = text(ORGANISATION) {
        if !reach.sees_organisation(organisation) {
            return unknown(ORGANISATION, organisation);
        }
        placed = true;
    }
    if placed {
        return Ok(());
    }
    let takes = |name: &str| question.parameter_names.iter().any(|known| known == name);
    let mut own = reach.places();
    own.retain(|place| takes(place.parameter()));
    match &own[..] {
        [] => Err(hidden()),
        [place] => {
            asked.insert(place.parameter().to_owned(), place.name().into());
            Ok(())
        }
        several if question.takes_places => {
            let parts = several.iter().map(|place| serde_json::json!({ place.parameter(): place.name() }));
            asked.insert(PLACES.to_owned(), parts.collect());
            Ok(())
        }
        [first, ..] => {
            let names: Vec<_> = own.iter().map(Place::name).collect();
            let detail = format!("is missing, and you see several places; name one: {}", names.join(", "));
            Err(QueryError::BadParameter { parameter: first.parameter().to_owned(), detail })
        }
    }
}

/// Whether a card is asked for by its reference, as lists give it: anybody can count those up, and who stands at a till shows a code.
fn is_by_reference(asked: &Asked) -> bool {
    asked.get("code").and_then(|text| text.as_str()).is_some_and(|text| text.trim_start().starts_with('@'))
}

impl Place {
    /// The parameter that names such a place.
    pub fn parameter(&self) -> &'static str {
        match self {
            Self::Organisation(_) => ORGANISATION,
            Self::Store(_) => STORE,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Organisation(name) | Self::Store(name) => name,
        }
    }
}

/// Lets through the records of stores that are seen.
pub struct Narrowed<'w> {
    reach: &'w dyn Reach,
    to: &'w mut dyn TableWriter,
    store_column: usize,
    /// How many records are seen.
    records: u64,
    record: Vec<OwnedCell>,
    seen: bool,
    /// The store that was asked about last, and whether it is seen: records of a store follow each other.
    last: Option<(String, bool)>,
}

/// A cell until it is known whether its record is seen.
enum OwnedCell {
    Text(String),
    Plain(Cell<'static>),
}

/// The column that says of which store a record is.
pub fn store_column(columns: &[Column]) -> Option<usize> {
    columns.iter().position(|column| column.column == STORE)
}

impl<'w> Narrowed<'w> {
    /// A writer in front of another, for a table whose records name their store in a column; `records` are seen, as
    /// [`Counted`] has counted.
    pub fn new(reach: &'w dyn Reach, to: &'w mut dyn TableWriter, store_column: usize, records: u64) -> Self {
        Self { reach, to, store_column, records, record: Vec::new(), seen: false, last: None }
    }
}

impl TableWriter for Narrowed<'_> {
    fn begin(&mut self, position: Position, _: u64, columns: &[Column]) -> Result<(), TableError> {
        self.to.begin(position, self.records, columns)
    }

    fn cell(&mut self, column: usize, cell: Cell<'_>) -> Result<(), TableError> {
        if column == self.store_column {
            self.seen = sees(self.reach, &mut self.last, cell)?;
        }
        self.record.push(match cell {
            Cell::Text(text) => OwnedCell::Text(text.to_owned()),
            Cell::Empty => OwnedCell::Plain(Cell::Empty),
            Cell::Whole(number) => OwnedCell::Plain(Cell::Whole(number)),
            Cell::Fraction(number) => OwnedCell::Plain(Cell::Fraction(number)),
            Cell::Flag(flag) => OwnedCell::Plain(Cell::Flag(flag)),
        });
        Ok(())
    }

    fn end_record(&mut self) -> Result<(), TableError> {
        if self.seen {
            for (column, cell) in self.record.iter().enumerate() {
                let cell = match cell {
                    OwnedCell::Text(text) => Cell::Text(text),
                    OwnedCell::Plain(cell) => *cell,
                };
                self.to.cell(column, cell)?;
            }
            self.to.end_record()?;
        }
        self.record.clear();
        self.seen = false;
        Ok(())
    }

    fn finish(&mut self) -> Result<(), TableError> {
        self.to.finish()
    }
}

/// Counts the records of stores that are seen.
pub struct Counted<'r> {
    reach: &'r dyn Reach,
    store_column: usize,
    /// How many there are.
    pub records: u64,
    last: Option<(String, bool)>,
}

impl<'r> Counted<'r> {
    /// None so far.
    pub fn new(reach: &'r dyn Reach, store_column: usize) -> Self {
        Self { reach, store_column, records: 0, last: None }
    }
}

impl TableWriter for Counted<'_> {
    fn begin(&mut self, _: Position, _: u64, _: &[Column]) -> Result<(), TableError> {
        Ok(())
    }

    fn cell(&mut self, column: usize, cell: Cell<'_>) -> Result<(), TableError> {
        if column == self.store_column && sees(self.reach, &mut self.last, cell)? {
            self.records += 1;
        }
        Ok(())
    }

    fn end_record(&mut self) -> Result<(), TableError> {
        Ok(())
    }

    fn finish(&mut self) -> Result<(), TableError> {
        Ok(())
    }
}

fn sees(reach: &dyn Reach, last: &mut Option<(String, bool)>, cell: Cell<'_>) -> Result<bool, TableError> {
    let Cell::Text(store) = cell else { return Ok(false) };
    if let Some((_, seen)) = last.as_ref().filter(|(name, _)| name == store) {
        return Ok(*seen);
    }
    let seen = reach.sees_store(store)?;
    *last = Some((store.to_owned(), seen));
    Ok(seen)
}
