//! Passwords are not to be found by trying: after failures in a row one has to wait.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// So many failures in a row are free for a name.
const OF_A_NAME_MAX: u32 = 5;
/// So many are free for an address: many people may share one.
const OF_AN_ADDRESS_MAX: u32 = 20;
/// The wait after the first failure beyond, which doubles with each further one.
const WAIT_MIN: Duration = Duration::from_mins(1);
const WAIT_MAX: Duration = Duration::from_mins(15);
/// Failures are forgotten when none has come for as long.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(1);
/// Names and addresses that are told apart; beyond it all others count as one.
const KNOWN_MAX: usize = 16_384;

/// Who has failed of late.
#[derive(Default)]
pub(crate) struct Attempts(Mutex<HashMap<String, Failures>>);

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: Instant,
}

/// Whose failures are counted.
#[derive(Clone, Copy)]
enum Of<'a> {
    Name(&'a str),
    Address(&'a str),
}

impl Attempts {
    /// How long a name from an address has to wait, if it has to.
    pub(crate) fn wait(&self, name: &str, address: &str) -> Option<Duration> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = |of: Of<'_>| {
            let failures = known.get(&of.key()).or_else(|| known.get(&of.others()))?;
            let beyond = failures.count.checked_sub(of.free())?;
            let pause = WAIT_MIN.saturating_mul(1 << beyond.min(8)).min(WAIT_MAX);
            let left = (failures.last + pause).saturating_duration_since(Instant::now());
            (!left.is_zero()).then_some(left)
        };
        wait(Of::Name(name)).max(wait(Of::Address(address)))
    }

    /// Counts a failure.
    pub(crate) fn failed(&self, name: &str, address: &str) {
        let now = Instant::now();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for of in [Of::Name(name), Of::Address(address)] {
            if known.len() >= KNOWN_MAX && !known.contains_key(&of.key()) {
                known.retain(|_, failures| now.duration_since(failures.last) < FORGOTTEN_AFTER);
            }
            let is_full = known.len() >= KNOWN_MAX && !known.contains_key(&of.key());
            let key = if is_full { of.others() } else { of.key() };
            let failures = known.entry(key).or_insert(Failures { count: 0, last: now });
            if now.duration_since(failures.last) >= FORGOTTEN_AFTER {
                failures.count = 0;
            }
            *failures = Failures { count: failures.count.saturating_add(1), last: now };
        }
    }

    /// Forgets the failures of a name: it has signed in. Those of the address stay, as others may use it, but for the one
    /// that was counted before the password was checked.
    pub(crate) fn succeeded(&self, name: &str, address: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(&Of::Name(name).key());
        if let Some(failures) = known.get_mut(&Of::Address(address).key()) {
            failures.count = failures.count.saturating_sub(1);
        }
    }
}

impl Of<'_> {
    fn key(self) -> String {
        match self {
            Self::Name(name) => format!("name {name}"),
            Self::Address(address) => format!("address {address}"),
        }
    }

    /// All that are not told apart.
    fn others(self) -> String {
        match self {
            Self::Name(_) => "names".to_owned(),
            Self::Address(_) => "addresses".to_owned(),
        }
    }

    fn free(self) -> u32 {
        match self {
            Self::Name(_) => OF_A_NAME_MAX,
            Self::Address(_) => OF_AN_ADDRESS_MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::Attempts;

    const fn minutes(count: u64) -> Duration {
        Duration::from_mins(count)
    }

    #[tokio::test(start_paused = true)]
    async fn after_five_failures_a_name_waits_longer_each_time_and_others_do_not() {
        let attempts = Attempts::default();
        for _ in 0..4 {
            attempts.failed("anna", "a");
        }
        assert_eq!(attempts.wait("anna", "a"), None);
        attempts.failed("anna", "a");
        assert_eq!(attempts.wait("anna", "b"), Some(minutes(1)), "from anywhere");
        assert_eq!(attempts.wait("else", "a"), None);
        advance(Duration::from_mins(1)).await;
        assert_eq!(attempts.wait("anna", "a"), None);
        for expected in [2, 4, 8, 15, 15] {
            attempts.failed("anna", "a");
            assert_eq!(attempts.wait("anna", "a"), Some(minutes(expected)));
        }
        attempts.succeeded("anna", "a");
        assert_eq!(attempts.wait("anna", "a"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn after_twenty_failures_an_address_waits_whatever_the_name() {
        let attempts = Attempts::default();
        for number in 0..20 {
            attempts.failed(&format!("n{number}"), "a");
        }
        assert_eq!(attempts.wait("new", "a"), Some(minutes(1)));
        assert_eq!(attempts.wait("new", "b"), None);
        advance(Duration::from_mins(61)).await;
        attempts.failed("n", "a");
        assert_eq!(attempts.wait("new", "a"), None, "old failures are forgotten");
    }

    #[tokio::test(start_paused = true)]
    async fn a_hundred_people_sign_in_from_one_address() {
        let attempts = Attempts::default();
        for number in 0..100 {
            let name = format!("n{number}");
            assert_eq!(attempts.wait(&name, "a"), None);
            attempts.failed(&name, "a");
            attempts.succeeded(&name, "a");
        }
        assert_eq!(attempts.wait("new", "a"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn however_many_names_are_tried_memory_is_bounded_and_nobody_slips_through() {
        let attempts = Attempts::default();
        for number in 0..20_000 {
            attempts.failed(&format!("n{number}"), "a");
        }
        assert!(attempts.0.lock().is_ok_and(|known| known.len() <= super::KNOWN_MAX + 2));
        assert_eq!(attempts.wait("unseen", "unseen"), Some(minutes(15)), "who is not told apart waits with the others");
    }
}
