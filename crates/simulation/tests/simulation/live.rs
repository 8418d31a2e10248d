use std::collections::BTreeMap;

use storefold_events::{Event, Payload};
use storefold_simulation::{LIVE_EVENTS_PER_CALL_MAX, Live, Settings};

use crate::{NOW_MS, count_sources, network, settings};

const MINUTE_MS: i64 = 60_000;

/// The network after its history, with how far its sources have counted by then.
fn after_history(settings: Settings, events_per_minute: u32) -> (Live, BTreeMap<String, u64>) {
    let mut history = network(settings).history();
    let past: Vec<_> = history.by_ref().collect();
    let mut counted = BTreeMap::new();
    count_sources(&mut counted, &past);
    (history.into_live(NOW_MS, events_per_minute), counted)
}

fn short() -> Settings {
    Settings { days: 7, ..settings() }
}

#[test]
fn sources_go_on_counting_where_the_history_left_off() {
    let (mut live, mut counted) = after_history(short(), 120);
    let before: u64 = counted.values().sum();
    for minute in 1..=30 {
        let now_ms = NOW_MS + minute * MINUTE_MS;
        let arrived = live.next(now_ms);
        assert!(arrived.iter().all(|event| event.occurred_at_ms <= now_ms));
        count_sources(&mut counted, &arrived);
    }
    let arrived = counted.values().sum::<u64>() - before;
    // New files and late addresses come on top of the visitors.
    assert!((30 * 110..30 * 200).contains(&arrived), "{arrived}");
    assert_eq!(live.expectation().events(), before + arrived);
}

#[test]
fn it_does_not_matter_how_often_it_is_asked() {
    let (mut often, mut seldom) = (after_history(short(), 60).0, after_history(short(), 60).0);
    let often: Vec<Event<'_>> = (1..=600).flat_map(|second| often.next(NOW_MS + second * 1_000)).collect();
    assert_eq!(often, seldom.next(NOW_MS + 600 * 1_000));
    assert_eq!(seldom.next(NOW_MS + 600 * 1_000), []);
}

#[test]
fn the_backlog_of_a_scanner_arrives_a_minute_and_a_half_after_now() {
    let (mut live, _) = after_history(short(), 1);
    let is_late =
        |event: &Event<'_>| event.occurred_at_ms < NOW_MS && matches!(event.payload, Payload::ScanCaptured(_));
    assert_eq!(live.next(NOW_MS + 90_000 - 1).into_iter().filter(is_late).count(), 0);
    let late: Vec<_> = live.next(NOW_MS + 10 * MINUTE_MS).into_iter().filter(is_late).collect();
    assert!(late.len() > 10, "{}", late.len());
    assert!(late.iter().all(|event| event.source.as_str() == "scanner-0003"));
    let days = (NOW_MS - late[0].occurred_at_ms) / 86_400_000;
    assert_eq!(days, 2);
}

#[test]
fn visitors_come_only_where_it_is_open() {
    let (mut live, _) = after_history(short(), 20);
    let network = network(short());
    let mut stores = BTreeMap::new();
    for hour in 1..=24 {
        for event in live.next(NOW_MS + hour * 60 * MINUTE_MS) {
            if !matches!(event.payload, Payload::ScanCaptured(_) | Payload::SaleValidated(_)) {
                continue;
            }
            let store = network.stores().iter().find(|store| event.store.as_deref() == Some(&store.code)).unwrap();
            let opening = store.opening(store.calendar.day_at(event.occurred_at_ms).day).unwrap();
            assert!((opening.opens_ms..opening.closes_ms).contains(&event.occurred_at_ms), "{}", store.code);
            *stores.entry(store.code.clone()).or_insert(0) += 1;
        }
    }
    assert_eq!(stores.len(), 12, "within a day everybody opens: {stores:?}");
}

#[test]
fn a_closed_network_has_orders_only() {
    let night_ms = NOW_MS + 11 * 60 * MINUTE_MS;
    let mut history = network(Settings { stores: 1, ..short() }).history();
    history.by_ref().for_each(drop);
    let mut live = history.into_live(night_ms, 60);
    live.next(night_ms);
    let arrived = live.next(night_ms + 10 * MINUTE_MS);
    assert!(arrived.len() > 500, "{}", arrived.len());
    assert!(arrived.iter().all(|event| event.source.as_str() == "webshop"));
}

#[test]
fn one_call_gives_a_bounded_number_and_the_rest_comes_later() {
    let (mut live, mut counted) = after_history(short(), 60_000);
    let first = live.next(NOW_MS + 15_000);
    assert_eq!(first.len(), LIVE_EVENTS_PER_CALL_MAX);
    let second = live.next(NOW_MS + 15_000);
    assert!(!second.is_empty());
    count_sources(&mut counted, first.iter().chain(&second));
}

#[test]
fn a_history_that_was_left_early_comes_first() {
    let network = network(Settings { stores: 2, days: 2, ..settings() });
    let whole: Vec<_> = network.history().collect();
    let mut left = network.history();
    let taken: Vec<_> = left.by_ref().take(100).collect();
    let rest = left.into_live(NOW_MS, 1).next(NOW_MS);
    assert_eq!(taken.into_iter().chain(rest).collect::<Vec<_>>(), whole);
}
