//! Whether the centre answers.

use std::sync::Arc;

use storefold_http_kit::Clock;
use tokio::sync::watch;

/// How the line to the centre is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing was sent yet.
    Unknown,
    /// The centre answers.
    Up,
    /// Nobody answers, or the centre is not ready.
    Down,
    /// Somebody answers, and takes nothing from this edge: a person has to see to it.
    Blocked,
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Up => "up",
            Self::Down => "down",
            Self::Blocked => "blocked",
        }
    }
}

/// How the line is, since when, and why.
#[derive(Clone, Debug)]
pub(crate) struct Now {
    pub(crate) state: State,
    /// In ms since 1970 UTC.
    pub(crate) since_ms: i64,
    /// What is wrong, and what to do; empty while nothing is.
    pub(crate) why: Arc<str>,
}

/// The line, as everybody here sees it.
pub(crate) struct Line {
    now: watch::Sender<Now>,
    clock: Clock,
}

impl Line {
    pub(crate) fn new(clock: Clock) -> Self {
        let now = Now { state: State::Unknown, since_ms: clock(), why: "".into() };
        Self { now: watch::Sender::new(now), clock }
    }

    pub(crate) fn now(&self) -> Now {
        self.now.borrow().clone()
    }

    /// Whether tills are better not kept waiting for an answer of the centre.
    pub(crate) fn is_down(&self) -> bool {
        matches!(self.now.borrow().state, State::Down | State::Blocked)
    }

    pub(crate) fn is_up(&self) -> bool {
        self.now.borrow().state == State::Up
    }

    pub(crate) fn up(&self) {
        self.set(State::Up, "");
    }

    pub(crate) fn down(&self, why: &str) {
        self.set(State::Down, why);
    }

    pub(crate) fn blocked(&self, why: &str) {
        self.set(State::Blocked, why);
    }

    fn set(&self, state: State, why: &str) {
        self.now.send_if_modified(|now| {
            let turned = now.state != state;
            if turned {
                (now.state, now.since_ms) = (state, (self.clock)());
                if state == State::Up {
                    tracing::info!("the line to the centre is up");
                } else {
                    tracing::warn!(why, "the line to the centre is {}", state.name());
                }
            }
            if *now.why != *why {
                now.why = why.into();
            }
            turned
        });
    }
}
