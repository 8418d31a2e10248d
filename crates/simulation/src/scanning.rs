//! Customers have their feet scanned and, now or later, give an address.

use chrono::NaiveDate;
use storefold_events::{
    Text,
    scan::{EmailAttachedToScan, Gender, ScanCaptured, ScanOutcome},
};

use crate::{
    agenda::{Planned, Source},
    dice::Dice,
    expectation::Effect,
    people::Person,
    profile::{Opening, StoreProfile},
    shop::{Scanner, Shop},
    world::{WEBSHOP, World},
};

/// What a scanner says when it has no result, the most frequent in an ordinary store first.
pub const ERROR_CODES: [&str; 5] =
    ["foot_moved", "foot_not_found", "sensor_dirty", "measurement_timeout", TOO_MUCH_SUNLIGHT];
const TOO_MUCH_SUNLIGHT: &str = "too_much_sunlight";
const ERROR_WEIGHTS: [u32; ERROR_CODES.len()] = [45, 25, 12, 10, 8];

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Addresses that come with the scan; the others come later.
const WITH_SCAN_PER_MILLE: i64 = 700;
/// Later addresses that the customer types in at the scanner before leaving; the others come from the website.
const AT_SCANNER_PER_MILLE: i64 = 600;
/// Identified scans whose address is replaced later, which identifies nothing more.
const CORRECTED_PER_MILLE: i64 = 20;
/// Failed scans whose customer had already given an address with it, or gives one later: neither is identified.
const FAILED_WITH_SCAN_PER_MILLE: i64 = 80;
const FAILED_LATER_PER_MILLE: i64 = 15;

impl World {
    /// A scan during the hours of a store day, and the addresses that follow it.
    pub(crate) fn capture_scan(&mut self, store: usize, day: NaiveDate, opening: &Opening, at_ms: i64) {
        let profile = &self.profiles[store];
        let Shop { dice, success, capture, scanners, .. } = &mut self.shops[store];
        let place = dice.below(scanners.len() as u32) as usize;
        let scanner = &mut scanners[place];
        scanner.scans += 1;
        let number = &profile.scanners[place];
        let scan = format!("{number}-{}", scanner.scans);
        let gender = draw_gender(profile, dice);
        let email = Person::draw(dice, profile.country, gender).email(dice.below(100));
        let succeeded = success.reached(dice, sun_per_mille(profile, opening, at_ms));
        let identified = succeeded && capture.reached(dice, 0);
        let with_scan = match (succeeded, identified) {
            (true, true) => dice.chance(WITH_SCAN_PER_MILLE),
            (true, false) => false,
            (false, _) => dice.chance(FAILED_WITH_SCAN_PER_MILLE),
        };
        let captured = ScanCaptured {
            scan: scan.clone().into(),
            scanner: number.clone().into(),
            outcome: if succeeded { ScanOutcome::Succeeded } else { ScanOutcome::Failed },
            error_code: (!succeeded).then(|| Text::from(draw_error(profile, dice))),
            gender,
            size_mondo_mm: succeeded.then(|| draw_size(gender, dice)),
            email: with_scan.then(|| email.clone().into()),
        };
        let source = scanner.source;
        let effect = Effect::Scan { succeeded, identified: identified && with_scan };
        let planned =
            Planned { source, at: Some((store, day)), occurred_at_ms: at_ms, effect, payload: captured.into() };
        let arrives_at_ms = scanner.link.arrives_at_ms(at_ms);
        self.agenda.add_late(arrives_at_ms, planned);

        let made = Made { store, day, scan, email, at_ms, arrives_at_ms };
        let later = match (identified, with_scan) {
            (true, true) => made.corrected(at_ms, dice),
            (true, false) => {
                let first = made.identified(scanner, opening, dice);
                let first_ms = first.occurred_at_ms;
                let by_scanner = first.source == scanner.source;
                let arrives_at_ms = if by_scanner { scanner.link.arrives_at_ms(first_ms) } else { first_ms };
                self.agenda.add_late(arrives_at_ms, first);
                made.corrected(arrives_at_ms, dice)
            }
            (false, _) if !succeeded && dice.chance(FAILED_LATER_PER_MILLE) => {
                Some(made.attached(WEBSHOP, made.on_website_ms(dice), Effect::None))
            }
            (false, _) => None,
        };
        if let Some(attached) = later {
            self.agenda.add(attached);
        }
    }
}

/// A scan to which an address may come. Whenever it does, it counts on the scan's day (decision 1).
struct Made {
    store: usize,
    day: NaiveDate,
    scan: String,
    email: String,
    at_ms: i64,
    arrives_at_ms: i64,
}

impl Made {
    /// The first address, given at the scanner before the customer leaves or on the website.
    fn identified(&self, scanner: &Scanner, opening: &Opening, dice: &mut Dice) -> Planned {
        let leaves_ms = (self.at_ms + 45 * MINUTE_MS).min(opening.closes_ms - 1);
        let earliest_ms = self.at_ms + MINUTE_MS;
        let (source, at_ms) = if earliest_ms <= leaves_ms && dice.chance(AT_SCANNER_PER_MILLE) {
            (scanner.source, dice.between(earliest_ms, leaves_ms))
        } else {
            (WEBSHOP, self.on_website_ms(dice))
        };
        self.attached(source, at_ms, Effect::ScanIdentified)
    }

    /// Another address in the place of the first, which identifies nothing more.
    fn corrected(&self, after_ms: i64, dice: &mut Dice) -> Option<Planned> {
        let corrected_ms = self.on_website_ms(dice).max(after_ms + HOUR_MS);
        dice.chance(CORRECTED_PER_MILLE).then(|| self.attached(WEBSHOP, corrected_ms, Effect::None))
    }

    /// A time in the next six days. Nobody can name a scan on the website before it has been uploaded.
    fn on_website_ms(&self, dice: &mut Dice) -> i64 {
        let mut wait_ms = || dice.between(HOUR_MS, 144 * HOUR_MS);
        let at_ms = self.at_ms + wait_ms().min(wait_ms());
        at_ms.max(self.arrives_at_ms + MINUTE_MS)
    }

    fn attached(&self, source: Source, occurred_at_ms: i64, effect: Effect) -> Planned {
        let attached = EmailAttachedToScan { scan: self.scan.clone().into(), email: self.email.clone().into() };
        Planned { source, at: Some((self.store, self.day)), occurred_at_ms, effect, payload: attached.into() }
    }
}

/// In a sunny window scans fail around noon and succeed in the evening.
fn sun_per_mille(profile: &StoreProfile, opening: &Opening, at_ms: i64) -> i64 {
    let local_min = i64::from(opening.opens_min) + (at_ms - opening.opens_ms) / MINUTE_MS;
    match (profile.sunny, (11 * 60..15 * 60).contains(&local_min)) {
        (false, _) => 0,
        (true, true) => -200,
        (true, false) => 140,
    }
}

fn draw_error(profile: &StoreProfile, dice: &mut Dice) -> &'static str {
    if profile.sunny && dice.chance(700) {
        return TOO_MUCH_SUNLIGHT;
    }
    ERROR_CODES[dice.weighted(ERROR_WEIGHTS.into_iter())]
}

fn draw_gender(profile: &StoreProfile, dice: &mut Dice) -> Option<Gender> {
    if dice.chance(60) {
        return dice.chance(500).then_some(Gender::Unknown);
    }
    let female = dice.chance(profile.female_per_mille.into());
    Some(if female { Gender::Female } else { Gender::Male })
}

fn draw_size(gender: Option<Gender>, dice: &mut Dice) -> u16 {
    let smallest_mm = match gender {
        Some(Gender::Female) => 222,
        Some(Gender::Male) => 246,
        Some(Gender::Unknown) | None => 232,
    };
    // The sum of two draws is most often in the middle, as sizes are.
    smallest_mm + (dice.below(23) + dice.below(23)) as u16
}
