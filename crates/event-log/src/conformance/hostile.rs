//! Archives of a log that somebody has altered who can write its files and knows the format, so that every checksum is right.
//!
//! Each engine, and a copy, puts these in the place of its own records by its own means and has to refuse them by name: no
//! reader gets a record beyond what is sound.

use storefold_events::Position;

use super::{Script, soon};
use crate::{EventLog, Hash, Header, ReadError, Record, Tenant};

/// What has been made of the records of a log.
pub struct Altered {
    /// What was done, for whoever reads a failure.
    pub attack: &'static str,
    /// What stands in the log now, in this order.
    pub records: Vec<Record>,
    /// Nothing beyond this position may be read: here the first thing stands that cannot be.
    pub sound_until: Position,
}

/// Attacks on at least five chained records that begin with the first of the log.
pub fn altered(records: &[Record]) -> Vec<Altered> {
    assert!(records.len() >= 5, "the attacks are on the third record and its neighbours");
    let before = records[1].last_position();
    let attack = |attack, sound_until, records: Vec<Record>| Altered { attack, records, sound_until };
    let with_third = |third: Record| [&records[..2], &[third], &records[3..]].concat();
    let third = records[2].header();
    // Sound by itself, and of the right place: the one behind it names another hash.
    let other =
        Script::sealed(Header { recorded_at_ms: third.recorded_at_ms + 1, ..third.clone() }, records[2].event_count());
    vec![
        attack("the beginning is cut off", 0, records[1..].to_vec()),
        attack("a record is left out", before, [&records[..2], &records[3..]].concat()),
        attack(
            "two records have changed places",
            before,
            [&records[..2], &[records[3].clone(), records[2].clone()], &records[4..]].concat(),
        ),
        attack("a record of another log is spliced in", records[2].last_position(), with_third(other)),
        attack("a bit of an event is flipped", records[2].last_position(), with_third(flipped(&records[2]))),
        attack("the rest is another tenant's, with a chain of its own", before, of_another_tenant(records, 2)),
        attack("all of it is another tenant's", 0, of_another_tenant(records, 0)),
    ]
}

/// The same bytes but for the last bit.
fn flipped(record: &Record) -> Record {
    let mut bytes = record.bytes().to_vec();
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    Record::read(bytes.into()).expect("the events of a record are looked at when they are asked for")
}

/// All but the first few, sealed anew so that each names the one before it.
fn of_another_tenant(records: &[Record], own: usize) -> Vec<Record> {
    let tenant = Tenant::new("somebody-else").expect("it is a name");
    let mut altered = records[..own].to_vec();
    let mut previous_hash = altered.last().map_or_else(Hash::default, Record::hash);
    for record in &records[own..] {
        let header = Header { tenant: tenant.clone(), previous_hash, ..record.header().clone() };
        let sealed = Script::sealed(header, record.event_count());
        previous_hash = sealed.hash();
        altered.push(sealed);
    }
    altered
}

/// Holds a log that holds altered records to refuse them at their place, each time it is read.
pub async fn is_refused(log: &dyn EventLog, altered: &Altered) {
    for _ in 0..2 {
        let mut tail = soon("a tail", log.tail(0)).await.expect("a log is damaged where it is read");
        let mut read: Position = 0;
        let error = loop {
            match soon("a record, or what is wrong", tail.next()).await {
                Ok(records) => read = records.last().map_or(read, Record::last_position),
                Err(error) => break error,
            }
        };
        let ReadError::Damaged { after, detail } = &error else { panic!("{}: {error}", altered.attack) };
        assert_eq!(*after, altered.sound_until, "{}: {detail}", altered.attack);
        assert!(read <= altered.sound_until, "{}: {read} was read", altered.attack);
    }
}
