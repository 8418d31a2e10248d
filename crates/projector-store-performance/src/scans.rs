//! `GET /v1/scans`: how do a scanner, a store, an organisation or the network scan, day by day? (rows 0.5–0.13, 0.23)

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storefold_events::scan::CaptureBand;
use storefold_projection::{QueryError, Question, View, Window, WindowParams, day_text};

use crate::{
    ErrorExplained, Flag, ScanFigures, ScanTotals, Scans, StorePerformance,
    catalogue::unlisted,
    rows::ScanCounts,
    scope::{Scope, bad, each_day},
};

/// Whose scans, and which days. One of `scanner`, `store` and `organisation` at most; the network when all are absent.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScansAsked {
    /// Number of a scanner; its scans in all stores.
    #[serde(default)]
    pub scanner: Option<String>,
    /// Identifier of a store.
    #[serde(default)]
    pub store: Option<String>,
    /// An organisation with those below it, as acme or acme/fr.
    #[serde(default)]
    pub organisation: Option<String>,
    /// The last 30 or 90 days including today where it is the latest, or all days with events (the default).
    #[serde(default)]
    pub window: Option<Window>,
    /// First store day (inclusive), as 2026-11-01; not beside `window`.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last store day (inclusive), as 2026-11-30; not beside `window`.
    #[serde(default)]
    pub to: Option<NaiveDate>,
}

/// Scans over a window, as a whole, by day and rolled up.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScansAnswer {
    /// First day of the window (inclusive).
    pub from: NaiveDate,
    /// Last day of the window (inclusive).
    pub to: NaiveDate,
    /// Over the whole window.
    pub totals: ScansOfWindow,
    /// Failed scans by error code, the most frequent first, equal ones by code, each with its meaning and remedy.
    pub errors: Vec<ErrorExplained>,
    /// Every day of the window in order, each store's scans on its own day; a day without scans has zeros.
    pub days: Vec<ScansOfDay>,
    /// By organisation, those below it included; stores outside any are in none.
    pub organisations: Vec<ScansRolledUp>,
    /// By store; one without scans has zeros.
    pub stores: Vec<ScansRolledUp>,
    /// By scanner, those with a scan in the window.
    pub scanners: Vec<ScansRolledUp>,
}

/// Scans of a whole window.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScansOfWindow {
    /// Figures of scans.
    #[serde(flatten)]
    pub totals: ScanTotals,
    /// The rate of emails.
    #[serde(flatten)]
    pub capture: EmailsCaptured,
    /// Failed scans whose codes are not listed, as at most 64 codes are counted apart.
    pub errors_unlisted: u64,
}

/// Scans of one day.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScansOfDay {
    /// The day.
    #[serde(serialize_with = "day_text")]
    pub day: NaiveDate,
    /// Figures of scans.
    #[serde(flatten)]
    pub figures: ScanFigures,
    /// The rate of emails.
    #[serde(flatten)]
    pub capture: EmailsCaptured,
}

/// Scans of one organisation, store or scanner over the window.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScansRolledUp {
    /// The organisation, the identifier of the store, or the number of the scanner.
    pub of: String,
    /// Name of the store that people know; null for organisations and scanners.
    pub name: Option<String>,
    /// Scans by outcome.
    pub scans: Scans,
    /// Succeeded of attempted, 0 to 1; null when nothing was attempted.
    pub success_rate: Option<f64>,
    /// `investigate` when fewer than 70 % of the scans succeeded (70 % exactly is not flagged), otherwise null.
    pub flag: Option<Flag>,
    /// Successful scans with an email.
    pub emails: u64,
    /// The rate of emails.
    #[serde(flatten)]
    pub capture: EmailsCaptured,
}

/// Of how many successful scans there is an email.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct EmailsCaptured {
    /// Successful scans with an email by successful scans, 0 to 1; null without successful scans.
    pub capture_rate: Option<f64>,
    /// `top` above 80 %, `good` above 75 %, `fair` above 60 %, else `below_par`; null without successful scans.
    pub capture_band: Option<CaptureBand>,
}

impl EmailsCaptured {
    fn of(counts: &ScanCounts) -> Self {
        let rate = || counts.emails as f64 / counts.succeeded as f64;
        Self {
            capture_rate: (counts.succeeded > 0).then(rate),
            capture_band: CaptureBand::of(counts.emails, counts.succeeded),
        }
    }
}

impl ScansRolledUp {
    fn of(of: String, name: Option<String>, counts: ScanCounts) -> Self {
        let capture = EmailsCaptured::of(&counts);
        let ScanFigures { scans, success_rate, flag, emails, .. } = ScanFigures::of(counts);
        Self { of, name, scans, success_rate, flag, emails, capture }
    }
}

type By = BTreeMap<String, ScanCounts>;

pub(crate) fn question() -> Question {
    storefold_projection::question(
        "/v1/scans",
        "Scans by day of a scanner, a store, an organisation or the network, with roll-ups",
        "Outcomes, errors with meaning and remedy, genders and the email capture rate with its band, over a window and \
         for every day of it, empty days included, and rolled up by organisation, store and scanner. Scans count on the \
         day of the store they were made in, however late they arrive. At most a million days of stores in an answer.",
        answer,
    )
}

fn answer(view: &View<'_, StorePerformance>, asked: &ScansAsked) -> Result<ScansAnswer, QueryError> {
    let mut scope = match (&asked.scanner, &asked.store, &asked.organisation) {
        (Some(scanner), None, None) => Scope::of_scanner(view, scanner)?,
        (None, Some(store), None) => Scope::of_store(view, store)?,
        (None, None, organisation) => Scope::of_organisation(view, organisation.as_deref())?,
        (Some(_), _, _) => return Err(bad("scanner", "stands beside another place; send one of them".to_owned())),
        _ => return Err(bad("organisation", "stands beside `store`; send one or the other".to_owned())),
    };
    let range = scope.range(view, &WindowParams { window: asked.window, from: asked.from, to: asked.to })?;
    let (mut totals, mut days) = (ScanCounts::default(), BTreeMap::<NaiveDate, ScanCounts>::new());
    let (mut organisations, mut stores, mut scanners) = (By::new(), Vec::with_capacity(scope.stores.len()), By::new());
    for (store, row) in scope.stores {
        let mut of_store = ScanCounts::default();
        each_day(view, &store, range, |day, row| {
            let of = |scanner: &str| asked.scanner.as_ref().is_none_or(|asked| asked == scanner);
            for (scanner, counts) in row.scanners.iter().filter(|(scanner, _)| of(scanner)) {
                totals.add(counts);
                days.entry(day).or_default().add(counts);
                of_store.add_all_but_errors(counts);
                by(&mut scanners, scanner).add_all_but_errors(counts);
            }
            Ok(())
        })?;
        for organisation in row.organisation.as_deref().into_iter().flat_map(and_above) {
            by(&mut organisations, organisation).add_all_but_errors(&of_store);
        }
        stores.push(ScansRolledUp::of(store, Some(row.name), of_store));
    }
    let (capture, errors_unlisted) = (EmailsCaptured::of(&totals), unlisted(&totals));
    let totals = ScanTotals::of(totals);
    let errors = ErrorExplained::all(&totals.figures.errors);
    let of_day =
        |(day, counts)| ScansOfDay { day, capture: EmailsCaptured::of(&counts), figures: ScanFigures::of(counts) };
    let rolled_up = |by: By| by.into_iter().map(|(of, counts)| ScansRolledUp::of(of, None, counts)).collect();
    Ok(ScansAnswer {
        from: range.first,
        to: range.last,
        totals: ScansOfWindow { totals, capture, errors_unlisted },
        errors,
        days: range.fill(days).map(of_day).collect(),
        organisations: rolled_up(organisations),
        stores,
        scanners: rolled_up(scanners),
    })
}

/// The counts under a name, begun when there are none.
fn by<'b>(by: &'b mut By, name: &str) -> &'b mut ScanCounts {
    if !by.contains_key(name) {
        by.insert(name.to_owned(), ScanCounts::default());
    }
    by.get_mut(name).expect("it was inserted above")
}

/// An organisation and those above it: `acme/fr`, `acme`.
fn and_above(organisation: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(organisation), |below| below.rsplit_once('/').map(|(above, _)| above))
}
