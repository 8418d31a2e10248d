//! Events in the order of the file, put together to rounds.

use std::{
    borrow::Cow,
    hash::{BuildHasher, RandomState},
};

use anyhow::{Result, bail};
use bytes::Bytes;
use serde::Deserialize;
use tokio::sync::mpsc;

use super::{EVENTS_PER_REQUEST, REQUEST_BYTES};

/// An event as a line of JSON.
#[derive(Clone, Copy, Debug)]
pub struct Line<'l> {
    /// Its number in the file, from 1.
    pub number: u64,
    /// The event, without the line's end.
    pub json: &'l [u8],
    /// How much of everything is behind it, 0 to 1.
    pub share: f64,
}

/// What has to be known of an event to send it in order.
#[derive(Deserialize)]
struct Head<'l> {
    #[serde(borrow, default)]
    source: Option<Cow<'l, str>>,
    #[serde(borrow, default, rename = "type")]
    event_type: Option<Cow<'l, str>>,
}

impl<'l> Line<'l> {
    /// What cannot be read is sent all the same, for the server to refuse and to keep.
    fn head(&self) -> Head<'l> {
        serde_json::from_slice(self.json).unwrap_or(Head { source: None, event_type: None })
    }
}

impl Head<'_> {
    /// Whether facts of any source may rely on it.
    fn configures(&self) -> bool {
        matches!(self.event_type.as_deref(), Some("StoreConfigured" | "LoyaltyProgramConfigured"))
    }
}

/// The events of one request.
#[derive(Debug, Default)]
pub struct Batch {
    body: Vec<u8>,
    /// Line and end in the body of each event.
    events: Vec<(u64, usize)>,
}

impl Batch {
    pub(super) fn push(&mut self, line: u64, json: &[u8]) {
        self.body.extend_from_slice(json);
        self.events.push((line, self.body.len()));
        self.body.push(b'\n');
    }

    fn is_full(&self) -> bool {
        self.events.len() >= EVENTS_PER_REQUEST || self.body.len() >= REQUEST_BYTES
    }

    pub(super) fn len(&self) -> usize {
        self.events.len()
    }

    pub(super) fn line(&self, index: usize) -> u64 {
        self.events[index].0
    }

    pub(super) fn event(&self, index: usize) -> &[u8] {
        let start = index.checked_sub(1).map_or(0, |before| self.events[before].1 + 1);
        &self.body[start..self.events[index].1]
    }

    pub(super) fn body(&self) -> Bytes {
        Bytes::copy_from_slice(&self.body)
    }
}

/// The next events, by connection; those of one source are on one.
#[derive(Debug, Default)]
pub struct Round {
    pub(super) lanes: Vec<Vec<Batch>>,
    pub(super) share: f64,
    events: usize,
    configures: bool,
}

/// Takes events in and sends them on as rounds.
pub struct Rounds {
    to: mpsc::Sender<Round>,
    round: Round,
    lanes: usize,
    round_events: usize,
    hasher: RandomState,
}

impl Rounds {
    pub(super) fn new(to: mpsc::Sender<Round>, lanes: usize, round_events: usize) -> Self {
        Self { to, round: Round::default(), lanes: lanes.max(1), round_events, hasher: RandomState::new() }
    }

    /// Appends an event. Blocks while enough of them wait to be sent.
    ///
    /// # Errors
    /// When nobody sends any more; the reason is on the sending side.
    pub fn push(&mut self, line: Line<'_>) -> Result<()> {
        let head = line.head();
        let turns = head.configures() != self.round.configures && self.round.events > 0;
        if turns || self.round.events >= self.round_events {
            self.send()?;
        }
        let lanes = self.lanes;
        self.round.lanes.resize_with(lanes, Vec::new);
        self.round.configures = head.configures();
        // What configures keeps the order of the file, whoever sends it.
        let place = match head.source {
            Some(source) if !self.round.configures => self.hasher.hash_one(&*source) as usize % lanes,
            _ => 0,
        };
        let batches = &mut self.round.lanes[place];
        if batches.last().is_none_or(Batch::is_full) {
            batches.push(Batch::default());
        }
        if let Some(batch) = batches.last_mut() {
            batch.push(line.number, line.json);
        }
        self.round.events += 1;
        self.round.share = line.share;
        Ok(())
    }

    pub(super) fn finish(mut self) {
        if self.round.events > 0 {
            // A sender that has ended says so itself.
            drop(self.send());
        }
    }

    fn send(&mut self) -> Result<()> {
        if self.to.blocking_send(std::mem::take(&mut self.round)).is_err() {
            bail!("sending has stopped");
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::collections::HashMap;

    use serde_json::{Value, json};
    use tokio::sync::mpsc;

    use super::{Line, Round, Rounds};

    fn rounds_of(events: &[Value], lanes: usize, round_events: usize) -> Vec<Round> {
        let (to, mut rounds) = mpsc::channel(events.len());
        let mut building = Rounds::new(to, lanes, round_events);
        for (number, event) in (1..).zip(events) {
            building.push(Line { number, json: event.to_string().as_bytes(), share: 0.0 }).unwrap();
        }
        building.finish();
        std::iter::from_fn(|| rounds.try_recv().ok()).collect()
    }

    fn lines(round: &Round) -> Vec<Vec<u64>> {
        let lane = |lane: &Vec<super::Batch>| {
            lane.iter().flat_map(|batch| (0..batch.len()).map(|index| batch.line(index))).collect()
        };
        round.lanes.iter().map(lane).collect()
    }

    #[test]
    fn the_events_of_a_source_stay_in_order_on_one_connection() {
        let events: Vec<_> = (1..=50).map(|n| json!({"source": format!("till-{}", n % 7), "seq": n})).collect();
        for round in rounds_of(&events, 3, 20) {
            let mut lane_of = HashMap::new();
            for (lane, lines) in lines(&round).into_iter().enumerate() {
                assert!(lines.is_sorted());
                for line in lines {
                    assert_eq!(*lane_of.entry(line % 7).or_insert(lane), lane, "the source of line {line}");
                }
            }
        }
    }

    #[test]
    fn what_configures_has_rounds_of_its_own() {
        let event = |event_type| json!({"source": "a", "type": event_type});
        let events = ["StoreConfigured", "LoyaltyProgramConfigured", "ScanCaptured", "ScanCaptured", "StoreConfigured"];
        let rounds = rounds_of(&events.map(event), 4, 1_000);
        let sizes: Vec<usize> = rounds.iter().map(|round| lines(round).concat().len()).collect();
        assert_eq!(sizes, [2, 2, 1]);
    }

    #[test]
    fn requests_hold_what_was_pushed_and_no_more_than_a_thousand_events() {
        let events: Vec<_> = (1..=2_500).map(|n| json!({"source": "a", "seq": n})).collect();
        let rounds = rounds_of(&events, 1, 4_000);
        let [round] = &rounds[..] else { panic!("{} rounds", rounds.len()) };
        assert_eq!(round.lanes[0].iter().map(super::Batch::len).collect::<Vec<_>>(), [1_000, 1_000, 500]);
        assert_eq!(round.lanes[0][1].event(7), events[1_007].to_string().as_bytes());
        assert_eq!(round.lanes[0][2].body().split(|byte| *byte == b'\n').count(), 501);
    }
}
