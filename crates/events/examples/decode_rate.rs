//! How fast events of the log are decoded on one thread, by type and mixed as in a network of stores.
//!
//! `cargo run --release -p storefold-events --example decode_rate`
//!
//! Beside it, on the same events: the same bodies, of a type known beforehand, read by `rmp-serde` from the same bytes;
//! and events read from JSON with the checks on what producers send.
#![expect(clippy::print_stdout, reason = "the figures are what it is run for")]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use serde::Deserialize;
use storefold_events::{
    Currency, Event, Key, Payload, Recorded, Text, codec,
    customer::CustomerCreated,
    loyalty::PointsEarned,
    sale::{ReturnLine, ReturnValued, SaleLine, SaleReturned, SaleValidated, Tender},
    scan::{EmailAttachedToScan, Gender, ScanCaptured, ScanIdentified, ScanOutcome},
    wire,
};

/// Several times the first caches, as a rebuild meets it.
const EVENTS: u64 = 20_000;
const MEASURE_FOR: Duration = Duration::from_millis(400);

/// The events of one type, in the order of a network's log.
type Make = fn(u64) -> Payload<'static>;

/// An event to a reader that knows the type of its body.
type Plain<'a, B> = (Text<'a>, Option<u64>, Option<Text<'a>>, i64, Option<u64>, Text<'a>, u16, B);

/// How long `rmp-serde` takes for an event.
type Peer = fn(&[u8]) -> f64;

/// Per mille of the mix: what a hundred stores with scanners and tills send and what is decided from it.
const MIX: [(&str, u64, Make, Peer); 8] = [
    ("ScanCaptured", 750, scan, |bytes| peer_ns::<ScanCaptured<'_>>(bytes)),
    ("SaleValidated", 120, sale, |bytes| peer_ns::<SaleValidated<'_>>(bytes)),
    ("PointsEarned", 80, points, |bytes| peer_ns::<PointsEarned<'_>>(bytes)),
    ("EmailAttachedToScan", 17, attached, |bytes| peer_ns::<EmailAttachedToScan<'_>>(bytes)),
    ("ScanIdentified", 17, identified, |bytes| peer_ns::<ScanIdentified<'_>>(bytes)),
    ("SaleReturned", 6, returned, |bytes| peer_ns::<SaleReturned<'_>>(bytes)),
    ("ReturnValued", 6, valued, |bytes| peer_ns::<ReturnValued<'_>>(bytes)),
    ("CustomerCreated", 4, customer, |bytes| peer_ns::<CustomerCreated<'_>>(bytes)),
];

fn text(text: String) -> Text<'static> {
    Text::from(text)
}

fn scan(at: u64) -> Payload<'static> {
    let failed = at % 10 == 3;
    let captured = ScanCaptured {
        scan: text(format!("{:04}-{at}", at % 300)),
        scanner: text(format!("{:04}", at % 300)),
        outcome: if failed { ScanOutcome::Failed } else { ScanOutcome::Succeeded },
        error_code: failed.then(|| Text::from("too_much_sunlight")),
        gender: Some(if at % 5 < 3 { Gender::Female } else { Gender::Male }),
        size_mondo_mm: (!failed).then_some(225 + (at % 60) as u16),
        email: (at % 4 == 1).then(|| text(format!("camille.durand{at}@example.com"))),
    };
    captured.into()
}

fn euro() -> Currency {
    Currency::new("EUR").expect("three capital letters")
}

fn sale(at: u64) -> Payload<'static> {
    let line = |line: u32| SaleLine {
        line,
        sku: text(format!("BOOT-{}", 36 + (at + u64::from(line)) % 12)),
        family: Some(Text::from("boots")),
        quantity: 1,
        gross_minor: 12_000,
        discount_minor: if line == 2 { 2_000 } else { 0 },
        tax_minor: if line == 2 { 1_667 } else { 2_000 },
        cost_minor: Some(5_000),
        sells: None,
    };
    let lines: Vec<_> = (1..=3).map(line).collect();
    let tender = |kind, amount_minor| Tender { kind: Text::from(kind), amount_minor, instrument: None };
    let validated = SaleValidated {
        sale: text(format!("FR-PAR-01-T1-{at:06}")),
        till: Text::from("1"),
        channel: Text::from("store"),
        customer: (!at.is_multiple_of(3)).then(|| text(format!("C-FR-{:06}", at % 9_000))),
        currency: euro(),
        lines,
        tenders: vec![tender("gift_card", 2_500), tender("card", 31_500)],
    };
    validated.into()
}

fn points(at: u64) -> Payload<'static> {
    let earned = PointsEarned {
        programme: Text::from("brand"),
        customer: text(format!("C-FR-{:06}", at % 9_000)),
        points: 34,
        reason: Text::from("sale"),
        sale: Some(text(format!("FR-PAR-01-T1-{at:06}"))),
        base_minor: Some(34_000),
        minor_per_point: Some(1_000),
        accrual: None,
    };
    earned.into()
}

fn attached(at: u64) -> Payload<'static> {
    let email = text(format!("camille.durand{at}@example.com"));
    EmailAttachedToScan { scan: text(format!("{:04}-{at}", at % 300)), email }.into()
}

fn identified(at: u64) -> Payload<'static> {
    ScanIdentified { scan: text(format!("{:04}-{at}", at % 300)), scanner: text(format!("{:04}", at % 300)) }.into()
}

fn returned(at: u64) -> Payload<'static> {
    let returned = SaleReturned {
        return_id: text(format!("FR-PAR-01-T1-{at:06}-R1")),
        sale: text(format!("FR-PAR-01-T1-{at:06}")),
        currency: euro(),
        lines: vec![ReturnLine { line: 1, quantity: 1, refund_minor: 12_000 }],
        tenders: vec![Tender { kind: Text::from("card"), amount_minor: 12_000, instrument: None }],
    };
    returned.into()
}

fn valued(at: u64) -> Payload<'static> {
    let valued = ReturnValued {
        return_id: text(format!("FR-PAR-01-T1-{at:06}-R1")),
        sale: text(format!("FR-PAR-01-T1-{at:06}")),
        currency: euro(),
        units: 1,
        refund_minor: 12_000,
        tax_minor: 2_000,
        sold_at_ms: 1_763_000_000_000,
        customer: None,
        costed: None,
    };
    valued.into()
}

fn customer(at: u64) -> Payload<'static> {
    let created = CustomerCreated {
        customer: text(format!("C-FR-{at:06}")),
        name: Some(Text::from("Durand")),
        first_name: Some(Text::from("Zoé")),
        email: Some(text(format!("zoe.durand{at}@example.com"))),
        mobile: Some(Text::from("+33612345678")),
        seller: None,
        locale: None,
    };
    created.into()
}

fn event(at: u64, payload: Payload<'static>) -> Event<'static> {
    let scanned = matches!(payload, Payload::ScanCaptured(_));
    let caused = payload.info().decided;
    Event {
        source: text(if scanned { format!("scanner-{:04}", at % 300) } else { "till-FR-PAR-01-1".to_owned() }),
        key: if caused { Key::Caused } else { Key::Seq(at / 300 + 1) },
        store: Some(text(format!("FR-PAR-{:02}", at % 100))),
        occurred_at_ms: 1_763_000_000_000 + at as i64 * 137,
        cause: caused.then_some(at + 4_000_000),
        payload,
    }
}

/// The mix in an order that no branch predictor learns by heart.
fn mixed(at: u64) -> Payload<'static> {
    let mut draw = (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) % 1_000;
    for (_, per_mille, make, _) in MIX {
        match draw.checked_sub(per_mille) {
            Some(rest) => draw = rest,
            None => return make(at),
        }
    }
    unreachable!("the mix is of 1,000 per mille")
}

/// As producers write it: the type before the data.
fn in_json(event: &Event<'_>) -> String {
    let mut shown = wire::show_sent(event);
    let data = shown["data"].take();
    shown.as_object_mut().expect("an event is an object").remove("data");
    let envelope = shown.to_string();
    format!("{},\"data\":{data}}}", envelope.trim_end_matches('}'))
}

/// The median of many runs over all the events.
fn ns_an_event(mut run: impl FnMut()) -> f64 {
    let mut took = Vec::new();
    let started = Instant::now();
    while started.elapsed() < MEASURE_FOR {
        let start = Instant::now();
        run();
        took.push(start.elapsed());
    }
    took.sort_unstable();
    took[took.len() / 2].as_nanos() as f64 / EVENTS as f64
}

fn peer_ns<'a, B: Deserialize<'a>>(bytes: &'a [u8]) -> f64 {
    ns_an_event(|| {
        let mut reader = rmp_serde::Deserializer::from_read_ref(bytes);
        for _ in 0..EVENTS {
            black_box(Plain::<B>::deserialize(&mut reader)).expect("it was encoded here");
        }
    })
}

fn measure(name: &str, make: fn(u64) -> Payload<'static>, peer_ns: Option<Peer>) {
    let events: Vec<_> = (0..EVENTS).map(|at| event(at, make(at))).collect();
    let mut bytes = Vec::new();
    for event in &events {
        codec::encode(event, &mut bytes);
    }
    let log_ns = ns_an_event(|| {
        let mut decoded = 0;
        for event in codec::decode_all(&bytes, EVENTS as usize) {
            decoded += u64::from(black_box(event).is_ok());
        }
        assert_eq!(decoded, EVENTS);
    });
    // What is decided here cannot be sent, so the checks refuse it at once.
    let json: Vec<_> = events.iter().map(in_json).collect();
    let sent = wire::read_json(json[0].as_bytes()).is_ok();
    let json_ns =
        sent.then(|| ns_an_event(|| json.iter().for_each(|json| drop(black_box(wire::read_json(json.as_bytes()))))));
    let beside = |ns: Option<f64>| ns.map_or("-".to_owned(), |ns| format!("{ns:.0} ns ({:.1} x)", ns / log_ns));
    println!(
        "{name:<20} {:>4} bytes {log_ns:>6.1} ns {:>6.2} M/s   rmp-serde {:<15} JSON {}",
        bytes.len() as u64 / EVENTS,
        1_000.0 / log_ns,
        beside(peer_ns.map(|peer_ns| peer_ns(&bytes))),
        beside(json_ns),
    );
}

fn main() {
    println!(
        "{EVENTS} events of each type, one thread; in memory a Recorded is {} bytes, a Payload {}",
        size_of::<Recorded<'_>>(),
        size_of::<Payload<'_>>()
    );
    for (name, _, make, peer_ns) in MIX {
        measure(name, make, Some(peer_ns));
    }
    measure("the mix", mixed, None);
}
