use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Weekday};
use chrono_tz::Tz;
use storefold_events::{Event, Payload, scan::ScanOutcome};
use storefold_simulation::{ExpectedDay, Network, Settings, StoreProfile};

use crate::{events, network, settings};

fn local(store: &StoreProfile, event: &Event<'_>) -> DateTime<Tz> {
    DateTime::from_timestamp_millis(event.occurred_at_ms).unwrap().with_timezone(&store.calendar.zone())
}

fn totals(network: &Network) -> Vec<(StoreProfile, ExpectedDay, u64)> {
    let mut history = network.history();
    history.by_ref().for_each(drop);
    let expected = history.expectation();
    let of_store = |store: &StoreProfile| {
        let open_days = expected.days(&store.code).filter(|(day, _)| store.opening(*day).is_some()).count();
        (store.clone(), expected.total(&store.code), open_days as u64)
    };
    network.stores().iter().map(of_store).collect()
}

fn band(identified: u64, succeeded: u64) -> &'static str {
    match (identified * 100, succeeded) {
        (rate, of) if rate > 80 * of => "top",
        (rate, of) if rate > 75 * of => "good",
        (rate, of) if rate > 60 * of => "fair",
        _ => "below par",
    }
}

#[test]
fn eight_stores_reach_every_band_and_one_is_flagged_whatever_the_seed() {
    for seed in 1..=5 {
        for days in [30, 90] {
            let totals = totals(&network(Settings { seed, days, stores: 8, ..settings() }));
            let band_of = |total: &ExpectedDay| band(total.scans_identified, total.scans_succeeded);
            let bands: BTreeMap<_, _> =
                totals.iter().map(|(store, total, _)| (store.code.as_str(), band_of(total))).collect();
            let expected = [
                ("DE-BER-01", "below par"),
                ("FR-LYS-01", "good"),
                ("FR-NCE-01", "fair"),
                ("FR-PAR-01", "top"),
                ("GB-LON-01", "fair"),
                ("IT-MIL-01", "good"),
                ("JP-TYO-01", "top"),
                ("US-NYC-01", "fair"),
            ];
            assert_eq!(bands, BTreeMap::from(expected), "seed {seed}, {days} days");
            let low = |total: &ExpectedDay| total.scans_succeeded * 100 < total.scans_attempted * 70;
            let flagged: Vec<_> =
                totals.iter().filter(|(_, total, _)| low(total)).map(|(store, ..)| &store.code).collect();
            assert_eq!(flagged, ["US-NYC-01"], "seed {seed}, {days} days");
        }
    }
}

#[test]
fn levels_come_out_as_the_profile_says() {
    for (store, total, _) in totals(&network(settings())) {
        let near = |found: u64, of: u64, per_mille: u32| (found * 1_000 / of).abs_diff(per_mille.into());
        assert!(near(total.scans_succeeded, total.scans_attempted, store.success_per_mille) <= 5, "{}", store.code);
        assert!(near(total.scans_identified, total.scans_succeeded, store.capture_per_mille) <= 12, "{}", store.code);
        assert_eq!(total.scans_attempted, total.scans_succeeded + total.scans_failed);
    }
}

#[test]
fn a_store_has_thirty_to_sixty_scans_and_twenty_to_sixty_sales_an_open_day() {
    for (store, total, open_days) in totals(&network(Settings { days: 182, ..settings() })) {
        let (scans, sales) = (total.scans_attempted / open_days, total.sales / open_days);
        assert!((30..=60).contains(&scans), "{}: {scans} scans", store.code);
        assert!((20..=60).contains(&sales), "{}: {sales} sales", store.code);
    }
    let twice = totals(&network(Settings { days: 28, traffic_percent: 200, ..settings() }));
    let once = totals(&network(Settings { days: 28, ..settings() }));
    let sales =
        |totals: &[(StoreProfile, ExpectedDay, u64)]| totals.iter().map(|(_, total, _)| total.sales).sum::<u64>();
    assert!((190..=210).contains(&(sales(&twice) * 100 / sales(&once))));
}

#[test]
fn the_sunny_store_fails_at_noon_and_for_the_sun() {
    let network = network(settings());
    let sunny: Vec<_> = network.stores().iter().filter(|store| store.sunny).collect();
    assert_eq!(sunny.iter().map(|store| store.code.as_str()).collect::<Vec<_>>(), ["FR-NCE-01"]);
    let mut failed_by_hour = [(0_u32, 0_u32); 24];
    let mut codes: BTreeMap<String, u32> = BTreeMap::new();
    for event in network.history().filter(|event| event.store.as_deref() == Some("FR-NCE-01")) {
        let Payload::ScanCaptured(scan) = &event.payload else { continue };
        let (failed, made) = &mut failed_by_hour[local(sunny[0], &event).hour() as usize];
        *made += 1;
        *failed += u32::from(scan.outcome == ScanOutcome::Failed);
        if let Some(code) = &scan.error_code {
            *codes.entry(code.to_string()).or_default() += 1;
        }
    }
    let rate = |hours: std::ops::Range<usize>| {
        let (failed, made) = failed_by_hour[hours].iter().fold((0, 0), |sum, hour| (sum.0 + hour.0, sum.1 + hour.1));
        failed * 100 / made
    };
    assert!(rate(11..15) > 2 * rate(15..19), "{failed_by_hour:?}");
    assert!(codes["too_much_sunlight"] * 2 > codes.values().sum(), "{codes:?}");
}

#[test]
fn what_happens_in_a_store_happens_while_it_is_open() {
    let network = network(Settings { stores: 20, days: 60, ..settings() });
    for event in
        network.history().filter(|event| !event.source.starts_with("back-office") && event.source.as_str() != "webshop")
    {
        let store = network.stores().iter().find(|store| event.store.as_deref() == Some(&store.code)).unwrap();
        let day = store.calendar.day_at(event.occurred_at_ms).day;
        let opening = store.opening(day).unwrap();
        assert!((opening.opens_ms..opening.closes_ms).contains(&event.occurred_at_ms), "{} on {day}", store.code);
    }
}

#[test]
fn shops_rest_on_sundays_and_holidays_where_that_is_the_custom() {
    let network = network(settings());
    let opening = |code: &str, year, month, day| {
        let store = network.stores().iter().find(|store| store.code == code).unwrap();
        store.opening(NaiveDate::from_ymd_opt(year, month, day).unwrap())
    };
    assert!(opening("DE-BER-01", 2026, 11, 22).is_none(), "a Sunday in Germany");
    assert!(opening("GB-LON-01", 2026, 11, 22).is_some(), "a Sunday in Britain");
    assert!(opening("US-NYC-01", 2026, 11, 26).is_none(), "Thanksgiving");
    assert!(opening("FR-PAR-01", 2026, 5, 1).is_none(), "the first of May in France");
    assert!(opening("JP-TYO-01", 2026, 12, 25).is_some(), "Christmas in Japan");
}

#[test]
fn a_store_that_closes_after_midnight_counts_the_night_on_the_day_before() {
    let network = network(Settings { days: 30, ..settings() });
    let late: Vec<_> = network.stores().iter().filter(|store| store.business_day_start.hour() == 4).collect();
    assert_eq!(late.iter().map(|store| store.code.as_str()).collect::<Vec<_>>(), ["JP-TYO-01"]);
    let of_store = network.history().filter(|event| event.store.as_deref() == Some("JP-TYO-01"));
    let sales = of_store.filter(|event| matches!(event.payload, Payload::SaleValidated(_)));
    let at_night: Vec<_> = sales.filter(|event| local(late[0], event).hour() < 4).collect();
    assert!(at_night.len() > 5, "{}", at_night.len());
    for event in at_night {
        let day = late[0].calendar.day_at(event.occurred_at_ms).day;
        assert_eq!(day.succ_opt(), Some(local(late[0], &event).date_naive()));
    }
}

#[test]
fn people_come_at_weekends_at_lunch_and_before_christmas() {
    // A year up to 15 January 2027, so that December and the sales of January are in it.
    let year = Settings { stores: 1, days: 365, until_ms: 1_800_000_000_000, ..settings() };
    let network = network(year);
    let paris = network.stores().iter().find(|store| store.code == "FR-PAR-01").unwrap();
    let (mut by_weekday, mut by_hour, mut by_month) = ([0_u32; 7], [0_u32; 24], [0_u32; 12]);
    for event in network.history().filter(|event| event.store.as_deref() == Some("FR-PAR-01")) {
        if matches!(event.payload, Payload::SaleValidated(_)) {
            let at = local(paris, &event);
            let weekday = at.weekday().num_days_from_monday();
            by_weekday[weekday as usize] += 1;
            by_month[at.month0() as usize] += 1;
            if weekday < Weekday::Sat.num_days_from_monday() {
                by_hour[at.hour() as usize] += 1;
            }
        }
    }
    assert!(by_weekday[5] * 2 > by_weekday[0] * 3, "{by_weekday:?}");
    assert!(by_hour[12] > by_hour[10] && by_hour[12] > by_hour[15] && by_hour[18] > by_hour[15], "{by_hour:?}");
    assert!(by_month[11] * 4 > by_month[7] * 5 && by_month[11] > by_month[2], "{by_month:?}");
}

#[test]
fn six_countries_have_four_currencies_and_a_programme_each() {
    let network = network(settings());
    let currencies: BTreeSet<_> = network.stores().iter().map(|store| store.currency().to_string()).collect();
    assert_eq!(currencies, ["EUR", "GBP", "JPY", "USD"].map(str::to_owned).into());
    let programmes: Vec<_> =
        network.programmes().iter().map(|programme| (programme.name, programme.currency.to_string())).collect();
    let expected = [("brand", "EUR"), ("brand-gb", "GBP"), ("brand-us", "USD"), ("brand-jp", "JPY")];
    assert_eq!(programmes, expected.map(|(name, currency)| (name, currency.to_owned())));
    let zones: BTreeSet<_> = network.stores().iter().map(|store| store.calendar.zone().name()).collect();
    assert!(zones.len() >= 6, "{zones:?}");
    let codes: BTreeSet<_> = network.stores().iter().map(|store| &store.code).collect();
    assert_eq!(codes.len(), 12);
    let configured = events(Settings { days: 1, ..settings() });
    let configured = configured.iter().filter(|event| matches!(event.payload, Payload::StoreConfigured(_)));
    assert_eq!(configured.count(), 12);
}
