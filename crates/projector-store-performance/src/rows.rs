//! What is kept: settings of stores, counts of days, and which scanners stood where.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use storefold_events::{
    Currency,
    scan::{Gender, ScanCaptured, ScanOutcome},
};
use storefold_projection::{DayRange, Poison, QueryError, RowKey, Slot, StoreDays};

/// How many error codes of one day are counted apart.
pub const ERROR_CODES_MAX: usize = 64;

/// A row; its key begins with the byte of its kind. A long scan reads the texts of days without copying them: `S` is
/// `&str` then.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Row<S = String> {
    /// Nothing is kept.
    #[default]
    #[serde(rename = "-")]
    None,
    /// Under [`Row::store_key`].
    #[serde(rename = "s")]
    Store(Box<StoreRow>),
    /// Under [`Row::day_key`].
    #[serde(rename = "d")]
    Day(DayRow<S>),
    /// Under [`Row::scanner_key`].
    #[serde(rename = "n")]
    Scanner(Box<ScannerRow>),
    /// Under [`Row::place_key`].
    #[serde(rename = "p")]
    Place(PlaceRow),
}

/// A store as it was last configured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoreRow {
    pub name: String,
    pub days: StoreDays,
    pub currency: Currency,
    pub organisation: Option<String>,
    /// From the first to the last day with an event.
    pub known: Option<DayRange>,
    /// Where the row of the day last counted on is held.
    #[serde(skip)]
    pub day_slot: Option<(NaiveDate, Slot)>,
}

/// One store day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DayRow<S = String> {
    /// Scans by the number of the scanner, sorted by it. A store has few.
    pub scanners: Vec<(S, ScanCounts<S>)>,
    pub sales: SaleCounts,
}

/// A scanner and the stores it is known from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScannerRow {
    pub registered: bool,
    /// The latest assignment by its own time: when (ms since 1970 UTC) and to which store.
    pub stands: Option<(i64, String)>,
    /// Stores it was assigned to or has scanned in, sorted.
    pub stores: Vec<String>,
    /// From the first to the last day with a scan.
    pub known: Option<DayRange>,
}

/// A scanner that was assigned to a store or has scanned in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlaceRow {
    /// Whether the store is where the scanner was last assigned to.
    pub stands: bool,
}

/// Scans of one scanner on one day, or sums of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScanCounts<S = String> {
    pub succeeded: u64,
    pub failed: u64,
    /// Successful scans with an email.
    pub emails: u64,
    pub female: u64,
    pub male: u64,
    pub unknown: u64,
    /// Failed scans by error code, sorted by code.
    pub errors: Vec<(S, u64)>,
}

/// Sales and returns of one day. A void takes off what its sale had added, so no count is bounded by zero on the way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SaleCounts {
    pub sales: i64,
    pub returns: i64,
    pub units_sold: i64,
    pub units_returned: i64,
    /// Gross less discount, tax included.
    pub turnover_minor: i64,
    pub refund_minor: i64,
    /// Tax in the turnover.
    pub tax_minor: i64,
    /// Tax in the refunds.
    pub refund_tax_minor: i64,
}

/// A sum that 64 bits do not hold.
pub struct OutOfRange;

const OUT_OF_RANGE: &str = "a sum of amounts or units does not fit 64 bits";

impl From<OutOfRange> for Poison {
    fn from(_: OutOfRange) -> Self {
        Self(OUT_OF_RANGE.to_owned())
    }
}

impl From<OutOfRange> for QueryError {
    fn from(_: OutOfRange) -> Self {
        Self::Rows(OUT_OF_RANGE.to_owned())
    }
}

impl Row {
    pub fn store_key(store: &str) -> RowKey {
        Self::stores_key().text(store)
    }

    /// What the keys of all stores begin with.
    pub fn stores_key() -> RowKey {
        RowKey::of(b's')
    }

    pub fn day_key(store: &str, day: NaiveDate) -> RowKey {
        RowKey::of(b'd').text(store).day(day)
    }

    pub fn scanner_key(scanner: &str) -> RowKey {
        RowKey::of(b'n').text(scanner)
    }

    pub fn place_key(store: &str, scanner: &str) -> RowKey {
        Self::places_key(store).text(scanner)
    }

    /// What the keys of a store's scanners begin with.
    pub fn places_key(store: &str) -> RowKey {
        RowKey::of(b'p').text(store)
    }
}

/// The row of one kind, begun when there is none.
macro_rules! row_of_kind {
    ($($name:ident: $variant:ident => $row:ty),+ $(,)?) => {
        $(pub fn $name(&mut self) -> Result<&mut $row, Poison> {
            if matches!(self, Self::None) {
                *self = Self::$variant(Default::default());
            }
            match self {
                Self::$variant(row) => Ok(row),
                _ => Err(Poison("a row stands under the key of another kind".to_owned())),
            }
        })+
    };
}

impl Row {
    row_of_kind! {
        day: Day => DayRow,
        scanner: Scanner => ScannerRow,
        place: Place => PlaceRow,
    }
}

impl Row {
    /// Puts together what two parts know of a scanner: each has seen the stores that are its own.
    pub fn merge(&mut self, other: Self) -> Result<(), Poison> {
        match (&mut *self, other) {
            (Self::Scanner(row), Self::Scanner(other)) => row.merge(*other),
            (Self::Place(row), Self::Place(other)) => row.stands |= other.stands,
            (row, other) if *row == other => {}
            _ => return Err(Poison("two parts hold a row that only one should".to_owned())),
        }
        Ok(())
    }
}

impl ScannerRow {
    fn merge(&mut self, other: Self) {
        self.registered |= other.registered;
        let since = |row: &Self| row.stands.as_ref().map(|(since_ms, _)| *since_ms);
        if since(&other) > since(self) {
            self.stands = other.stands;
        }
        self.stores.extend(other.stores);
        self.stores.sort_unstable();
        self.stores.dedup();
        for day in other.known.into_iter().flat_map(|known| [known.first, known.last]) {
            self.known = Some(DayRange::widened(self.known, day));
        }
    }
}

impl DayRow {
    /// The scans of a scanner, and whether they are the first of the day.
    pub fn scans_by(&mut self, scanner: &str) -> (&mut ScanCounts, bool) {
        let found = self.scanners.binary_search_by(|(known, _)| known.as_str().cmp(scanner));
        let at = found.unwrap_or_else(|at| {
            self.scanners.insert(at, (scanner.into(), ScanCounts::default()));
            at
        });
        (&mut self.scanners[at].1, found.is_err())
    }
}

impl<S: AsRef<str>> DayRow<S> {
    /// The scans of all scanners together.
    pub fn into_scans(self) -> ScanCounts<S> {
        let mut scanners = self.scanners.into_iter().map(|(_, counts)| counts);
        let first = scanners.next().unwrap_or_default();
        scanners.fold(first, |mut sum, counts| {
            sum.add_all_but_errors(&counts);
            counts.errors.into_iter().for_each(|(code, count)| sum.add_errors(code, count));
            sum
        })
    }
}

impl ScanCounts {
    pub fn count(&mut self, scan: &ScanCaptured<'_>) {
        match scan.gender.unwrap_or(Gender::Unknown) {
            Gender::Female => self.female += 1,
            Gender::Male => self.male += 1,
            Gender::Unknown => self.unknown += 1,
        }
        match scan.outcome {
            ScanOutcome::Succeeded => {
                self.succeeded += 1;
                self.emails += u64::from(scan.email.is_some());
            }
            ScanOutcome::Failed => {
                self.failed += 1;
                if let Some(code) = &scan.error_code {
                    self.add_errors(code.as_str(), 1);
                }
            }
        }
    }

    pub fn add<T: AsRef<str>>(&mut self, other: &ScanCounts<T>) {
        self.add_all_but_errors(other);
        for (code, count) in &other.errors {
            self.add_errors(code.as_ref(), *count);
        }
    }
}

impl<S: AsRef<str>> ScanCounts<S> {
    pub fn attempted(&self) -> u64 {
        self.succeeded + self.failed
    }

    pub fn add_all_but_errors<T>(&mut self, other: &ScanCounts<T>) {
        self.succeeded += other.succeeded;
        self.failed += other.failed;
        self.emails += other.emails;
        self.female += other.female;
        self.male += other.male;
        self.unknown += other.unknown;
    }

    /// Keeps the smallest codes when there are too many, so that the order in which they come makes no difference.
    fn add_errors(&mut self, code: impl AsRef<str> + Into<S>, count: u64) {
        match self.errors.binary_search_by(|(known, _)| known.as_ref().cmp(code.as_ref())) {
            Ok(at) => self.errors[at].1 += count,
            Err(at) if at < ERROR_CODES_MAX => {
                self.errors.truncate(ERROR_CODES_MAX - 1);
                self.errors.insert(at, (code.into(), count));
            }
            Err(_) => {}
        }
    }
}

impl<S> Default for ScanCounts<S> {
    fn default() -> Self {
        Self { succeeded: 0, failed: 0, emails: 0, female: 0, male: 0, unknown: 0, errors: Vec::new() }
    }
}

impl SaleCounts {
    /// Adds other counts, or the effect of one event, as a whole or not at all.
    pub fn add(&mut self, other: &Self) -> Result<(), OutOfRange> {
        let sum = |a: i64, b: i64| a.checked_add(b).ok_or(OutOfRange);
        *self = Self {
            sales: sum(self.sales, other.sales)?,
            returns: sum(self.returns, other.returns)?,
            units_sold: sum(self.units_sold, other.units_sold)?,
            units_returned: sum(self.units_returned, other.units_returned)?,
            turnover_minor: sum(self.turnover_minor, other.turnover_minor)?,
            refund_minor: sum(self.refund_minor, other.refund_minor)?,
            tax_minor: sum(self.tax_minor, other.tax_minor)?,
            refund_tax_minor: sum(self.refund_tax_minor, other.refund_tax_minor)?,
        };
        Ok(())
    }
}
