//! A second of warm-up, then runs of equal length; the median counts.

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;
use tokio::time::Instant;

use crate::{
    Plan,
    usage::{Cores, Usage},
};

/// Before anything is counted.
pub const WARM_UP: Duration = Duration::from_secs(1);

/// What was done in a run.
#[derive(Debug, Default)]
pub struct Count {
    /// Events, or queries.
    done: u64,
    /// How long each request took.
    latencies_us: Vec<u32>,
}

impl Count {
    /// So many, of which nobody asks how long each took.
    pub fn of(done: u64) -> Self {
        Self { done, latencies_us: Vec::new() }
    }

    /// Adds a request.
    pub fn answered(&mut self, done: u64, latency: Duration) {
        self.done += done;
        self.latencies_us.push(u32::try_from(latency.as_micros()).unwrap_or(u32::MAX));
    }

    /// Both together.
    pub fn and(mut self, mut other: Self) -> Self {
        self.done += other.done;
        self.latencies_us.append(&mut other.latencies_us);
        self
    }
}

/// One value of every run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The middle one.
    pub median: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

impl Spread {
    /// Of at least one value.
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self { median: values[(values.len() - 1) / 2], min: values[0], max: values[values.len() - 1] }
    }
}

/// The runs of one figure.
#[derive(Clone, Debug, Serialize)]
pub struct Runs {
    /// Events or queries a second.
    pub per_second: Spread,
    /// How long half of the requests took at most; absent where it was not measured.
    pub p50_ms: Option<Spread>,
    /// How long 99 of 100 requests took at most.
    pub p99_ms: Option<Spread>,
    /// Cores that were busy, on average over the runs.
    pub cores: Option<Cores>,
}

impl Runs {
    /// Of rates alone.
    pub fn of_rates(rates: Vec<f64>) -> Self {
        Self { per_second: Spread::of(rates), p50_ms: None, p99_ms: None, cores: None }
    }
}

/// What comes of runs, one after the other.
#[derive(Debug, Default)]
pub struct Tally {
    rates: Vec<f64>,
    p50s: Vec<f64>,
    p99s: Vec<f64>,
}

impl Tally {
    /// Adds a run and how long it took.
    pub fn add(&mut self, mut count: Count, took: Duration) {
        self.rates.push(count.done as f64 / took.as_secs_f64());
        count.latencies_us.sort_unstable();
        self.p50s.extend(quantile_ms(&count.latencies_us, 0.5));
        self.p99s.extend(quantile_ms(&count.latencies_us, 0.99));
    }

    /// The figure of all runs, at least one.
    pub fn runs(self, cores: Option<Cores>) -> Runs {
        let spread = |values: Vec<f64>| (!values.is_empty()).then(|| Spread::of(values));
        Runs { per_second: Spread::of(self.rates), p50_ms: spread(self.p50s), p99_ms: spread(self.p99s), cores }
    }
}

/// Lets `work` go on for the warm-up and then for each run, and measures it and what process `server` takes.
pub async fn runs(
    plan: &Plan,
    server: Option<u32>,
    mut work: impl AsyncFnMut(Duration) -> Result<Count>,
) -> Result<Runs> {
    work(WARM_UP).await?;
    let mut tally = Tally::default();
    let (before, all_begun) = (Usage::now(server), Instant::now());
    for _ in 0..plan.runs {
        let begun = Instant::now();
        let count = work(plan.run).await?;
        tally.add(count, begun.elapsed());
    }
    let cores = before.zip(Usage::now(server)).map(|(before, after)| after.since(before, all_begun.elapsed()));
    Ok(tally.runs(cores))
}

/// How long such a share of requests took at most, of all in order.
pub fn quantile_ms(sorted_us: &[u32], share: f64) -> Option<f64> {
    let last = sorted_us.len().checked_sub(1)?;
    Some(f64::from(sorted_us[(last as f64 * share).round() as usize]) / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::{Spread, quantile_ms};

    #[test]
    fn the_median_is_the_middle_run_and_a_quantile_is_a_request() {
        assert_eq!(Spread::of(vec![3.0, 1.0, 2.0]), Spread { median: 2.0, min: 1.0, max: 3.0 });
        let sorted: Vec<u32> = (1..=101).map(|ms| ms * 1_000).collect();
        assert_eq!((quantile_ms(&sorted, 0.5), quantile_ms(&sorted, 0.99)), (Some(51.0), Some(100.0)));
        assert_eq!(quantile_ms(&[], 0.5), None);
    }
}
