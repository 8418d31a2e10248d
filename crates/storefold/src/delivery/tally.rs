//! What became of events that were sent.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Serialize;

use crate::{
    client::EventResult,
    output::{self, Printed, grouped},
};

/// Examples that are kept of one kind of refusal.
const EXAMPLES_MAX: usize = 3;

/// How many events became what.
#[derive(Debug, Default, Serialize)]
pub struct Tally {
    /// In the log now.
    pub accepted: u64,
    /// In the log before.
    pub duplicate: u64,
    /// Refused.
    pub rejected: u64,
    /// The log is complete up to here.
    pub position: u64,
    /// Refusals by code.
    pub refusals: BTreeMap<String, Refusals>,
}

/// Refusals of one kind.
#[derive(Debug, Default, Serialize)]
pub struct Refusals {
    /// How many.
    pub count: u64,
    /// The first of them.
    pub examples: Vec<Example>,
}

/// One refusal.
#[derive(Debug, Serialize)]
pub struct Example {
    /// Number of the line, from 1.
    pub line: u64,
    /// What is wrong and what to do.
    pub detail: String,
}

impl Tally {
    /// How many there are.
    pub fn sent(&self) -> u64 {
        self.accepted + self.duplicate + self.rejected
    }

    /// Counts the event of a line.
    pub fn count(&mut self, line: u64, result: EventResult) {
        match result {
            EventResult::Accepted {} => self.accepted += 1,
            EventResult::Duplicate {} => self.duplicate += 1,
            EventResult::Rejected { code, detail } => {
                self.rejected += 1;
                let refusals = self.refusals.entry(code).or_default();
                refusals.count += 1;
                if refusals.examples.len() < EXAMPLES_MAX {
                    refusals.examples.push(Example { line, detail });
                }
            }
        }
    }

    /// Prints it.
    pub fn print(&self, json: bool) -> Result<()> {
        if json {
            return output::json(self);
        }
        let mut table = Printed::new(&[">accepted", ">duplicate", ">rejected", ">log is at"]);
        table.row([self.accepted, self.duplicate, self.rejected, self.position].map(grouped));
        table.print("Events")?;
        if self.refusals.is_empty() {
            return Ok(());
        }
        let mut table = Printed::new(&["code", ">events", ">line", "what to do"]);
        for (code, refusals) in &self.refusals {
            for (index, example) in refusals.examples.iter().enumerate() {
                let first = index == 0;
                let code = if first { code.clone() } else { String::new() };
                let count = if first { grouped(refusals.count) } else { String::new() };
                table.row([code, count, grouped(example.line), example.detail.clone()]);
            }
        }
        table.print("Rejected, with the first lines of each kind")
    }
}
