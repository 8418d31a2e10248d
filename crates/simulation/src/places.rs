//! The stores by name, the telling ones first: a network of eight has them all.

use chrono::NaiveTime;
use storefold_events::StoreCalendar;

use crate::{Country, Settings, StoreProfile, dice::Dice, profile::Hours};

type Week = [Option<Hours>; 7];

const fn open(opens_min: u16, closes_min: u16) -> Hours {
    Hours { opens_min, closes_min }
}

/// Monday to Saturday alike, then Sunday.
const fn week(days: Hours, sunday: Option<Hours>) -> Week {
    let days = Some(days);
    [days, days, days, days, days, days, sunday]
}

static PARIS: Week = week(open(9 * 60 + 30, 20 * 60), Some(open(11 * 60, 19 * 60)));
static SIX_DAYS: Week = week(open(9 * 60 + 30, 19 * 60), None);
static GERMAN: Week = week(open(10 * 60, 20 * 60), None);
static ITALIAN: Week = week(open(10 * 60, 19 * 60 + 30), Some(open(11 * 60, 19 * 60)));
static BRITISH: Week = week(open(9 * 60, 19 * 60), Some(open(12 * 60, 18 * 60)));
static AMERICAN: Week = week(open(10 * 60, 21 * 60), Some(open(11 * 60, 19 * 60)));
static JAPANESE: Week = week(open(10 * 60 + 30, 20 * 60 + 30), Some(open(10 * 60 + 30, 20 * 60)));
/// Closes at half past one at night; its business day starts at 04:00.
static LATE: Week = week(open(11 * 60, 25 * 60 + 30), Some(open(11 * 60, 25 * 60 + 30)));

const LATE_DAY_STARTS: NaiveTime = NaiveTime::from_hms_opt(4, 0, 0).expect("four in the morning is a time of day");

struct Place(Country, &'static str, &'static str, &'static str, &'static Week, [u32; 11]);

use Country::{Britain, France, Germany, Italy, Japan, UnitedStates};

#[rustfmt::skip]
static PLACES: [Place; 20] = [
    // Visitors a day; scans, conversion, success, capture, women, identified sales per mille; price %; m2; scanners; tills.
    Place(France, "PAR", "Paris Rivoli", "Europe/Paris", &PARIS,                    [190, 260, 220, 935, 850, 560, 580, 112, 240, 3, 3]),
    Place(France, "NCE", "Nice Masséna", "Europe/Paris", &SIX_DAYS,                 [150, 260, 210, 770, 690, 590, 500, 100, 160, 1, 2]),
    Place(Italy, "MIL", "Milano Torino", "Europe/Rome", &ITALIAN,                   [170, 270, 200, 925, 782, 680, 520, 108, 210, 2, 2]),
    Place(Germany, "BER", "Berlin Tauentzien", "Europe/Berlin", &GERMAN,            [180, 240, 190, 945, 520, 480, 440, 96, 320, 2, 3]),
    Place(Britain, "LON", "London Covent Garden", "Europe/London", &BRITISH,        [200, 230, 240, 910, 700, 540, 540, 115, 180, 2, 3]),
    Place(UnitedStates, "NYC", "New York Broadway", "America/New_York", &AMERICAN,  [210, 240, 230, 610, 640, 520, 470, 118, 350, 2, 3]),
    Place(Japan, "TYO", "Tokyo Shibuya", "Asia/Tokyo", &LATE,                       [200, 250, 220, 965, 870, 600, 570, 104, 140, 2, 2]),
    Place(France, "LYS", "Lyon Part-Dieu", "Europe/Paris", &SIX_DAYS,               [160, 250, 200, 900, 778, 550, 510, 98, 200, 1, 2]),
    Place(Germany, "MUC", "München Marienplatz", "Europe/Berlin", &GERMAN,          [170, 250, 220, 940, 655, 500, 460, 106, 260, 1, 2]),
    Place(Italy, "ROM", "Roma Corso", "Europe/Rome", &ITALIAN,                      [165, 240, 190, 890, 560, 620, 430, 102, 190, 1, 2]),
    Place(UnitedStates, "LAX", "Los Angeles Grove", "America/Los_Angeles", &AMERICAN, [175, 260, 210, 895, 720, 570, 490, 110, 300, 2, 2]),
    Place(Britain, "MAN", "Manchester Market Street", "Europe/London", &BRITISH,    [150, 260, 230, 930, 785, 530, 560, 92, 170, 1, 2]),
    Place(Japan, "OSA", "Osaka Umeda", "Asia/Tokyo", &JAPANESE,                     [180, 240, 210, 955, 845, 580, 590, 100, 150, 1, 2]),
    Place(France, "LIL", "Lille Béthune", "Europe/Paris", &SIX_DAYS,                [140, 270, 200, 915, 670, 560, 480, 94, 150, 1, 2]),
    Place(Germany, "HAM", "Hamburg Mönckeberg", "Europe/Berlin", &GERMAN,           [155, 250, 200, 935, 580, 490, 450, 99, 230, 1, 2]),
    Place(UnitedStates, "CHI", "Chicago Michigan Avenue", "America/Chicago", &AMERICAN, [165, 250, 220, 905, 690, 530, 480, 108, 280, 1, 2]),
    Place(Italy, "FLR", "Firenze Calzaiuoli", "Europe/Rome", &ITALIAN,              [145, 260, 200, 900, 740, 640, 500, 105, 130, 1, 2]),
    Place(Britain, "EDI", "Edinburgh Princes Street", "Europe/London", &BRITISH,    [140, 260, 210, 925, 810, 550, 550, 95, 160, 1, 2]),
    Place(France, "BOD", "Bordeaux Sainte-Catherine", "Europe/Paris", &SIX_DAYS,    [145, 260, 210, 910, 820, 570, 530, 97, 170, 1, 2]),
    Place(Germany, "CGN", "Köln Schildergasse", "Europe/Berlin", &GERMAN,           [160, 240, 210, 930, 620, 510, 440, 97, 250, 1, 2]),
];

/// The stores of a network, and the numbers of their scanners counted through it.
pub(crate) fn profiles(settings: &Settings) -> Vec<StoreProfile> {
    let mut dice = Dice::new(settings.seed, PLACES_STREAM);
    let mut scanners = 0;
    (0..settings.stores as usize)
        .map(|index| {
            let place = &PLACES[index % PLACES.len()];
            profile(place, index / PLACES.len(), &mut scanners, &mut dice)
        })
        .collect()
}

/// The stream of chance that makes the stores; a store's own stream is its index.
const PLACES_STREAM: u64 = u64::MAX;

/// The `again`-th store of a town. The first is as the table says, give or take a little; the others are ordinary.
fn profile(place: &Place, again: usize, scanners: &mut u32, dice: &mut Dice) -> StoreProfile {
    let Place(country, town, name, zone, week, figures) = place;
    let [visitors, scans, conversion, success, capture, female, identified, price, area, scanner_count, tills] =
        *figures;
    let mut near = |figure: u32, by: i64| (i64::from(figure) + dice.between(-by, by)) as u32;
    let first = again == 0;
    let late = week.iter().flatten().any(|hours| hours.closes_min > 24 * 60);
    let business_day_start = if late { LATE_DAY_STARTS } else { NaiveTime::MIN };
    StoreProfile {
        code: format!("{}-{town}-{:02}", country.code(), again + 1),
        name: if first { (*name).to_owned() } else { format!("{name} {}", again + 1) },
        country: *country,
        organisation: format!("acme/{}", country.code().to_ascii_lowercase()),
        calendar: StoreCalendar::new(zone, business_day_start).expect("the table names zones of the IANA database"),
        business_day_start,
        week: **week,
        area_m2: area,
        scanners: (0..scanner_count)
            .map(|_| {
                *scanners += 1;
                format!("{scanners:04}")
            })
            .collect(),
        tills,
        visitors_per_day: near(visitors, 8),
        scans_per_mille: scans,
        conversion_per_mille: near(conversion, 8),
        success_per_mille: if first { near(success, 4) } else { near(910, 50) },
        capture_per_mille: if first { near(capture, 4) } else { near(680, 170) },
        sunny: first && *town == "NCE",
        female_per_mille: near(female, 10),
        identified_sales_per_mille: near(identified, 10),
        price_percent: price,
    }
}
