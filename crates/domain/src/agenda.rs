//! The agenda: for each instant to come, what is to be looked at then.
//!
//! Each account and instrument stands in it once, at the earliest instant at which something happens to it; when that
//! instant changes to a later one, it is looked at in vain and entered anew. What is due at one instant stands in pages,
//! and the list of instants changes only when one comes or goes, so entering costs little however much is to come.

use serde::{Deserialize, Serialize};

use crate::{Aggregate, Knowledge};

/// Instants at which something is due, the soonest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agenda(Vec<i64>);

impl Aggregate for Agenda {
    const KIND: u8 = b'g';
}

/// How many pages an instant has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Pages(u32);

impl Aggregate for Pages {
    const KIND: u8 = b'n';
}

/// What is due at an instant, a part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Page(Vec<Subject>);

impl Aggregate for Page {
    const KIND: u8 = b'G';
}

/// What something may happen to by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Subject {
    /// An account, by programme and customer.
    #[serde(rename = "a")]
    Account(String, String),
    /// An instrument, by code.
    #[serde(rename = "i")]
    Instrument(String),
}

const AGENDA: &str = "";

/// Subjects of a page: each that is entered has its page read and written.
const PAGE_SUBJECTS: usize = 16;

fn pages_id(due_ms: i64) -> String {
    due_ms.to_string()
}

fn page_id(due_ms: i64, page: u32) -> String {
    format!("{due_ms}/{page}")
}

/// The first instant at which something is due, in ms since 1970 UTC; `None` while nothing is to come.
pub fn due_ms<K: Knowledge>(known: &mut K) -> Result<Option<i64>, K::Error> {
    let agenda: Agenda = known.get(AGENDA)?.unwrap_or_default();
    Ok(agenda.0.first().copied())
}

/// Enters something at the instant at which it is due, unless it stands at that or an earlier one.
pub(crate) fn enter<K: Knowledge>(
    subject: Subject,
    due_ms: Option<i64>,
    scheduled_ms: &mut Option<i64>,
    known: &mut K,
) -> Result<(), K::Error> {
    let Some(due_ms) = due_ms else { return Ok(()) };
    if scheduled_ms.is_some_and(|scheduled| scheduled <= due_ms) {
        return Ok(());
    }
    *scheduled_ms = Some(due_ms);
    let pages: Pages = known.get(&pages_id(due_ms))?.unwrap_or_default();
    if pages.0 == 0 {
        let mut agenda: Agenda = known.get(AGENDA)?.unwrap_or_default();
        agenda.0.insert(agenda.0.partition_point(|other| *other < due_ms), due_ms);
        known.put(AGENDA, &agenda)?;
    } else {
        let last = page_id(due_ms, pages.0 - 1);
        let mut page: Page = known.get(&last)?.unwrap_or_default();
        if page.0.len() < PAGE_SUBJECTS {
            page.0.push(subject);
            return known.put(&last, &page);
        }
    }
    known.put(&pages_id(due_ms), &Pages(pages.0 + 1))?;
    known.put(&page_id(due_ms, pages.0), &Page(vec![subject]))
}

/// Looks at what is due by an instant, in the order in which [`take_off`] takes it off, as long as `look` says so.
pub(crate) fn look_at<K: Knowledge>(
    until_ms: i64,
    known: &mut K,
    mut look: impl FnMut(i64, &Subject, &mut K) -> Result<bool, K::Error>,
) -> Result<(), K::Error> {
    let agenda: Agenda = known.get(AGENDA)?.unwrap_or_default();
    for due_ms in agenda.0.into_iter().take_while(|due| *due <= until_ms) {
        let pages: Pages = known.get(&pages_id(due_ms))?.unwrap_or_default();
        for page in (0..pages.0).rev() {
            let page: Page = known.get(&page_id(due_ms, page))?.unwrap_or_default();
            for subject in page.0.iter().rev() {
                if !look(due_ms, subject, known)? {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

/// Takes so many off, the soonest due first; answers each with the instant at which it stood.
pub(crate) fn take_off<K: Knowledge>(count: usize, known: &mut K) -> Result<Vec<(i64, Subject)>, K::Error> {
    let mut agenda: Agenda = known.get(AGENDA)?.unwrap_or_default();
    let mut taken = Vec::new();
    let mut over = 0;
    for due_ms in &agenda.0 {
        let mut pages: Pages = known.get(&pages_id(*due_ms))?.unwrap_or_default();
        while let Some(last) = pages.0.checked_sub(1).filter(|_| taken.len() < count) {
            let id = page_id(*due_ms, last);
            let mut page: Page = known.get(&id)?.unwrap_or_default();
            let from = page.0.len().saturating_sub(count - taken.len());
            taken.extend(page.0.drain(from..).rev().map(|subject| (*due_ms, subject)));
            known.put(&id, &page)?;
            if page.0.is_empty() {
                pages.0 = last;
            }
        }
        known.put(&pages_id(*due_ms), &pages)?;
        if pages.0 > 0 {
            break;
        }
        over += 1;
        if taken.len() == count {
            break;
        }
    }
    agenda.0.drain(..over);
    known.put(AGENDA, &agenda)?;
    Ok(taken)
}
