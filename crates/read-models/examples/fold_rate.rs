//! How fast the read models fold: `cargo run --release -p storefold-read-models --example fold_rate`.
//!
//! Decodes and folds one log of a network of stores in memory, on one thread, without writing rows.
#![expect(clippy::print_stdout, reason = "it prints what it measured")]

use std::{hint::black_box, };

use storefold_events::{
    Event, Key, Payload, Recorded, Text, codec,
    loyalty::PointsEarned,
    sale::{SaleLine, SaleValidated, Tender},
    scan::{EmailAttachedToScan, Gender, ScanCaptured, ScanIdentified, ScanOutcome},
    store::StoreConfigured,
};
use storefold_projection::spec::MemoryStore;

const STORES: u64 = 1_000;
const DAYS: u64 = 90;
const VISITS_A_DAY: u64 = 2;
/// Events that are decoded together, as many as a record may hold.
const SLICE: usize = 256;
const DAY_MS: i64 = 86_400_000;
const START_MS: i64 = 1_780_000_000_000;

fn cpu_s() -> f64 { std::fs::read_to_string("/proc/thread-self/schedstat").unwrap().split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9 }
fn main() {
    println!("{}", size_of::<Recorded>());
    let log = Log::of_a_network();
    println!("{} events, {:.0} bytes each, {STORES} stores, {DAYS} days", log.count, log.bytes_each());
    if let Some(n) = std::env::args().nth(1) { report(&n, &log, &[&n]); return; }
    report("decode only", &log, &[]);
    let models = storefold_read_models::all();
    for model in &models {
        report(model.name(), &log, &[model.name()]);
    }
    report("all together", &log, &models.iter().map(|model| model.name()).collect::<Vec<_>>());
}

fn report(what: &str, log: &Log, names: &[&str]) {
    let seconds = (0..3).map(|_| fold(log, names)).fold(f64::INFINITY, f64::min);
    let ns_each = seconds * 1e9 / log.count as f64;
    println!("{what:>20}: {:.2} M events/s, {ns_each:.0} ns an event", 1e3 / ns_each);
}

/// Seconds that one fold of the whole log takes.
fn fold(log: &Log, names: &[&str]) -> f64 {
    let models = storefold_read_models::all();
    let store = MemoryStore::default();
    let mut folds: Vec<_> =
        models.iter().filter(|model| names.contains(&model.name())).map(|model| model.fold()).collect();
    let begun = cpu_s();
    let mut position = 0;
    for (bytes, count) in &log.slices {
        let events: Vec<_> = codec::decode_all(bytes, *count)
            .map(|event| {
                position += 1;
                Recorded { position, recorded_at_ms: 0, event: event.expect("it was encoded here") }
            })
            .collect();
        for fold in &mut folds {
            fold.apply(&store, &events).expect("the log is sound");
        }
        black_box(&events);
    }
    cpu_s() - begun
}

#[derive(Default)]
struct Log {
    slices: Vec<(Vec<u8>, usize)>,
    count: u64,
}

impl Log {
    fn of_a_network() -> Self {
        let mut log = Self::default();
        for store in 0..STORES {
            log.push(store, START_MS, &configured());
        }
        for day in 0..DAYS {
            for visit in 0..VISITS_A_DAY {
                for store in 0..STORES {
                    log.visit(store, day, visit);
                }
            }
        }
        log
    }

    /// Four scans, one of them failed, one with its address attached later; two sales, one of a known customer.
    fn visit(&mut self, store: u64, day: u64, visit: u64) {
        let number = (day * VISITS_A_DAY + visit) * STORES + store;
        let at_ms = START_MS + day as i64 * DAY_MS + visit as i64 * 1_800_000 + store as i64;
        for scan in 0..4 {
            self.push(store, at_ms + scan as i64, &scanned(store, number * 4 + scan));
        }
        let id = format!("{:04}-{}", store, number * 4);
        let attached = EmailAttachedToScan { scan: id.clone().into(), email: format!("c{number}@example.com").into() };
        self.push(store, at_ms + 60_000, &attached.into());
        let identified = ScanIdentified { scan: id.into(), scanner: format!("{store:04}").into() };
        self.push(store, at_ms, &identified.into());
        for sale in 0..2 {
            let customer = (sale == 0).then(|| format!("C-{}", number % 50_000));
            self.push(store, at_ms + 120_000, &sold(number * 2 + sale, customer.clone()));
            if let Some(customer) = customer {
                self.push(store, at_ms + 120_000, &earned(number * 2 + sale, customer));
            }
        }
    }

    fn push(&mut self, store: u64, occurred_at_ms: i64, payload: &Payload<'_>) {
        if self.slices.last().is_none_or(|(_, count)| *count == SLICE) {
            self.slices.push((Vec::new(), 0));
        }
        let event = Event {
            source: format!("scanner-{store:04}").into(),
            key: Key::Seq(self.count + 1),
            store: Some(format!("FR-PAR-{store:04}").into()),
            occurred_at_ms,
            cause: None,
            payload: payload.clone(),
        };
        let (bytes, count) = self.slices.last_mut().expect("there is one now");
        codec::encode(&event, bytes);
        *count += 1;
        self.count += 1;
    }

    fn bytes_each(&self) -> f64 {
        self.slices.iter().map(|(bytes, _)| bytes.len()).sum::<usize>() as f64 / self.count as f64
    }
}

fn configured() -> Payload<'static> {
    let configured = StoreConfigured {
        name: "Paris Rivoli".into(),
        zone: "Europe/Paris".into(),
        business_day_start: "00:00".into(),
        currency: storefold_events::Currency::new("EUR").expect("it is three capital letters"),
        area_m2: Vec::new(),
        organisation: None,
    };
    configured.into()
}

fn scanned(store: u64, number: u64) -> Payload<'static> {
    let failed = number % 4 == 3;
    let scan = ScanCaptured {
        scan: format!("{store:04}-{number}").into(),
        scanner: format!("{store:04}").into(),
        outcome: if failed { ScanOutcome::Failed } else { ScanOutcome::Succeeded },
        error_code: failed.then(|| Text::from(["too_much_sunlight", "foot_moved", "two_feet"][number as usize / 4 % 3])),
        gender: Some(if number % 3 == 0 { Gender::Male } else { Gender::Female }),
        size_mondo_mm: Some(245),
        email: (number % 2 == 1 && !failed).then(|| format!("s{number}@example.com").into()),
    };
    scan.into()
}

fn sold(number: u64, customer: Option<String>) -> Payload<'static> {
    let line = SaleLine {
        line: 1,
        sku: "BOOT-42".into(),
        family: Some("boots".into()),
        quantity: 1,
        gross_minor: 12_000,
        discount_minor: 2_000,
        tax_minor: 1_667,
        cost_minor: Some(5_000),
    };
    let sale = SaleValidated {
        sale: format!("T1-{number:09}").into(),
        till: "1".into(),
        channel: "store".into(),
        customer: customer.map(Into::into),
        currency: storefold_events::Currency::new("EUR").expect("it is three capital letters"),
        lines: vec![line.clone(), SaleLine { line: 2, ..line }],
        tenders: vec![Tender { kind: "card".into(), amount_minor: 20_000 }],
    };
    sale.into()
}

fn earned(number: u64, customer: String) -> Payload<'static> {
    let earned = PointsEarned {
        programme: "brand".into(),
        customer: customer.into(),
        points: 20,
        reason: "sale".into(),
        sale: Some(format!("T1-{number:09}").into()),
        base_minor: Some(20_000),
        minor_per_point: Some(1_000),
    };
    earned.into()
}
