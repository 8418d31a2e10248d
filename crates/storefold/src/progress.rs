//! Long work shows how far it is: a bar on a terminal, a line now and then elsewhere.

use std::{
    io::IsTerminal,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

use crate::output::{grouped, remark};

/// How often work without a terminal says how far it is.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// The bar's length; what is done of the work is shown in these parts.
const PARTS: u64 = 10_000;

/// Work under way.
pub struct Progress {
    task: &'static str,
    /// What is counted.
    unit: &'static str,
    started: Instant,
    done: AtomicU64,
    bar: ProgressBar,
    /// When the last line was said; `None` on a terminal.
    line_at: Option<Mutex<Instant>>,
}

impl Progress {
    /// Begins `task` ("Loading"), whose steps are counted in `unit` ("events").
    pub fn start(task: &'static str, unit: &'static str) -> Self {
        let started = Instant::now();
        let terminal = std::io::stderr().is_terminal();
        let bar = if terminal { ProgressBar::new(PARTS) } else { ProgressBar::hidden() };
        bar.set_style(
            ProgressStyle::with_template("{msg}  {wide_bar:.cyan/blue} {percent:>3} %  {eta} left")
                .expect("the template is well-formed"),
        );
        bar.set_message(task);
        let line_at = (!terminal).then(|| Mutex::new(started));
        Self { task, unit, started, done: AtomicU64::new(0), bar, line_at }
    }

    /// So many more steps are done, which brings the whole to `share` (0 to 1).
    pub fn advance(&self, steps: u64, share: f64) {
        self.done.fetch_add(steps, Ordering::Relaxed);
        let parts = (share.clamp(0.0, 1.0) * PARTS as f64) as u64;
        self.bar.set_position(parts.max(self.bar.position()));
        match &self.line_at {
            None => self.bar.set_message(self.so_far()),
            Some(line_at) => {
                let Ok(mut line_at) = line_at.try_lock() else { return };
                if line_at.elapsed() >= LINE_EVERY {
                    *line_at = Instant::now();
                    let left = self.started.elapsed().mul_f64((1.0 - share).max(0.0) / share.max(0.001));
                    remark(format_args!("{}, {} left", self.so_far(), HumanDuration(left)));
                }
            }
        }
    }

    /// So many more of `total` steps are done.
    pub fn advance_of(&self, steps: u64, total: u64) {
        let done = self.done.load(Ordering::Relaxed) + steps;
        self.advance(steps, done as f64 / total.max(1) as f64);
    }

    /// Ends it and says what it came to.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
        remark(format_args!("{} in {:.1} s", self.so_far(), self.started.elapsed().as_secs_f64()));
    }

    /// Since it began.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn so_far(&self) -> String {
        let done = self.done.load(Ordering::Relaxed);
        let per_second = (done as f64 / self.started.elapsed().as_secs_f64().max(0.001)) as u64;
        format!("{}: {} {}, {}/s", self.task, grouped(done), self.unit, grouped(per_second))
    }
}
