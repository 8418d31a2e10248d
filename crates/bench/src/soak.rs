//! `soak`: whether memory stays flat and the disk grows with events alone, however long it goes on.
//!
//! Events come at a fixed rate, and figures are asked for meanwhile. The first quarter of the time is left out: caches fill.
//! Then memory may not grow: the median of the last quarter lies within [`MEMORY_MAX`] of that of the second, plus a slack. And
//! an event may not cost more of the disk than before: what is written for each in the second half is within [`DISK_MAX`] of
//! that in the second quarter. Files grow by steps, so both are measured between means of many samples.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use clap::Args;
use futures::future::try_join_all;
use tokio::time::{Instant, interval, sleep_until};

use crate::{
    Plan, Role,
    audit::nothing_was_lost,
    conditions::Conditions,
    feed::{AT_MS, Mix},
    readers::{Reader, ask_while, questions},
    senders::{Sender, total},
    server::{Log, Server},
    usage::memory_bytes,
};

/// How much more memory is held, or disk taken for an event, at most.
const MEMORY_MAX: f64 = 1.10;
const DISK_MAX: f64 = 1.25;

/// What an allocator may hold back.
const MEMORY_SLACK_BYTES: f64 = (32 << 20) as f64;

/// The sequencer keeps what is new in memory for up to 200,000 events, and caches take as long to fill: with fewer than this, memory
/// grows for good reasons.
const EVENTS_MIN: u64 = 2_000_000;

/// Samples of the whole time.
const SAMPLES: u32 = 120;

/// A line of the table after so many of them.
const SAMPLES_A_LINE: usize = 5;

const CONNECTIONS: u32 = 8;
const EVENTS_PER_REQUEST: u64 = 20;

/// How long it goes on, and how much comes.
#[derive(Args)]
pub struct SoakPlan {
    /// How long
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=10_080))]
    minutes: u64,
    /// Events a second; 2,000 for an hour are the day of 1,000 stores with 7,200 events each
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(20..=1_000_000))]
    events_a_second: u64,
}

/// How it is measured.
pub fn conditions(plan: &SoakPlan) -> Vec<(&'static str, String)> {
    let load = format!(
        "{} events/s for {} minutes, {}, {EVENTS_PER_REQUEST} a request, beside one reader of figures without pause; embedded log",
        plan.events_a_second,
        plan.minutes,
        Mix::QuarterSales.describe()
    );
    let rule = format!(
        "memory of the last quarter ≤ {MEMORY_MAX} × that of the second + {} MiB; disk per event of the second half ≤ {DISK_MAX} × that of \
         the second quarter",
        (MEMORY_SLACK_BYTES as u64) >> 20
    );
    vec![("load", load), ("rule", rule)]
}

/// What was seen at one time.
#[derive(Clone, Copy)]
struct Sample {
    seconds: f64,
    events: u64,
    memory: u64,
    disk: u64,
}

/// Lets it go on, prints a table while it does, and ends with an error when the rule is broken or something was lost.
pub async fn soak(plan: &Plan, soak: &SoakPlan, conditions: &Conditions) -> Result<()> {
    let events = soak.minutes * 60 * soak.events_a_second;
    ensure!(
        events >= EVENTS_MIN,
        "{events} events would come, and caches fill until some {EVENTS_MIN}; give it more --minutes or --events-a-second"
    );
    for (name, found) in conditions.iter() {
        println!("{name:<12} {found}");
    }
    let server = Server::start(plan, Role::All, Log::Embedded).await?;
    let head = server.head().await?;
    let mut senders = Sender::connect_all(server.address(), Mix::QuarterSales, CONNECTIONS, EVENTS_PER_REQUEST).await?;
    let day = chrono::DateTime::from_timestamp_millis(AT_MS).context("a time")?.date_naive();
    let asked = questions((0..CONNECTIONS).map(|store| {
        let store = storefold_simulation::load::store_code(store);
        format!("/v1/stores/{store}/performance?from={day}&to={day}")
    }));
    let mut readers = Reader::connect_all(server.address(), &asked, 1).await?;
    let (begun, time) = (Instant::now(), Duration::from_mins(soak.minutes));
    let every =
        Duration::from_secs_f64((u64::from(CONNECTIONS) * EVENTS_PER_REQUEST) as f64 / soak.events_a_second as f64);
    let sent = std::cell::Cell::new(0);
    let sending = try_join_all(senders.iter_mut().zip(0..).map(|(sender, index): (_, u32)| {
        let (first, sent) = (begun + every * index / CONNECTIONS, &sent);
        async move {
            let mut due = first;
            while due < begun + time {
                sleep_until(due).await;
                sender.send().await?;
                sent.set(sent.get() + EVENTS_PER_REQUEST);
                due += every;
            }
            Ok::<_, anyhow::Error>(())
        }
    }));
    let asking = ask_while(&mut readers, || begun.elapsed() < time);
    let sampling = sample(&server, &sent, begun, time);
    let (_, _, samples) = tokio::try_join!(sending, asking, sampling)?;
    nothing_was_lost(&server, Role::All, head, &senders).await?;
    println!("\n{} events, each found in the log and folded", total(&senders).events);
    judge(&samples)
}

async fn sample(server: &Server, sent: &std::cell::Cell<u64>, begun: Instant, time: Duration) -> Result<Vec<Sample>> {
    println!("\n{:>8} {:>12} {:>10} {:>12} {:>14}", "seconds", "events", "memory MiB", "disk MiB", "bytes an event");
    let pid = server.pid().context("the server has ended")?;
    let (mut samples, mut ticks) = (Vec::new(), interval(time / SAMPLES));
    while begun.elapsed() < time {
        ticks.tick().await;
        let memory = memory_bytes(pid).context("the server has ended")?;
        let sample = Sample {
            seconds: begun.elapsed().as_secs_f64(),
            events: sent.get(),
            memory,
            disk: bytes_below(server.data())?,
        };
        if samples.len().is_multiple_of(SAMPLES_A_LINE) {
            let Sample { seconds, events, memory, disk } = sample;
            let each = disk as f64 / events.max(1) as f64;
            println!("{seconds:>8.0} {events:>12} {:>10} {:>12} {each:>14.0}", memory >> 20, disk >> 20);
        }
        samples.push(sample);
    }
    Ok(samples)
}

/// What files below a directory take of the disk.
fn bytes_below(directory: &Path) -> Result<u64> {
    use std::os::unix::fs::MetadataExt as _;
    let mut bytes = 0;
    // What is packed or replaced meanwhile is gone by the time that it is looked at.
    let Ok(entries) = fs::read_dir(directory) else { return Ok(0) };
    for entry in entries.flatten() {
        match entry.metadata() {
            Ok(found) if found.is_dir() => bytes += bytes_below(&entry.path())?,
            Ok(found) => bytes += found.blocks() * 512,
            Err(_) => {}
        }
    }
    Ok(bytes)
}

/// Holds the samples to the rule.
fn judge(samples: &[Sample]) -> Result<()> {
    let quarter = samples.len() / 4;
    ensure!(quarter > 2, "too few samples");
    let of = |number: usize| &samples[number * quarter..(number + 1) * quarter];
    let (before, after) = (median(of(1)), median(of(3)));
    let (early, late) = (bytes_an_event(of(0), of(1)), bytes_an_event(of(1), of(3)));
    println!("memory: {:.0} MiB in the second quarter, {:.0} MiB in the last", before / MIB, after / MIB);
    println!("disk: {early:.0} bytes an event up to the second quarter, {late:.0} after it");
    ensure!(after <= MEMORY_MAX * before + MEMORY_SLACK_BYTES, "memory grows with time");
    ensure!(late <= DISK_MAX * early, "the disk grows by more than events");
    Ok(())
}

const MIB: f64 = (1 << 20) as f64;

fn median(samples: &[Sample]) -> f64 {
    let mut memory: Vec<u64> = samples.iter().map(|sample| sample.memory).collect();
    memory.sort_unstable();
    memory[memory.len() / 2] as f64
}

/// How much the disk grew for each event between the means of two spans.
fn bytes_an_event(earlier: &[Sample], later: &[Sample]) -> f64 {
    let mean = |samples: &[Sample], of: fn(&Sample) -> u64| {
        samples.iter().map(|sample| of(sample) as f64).sum::<f64>() / samples.len() as f64
    };
    let grown = |of: fn(&Sample) -> u64| mean(later, of) - mean(earlier, of);
    grown(|sample| sample.disk) / grown(|sample| sample.events).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::{Sample, judge};

    /// Samples whose memory and disk are functions of the time.
    fn samples(memory: fn(u64) -> u64, disk: fn(u64) -> u64) -> Vec<Sample> {
        (0..40)
            .map(|t| Sample { seconds: t as f64, events: t * 1_000, memory: memory(t) << 20, disk: disk(t) })
            .collect()
    }

    #[test]
    fn what_grows_with_time_breaks_the_rule() {
        assert!(judge(&samples(|t| 200 + t % 3, |t| 1_000_000 + 50_000 * t)).is_ok());
        let memory = judge(&samples(|t| 200 + 4 * t, |t| 50_000 * t)).unwrap_err().to_string();
        assert_eq!(memory, "memory grows with time");
        let disk = judge(&samples(|_| 200, |t| 2_000 * t * t)).unwrap_err().to_string();
        assert_eq!(disk, "the disk grows by more than events");
    }
}
