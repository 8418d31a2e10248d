//! `GET /v1/scanners`: which scanners are there, and where?

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use storefold_events::store::is_of;
use storefold_projection::{QueryError, Question, RowKey, View};

use crate::{
    Scanners,
    rows::{Row, ScannerRow, StoreRow},
    status::instant,
};

/// How many scanners are listed when nothing is said.
pub const LIMIT_DEFAULT: u64 = 100;
/// How many scanners are listed at most.
pub const LIMIT_MAX: u64 = 1_000;

/// Which scanners.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScannersAsked {
    /// A part of the scanner's number or of its store's name, in any case; all scanners when absent or empty.
    #[serde(default)]
    pub search: Option<String>,
    /// Only those of this store; not beside `organisation`.
    #[serde(default)]
    pub store: Option<String>,
    /// Only those in stores of this organisation and of those below it, as acme or acme/fr.
    #[serde(default)]
    pub organisation: Option<String>,
    /// How many to list at most, from 1 to 1000; 100 when absent.
    #[serde(default, deserialize_with = "number")]
    #[schemars(range(min = 1, max = 1000))]
    pub limit: Option<u64>,
    /// Only scanners whose numbers come after this one in the order of texts, as `next` of the answer before gives it.
    #[serde(default)]
    pub after: Option<String>,
}

/// Scanners that were found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScannerList {
    /// How many were found, after `after`; as many as the limit are listed.
    pub found: usize,
    /// By their numbers as texts.
    pub scanners: Vec<ListedScanner>,
    /// To be asked for as `after`; null when nothing comes after.
    pub next: Option<String>,
}

/// A scanner and where it stands.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ListedScanner {
    /// Number of the scanner.
    pub scanner: String,
    /// Whether it was entered in the books; a scanner may scan without.
    pub registered: bool,
    /// The store it was last assigned to, else the store it was last seen in; null before either.
    pub store: Option<String>,
    /// Name of that store that people know; null without a store.
    pub store_name: Option<String>,
    /// Path of that store in the tree of organisations; null when it stands outside.
    pub organisation: Option<String>,
    /// Whether the store is one it was assigned to.
    pub assigned: bool,
    /// When it was last seen, by its own clock: its newest scan, or when it came online; null before either.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Whether it last came online (true) or went offline (false); null when neither was told.
    pub connected: Option<bool>,
    /// Numbers missing of the sources that sent its scans.
    pub missing: u64,
}

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/scanners",
        "Scanners, found by number or store",
        "Every scanner that was registered, assigned, connected or has scanned, with the store it stands in, when it was \
         last seen and how many numbers of its sources are missing. Found by a part of its number or of the name of its \
         store, in any case.",
        answer,
    )
}

fn answer(view: &View<'_, Scanners>, asked: &ScannersAsked) -> Result<ScannerList, QueryError> {
    let bad = |parameter: &str, detail: String| QueryError::BadParameter { parameter: parameter.to_owned(), detail };
    let limit = asked.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(bad("limit", format!("is {limit}; ask for 1 to {LIMIT_MAX} scanners, and for more with `after`")));
    }
    if asked.store.is_some() && asked.organisation.is_some() {
        return Err(bad("organisation", "stands beside `store`; send one or the other".to_owned()));
    }
    let stores = stores(view)?;
    let in_organisation = |store: &StoreRow, asked: &str| is_of(store.organisation.as_deref(), asked);
    if let Some(store) = asked.store.as_ref().filter(|store| !stores.contains_key(*store)) {
        return Err(QueryError::Unknown { kind: "store", name: store.clone() });
    }
    if let Some(organisation) = &asked.organisation
        && !stores.values().any(|store| in_organisation(store, organisation))
    {
        return Err(QueryError::Unknown { kind: "organisation", name: organisation.clone() });
    }
    let search = asked.search.as_deref().unwrap_or_default().trim().to_lowercase();
    let (mut found, mut scanners) = (0, Vec::new());
    each_scanner(view, &stores, |scanner, row, store| {
        let after = asked.after.as_ref().is_none_or(|after| scanner > *after);
        let here = asked.store.is_none() || row.place().0 == asked.store.as_deref();
        let below = asked.organisation.as_ref().is_none_or(|asked| store.is_some_and(|at| in_organisation(at, asked)));
        let named = scanner.to_lowercase().contains(&search)
            || store.is_some_and(|store| store.name.to_lowercase().contains(&search));
        if after && here && below && named {
            found += 1;
            if scanners.len() < limit as usize {
                scanners.push(listed(view, scanner, &row, store)?);
            }
        }
        Ok(())
    })?;
    let next = scanners.last().filter(|_| found > scanners.len()).map(|last: &ListedScanner| last.scanner.clone());
    Ok(ScannerList { found, scanners, next })
}

/// All stores by their identifiers.
pub(crate) fn stores(view: &View<'_, Scanners>) -> Result<BTreeMap<String, StoreRow>, QueryError> {
    let mut stores = BTreeMap::new();
    view.scan(&Row::stores_key(), &Row::stores_key(), |key, row| {
        if let (Row::Store(row), Some(store)) = (row, RowKey::last_text(key)) {
            stores.insert(store, row);
        }
        Ok(())
    })?;
    Ok(stores)
}

/// Shows every scanner with the store it stands in, by their numbers.
pub(crate) fn each_scanner<'s>(
    view: &View<'_, Scanners>,
    stores: &'s BTreeMap<String, StoreRow>,
    mut each: impl FnMut(String, ScannerRow, Option<&'s StoreRow>) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    view.scan(&Row::scanners_key(), &Row::scanners_key(), |key, row| {
        let (Row::Scanner(row), Some(scanner)) = (row, RowKey::last_text(key)) else { return Ok(()) };
        let store = row.place().0.and_then(|store| stores.get(store));
        each(scanner, *row, store)
    })
}

pub(crate) fn listed(
    view: &View<'_, Scanners>,
    scanner: String,
    row: &ScannerRow,
    store: Option<&StoreRow>,
) -> Result<ListedScanner, QueryError> {
    let mut missing = 0_u64;
    for source in &row.sources {
        if let Some(Row::Source(sequence)) = view.get(&Row::source_key(source))? {
            missing = missing.saturating_add(sequence.missing_count());
        }
    }
    let (id, assigned) = row.place();
    Ok(ListedScanner {
        scanner,
        registered: row.registered.is_some(),
        store: id.map(str::to_owned),
        store_name: store.map(|store| store.name.clone()),
        organisation: store.and_then(|store| store.organisation.clone()),
        assigned,
        last_seen_at: row.seen.as_ref().map(|seen| instant(seen.occurred_at_ms)),
        connected: row.connection.map(|(_, _, connected)| connected),
        missing,
    })
}

/// Parameters come as texts.
fn number<'de, D: Deserializer<'de>>(text: D) -> Result<Option<u64>, D::Error> {
    let text = String::deserialize(text)?;
    text.parse().map(Some).map_err(|_| D::Error::custom(format!("`{text}` is not a whole number from 0 up")))
}
