//! Answers that are still true.
//!
//! An answer depends on nothing but the question, the rows at a position, and the time. While the model stands at that
//! position, the same question within the same second has the same answer; dashboards ask the same again and again, and
//! most of the work of an answer is writing its JSON.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use storefold_events::Position;
use storefold_projection::Asked;

/// Answers that are kept at most; an answer takes the place of one that hashes alike.
const ANSWERS_MAX: usize = 512;

/// Longer answers are not kept, so that all of them together take at most 64 MiB.
const ANSWER_BYTES_MAX: usize = 128 * 1_024;

const MS_PER_SECOND: i64 = 1_000;

/// The answers given last.
pub(crate) struct Recent {
    slots: Box<[Mutex<Option<Given>>]>,
    hasher: RandomState,
}

/// What was asked, and of which rows and time.
#[derive(Clone, Copy)]
pub(crate) struct Question<'q> {
    pub(crate) path: &'static str,
    pub(crate) asked: &'q Asked,
    pub(crate) position: Position,
    /// In ms since 1970 UTC.
    pub(crate) now_ms: i64,
}

struct Given {
    path: &'static str,
    asked: Asked,
    position: Position,
    second: i64,
    json: Bytes,
}

impl Recent {
    pub(crate) fn new() -> Self {
        Self { slots: (0..ANSWERS_MAX).map(|_| Mutex::new(None)).collect(), hasher: RandomState::new() }
    }

    /// The answer that was given to the same question.
    pub(crate) fn find(&self, question: Question<'_>) -> Option<Bytes> {
        let slot = self.slot(question).lock().unwrap_or_else(PoisonError::into_inner);
        slot.as_ref().filter(|given| given.answers(question)).map(|given| given.json.clone())
    }

    /// Keeps an answer.
    pub(crate) fn keep(&self, question: Question<'_>, json: &Bytes) {
        if json.len() > ANSWER_BYTES_MAX {
            return;
        }
        let Question { path, asked, position, now_ms } = question;
        let second = now_ms.div_euclid(MS_PER_SECOND);
        let given = Given { path, asked: asked.clone(), position, second, json: json.clone() };
        *self.slot(question).lock().unwrap_or_else(PoisonError::into_inner) = Some(given);
    }

    fn slot(&self, question: Question<'_>) -> &Mutex<Option<Given>> {
        let hash = self.hasher.hash_one((question.path, question.asked));
        &self.slots[hash as usize % self.slots.len()]
    }
}

impl Given {
    fn answers(&self, question: Question<'_>) -> bool {
        self.position == question.position
            && self.second == question.now_ms.div_euclid(MS_PER_SECOND)
            && self.path == question.path
            && self.asked == *question.asked
    }
}
