//! Faults against real processes: three NATS servers, two nodes that may write, and what stands between them.
//!
//! `cargo xtask faults --minutes 30 --seed 7` runs it for longer than the tests do, and prints what came of it. Whatever
//! happens: what was answered can be read, nothing is there twice, no position is missing, and both nodes have the same
//! read models. The seed decides the order of faults; what the machine makes of it differs from run to run.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![expect(clippy::print_stdout, reason = "what came of it is what it is for")]

#[path = "../end_to_end/program.rs"]
#[allow(dead_code, reason = "it is shared with the end-to-end tests, which use more of it")]
mod program;

mod check;
mod inject;
mod load;
mod network;
mod proxy;
mod tally;

use std::{env, time::Duration};

use rand::{SeedableRng, rngs::StdRng};
use tokio::time::Instant;

use crate::{inject::Fault, load::Load, network::Network, tally::Tally};

/// How long the tests look for trouble.
const SECONDS: u64 = 300;

/// How long a fault lasts at most: twice as long as a lease.
const LASTS_MS_MAX: u64 = 6_000;

/// What all senders send together at most; whoever was not answered catches up.
const EVENTS_A_SECOND: u64 = 20_000;

/// A node that writes is to be there again by then; what the nodes said while nobody was is printed.
const SILENCE_MAX: Duration = Duration::from_secs(5);

/// After so many faults everything is compared.
const FAULTS_A_CHECK: usize = 8;

fn told(name: &str, otherwise: u64) -> u64 {
    env::var(name).ok().map_or(otherwise, |value| value.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_nor_twice_whatever_fails() {
    let seed = told("FAULTS_SEED", 20_261_128);
    let seconds = told("FAULTS_SECONDS", SECONDS);
    let lasts_max = Duration::from_millis(told("FAULTS_LASTS_MS_MAX", LASTS_MS_MAX));
    let events_a_second = told("FAULTS_EVENTS_A_SECOND", EVENTS_A_SECOND);
    println!("seed {seed}, {seconds} s, faults of up to {lasts_max:?}, up to {events_a_second} events/s");
    let mut chance = StdRng::seed_from_u64(seed);
    let mut network = Network::start().await;
    let load = Load::begin(&network, seed, events_a_second).await;
    let mut tally = Tally::default();
    let end = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < end {
        for _ in 0..FAULTS_A_CHECK {
            let fault = Fault::any(&mut chance);
            let heard: Vec<usize> = network.nodes.iter().map(|node| node.said().len()).collect();
            let silence = fault.happen(&mut network, &load, &mut chance, lasts_max).await;
            println!(
                "{:>6} s  {fault:<28} {:>6} ms without an answer",
                seconds_since(end, seconds),
                silence.as_millis()
            );
            if silence > SILENCE_MAX {
                tell_why(&network, &heard);
            }
            tally.add(fault, silence);
        }
        check::everything(&network, &load).await;
    }
    let sent = load.end().await;
    check::logs(&mut network, &sent);
    tally.tell(&sent);
}

/// Prints what each node has said since it had said so much.
fn tell_why(network: &Network, heard: &[usize]) {
    for (number, (node, heard)) in network.nodes.iter().zip(heard).enumerate() {
        let said = node.said();
        // One that was started again has said less, all of it since.
        let since = if said.len() < *heard { &said[..] } else { &said[*heard..] };
        for line in since {
            println!("          node {number}: {line}");
        }
    }
}

fn seconds_since(end: Instant, seconds: u64) -> u64 {
    seconds.saturating_sub(end.saturating_duration_since(Instant::now()).as_secs())
}
