//! How much each of many may take in a time, in bounded memory (a generic cell rate algorithm).
//!
//! Of each is known when all that it took is forgiven. It may take more as long as that is not further off than the burst.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Names or addresses that are told apart; beyond it all others count as one.
const KNOWN_MAX: usize = 16_384;

/// When all are known that can be, those that are forgiven are forgotten at most as often.
const SWEPT_EVERY: Duration = Duration::from_secs(1);

/// What each may take.
#[derive(Debug)]
pub struct Allowance<K> {
    /// After as long, one more may be taken.
    every: Duration,
    /// What may be taken ahead.
    ahead: Duration,
    known: Mutex<Known<K>>,
}

#[derive(Debug)]
struct Known<K> {
    forgiven_at: HashMap<K, Instant>,
    /// Of all who are not told apart.
    others: Instant,
    swept_at: Instant,
}

impl<K: Hash + Eq> Allowance<K> {
    /// One with every `every`, and `burst` (1 at least) at once.
    pub fn new(every: Duration, burst: u32) -> Self {
        let now = Instant::now();
        let known = Known { forgiven_at: HashMap::new(), others: now, swept_at: now };
        Self { every, ahead: every * burst.saturating_sub(1), known: Mutex::new(known) }
    }

    /// So many a second, and as many as of `seconds` at once.
    pub fn per_second(count: u32, seconds: u32) -> Self {
        let count = count.max(1);
        Self::new(Duration::from_secs(1) / count, count.saturating_mul(seconds))
    }

    /// How long whoever it is has to wait, if he has to.
    pub(crate) fn wait(&self, who: &K) -> Option<Duration> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        self.too_much(known.forgiven_at.get(who).copied().unwrap_or(known.others))
    }

    /// Counts what was taken, whether or not it was too much.
    pub(crate) fn count(&self, who: K, taken: u32) {
        let now = Instant::now();
        self.known.lock().unwrap_or_else(PoisonError::into_inner).add(who, now, self.every * taken);
    }

    /// Takes so much, or nothing.
    ///
    /// # Errors
    /// After how long there is something to take again.
    pub fn take(&self, who: K, count: u32) -> Result<(), Duration> {
        let now = Instant::now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(wait) = self.too_much(known.forgiven_at.get(&who).copied().unwrap_or(known.others)) {
            return Err(wait);
        }
        known.add(who, now, self.every * count);
        Ok(())
    }

    fn too_much(&self, forgiven_at: Instant) -> Option<Duration> {
        let owed = forgiven_at.saturating_duration_since(Instant::now());
        let too_much = owed.saturating_sub(self.ahead);
        (!too_much.is_zero()).then_some(too_much)
    }
}

impl<K: Hash + Eq> Known<K> {
    fn add(&mut self, who: K, now: Instant, owed: Duration) {
        if let Some(at) = self.forgiven_at.get_mut(&who) {
            *at = (*at).max(now) + owed;
            return;
        }
        if self.forgiven_at.len() >= KNOWN_MAX && now.duration_since(self.swept_at) >= SWEPT_EVERY {
            self.forgiven_at.retain(|_, at| *at > now);
            self.swept_at = now;
        }
        if self.forgiven_at.len() >= KNOWN_MAX {
            self.others = self.others.max(now) + owed;
        } else {
            self.forgiven_at.insert(who, now + owed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::{Allowance, KNOWN_MAX};

    #[tokio::test(start_paused = true)]
    async fn each_takes_a_burst_and_then_its_rate() {
        let allowance = Allowance::per_second(10, 2);
        for _ in 0..20 {
            allowance.take("a", 1).unwrap();
        }
        assert_eq!(allowance.take("a", 1), Err(Duration::from_millis(100)));
        allowance.take("b", 1).unwrap();
        advance(Duration::from_millis(100)).await;
        allowance.take("a", 1).unwrap();
        assert!(allowance.take("a", 1).is_err());
        advance(Duration::from_hours(1)).await;
        // What was not taken is not saved up.
        assert_eq!((0..30).filter(|_| allowance.take("a", 1).is_ok()).count(), 20);
    }

    #[tokio::test(start_paused = true)]
    async fn what_counts_more_leaves_less() {
        let allowance = Allowance::per_second(10, 2);
        allowance.take("a", 25).unwrap();
        assert_eq!(allowance.take("a", 1), Err(Duration::from_millis(600)));
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded_and_those_beyond_it_share_one_allowance() {
        let allowance = Allowance::per_second(1, 1);
        for who in 0..KNOWN_MAX {
            allowance.take(who, 1_000).unwrap();
        }
        allowance.take(KNOWN_MAX, 1_000).unwrap();
        assert!(allowance.take(KNOWN_MAX + 1, 1).is_err(), "it shares with the one before");
        assert_eq!(allowance.known.lock().unwrap().forgiven_at.len(), KNOWN_MAX);
        advance(Duration::from_secs(2_000)).await;
        allowance.take(KNOWN_MAX + 2, 1).unwrap();
        assert_eq!(allowance.known.lock().unwrap().forgiven_at.len(), 1, "who is forgiven is forgotten");
    }
}
