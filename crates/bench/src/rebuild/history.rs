//! The history that is folded: written by one producer of the whole network, in the order it happened.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, SecondsFormat};
use serde::{Serialize, Serializer};
use storefold_events::{Event, Key, Payload};
use storefold_simulation::{DAYS, Expectation, Network, Settings, TRAFFIC_PERCENT};
use tokio::{sync::mpsc, task::spawn_blocking, time::Instant};

use crate::{
    http::{Connection, post},
    server::Server,
};

/// Stores of the network.
pub const STORES: u32 = 200;

/// Days of a history of a million events or more: three years.
const DAYS_MAX: u32 = 3 * 365;

/// Places in the log that a hundred store days take at a traffic of one per cent, with what the facts bring about.
const PER_HUNDRED_STORE_DAYS: u64 = 133;

/// When it ends: long ago on any machine.
const UNTIL_MS: i64 = 1_763_000_000_000;

/// As many as arrive in one request.
const EVENTS_PER_REQUEST: u64 = 5_000;

/// Requests that are made up ahead of their sending.
const REQUESTS_AHEAD: usize = 4;

/// What has been written.
pub struct Written {
    /// The last position, with what the facts brought about.
    pub position: u64,
    /// Facts that were sent.
    pub sent: u64,
    /// How long it took until all were durable.
    pub took: Duration,
    /// What the read models must come to.
    pub expected: Expectation,
}

/// A network with a history of about so many events: over three years if they are a million or more.
pub fn network(events: u64) -> Result<Network> {
    let per_percent = |days: u32| u64::from(STORES) * u64::from(days) * PER_HUNDRED_STORE_DAYS / 100;
    let traffic =
        u32::try_from(events.div_ceil(per_percent(DAYS_MAX)))?.clamp(*TRAFFIC_PERCENT.start(), *TRAFFIC_PERCENT.end());
    // Whole per cents are coarse; the days make up for it.
    let days = u32::try_from(events / (per_percent(100) / 100 * u64::from(traffic)))?.clamp(*DAYS.start(), DAYS_MAX);
    Ok(Network::new(Settings { stores: STORES, days, traffic_percent: traffic, ..Settings::until(UNTIL_MS) })?)
}

/// Writes all of it into an empty log; each fact must be accepted.
pub async fn write(server: &Server, network: &Network) -> Result<Written> {
    let (made, mut bodies) = mpsc::channel(REQUESTS_AHEAD);
    let mut history = network.history();
    let making = spawn_blocking(move || {
        while let Some(body) = next_body(&mut history) {
            if made.blocking_send(body).is_err() {
                break;
            }
        }
        history.expectation().clone()
    });
    let mut connection = Connection::open(server.address()).await?;
    let (begun, mut request, mut sent, mut position) = (Instant::now(), Vec::new(), 0, 0);
    while let Some((count, body)) = bodies.recv().await {
        post(&mut request, "/v1/events", "application/x-ndjson", &body);
        let answer = connection.ask(&request).await?.ok()?;
        let accepted = answer.leading_number("accepted")?;
        ensure!(accepted == count, "not all was accepted: {}", answer.first_not_accepted());
        position = answer.leading_number("position")?;
        sent += accepted;
    }
    let took = begun.elapsed();
    let expected = making.await.context("the history was not made to its end")?;
    ensure!(expected.events() == sent, "{} events were made and {sent} sent", expected.events());
    Ok(Written { position, sent, took, expected })
}

/// The next events as NDJSON, and how many they are.
fn next_body(events: &mut impl Iterator<Item = Event<'static>>) -> Option<(u64, Vec<u8>)> {
    let (mut count, mut body) = (0, Vec::with_capacity(2 << 20));
    for event in events.take(EVENTS_PER_REQUEST as usize) {
        serde_json::to_writer(&mut body, &Sent::of(&event)).expect("writing to a Vec cannot fail");
        body.push(b'\n');
        count += 1;
    }
    (count > 0).then_some((count, body))
}

/// An event as a producer writes it: what it is before what it says.
#[derive(Serialize)]
struct Sent<'e> {
    source: &'e str,
    seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<&'e str>,
    occurred_at: InUtc,
    r#type: &'static str,
    version: u16,
    data: &'e Payload<'static>,
}

impl<'e> Sent<'e> {
    fn of(event: &'e Event<'static>) -> Self {
        let info = event.payload.info();
        Self {
            source: event.source.as_str(),
            seq: if let Key::Seq(seq) = event.key { Some(seq) } else { None },
            store: event.store.as_deref(),
            occurred_at: InUtc(event.occurred_at_ms),
            r#type: info.name,
            version: info.version,
            data: &event.payload,
        }
    }
}

/// Milliseconds since 1970 UTC, written as RFC 3339 has it.
struct InUtc(i64);

impl Serialize for InUtc {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let at = DateTime::from_timestamp_millis(self.0).unwrap_or(DateTime::UNIX_EPOCH);
        serializer.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::collections::BTreeSet;

    use storefold_events::wire;

    use super::{DAYS_MAX, EVENTS_PER_REQUEST, network, next_body};

    #[test]
    fn what_is_sent_is_the_history_to_the_last_field() {
        let network = network(20_000).unwrap();
        let (mut history, mut again) = (network.history(), network.history());
        while let Some((count, body)) = next_body(&mut history) {
            assert!(count <= EVENTS_PER_REQUEST);
            for line in body.split(|byte| *byte == b'\n').take(usize::try_from(count).unwrap()) {
                assert_eq!(wire::read_json(line).unwrap(), again.next().unwrap());
            }
        }
        assert!(again.next().is_none());
    }

    #[test]
    fn a_history_holds_every_type_of_scanners_tills_and_the_shop() {
        let found: BTreeSet<_> = network(200_000).unwrap().history().map(|event| event.payload.info().name).collect();
        let sent = [
            "CustomerCreated",
            "EmailAttachedToScan",
            "GiftCardIssued",
            "LoyaltyProgramConfigured",
            "OrderPlaced",
            "PointsEarned",
            "PointsReversed",
            "SaleReturned",
            "SaleValidated",
            "SaleVoided",
            "ScanCaptured",
            "ScannerAssignedToStore",
            "ScannerRegistered",
            "StoreConfigured",
        ];
        assert_eq!(found, sent.into());
    }

    #[test]
    fn a_history_of_a_million_events_spans_nearly_three_years() {
        for events in [1_000_000, 10_000_000, 100_000_000] {
            let days = network(events).unwrap().settings().days;
            assert!((DAYS_MAX * 2 / 3..=DAYS_MAX).contains(&days), "{events}: {days}");
        }
    }
}
