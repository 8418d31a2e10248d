//! How much work is taken in at a time, so that what is taken is answered soon.
//!
//! What waits inside is what makes an answer late (Little's law), and more than can be worked off waits for ever longer. So
//! what is under way at a time is bounded, and whoever comes beyond it is told at once to come again, before anything is
//! done for him. The bound is not configured: it finds itself from how long answers take. While they take longer than
//! [`ANSWERED_WITHIN`] it shrinks by as much, and while they do not, and somebody was sent away, it grows again. A single
//! request is always taken, however large it is.
//!
//! Where an answer takes long with next to nothing under way, as over a slow disk, waiting is not what makes it late: then
//! twice of that is what is aimed at.
//!
//! What it is not: it does not bound the memory of bodies that are still being read, and it knows nothing of who asks.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::Problem;

/// How long answers may take in the mean before less is taken in. The slowest of a hundred take twice as long and more.
pub const ANSWERED_WITHIN: Duration = Duration::from_millis(40);

/// What a request weighs beside its body, in bytes of a body that cost as much.
const WEIGHT_OF_A_REQUEST: u64 = 2_048;

/// Between these lies the bound, in bytes.
const LIMIT_MIN: u64 = 512 << 10;
const LIMIT_MAX: u64 = 64 << 20;

/// Where it begins, before anything is known: what is taken in at once by a server that has just started is not answered late.
const LIMIT_AT_FIRST: u64 = 4 << 20;

/// By what part of itself the bound grows at most, when answers take no time at all.
const GROWTH_MAX: f64 = 0.5;

/// How often the bound is looked at.
const WINDOW: Duration = Duration::from_millis(50);

/// Clients that are sent away come back between one and so many seconds later, not all at once.
const RETRY_AFTER_S_MAX: u64 = 3;

/// What is under way, and how much may be.
pub struct Admission(Mutex<State>);

struct State {
    under_way: u64,
    limit: u64,
    /// How long answers take while the least is under way.
    alone: Duration,
    window: Window,
    sent_away: u64,
}

/// What was seen since the bound was last looked at.
struct Window {
    since: Instant,
    answers: u32,
    took: Duration,
    most_under_way: u64,
    was_full: bool,
}

impl Window {
    fn begin(under_way: u64) -> Self {
        Self { since: Instant::now(), answers: 0, took: Duration::ZERO, most_under_way: under_way, was_full: false }
    }
}

impl Default for Admission {
    fn default() -> Self {
        let window = Window::begin(0);
        Self(Mutex::new(State { under_way: 0, limit: LIMIT_AT_FIRST, alone: Duration::ZERO, window, sent_away: 0 }))
    }
}

impl Admission {
    /// Takes in a request whose body has so many bytes; what is answered to it gives its place back.
    ///
    /// # Errors
    /// 503 when enough is under way; nothing was done then.
    pub fn admit(&self, body_bytes: usize) -> Result<Admitted<'_>, Problem> {
        let weight = body_bytes as u64 + WEIGHT_OF_A_REQUEST;
        let mut state = self.state();
        if state.under_way > 0 && state.under_way + weight > state.limit {
            state.window.was_full = true;
            state.sent_away += 1;
            let retry_after_s = 1 + state.sent_away % RETRY_AFTER_S_MAX;
            let detail = format!(
                "{} KiB are being worked on, and more would be answered late; nothing of this was taken: send it again in \
                 {retry_after_s} s",
                state.under_way >> 10
            );
            return Err(Problem::overloaded(retry_after_s as u32, detail));
        }
        state.under_way += weight;
        state.window.most_under_way = state.window.most_under_way.max(state.under_way);
        Ok(Admitted { admission: self, weight, since: Instant::now() })
    }

    /// How many bytes may be under way now.
    pub fn limit_bytes(&self) -> u64 {
        self.state().limit
    }

    /// How many bytes are under way now.
    pub fn under_way_bytes(&self) -> u64 {
        self.state().under_way
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs with a half-changed state.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is being worked on; dropping it tells that it is not any more.
pub struct Admitted<'a> {
    admission: &'a Admission,
    weight: u64,
    since: Instant,
}

impl Drop for Admitted<'_> {
    fn drop(&mut self) {
        let took = self.since.elapsed();
        let mut state = self.admission.state();
        state.under_way -= self.weight;
        state.window.answers += 1;
        state.window.took += took;
        if state.window.since.elapsed() >= WINDOW {
            state.look();
        }
    }
}

impl State {
    /// Moves the bound by what was seen.
    fn look(&mut self) {
        let seen = std::mem::replace(&mut self.window, Window::begin(self.under_way));
        let took = seen.took / seen.answers.max(1);
        let is_least = seen.most_under_way <= LIMIT_MIN;
        // With more under way than the least, it may be waiting that takes so long.
        if took < self.alone || is_least {
            self.alone = took;
        }
        let aim = ANSWERED_WITHIN.max(2 * self.alone);
        if took > aim {
            let by = (aim.as_secs_f64() / took.as_secs_f64()).max(0.5);
            let less = (self.limit.min(seen.most_under_way) as f64 * by) as u64;
            self.limit = less.clamp(LIMIT_MIN, LIMIT_MAX);
        } else if seen.was_full {
            // Little by little as it comes near: a bound that leaps past what is aimed at makes those late whom it took in.
            let room = 1.0 - took.as_secs_f64() / aim.as_secs_f64();
            let more = (self.limit as f64 * room * GROWTH_MAX) as u64;
            self.limit = (self.limit + more).min(LIMIT_MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::VecDeque, time::Duration};

    use tokio::time::advance;

    use super::{ANSWERED_WITHIN, Admission, LIMIT_AT_FIRST, LIMIT_MAX, LIMIT_MIN};

    const STEP: Duration = Duration::from_millis(1);
    const STEPS: u32 = 4_000;

    /// A server that works off so many requests a millisecond, in order, each after it has waited `alone` besides; so many come
    /// each millisecond. The longest that an accepted one took after the first second, and how many were accepted.
    async fn under(
        come: usize,
        worked_off: usize,
        bytes: usize,
        alone: Duration,
        admission: &Admission,
    ) -> (Duration, usize) {
        let mut waiting = VecDeque::new();
        let (mut longest, mut accepted) = (Duration::ZERO, 0);
        for step in 0.. {
            // In the end nobody comes any more, and what waits is worked off.
            if step >= STEPS && waiting.is_empty() {
                break;
            }
            for _ in 0..if step < STEPS { come } else { 0 } {
                waiting.extend(admission.admit(bytes));
            }
            advance(STEP).await;
            for _ in 0..worked_off {
                if waiting.front().is_some_and(|admitted: &super::Admitted<'_>| admitted.since.elapsed() >= alone)
                    && let Some(admitted) = waiting.pop_front()
                    && (1_000..STEPS).contains(&step)
                {
                    longest = longest.max(admitted.since.elapsed());
                    accepted += 1;
                }
            }
        }
        (longest, accepted)
    }

    #[tokio::test(start_paused = true)]
    async fn three_times_too_much_is_answered_soon_or_not_at_all_and_nothing_is_idle() {
        let admission = Admission::default();
        for (bytes, worked_off) in [(300, 40), (20_000, 10), (270_000, 1)] {
            let (longest, accepted) = under(3 * worked_off, worked_off, bytes, STEP, &admission).await;
            assert!(longest < Duration::from_millis(100), "{bytes}: {longest:?}");
            assert!(accepted >= 3_000 * worked_off * 95 / 100, "{bytes}: {accepted}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_no_faster_than_is_worked_off_is_never_sent_away() {
        let admission = Admission::default();
        let (longest, accepted) = under(40, 40, 300, STEP, &admission).await;
        assert_eq!((longest, accepted), (STEP, 3_000 * 40));
        assert_eq!(admission.limit_bytes(), LIMIT_AT_FIRST, "nobody has asked for more");
    }

    #[tokio::test(start_paused = true)]
    async fn after_too_much_all_is_taken_again() {
        let admission = Admission::default();
        under(120, 40, 300, STEP, &admission).await;
        assert!(admission.limit_bytes() < LIMIT_MAX / 8, "{}", admission.limit_bytes());
        let (longest, accepted) = under(39, 40, 300, STEP, &admission).await;
        assert!(longest <= ANSWERED_WITHIN, "{longest:?}");
        assert_eq!(accepted, 3_000 * 39);
        assert_eq!(admission.under_way_bytes(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_disk_makes_answers_late_but_sends_nobody_away() {
        let admission = Admission::default();
        let disk = Duration::from_millis(200);
        // It takes the bound a moment to find out that it is not waiting which makes answers late.
        under(40, 40, 300, disk, &admission).await;
        let (longest, accepted) = under(40, 40, 300, disk, &admission).await;
        assert!(longest < 2 * disk, "{longest:?}");
        assert!(accepted >= 3_000 * 40 * 9 / 10, "{accepted} with {}", admission.limit_bytes());
    }

    #[tokio::test(start_paused = true)]
    async fn one_is_taken_however_large_it_is() {
        let admission = Admission::default();
        under(120, 40, 300, STEP, &admission).await;
        let large = admission.admit(8 << 20).expect("nothing else is under way");
        let refused = admission.admit(1).map(drop).expect_err("the bound is passed");
        assert_eq!((refused.code(), refused.status().as_u16()), ("overloaded", 503));
        drop(large);
        assert!(admission.admit(LIMIT_MIN as usize / 2).is_ok());
    }
}
