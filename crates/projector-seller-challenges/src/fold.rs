//! What each event adds to which rows.

use chrono::{DateTime, NaiveDate};
use storefold_events::{Event, Payload, Recorded, Text, customer::CustomerCreated, improvement::ChallengeOpened};
use storefold_projection::{Part, Poison, Rows, StoreDays};

use crate::rows::{ChallengeRow, File, Row, StoreRow};

pub(crate) fn apply(recorded: &Recorded<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    match &recorded.event.payload {
        Payload::StoreConfigured(configured) => {
            let store = recorded.event.store.as_deref().unwrap_or_default();
            let organisation = configured.organisation.as_ref().map(ToString::to_string);
            *rows.row(&Row::store_key(store))? =
                Row::Store(Box::new(StoreRow { days: StoreDays::of(configured)?, organisation }));
            Ok(())
        }
        Payload::CustomerCreated(created) => opened(recorded, created, rows),
        Payload::ChallengeOpened(challenge) => {
            *rows.row(&Row::challenge_key(&challenge.challenge))? = Row::Challenge(Box::new(row_of(challenge)));
            Ok(())
        }
        Payload::ChallengeClosed(closed) => {
            if let Row::Challenge(row) = rows.row(&Row::challenge_key(&closed.challenge))? {
                row.until = closed.until;
                row.closed_at = Some(recorded.position);
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Stores are folded apart; every part knows the challenges.
pub(crate) fn part<'e>(recorded: &'e Recorded<'_>) -> Part<'e> {
    match &recorded.event.payload {
        Payload::StoreConfigured(_) | Payload::CustomerCreated(_) => {
            Part::Of(recorded.event.store.as_deref().unwrap_or_default())
        }
        Payload::ChallengeOpened(_) | Payload::ChallengeClosed(_) => Part::All,
        _ => Part::Nobody,
    }
}

fn row_of(challenge: &ChallengeOpened<'_>) -> ChallengeRow {
    let mut stores: Vec<_> = challenge.stores.iter().map(ToString::to_string).collect();
    stores.sort_unstable();
    stores.dedup();
    ChallengeRow {
        title: challenge.title.to_string(),
        from: challenge.from,
        until: challenge.until,
        stores,
        with_email: challenge.with_email,
        closed_at: None,
    }
}

fn opened(recorded: &Recorded<'_>, created: &CustomerCreated<'_>, rows: &mut Rows<'_, Row>) -> Result<(), Poison> {
    let event = &recorded.event;
    let day = day_of(event, rows)?;
    let store = event.store.as_deref().unwrap_or_default();
    let seller = created.seller.as_ref().map_or("", Text::as_str);
    let with_email = created.email.as_ref().is_some_and(|email| !email.is_empty());
    let files = rows.row(&Row::files_key(day, store, seller))?.files()?;
    files.push(File { position: recorded.position, with_email });
    Ok(())
}

/// The store's day; days are those of UTC where no store is named.
fn day_of(event: &Event<'_>, rows: &mut Rows<'_, Row>) -> Result<NaiveDate, Poison> {
    let at_ms = event.occurred_at_ms;
    let Some(store) = event.store.as_deref() else {
        let at = DateTime::from_timestamp_millis(at_ms);
        return at.map(|at| at.date_naive()).ok_or_else(|| Poison(format!("{at_ms} is no time of a calendar")));
    };
    match rows.memo(&Row::store_key(store))? {
        Some(Row::Store(store)) => store.days.day_at(at_ms),
        _ => Err(Poison(format!("store `{store}` has facts but was never configured"))),
    }
}
