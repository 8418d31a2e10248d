//! How fast events are made: `cargo run --release -p storefold-simulation --example rate`.

#![expect(clippy::print_stdout, reason = "the figures are what it is run for")]

use std::{hint::black_box, time::Instant};

use storefold_events::Event;
use storefold_simulation::{Network, Settings, load};

const NOW_MS: i64 = 1_795_435_200_000;

fn main() {
    for (stores, days) in [(12, 365), (1_000, 30)] {
        let settings = Settings { stores, days, ..Settings::until(NOW_MS) };
        let network = Network::new(settings).expect("both are within the limits");
        measure(&format!("history of {stores} stores over {days} days"), network.history());
    }
    let store = load::store_code(0);
    let scans = load::ScanSource::new("scanner-1", &store, "1", 0);
    measure("load, scans", scans.take(5_000_000));
    let sales = load::SaleSource::new("till-1", &store, "1", 0).with_customers(100_000);
    measure("load, sales of customers", sales.take(2_000_000));
}

fn measure(what: &str, events: impl Iterator<Item = Event<'static>>) {
    let start = Instant::now();
    let count = events.map(black_box).count();
    let seconds = start.elapsed().as_secs_f64();
    println!("{what}: {count} events in {seconds:.2} s, {:.0} events/s", count as f64 / seconds);
}
