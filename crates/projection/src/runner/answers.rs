//! Answers that are given again.
//!
//! An answer depends on nothing but the question, the rows at a position, and the time. While the model stands at that
//! position, the same question within the same second has the same answer; dashboards ask the same again and again, and
//! most of the work of an answer is writing its JSON.
//!
//! An answer that takes much reading, as over all stores of a network, is given again for [`AGE_MS_MAX`] though events
//! arrive meanwhile: it says which position it is complete up to. One is made for all who ask at a time, and once it is
//! [`RENEWED_AFTER_MS`] old it is made anew while the old one is given, so that nobody waits for it.
//!
//! A page asks a dozen questions each time, so all answers are given to it in this way; and one that takes much reading, as
//! long as for [`PAGE_AGE_MS_MAX`], so that nobody waits for a page that was not looked at for a while. It says how old its
//! figures are, and has newer ones a moment later.
//!
//! Limits: 512 answers of 128 KiB, and 256 of those that are given for a while, of 2 MiB each and 64 MiB together; 128 MiB
//! in all.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use storefold_event_log::priority::{self, stand_behind};
use storefold_events::Position;
use tokio::sync::mpsc;

use super::{QuestionId, watched::Shared};
use crate::{Answered, Asked, QueryError};

/// How old an answer that takes much reading may be when it is given again.
pub const AGE_MS_MAX: i64 = 2_000;

/// How old an answer that takes much reading may be when it is given to a page.
pub const PAGE_AGE_MS_MAX: i64 = 30_000;

/// From this age on it is made anew aside.
pub const RENEWED_AFTER_MS: i64 = 500;

/// From so many rows on, reading is much: a millisecond or more.
pub const MUCH_ROWS_MIN: u64 = 1_024;

const ANSWERS_MAX: usize = 512;
const ANSWER_BYTES_MAX: usize = 128 * 1_024;
const LARGE_MAX: usize = 256;
const LARGE_BYTES_MAX: usize = 2 * 1_024 * 1_024;
const ALL_LARGE_BYTES_MAX: usize = 64 * 1_024 * 1_024;
const MS_PER_SECOND: i64 = 1_000;

/// The answers given last.
pub(super) struct Answers {
    /// An answer takes the place of one that hashes alike.
    slots: Box<[Mutex<Option<Given>>]>,
    hasher: RandomState,
    /// Those that take much reading.
    large: Mutex<Vec<Arc<Large>>>,
    to_renew: mpsc::UnboundedSender<Arc<Large>>,
}

/// Those that are to be made anew.
pub(super) type ToRenew = mpsc::UnboundedReceiver<Arc<Large>>;

struct Given {
    question: QuestionId,
    asked: Asked,
    made_ms: i64,
    answered: Answered,
}

/// A question that takes much reading.
pub(super) struct Large {
    question: QuestionId,
    asked: Asked,
    /// When it was asked last, in ms since 1970 UTC.
    asked_ms: AtomicI64,
    /// Held by whoever makes the answer.
    making: Mutex<()>,
    renewing: AtomicBool,
    takes_much: AtomicBool,
    made: Mutex<Option<(i64, Answered)>>,
}

impl Answers {
    pub(super) fn new() -> (Self, ToRenew) {
        let (to_renew, renewed) = mpsc::unbounded_channel();
        let slots = (0..ANSWERS_MAX).map(|_| Mutex::new(None)).collect();
        (Self { slots, hasher: RandomState::new(), large: Mutex::default(), to_renew }, renewed)
    }

    fn slot(&self, question: QuestionId, asked: &Asked) -> MutexGuard<'_, Option<Given>> {
        let hash = self.hasher.hash_one((question, asked));
        lock(&self.slots[hash as usize % self.slots.len()])
    }

    /// The answer that was given to the same question of the same rows.
    fn find(&self, question: QuestionId, now_ms: i64, asked: &Asked, position: Position) -> Option<Answered> {
        let slot = self.slot(question, asked);
        let same = |given: &&Given| {
            given.question == question
                && given.answered.position == position
                && second(given.made_ms) == second(now_ms)
                && given.asked == *asked
        };
        slot.as_ref().filter(same).map(|given| given.answered.clone())
    }

    fn keep(&self, question: QuestionId, now_ms: i64, asked: &Asked, answered: &Answered) {
        if answered.json.len() <= ANSWER_BYTES_MAX {
            let given = Given { question, asked: asked.clone(), made_ms: now_ms, answered: answered.clone() };
            *self.slot(question, asked) = Some(given);
        }
    }

    /// Whether what was asked has taken much reading: the same question about one store may take little.
    fn is_large(&self, question: QuestionId, asked: &Asked) -> bool {
        lock(&self.large).iter().any(|large| {
            large.question == question && large.asked == *asked && large.takes_much.load(Ordering::Relaxed)
        })
    }

    /// The place of a question that takes much reading; it takes that of the one that was asked longest ago. Those that turned
    /// out to take little go first: a page asks a dozen of them, and would drive out all that others wait for.
    fn large(&self, question: QuestionId, now_ms: i64, asked: &Asked) -> Arc<Large> {
        let mut large = lock(&self.large);
        if let Some(found) = large.iter().find(|large| large.question == question && large.asked == *asked) {
            found.asked_ms.store(now_ms, Ordering::Relaxed);
            return found.clone();
        }
        while large.len() >= LARGE_MAX || large.iter().map(|large| large.bytes()).sum::<usize>() >= ALL_LARGE_BYTES_MAX
        {
            let worth =
                |large: &Large| (large.takes_much.load(Ordering::Relaxed), large.asked_ms.load(Ordering::Relaxed));
            let oldest = large.iter().enumerate().min_by_key(|(_, large)| worth(large));
            let Some((at, _)) = oldest else { break };
            large.swap_remove(at);
        }
        let begun = Arc::new(Large {
            question,
            asked: asked.clone(),
            asked_ms: AtomicI64::new(now_ms),
            making: Mutex::default(),
            renewing: AtomicBool::new(false),
            takes_much: AtomicBool::new(false),
            made: Mutex::default(),
        });
        large.push(begun.clone());
        begun
    }
}

impl Large {
    fn bytes(&self) -> usize {
        lock(&self.made).as_ref().map_or(0, |(_, answered)| answered.json.len())
    }

    /// What was answered of late, complete up to `at_least`. One that takes little reading is soon made anew, however old
    /// one may be that takes much.
    fn lately(&self, now_ms: i64, at_least: Position, much_age_ms_max: i64) -> Option<(i64, Answered)> {
        let age_ms_max = if self.takes_much.load(Ordering::Relaxed) { much_age_ms_max } else { AGE_MS_MAX };
        let made = lock(&self.made);
        made.clone().filter(|(made_ms, answered)| {
            answered.position >= at_least && (0..=age_ms_max).contains(&(now_ms - made_ms))
        })
    }

    fn keep(&self, now_ms: i64, answered: &Answered) {
        self.takes_much.store(answered.rows_read >= MUCH_ROWS_MIN, Ordering::Relaxed);
        let kept = (answered.json.len() <= LARGE_BYTES_MAX).then(|| (now_ms, answered.clone()));
        *lock(&self.made) = kept;
    }
}

impl Shared {
    /// Whether an answer to this question has taken much reading before: it is not to be made where others wait.
    pub(super) fn reads_much(&self, id: QuestionId) -> bool {
        self.models[id.model].reads_much[id.question].load(Ordering::Relaxed)
    }

    /// The answer from the rows as they are.
    pub(super) fn answer(&self, id: QuestionId, now_ms: i64, asked: &Asked) -> Result<Answered, QueryError> {
        let model = &self.models[id.model];
        (model.questions[id.question].answer)(&*model.store(), self.asking(now_ms), asked)
    }

    /// An answer that is complete up to `at_least`, where its rows are: one that was given before if there is one.
    pub(super) fn ask(
        &self,
        id: QuestionId,
        now_ms: i64,
        asked: &Asked,
        at_least: Position,
    ) -> Result<Answered, QueryError> {
        let model = &self.models[id.model];
        if self.reads_much(id) && self.answers.is_large(id, asked) {
            return self.ask_for_much(id, now_ms, asked, at_least, AGE_MS_MAX);
        }
        if let Some(answered) = self.answers.find(id, now_ms, asked, model.position()) {
            return Ok(answered);
        }
        let answered = self.answer(id, now_ms, asked)?;
        if answered.rows_read >= MUCH_ROWS_MIN {
            model.reads_much[id.question].store(true, Ordering::Relaxed);
            self.answers.large(id, now_ms, asked).keep(now_ms, &answered);
        } else {
            self.answers.keep(id, now_ms, asked, &answered);
        }
        Ok(answered)
    }

    /// An answer that may be as old as [`AGE_MS_MAX`], or, where it takes much reading, as `much_age_ms_max`.
    pub(super) fn ask_for_much(
        &self,
        id: QuestionId,
        now_ms: i64,
        asked: &Asked,
        at_least: Position,
        much_age_ms_max: i64,
    ) -> Result<Answered, QueryError> {
        if let Some(answered) = self.answers.find(id, now_ms, asked, self.models[id.model].position()) {
            return Ok(answered);
        }
        let large = self.answers.large(id, now_ms, asked);
        if let Some((made_ms, mut answered)) = large.lately(now_ms, at_least, much_age_ms_max) {
            let moved_on = answered.position != self.models[id.model].position();
            let old = now_ms - made_ms >= RENEWED_AFTER_MS && moved_on;
            if old && !large.renewing.swap(true, Ordering::Relaxed) {
                // Nobody takes it when the runner has stopped; the answer is made by whoever asks then.
                drop(self.answers.to_renew.send(large));
            }
            answered.age_ms = if moved_on { now_ms - made_ms } else { 0 };
            return Ok(answered);
        }
        let _making = lock(&large.making);
        if let Some((_, answered)) = large.lately(now_ms, at_least, AGE_MS_MAX) {
            return Ok(answered);
        }
        let answered = self.answer(id, now_ms, asked)?;
        large.keep(now_ms, &answered);
        Ok(answered)
    }
}

/// Makes answers anew, one at a time, as long as the runner lives; behind those who wait for an answer. Blocks.
pub(super) fn renew(shared: &Weak<Shared>, mut to_renew: ToRenew) {
    stand_behind(priority::LIVE);
    while let Some(large) = to_renew.blocking_recv() {
        let Some(shared) = shared.upgrade() else { return };
        let _making = lock(&large.making);
        let now_ms = large.asked_ms.load(Ordering::Relaxed);
        // What goes wrong is told to whoever asks once the old answer is too old.
        if let Ok(answered) = shared.answer(large.question, now_ms, &large.asked) {
            large.keep(now_ms, &answered);
        }
        large.renewing.store(false, Ordering::Relaxed);
    }
}

fn second(ms: i64) -> i64 {
    ms.div_euclid(MS_PER_SECOND)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
