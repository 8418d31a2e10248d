//! Deciding a submission: repeats first, then the domain, then a place in the open record.

use hashbrown::HashMap;
use storefold_domain::{Awaited, Caused, Denied, Refusal, decide};
use storefold_event_log::{EVENTS_PER_RECORD_MAX, RECORD_BYTES_MAX};
use storefold_events::{
    Event, Key, Position,
    codec::{self, Digest},
};
use tokio::sync::oneshot;

use super::{Answer, Pending, Writer};
use crate::{
    Decided, Effect, Kept, KeptBody, MemoryError, Outcome, Refused, Submission,
    handle::Share,
    submission::{Fact, Manner},
};

/// One fact, decided.
struct Verdict {
    outcome: Outcome,
    /// The log has to be durable up to here before the outcome is told.
    needs: Position,
    awaited: Option<Awaited>,
}

/// Waiting facts that were taken in while one submission was decided, by digest.
type Released = HashMap<u64, Outcome>;

impl Writer {
    pub(super) async fn decide(
        &mut self,
        submission: &Submission,
        to: oneshot::Sender<Answer>,
        share: Share,
    ) -> Result<(), String> {
        let mut released = Released::new();
        let mut outcomes = Vec::with_capacity(submission.len());
        let mut awaited = Vec::new();
        let mut needs = 0;
        for index in 0..submission.len() {
            let verdict = self.decide_fact(submission.fact(index), submission.manner(), &mut released);
            let verdict = verdict.map_err(|error| error.to_string())?;
            needs = needs.max(verdict.needs);
            if let Some(cause) = verdict.awaited {
                awaited.push((index, cause));
            }
            outcomes.push(verdict.outcome);
        }
        if !released.is_empty() {
            needs = needs.max(self.memory.position());
        }
        let kept = self.keep_refused(submission, &mut outcomes, &awaited, &mut released).await;
        let decided = Decided { position: self.head.position, outcomes };
        let answer = Answer { decided, kept };
        if needs <= self.head.position {
            // A caller that has gone will send again and be told the same.
            drop(to.send(answer));
        } else {
            self.pending.push(Pending { needs, to, answer, _share: share });
        }
        Ok(())
    }

    /// Hands the refused over to the quarantine, but for those whose cause came later in the same submission.
    async fn keep_refused(
        &mut self,
        submission: &Submission,
        outcomes: &mut [Outcome],
        awaited: &[(usize, Awaited)],
        released: &mut Released,
    ) -> Option<oneshot::Receiver<Result<(), crate::QuarantineError>>> {
        if submission.manner() == Manner::Command {
            return None;
        }
        let mut kept = Vec::new();
        for (index, outcome) in outcomes.iter_mut().enumerate() {
            let Outcome::Refused(refused) = outcome else { continue };
            let Fact { encoded, digest, .. } = submission.fact(index);
            if let Some(taken) = released.remove(&digest.of) {
                *outcome = taken;
                continue;
            }
            let cause = awaited.iter().find(|(at, _)| *at == index).map(|(_, cause)| cause);
            kept.push(self.kept(encoded, refused, cause));
        }
        if kept.is_empty() { None } else { self.quarantine.hand_over(kept).await }
    }

    fn kept(&self, encoded: &[u8], refused: &Refused, awaited: Option<&Awaited>) -> Kept {
        let source = codec::decode(encoded).ok().map(|event| event.source.to_string());
        Kept {
            source,
            code: refused.code.to_string(),
            field: refused.field.as_ref().map(ToString::to_string),
            detail: refused.detail.clone(),
            refused_at_ms: (self.settings.clock)(),
            body: KeptBody::Event(encoded.to_vec()),
            awaits: awaited.map(|awaited| match awaited {
                Awaited::Sale(sale) => ("sale".to_owned(), sale.clone()),
                Awaited::Scan(scan) => ("scan".to_owned(), scan.clone()),
            }),
        }
    }

    fn decide_fact(&mut self, fact: Fact<'_>, manner: Manner, released: &mut Released) -> Result<Verdict, MemoryError> {
        let Fact { encoded, digest, is_request } = fact;
        let event = match codec::decode(encoded) {
            Ok(event) => event,
            Err(error) => return Ok(Verdict::refused(unreadable(&error.to_string()))),
        };
        if let Some(first) = self.memory.first(&event.source, event.key)? {
            let outcome = if digest.repeats(first.digest) {
                Outcome::Duplicate { position: first.position }
            } else {
                Outcome::Refused(Refused::mismatch(first.position, matches!(event.key, Key::Seq(_))))
            };
            return Ok(Verdict { outcome, needs: first.position, awaited: None });
        }
        match decide(&event, &mut self.memory) {
            Ok(caused) => {
                if is_request
                    && manner == Manner::Told
                    && let Some(refused) = self.quarantine.refused_before(digest.of)
                {
                    return Ok(Verdict::refused(refused));
                }
                self.accept(&event, encoded, digest, caused, released)
            }
            Err(Denied::Refused(refusal)) => Ok(self.refuse(encoded, &refusal, manner)),
            Err(Denied::Failed(error)) => Err(error),
        }
    }

    fn refuse(&mut self, encoded: &[u8], refusal: &Refusal, manner: Manner) -> Verdict {
        // It may be refused for what is not durable yet, and is told so only when that is.
        let needs = self.memory.position();
        if manner == Manner::Command {
            return Verdict { needs, ..Verdict::refused(Refused::for_now(refusal)) };
        }
        let awaited = refusal.awaits();
        if let Some(awaited) = &awaited {
            self.waiting.add(awaited.clone(), encoded);
        }
        Verdict { needs, awaited, ..Verdict::refused(Refused::from(refusal)) }
    }

    /// Gives the fact and its effects their places, in one record, and then takes in what has waited for it.
    fn accept(
        &mut self,
        event: &Event<'_>,
        encoded: &[u8],
        digest: Digest,
        caused: Vec<Caused>,
        released: &mut Released,
    ) -> Result<Verdict, MemoryError> {
        let position = self.memory.position() + 1;
        let effects: Vec<Event<'static>> =
            caused.into_iter().map(|effect| effect.event(&event.source, position)).collect();
        let mut bytes = Vec::new();
        for effect in &effects {
            codec::encode(effect, &mut bytes);
        }
        if !self.make_room(encoded.len() + bytes.len(), 1 + effects.len()) {
            return Ok(Verdict::refused(too_large(encoded.len() + bytes.len())));
        }
        self.open.push(encoded, 1);
        self.open.push(&bytes, effects.len());
        self.memory.record(position, event, digest.of)?;
        for (effect, place) in effects.iter().zip(position + 1..) {
            self.memory.record(place, effect, 0)?;
        }
        let caused =
            effects.into_iter().zip(position + 1..).map(|(event, position)| Effect { position, event }).collect();
        for waited in self.waiting.released_by(&event.payload) {
            self.take_in(&waited, released)?;
        }
        Ok(Verdict { outcome: Outcome::Accepted { position, caused }, needs: position, awaited: None })
    }

    /// Takes in a fact whose cause has come. If the books refuse it now for another reason, it stays in quarantine.
    fn take_in(&mut self, encoded: &[u8], released: &mut Released) -> Result<(), MemoryError> {
        let digest = Digest::of_encoded(encoded);
        let verdict = self.decide_fact(Fact { encoded, digest, is_request: false }, Manner::Told, released)?;
        if !matches!(verdict.outcome, Outcome::Refused(_)) {
            self.taken_in.push((verdict.needs, digest.of));
            released.insert(digest.of, verdict.outcome);
        }
        Ok(())
    }

    /// Closes the open record when the events do not fit beside what is there. `false` when they fit in none.
    pub(super) fn make_room(&mut self, bytes: usize, events: usize) -> bool {
        if self.open.fits(bytes, events) {
            return true;
        }
        if !self.open.is_empty() {
            self.full.push_back(std::mem::take(&mut self.open));
        }
        self.open.fits(bytes, events)
    }
}

impl Verdict {
    fn refused(refused: Refused) -> Self {
        Self { outcome: Outcome::Refused(refused), needs: 0, awaited: None }
    }
}

pub(super) fn too_large(bytes: usize) -> Refused {
    let detail = format!(
        "the event takes {bytes} bytes with what it causes; at most {RECORD_BYTES_MAX} bytes and {EVENTS_PER_RECORD_MAX} \
         events fit in a record; send a smaller one"
    );
    Refused { code: "event_too_large".into(), field: Some("data".into()), detail }
}

pub(super) fn unreadable(detail: &str) -> Refused {
    let detail = format!("what was kept cannot be read any more: {detail}");
    Refused { code: "unparseable".into(), field: None, detail }
}
