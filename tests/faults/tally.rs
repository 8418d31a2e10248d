//! What came of it, for people.

use std::{collections::BTreeMap, time::Duration};

use crate::{SILENCE_MAX, inject::Fault, load::Sent};

#[derive(Default)]
pub struct Tally(BTreeMap<Fault, Vec<Duration>>);

impl Tally {
    pub fn add(&mut self, fault: Fault, silence: Duration) {
        self.0.entry(fault).or_default().push(silence);
    }

    /// Prints it. Silence is from the fault until something that was sent after it was answered.
    pub fn tell(&self, sent: &Sent) {
        println!("\n{:<28} {:>6} {:>12} {:>12} {:>10}", "fault", "times", "silence p50", "silence max", "over 5 s");
        for (fault, silences) in &self.0 {
            let mut silences = silences.clone();
            silences.sort_unstable();
            let (middle, most) = (silences[silences.len() / 2], silences[silences.len() - 1]);
            let over = silences.iter().filter(|silence| **silence > SILENCE_MAX).count();
            let (middle, most) = (middle.as_millis(), most.as_millis());
            println!("{fault:<28} {:>6} {middle:>9} ms {most:>9} ms {over:>10}", silences.len());
        }
        let faults: usize = self.0.values().map(Vec::len).sum();
        println!(
            "\n{faults} faults; {} events in {} requests acknowledged and found, none twice; {} requests had to be sent \
             again; {} events repeated in storms",
            sent.events, sent.batches, sent.in_doubt, sent.repeated
        );
    }
}
