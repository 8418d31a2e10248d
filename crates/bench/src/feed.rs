//! Events without end, as the bytes that a producer sends.
//!
//! Making an event and writing it as JSON takes longer than a server takes to store it. So a lap of events is made once,
//! by `storefold_simulation::load`, and written to text; each later lap is the same texts with the numbers moved on: `seq`,
//! the identifier that holds it, and the customer. The times stay: what comes in live belongs to one day.

use std::io::Write;

use storefold_events::{Event, Key, Payload, wire};
use storefold_simulation::load::{SaleSource, ScanSource, store_code};
use tokio::time::Instant;

/// When the events of a feed happen: in the middle of a day of a store in Europe/Paris, and long ago on any machine.
pub const AT_MS: i64 = 1_762_945_200_000;

/// Events of one source in a lap.
const PER_SOURCE: u64 = 100;

/// Sources of one connection.
const SOURCES: u32 = 12;

/// Customers who buy; each sale earns one of them points.
pub const CUSTOMERS: u64 = 1_000_000;

/// Events that are made to tell what one takes.
const EVENTS_TIMED: u32 = 200_000;

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// Scans alone.
    Scans,
    /// Three scans to one sale of an identified customer.
    QuarterSales,
    /// Sales of identified customers alone.
    Sales,
}

impl Mix {
    /// In words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Scans => "scans",
            Self::QuarterSales => "3 scans to 1 sale with points",
            Self::Sales => "sales with points",
        }
    }

    /// What one connection sends: scanners and tills of one store, by turns.
    pub fn feed(self, connection: u32) -> Feed {
        let store = store_code(connection);
        let tills = match self {
            Self::Scans => 0,
            Self::QuarterSales => SOURCES / 4,
            Self::Sales => SOURCES,
        };
        let till = |number| {
            let source = SaleSource::new(format!("till-{store}-{number}"), &store, format!("{number}"), AT_MS);
            Lap::of(source.with_customers(CUSTOMERS))
        };
        let scanner = |number| {
            let scanner = format!("{connection}{number:02}");
            Lap::of(ScanSource::new(format!("scanner-{scanner}"), &store, scanner, AT_MS))
        };
        Feed::by_turns(&(0..tills).map(till).chain((tills..SOURCES).map(scanner)).collect::<Vec<_>>())
    }
}

/// The first events of one source.
pub struct Lap(Vec<Event<'static>>);

impl Lap {
    /// The first of them.
    pub fn of(source: impl Iterator<Item = Event<'static>>) -> Self {
        Self(source.take(PER_SOURCE as usize).collect())
    }
}

/// Events of several sources by turns, without end.
pub struct Feed {
    texts: Vec<Text>,
    sources: Vec<String>,
    written: u64,
}

/// One event without its moving numbers.
struct Text {
    fixed: Box<[u8]>,
    gaps: Vec<(usize, Number)>,
    seq: u64,
    /// Places in the log: the event, and the points it earns.
    positions: u64,
}

#[derive(Clone, Copy)]
enum Number {
    Seq,
    Customer,
}

impl Feed {
    /// One event of each source in turn.
    pub fn by_turns(laps: &[Lap]) -> Self {
        let sources = laps.iter().map(|lap| lap.0[0].source.to_string()).collect();
        let texts =
            (0..PER_SOURCE as usize).flat_map(|turn| laps.iter().map(move |lap| Text::of(&lap.0[turn]))).collect();
        Self { texts, sources, written: 0 }
    }

    /// Writes the next event in JSON. Answers how many places in the log it takes, with what it brings about.
    pub fn write(&mut self, out: &mut Vec<u8>) -> u64 {
        let (count, written) = (self.texts.len() as u64, self.written);
        let text = &self.texts[(written % count) as usize];
        let seq = text.seq + written / count * PER_SOURCE;
        self.written += 1;
        let mut from = 0;
        for &(at, number) in &text.gaps {
            out.extend_from_slice(&text.fixed[from..at]);
            match number {
                Number::Seq => write!(out, "{seq}"),
                Number::Customer => write!(out, "{:07}", scatter(written) % CUSTOMERS),
            }
            .expect("writing to a Vec cannot fail");
            from = at;
        }
        out.extend_from_slice(&text.fixed[from..]);
        text.positions
    }

    /// Each source and how many events of it were written.
    pub fn sources(&self) -> impl Iterator<Item = (&str, u64)> {
        let count = self.sources.len() as u64;
        let turns = move |index: u64| self.written / count + u64::from(index < self.written % count);
        self.sources.iter().zip(0..).map(move |(source, index)| (source.as_str(), turns(index)))
    }
}

impl Text {
    fn of(event: &Event<'_>) -> Self {
        let Key::Seq(seq) = event.key else { unreachable!("sources of load count") };
        let (name, identifier, positions) = match &event.payload {
            Payload::SaleValidated(sale) => ("sale", &sale.sale, 2),
            Payload::ScanCaptured(scan) => ("scan", &scan.scan, 1),
            _ => unreachable!("the sources are tills and scanners"),
        };
        let whole = json(event);
        let after = |lead: &str| whole.find(lead).map(|at| at + lead.len());
        let lead = format!("\"{name}\":\"{}", identifier.trim_end_matches(|char: char| char.is_ascii_digit()));
        let mut numbers: Vec<_> =
            [("\"seq\":", Number::Seq), (&lead, Number::Seq), ("\"customer\":\"L-", Number::Customer)]
                .into_iter()
                .filter_map(|(lead, number)| Some((after(lead)?, number)))
                .collect();
        numbers.sort_by_key(|(at, _)| *at);
        let (mut fixed, mut gaps, mut from) = (Vec::new(), Vec::new(), 0);
        for (at, number) in numbers {
            fixed.extend_from_slice(&whole.as_bytes()[from..at]);
            gaps.push((fixed.len(), number));
            from = at + whole[at..].bytes().take_while(u8::is_ascii_digit).count();
        }
        fixed.extend_from_slice(&whole.as_bytes()[from..]);
        Self { fixed: fixed.into(), gaps, seq, positions }
    }
}

/// The event as a producer writes it: what it is before what it says.
pub fn json(event: &Event<'_>) -> String {
    let shown = wire::show_sent(event);
    let names = ["source", "seq", "store", "occurred_at", "type", "version", "data"];
    let fields = names.iter().filter_map(|name| Some(format!("\"{name}\":{}", shown.get(name)?)));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

/// How long making an event takes, in ns.
pub fn event_ns() -> u128 {
    let (mut feed, mut body) = (Mix::Scans.feed(0), Vec::new());
    let begun = Instant::now();
    for _ in 0..EVENTS_TIMED {
        body.clear();
        feed.write(&mut body);
    }
    begun.elapsed().as_nanos() / u128::from(EVENTS_TIMED)
}

/// Bits that look like chance: `SplitMix64`.
pub fn scatter(number: u64) -> u64 {
    let mut bits = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::collections::BTreeMap;

    use storefold_events::{Key, Payload, wire};

    use super::{Mix, PER_SOURCE, SOURCES};

    /// The last `seq` of every source after so many events, each checked to be valid and the next of its source.
    fn walk(mix: Mix, count: u64) -> (BTreeMap<String, u64>, u64, u64) {
        let mut feed = mix.feed(3);
        let (mut last, mut sales, mut positions) = (BTreeMap::new(), 0, 0);
        for _ in 0..count {
            let mut bytes = Vec::new();
            positions += feed.write(&mut bytes);
            let event = wire::read_json(&bytes).unwrap();
            let Key::Seq(seq) = event.key else { panic!("{event:?}") };
            let before = last.insert(event.source.to_string(), seq).unwrap_or(0);
            assert_eq!(seq, before + 1);
            let named = match &event.payload {
                Payload::SaleValidated(sale) => {
                    sales += 1;
                    assert!(sale.customer.as_ref().unwrap().starts_with("L-"));
                    &sale.sale
                }
                Payload::ScanCaptured(scan) => &scan.scan,
                other => panic!("{other:?}"),
            };
            assert!(named.ends_with(&format!("-{seq}")), "{named}");
        }
        assert_eq!(feed.sources().map(|(name, count)| (name.to_owned(), count)).collect::<BTreeMap<_, _>>(), last);
        (last, sales, positions)
    }

    #[test]
    fn every_event_of_every_lap_is_valid_and_the_next_of_its_source() {
        let count = 11 * u64::from(SOURCES) * PER_SOURCE + 5;
        let (last, sales, positions) = walk(Mix::QuarterSales, count);
        assert_eq!(last.values().sum::<u64>(), count);
        assert_eq!((sales, positions), (count / 4 + 2, count + count / 4 + 2));
        assert_eq!(walk(Mix::Scans, 100).1, 0);
        assert_eq!(walk(Mix::Sales, 100).1, 100);
    }
}
