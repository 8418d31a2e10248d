use std::collections::BTreeMap;

use storefold_events::{Payload, wire};
use storefold_simulation::load;

use crate::{NOW_MS, count_sources};

#[test]
fn load_is_valid_counted_and_for_configured_stores() {
    let stores = 3;
    let mut events = load::configure(stores, NOW_MS - 86_400_000);
    for index in 0..stores {
        let store = load::store_code(index);
        let start_ms = NOW_MS - 3_600_000;
        events.extend(load::ScanSource::new(format!("scanner-{index}"), &store, index.to_string(), start_ms).take(500));
        events.extend(load::SaleSource::new(format!("till-{index}"), &store, "1", start_ms).take(500));
        let till = load::SaleSource::new(format!("club-{index}"), &store, "2", start_ms).with_customers(10);
        events.extend(till.take(500));
    }
    let mut counted = BTreeMap::new();
    count_sources(&mut counted, &events);
    assert_eq!(counted.remove(load::CONFIGURATION_SOURCE), Some(4));
    assert_eq!(counted.len(), 9);
    assert!(counted.values().all(|seq| *seq == 500));
    let configured = |event: &storefold_events::Event<'_>| matches!(event.payload, Payload::StoreConfigured(_));
    let stores: Vec<_> = events.iter().filter(|event| configured(event)).map(|event| event.store.clone()).collect();
    for event in events {
        assert!(event.store.is_none() || stores.contains(&event.store));
        assert!(wire::checked(event).is_ok());
    }
}

#[test]
fn load_starts_on_time_and_keeps_its_pace() {
    let times = |every_ms| {
        let scans = load::ScanSource::new("scanner-1", "S", "1", NOW_MS).every_ms(every_ms);
        scans.take(3).map(|event| event.occurred_at_ms - NOW_MS).collect::<Vec<_>>()
    };
    assert_eq!(times(5), [0, 5, 10]);
    assert_eq!(times(load::EVERY_MS), [0, 1_000, 2_000]);
}

#[test]
fn load_is_mixed() {
    let scans = load::ScanSource::new("scanner-1", "S", "1", NOW_MS).take(1_000);
    let failed =
        scans.filter(|event| matches!(&event.payload, Payload::ScanCaptured(scan) if scan.error_code.is_some()));
    assert!((80..120).contains(&failed.count()));
    let sales = || load::SaleSource::new("till-1", "S", "1", NOW_MS);
    let customer = |event| match event {
        Payload::SaleValidated(sale) => sale.customer,
        _ => None,
    };
    let known = sales().with_customers(7).take(1_000).filter_map(|event| customer(event.payload));
    let known: BTreeMap<_, u32> = known.fold(BTreeMap::new(), |mut known, customer| {
        *known.entry(customer).or_default() += 1;
        known
    });
    assert_eq!((known.len(), known.values().sum::<u32>()), (7, 1_000));
    assert_eq!(sales().take(1_000).filter_map(|event| customer(event.payload)).count(), 0);
}
